"""A function that a library replaces in ``fastapi.dependencies.utils`` is the one that is called."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from fastapi import Depends, FastAPI, Form
from fastapi.dependencies import models, utils
from fastapi.testclient import TestClient


class Item(BaseModel):
    name: str


def plain(q: int = 1) -> int:
    return q


def generator():
    yield 2


def endpoint(
    item: Item, a: Annotated[int, Depends(plain)], b: Annotated[int, Depends(generator)], t: str = ""
) -> list[object]:
    return [item, a, b, t]


def form(x: Annotated[str, Form()]) -> str:
    return x


@pytest.mark.parametrize(
    "name",
    [
        "_extract_form_body",
        "_get_multidict_value",
        "_solve_generator",
        "_validate_value_with_model_field",
        "add_non_field_param_to_dependency",
        "add_param_to_fields",
        "analyze_param",
        "contextmanager_in_threadpool",
        "create_model_field",
        "ensure_multipart_is_installed",
        "get_dependant",
        "get_path_param_names",
        "get_typed_annotation",
        "get_typed_signature",
        "get_validation_alias",
        "is_union_of_base_models",
        "request_body_to_args",
        "request_params_to_args",
        "run_in_threadpool",
        "solve_dependencies",
    ],
)
def test_replacements_take_effect(monkeypatch, name) -> None:
    original = getattr(utils, name)
    calls = []

    def replacement(*args, **kwargs):
        calls.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(utils, name, replacement)
    app = FastAPI()
    app.post("/")(endpoint)
    app.post("/form")(form)
    client = TestClient(app)
    assert client.post("/?q=3", json={"name": "x"}).json() == [{"name": "x"}, 3, 2, ""]
    assert client.post("/form", data={"x": "a"}).json() == "a"
    assert calls


BORROWED = {
    "get_cached_model_fields": "fastapi._compat.v2",
    "get_missing_field_error": "fastapi._compat.v2",
    "get_path_param_names": "fastapi.utils",
}


@pytest.mark.parametrize(
    "name", [name for name in dir(utils) if name.startswith(("get_", "request_", "solve_"))]
)
def test_functions_are_at_home_where_they_are_imported_from(name) -> None:
    assert getattr(utils, name).__module__ == BORROWED.get(name, "fastapi.dependencies.utils")


def test_classes_are_at_home_where_they_are_imported_from() -> None:
    assert utils.ParamDetails.__module__ == utils.SolvedDependency.__module__ == "fastapi.dependencies.utils"
    assert models.Dependant.__module__ == "fastapi.dependencies.models"
