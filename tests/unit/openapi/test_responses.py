"""Responses of operations in the OpenAPI document."""

from typing import Any

import pytest
from pydantic import BaseModel

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse


class Item(BaseModel):
    name: str


class Problem(BaseModel):
    reason: str


class Teapot(Response):
    media_type = "text/tea"

    def __init__(self, content: Any = None, status_code: int = 418) -> None:
        super().__init__(content, status_code)


class Silent(Response):
    """A response whose signature does not tell its status code."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)


def responses(**options: Any) -> dict[str, Any]:
    def endpoint() -> None: ...

    app = FastAPI()
    app.add_api_route("/", endpoint, **options)
    described: dict[str, Any] = app.openapi()["paths"]["/"]["get"]["responses"]
    return described


@pytest.mark.parametrize(
    ("options", "status_code", "content"),
    [
        ({}, "200", {"application/json": {"schema": {}}}),
        (
            {"response_model": Item},
            "200",
            {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
        ),
        ({"response_class": HTMLResponse}, "200", {"text/html": {"schema": {"type": "string"}}}),
        ({"response_class": Teapot}, "418", {"text/tea": {"schema": {"type": "string"}}}),
        ({"response_class": StreamingResponse}, "200", None),
        ({"response_class": RedirectResponse}, "307", None),
        ({"response_class": Silent}, "200", None),
        ({"status_code": 201}, "201", {"application/json": {"schema": {}}}),
        ({"status_code": 204}, "204", None),
    ],
)
def test_a_routes_own_response_follows_its_class_model_and_status_code(
    options: dict[str, Any], status_code: str, content: dict[str, Any] | None
) -> None:
    expected = {"description": "As said"} | ({"content": content} if content else {})
    assert responses(response_description="As said", **options) == {status_code: expected}


@pytest.mark.parametrize(
    ("status_code", "key", "description"),
    [
        (404, "404", "Not Found"),
        ("404", "404", "Not Found"),
        ("4xx", "4XX", "Client Error"),
        ("default", "default", "Default Response"),
        (599, "599", "Additional Response"),
    ],
)
def test_a_declared_response_without_a_description_gets_the_usual_one(
    status_code: int | str, key: str, description: str
) -> None:
    assert responses(responses={status_code: {}})[key] == {"description": description}


def test_a_status_code_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="hello"):
        responses(responses={"hello": {}})


def test_what_is_declared_for_the_routes_own_status_code_is_added_to_it() -> None:
    declared = {"content": {"image/png": {}}, "headers": {"X": {"schema": {"type": "string"}}}}
    own = responses(response_model=Item, responses={200: declared})["200"]
    assert own["description"] == "Successful Response"
    assert own["headers"] == declared["headers"]
    assert own["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
        "image/png": {},
    }


def test_the_model_of_a_declared_response_joins_the_schema_written_beside_it() -> None:
    declared = {"model": Problem, "content": {"application/json": {"schema": {"description": "why"}}}}
    assert responses(responses={409: declared})["409"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Problem", "description": "why"}}
    }


def test_the_model_of_a_declared_response_has_the_routes_media_type() -> None:
    declared = responses(response_class=PlainTextResponse, responses={409: {"model": Problem}})
    assert list(declared["409"]["content"]) == ["text/plain"]


def test_without_a_media_type_of_the_route_a_model_is_json() -> None:
    declared = responses(response_class=Response, responses={409: {"model": Problem}})
    assert list(declared["409"]["content"]) == ["application/json"]


def test_describing_a_declared_response_leaves_the_declaration_as_it_was() -> None:
    declared: dict[int | str, dict[str, Any]] = {409: {"model": Problem}}
    responses(responses=declared)
    assert declared == {409: {"model": Problem}}
