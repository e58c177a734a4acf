"""The published JSON Schema and the table of arguments."""

import importlib.resources
import inspect
import json
import pathlib
import runpy
import sys
from typing import Any

import pytest

from fastapi._compat import PYDANTIC_VERSION_MINOR_TUPLE
from fastapi.params import Query, load_params_schema
from fastapi.params.schema import yaml_text
from fastapi.params.schema.arguments import ARGUMENTS, CLASSES, NO_ARGUMENTS, PYTHON_ONLY, check_table
from fastapi.params.schema.checks import KINDS
from fastapi.params.schema.document import Constraints, json_schema

as_published = pytest.mark.skipif(
    PYDANTIC_VERSION_MINOR_TUPLE < (2, 10), reason="pydantic 2.9 writes an enum beside each const"
)


def published() -> Any:
    folder = importlib.resources.files("fastapi.params.schema")
    return json.loads((folder / "params-schema.json").read_text("utf-8"))


@as_published
def test_the_published_json_schema_is_that_of_the_model() -> None:
    assert published() == json_schema()


@as_published
def test_the_module_prints_the_json_schema(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["schema"])
    runpy.run_module("fastapi.params.schema", run_name="__main__")
    assert json.loads(capsys.readouterr().out) == published()


def test_the_documentation_has_the_tables_of_the_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["schema", "reference"])
    runpy.run_module("fastapi.params.schema", run_name="__main__")
    page = pathlib.Path(__file__).parents[3] / "docs" / "params-schema.md"
    assert page.read_text("utf-8").endswith("\n\n" + capsys.readouterr().out.rstrip() + "\n")


@pytest.mark.parametrize("place", CLASSES)
def test_every_argument_of_a_class_is_a_field_of_its_declarations(place: str) -> None:
    taken = set(inspect.signature(CLASSES[place]).parameters) - PYTHON_ONLY
    assert set(ARGUMENTS[place]) == taken
    assert set(published()["$defs"][f"{place.title()}Declaration"]["properties"]) == taken | NO_ARGUMENTS


def test_every_constraint_applies_to_some_type() -> None:
    assert set().union(*(kind.constraints for kind in KINDS.values())) == set(Constraints.model_fields)


def test_a_class_that_has_lost_an_argument_is_refused() -> None:
    def without_ge(**options: Any) -> None: ...

    signature = inspect.signature(Query)
    kept = [each for each in signature.parameters.values() if each.name not in ("ge", "le")]
    without_ge.__name__ = "Query"
    without_ge.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match=r"^params schema: Query\(\) does not take ge, le\.$"):
        check_table({"query": ARGUMENTS["query"]}, {"query": without_ge})


def test_an_argument_without_a_field_is_refused() -> None:
    table = {name: name for name in ARGUMENTS["query"] if name != "title"}
    with pytest.raises(ImportError, match=r"^params schema: no field stands for title of Query\(\)\.$"):
        check_table({"query": table}, CLASSES)


def test_a_pydantic_that_has_lost_a_constraint_is_refused() -> None:
    def field(gt: int) -> None: ...

    with pytest.raises(ImportError, match=r"^params schema: this pydantic does not take allow_inf_nan, "):
        check_table(ARGUMENTS, CLASSES, field)


def test_the_json_schema_and_the_package_agree_on_the_example_of_the_documentation() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs" / "params-schema.md").read_text("utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    pathlib.Path("params_schema.yaml").write_text(text)
    assert load_params_schema().entry("list_items", "limit").declaration.default == 20
    document = yaml_text.parse(text).plain()
    validator = pytest.importorskip("jsonschema_rs").validator_for(published())
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "version": 2})
    document["endpoints"]["list_items"]["params"]["x_token"]["minimum"] = 1
    assert not validator.is_valid(document)
