"""Which file is read, how often, and what is found in it."""

import pathlib
import subprocess
import sys

import pytest

import fastapi
from fastapi import params
from fastapi.params import ParamsSchemaError, get_param_schema, load_params_schema

from .conftest import Write

TEXT = """
version: 1
definitions:
  page_size: {in: query, type: integer, ge: 1, le: 100, default: 20, description: Items per page}
  small: {$ref: "#/definitions/page_size", le: 10, default: 5}
endpoints:
  list_items:
    params:
      limit: {$ref: "#/definitions/page_size"}
      few: {$ref: "#/definitions/small", in: header}
  get /items/{id}:
    params: {id: {in: path, type: uuid}}
"""


def test_a_reference_stands_for_the_definition_and_what_is_beside_it_replaces() -> None:
    pathlib.Path("params_schema.yaml").write_text(TEXT)
    limit = get_param_schema("list_items", "limit")
    assert (limit.place, limit.declaration.type, limit.declaration.default) == ("query", "integer", 20)
    assert limit.arguments == {"ge": 1, "le": 100, "description": "Items per page"}
    few = get_param_schema("list_items", "few")
    assert (few.place, few.declaration.default, few.arguments["le"]) == ("header", 5, 10)


def test_an_endpoint_may_be_named_by_method_and_path() -> None:
    pathlib.Path("params_schema.yaml").write_text(TEXT)
    assert get_param_schema("GET /items/{id}", "id") is get_param_schema("get /items/{id}", "id")


@pytest.mark.parametrize(
    ("endpoint", "param", "message"),
    [
        (
            "list_itms",
            "limit",
            'params schema params_schema.yaml: endpoint "list_itms", parameter "limit": no such endpoint in the '
            'file (declared: list_items, GET /items/{id}). Did you mean "list_items"?',
        ),
        (
            "list_items",
            "limits",
            'params schema params_schema.yaml:6: endpoint "list_items", parameter "limits": no such parameter of '
            'it in the file (declared: limit, few). Did you mean "limit"?',
        ),
        (
            "zzz",
            "limit",
            'params schema params_schema.yaml: endpoint "zzz", parameter "limit": no such endpoint in the file '
            "(declared: list_items, GET /items/{id}).",
        ),
    ],
)
def test_what_is_not_in_the_file_is_reported_with_the_nearest_name(
    endpoint: str, param: str, message: str, write: Write
) -> None:
    write(TEXT)
    with pytest.raises(ParamsSchemaError) as caught:
        get_param_schema(endpoint, param)
    assert str(caught.value) == message


def test_without_a_file_the_message_says_where_it_was_looked_for(directory: pathlib.Path) -> None:
    with pytest.raises(ParamsSchemaError) as caught:
        load_params_schema()
    assert str(caught.value) == (
        "params schema params_schema.yaml: neither params_schema.yaml nor params_schema.json is in "
        f"{directory}. Create one, pass a path or set FASTAPI_PARAMS_SCHEMA."
    )


def test_two_files_in_one_directory_are_one_too_many(directory: pathlib.Path, write: Write) -> None:
    write("version: 1")
    write('{"version": 1}', "params_schema.json")
    with pytest.raises(ParamsSchemaError) as caught:
        load_params_schema()
    assert str(caught.value) == (
        "params schema params_schema.yaml: both params_schema.yaml and params_schema.json are in "
        f"{directory}. Remove one, or name one in FASTAPI_PARAMS_SCHEMA."
    )


def test_the_argument_counts_before_the_environment_and_that_before_the_directory(
    monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    write("version: 1")
    assert load_params_schema().file == "params_schema.yaml"
    write('{"version": 1}', "other.json")
    assert load_params_schema("other.json").file == "other.json"
    assert load_params_schema().file == "other.json"


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    write("version: 1")
    monkeypatch.setenv("FASTAPI_PARAMS_SCHEMA", "missing.yml")
    with pytest.raises(ParamsSchemaError) as caught:
        load_params_schema()
    assert str(caught.value) == (
        "params schema missing.yml: there is no such file. Create it, or name another in FASTAPI_PARAMS_SCHEMA."
    )
    write("version: 1\nendpoints: {a: {}}", "missing.yml")
    assert list(load_params_schema().endpoints) == ["a"]


def test_a_file_is_read_once_unless_reading_it_again_is_asked_for(write: Write) -> None:
    write("version: 1")
    first = load_params_schema()
    write("version: 1\nendpoints: {a: {}}")
    assert load_params_schema() is first
    second = load_params_schema(force_reload=True)
    assert second.digest != first.digest
    assert load_params_schema() is second


def test_a_file_that_has_become_wrong_leaves_the_old_schema_in_force(write: Write) -> None:
    write("version: 1")
    first = load_params_schema()
    write("version: 3")
    with pytest.raises(ParamsSchemaError):
        load_params_schema(force_reload=True)
    assert load_params_schema() is first


@pytest.mark.parametrize(
    "name", ["param_factory", "load_params_schema", "get_param_schema", "reload_params_schema", "Param"]
)
def test_the_names_are_where_applications_import_them_from(name: str) -> None:
    assert getattr(fastapi, name) is getattr(params, name)
    assert name in dir(fastapi)


@pytest.mark.parametrize("name", ["Entry", "ParamsSchema", "ParamsSchemaError", "ParamsSchemaWarning"])
def test_what_they_return_and_raise_is_public_too(name: str) -> None:
    assert getattr(params, name).__module__ == "fastapi.params.schema"
    assert name in dir(params)


def test_importing_fastapi_imports_no_schema() -> None:
    code = "import fastapi, sys; print([m for m in sys.modules if m.startswith(('fastapi.params.schema', 'yaml'))])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
