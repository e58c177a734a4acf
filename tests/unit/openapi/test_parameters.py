"""Parameters and request bodies of operations in the OpenAPI document."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from fastapi import Body, Cookie, Depends, FastAPI, Form, Header, Path, Query


class Item(BaseModel):
    name: str


class Tokens(BaseModel):
    access_token: str
    other: str = Field(alias="x_other")


def operation(endpoint: Any, method: str = "GET", path: str = "/") -> dict[str, Any]:
    app = FastAPI()
    app.add_api_route(path, endpoint, methods=[method])
    described: dict[str, Any] = app.openapi()["paths"][path][method.lower()]
    return described


def parameters(endpoint: Any, path: str = "/") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = operation(endpoint, path=path).get("parameters", [])
    return listed


def names(endpoint: Any) -> list[str]:
    return [parameter["name"] for parameter in parameters(endpoint)]


def test_parameters_are_listed_by_place_and_say_what_was_declared() -> None:
    def endpoint(
        cookie: Annotated[str, Cookie(description="sweet")],
        header: Annotated[int, Header()] = 3,
        query: Annotated[str | None, Query(alias="q", openapi_examples={"one": {"value": "1"}})] = None,
        path: str = Path(),
    ) -> None: ...

    assert parameters(endpoint, "/{path}") == [
        {"name": "path", "in": "path", "required": True, "schema": {"type": "string", "title": "Path"}},
        {
            "name": "q",
            "in": "query",
            "required": False,
            "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Q"},
            "examples": {"one": {"value": "1"}},
        },
        {
            "name": "header",
            "in": "header",
            "required": False,
            "schema": {"type": "integer", "default": 3, "title": "Header"},
        },
        {
            "name": "cookie",
            "in": "cookie",
            "description": "sweet",
            "required": True,
            "schema": {"type": "string", "description": "sweet", "title": "Cookie"},
        },
    ]


def test_a_parameter_that_is_kept_out_of_the_schema_is_not_listed() -> None:
    def endpoint(shown: int = 1, hidden: int = Query(1, include_in_schema=False)) -> None: ...

    assert names(endpoint) == ["shown"]


def test_a_deprecated_parameter_says_so() -> None:
    def endpoint(old: int = Query(1, deprecated=True), new: int = 1) -> None: ...

    assert [parameter.get("deprecated") for parameter in parameters(endpoint)] == [True, None]


def test_underscores_of_headers_become_hyphens_unless_an_alias_or_the_declaration_says_otherwise() -> None:
    def endpoint(
        x_one: Annotated[str, Header()],
        x_two: Annotated[str, Header(convert_underscores=False)],
        x_three: Annotated[str, Header(alias="x_alias")],
    ) -> None: ...

    assert names(endpoint) == ["x-one", "x_two", "x_alias"]


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        (Header(), ["access-token", "x_other"]),
        (Header(convert_underscores=False), ["access_token", "x_other"]),
    ],
)
def test_the_fields_of_a_header_model_are_named_as_the_models_declaration_says(
    declaration: Any, expected: list[str]
) -> None:
    def endpoint(tokens) -> None: ...

    endpoint.__annotations__["tokens"] = Annotated[Tokens, declaration]
    assert names(endpoint) == expected


def test_of_parameters_with_one_name_in_one_place_a_required_one_is_shown_in_the_first_ones_position() -> (
    None
):
    def first(shared: Annotated[int, Query()]) -> None: ...

    def second(shared: str = "", last: int = Query(1, description="earlier")) -> None: ...

    def third(last: int = Query(1, description="later")) -> None: ...

    def endpoint(
        shared: float = 0, a: None = Depends(first), b: None = Depends(second), c: None = Depends(third)
    ) -> None: ...

    shown = parameters(endpoint)
    assert [(parameter["name"], parameter["required"]) for parameter in shown] == [
        ("shared", True),
        ("last", False),
    ]
    assert shown[0]["schema"]["type"] == "integer"
    assert shown[1]["description"] == "later"


@pytest.mark.filterwarnings("ignore::fastapi.exceptions.FastAPIDeprecationWarning")
def test_the_old_example_of_a_parameter_is_shown_unless_there_are_examples() -> None:
    def endpoint(
        old: Annotated[str, Query(example={"a"})],
        both: Annotated[str, Query(example="no", openapi_examples={"yes": {}})],
    ) -> None: ...

    old, both = parameters(endpoint)
    assert old["example"] == ["a"]
    assert "example" not in both
    assert both["examples"] == {"yes": {}}


def test_a_required_body_says_so_and_an_optional_one_says_nothing() -> None:
    def required(item: Item) -> None: ...

    def optional(item: Item | None = None) -> None: ...

    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    assert operation(required, "POST")["requestBody"] == {"required": True, "content": content}
    assert "required" not in operation(optional, "POST")["requestBody"]


def test_a_body_has_its_media_type_and_examples() -> None:
    def endpoint(
        item: Annotated[Item, Body(media_type="application/x", openapi_examples={"one": {"value": {}}})],
    ) -> None: ...

    content = operation(endpoint, "PUT")["requestBody"]["content"]["application/x"]
    assert content["examples"] == {"one": {"value": {}}}


def test_a_form_is_a_body_of_its_own_media_type() -> None:
    def endpoint(name: Annotated[str, Form()]) -> None: ...

    assert list(operation(endpoint, "POST")["requestBody"]["content"]) == [
        "application/x-www-form-urlencoded"
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
def test_methods_that_may_have_a_body_show_it(method: str) -> None:
    def endpoint(item: Item) -> None: ...

    assert "requestBody" in operation(endpoint, method)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE"])
def test_methods_without_a_body_show_none(method: str) -> None:
    def endpoint(item: Item) -> None: ...

    assert "requestBody" not in operation(endpoint, method)
