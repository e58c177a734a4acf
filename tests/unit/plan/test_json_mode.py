"""Bodies that are validated from their bytes: only where pydantic makes the very same of the objects in them."""

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    PrivateAttr,
    RootModel,
    SecretStr,
    ValidationError,
    field_validator,
)

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request
from fastapi._compat import ModelField
from fastapi.exceptions import RequestValidationError
from fastapi.plan.json_mode import json_validator
from fastapi.plan.lowering import lower
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from tests.unit.plan.json_cases import Case, Color, Leaf, Options, Point, Size, Tree, cases, written
from tests.unit.plan.requests import on_reference_path, send
from tests.unit.serialization.test_json_loads import same

JSON = (b"content-type", b"application/json")


class Odd(enum.Enum):
    pair = (1, 2)


class Made(BaseModel):
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__new__(cls)


class Checked(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def check(cls, name: str) -> str:
        return name


class Private(BaseModel):
    name: str = ""
    _seen: int = PrivateAttr(default=1)


class Initialized(BaseModel):
    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class Settled(BaseModel):
    def model_post_init(self, context: Any) -> None:
        """Do nothing."""


class Choosing(BaseModel):
    name: str = Field(validation_alias=AliasChoices("name", "Name"))


class Counting(BaseModel):
    number: int = Field(default_factory=lambda: 1)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    number: int


class Whole(RootModel[list[int]]):
    pass


@dataclasses.dataclass
class Followed:
    x: int

    def __post_init__(self) -> None:
        self.x += 1


SAME: list[Any] = [
    Any,
    dict,
    dict[str, Any],
    list,
    list[Tree],
    set[int],
    Leaf,
    Leaf | None,
    Tree,
    Point,
    Options,
    EmailStr,
    Color,
    Size,
    Literal["a", 1],
    datetime.date,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
    tuple[int, str],
    tuple[int, ...],
    Annotated[str, Field(pattern="^a")],
]

DIFFERENT: list[Any] = [
    bytes,
    decimal.Decimal,
    int | str,
    dict[int, str],
    set[Point],
    frozenset[Color],
    Literal[True],
    HttpUrl,
    SecretStr,
    Odd,
    Made,
    Checked,
    Private,
    Initialized,
    Settled,
    Choosing,
    Counting,
    Strict,
    Whole,
    Followed,
    list[Checked],
    dict[str, Followed],
    Annotated[str, AfterValidator(str.strip)],
    Annotated[str, Field(coerce_numbers_to_str=True)],
    Annotated[datetime.date, Field(strict=True)],
]


def validator_of(annotation: Any) -> Any:
    return json_validator(ModelField(field_info=Body(annotation=annotation), name="body"))


@pytest.mark.parametrize("annotation", SAME, ids=str)
def test_types_that_are_the_same_in_both_modes(annotation: Any) -> None:
    assert validator_of(annotation) is not None


@pytest.mark.parametrize("annotation", DIFFERENT, ids=str)
def test_types_that_differ_or_run_code_of_the_application(annotation: Any) -> None:
    assert validator_of(annotation) is None


def taken_apart(value: Any) -> Any:
    """All that can be seen of a value."""
    if isinstance(value, BaseModel):
        extra = value.__pydantic_extra__
        return [type(value), taken_apart(vars(value)), sorted(value.model_fields_set), taken_apart(extra)]
    if isinstance(value, Point):
        return [type(value), taken_apart(vars(value))]
    if isinstance(value, dict):
        return {key: taken_apart(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return (
            [type(value), *map(taken_apart, value)] if type(value) is not list else [*map(taken_apart, value)]
        )
    if isinstance(value, (set, frozenset)):
        return [type(value), *sorted(map(repr, value))]
    return [type(value), repr(value)] if isinstance(value, (datetime.datetime, datetime.time)) else value


def outcome(validate: Callable[[], Any]) -> list[Any]:
    try:
        return [taken_apart(validate())]
    except (ValidationError, ValueError):
        return []


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cases, st.data())
def test_what_json_is_accepted_is_the_very_same(case: Case, data: st.DataObject) -> None:
    annotation, documents = case
    validator = validator_of(annotation)
    assert validator is not None
    bodies = [written(data.draw(documents)).encode() for _ in range(3)]
    for body in bodies:
        accepted = outcome(partial(validator.validate_json, body))
        if accepted:
            value = validator.validate_python(json.loads(body), from_attributes=True)
            assert same(accepted, [taken_apart(value)]), body


def application(seen: list[Any]) -> FastAPI:
    """Routes whose bodies are looked at by others than the validator."""
    app = FastAPI(openapi_url=None)

    async def change(request: Request) -> None:
        (await request.json())["type"] = "changed"

    def refuse(x_refuse: Annotated[str, Header()] = "") -> None:
        seen.append("dependency")
        if x_refuse:
            raise HTTPException(400, x_refuse)

    @app.post("/tree")
    async def tree(tree: Tree, size: Annotated[int, Header()] = 1) -> Any:
        return [tree, sorted(tree.model_fields_set), size]

    @app.post("/refused", dependencies=[Depends(refuse)])
    async def refused(tree: Tree | None = None) -> Any:
        return tree

    @app.post("/changed", dependencies=[Depends(change)])
    async def changed(tree: Tree) -> Any:
        return tree

    @app.post("/shown")
    async def shown(request: Request, tree: Tree) -> Any:
        return [await request.json(), tree]

    @app.post("/secured")
    async def secured(tree: Tree, token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> Any:
        return [token, tree]

    @app.post("/borne")
    async def borne(tree: Tree, bearer: Annotated[Any, Depends(HTTPBearer())]) -> Any:
        return [bearer.credentials, tree]

    @app.post("/table")
    async def table(table: dict[str, int]) -> Any:
        return table

    @app.exception_handler(HTTPException)
    async def handle(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse([error.detail, await request.json()], error.status_code)

    @app.exception_handler(RequestValidationError)
    async def explain(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse([[each["loc"] for each in error.errors()], repr(error.body)], 422)

    return app


BODIES = [
    b'{"type": "oak"}',
    b'{"type": "oak", "leaf": {"Text": " green ", "more": [1, 2.0]}, "branches": [{"type": "twig"}]}',
    b'{"type": "oak", "type": "elm"}',
    b'{"type": 1}',
    b'{"type": "oak", "other": 1}',
    b'{"a": "x", "a": 1}',
    b'{"a": 1}',
    b'{"a": 1' + b"0" * 400 + b"}",
    b'{"type": "\\ud800"}',
    b"null",
    b"[]",
    b"{",
]

HEADERS = [[], [(b"x-refuse", b"no")], [(b"size", b"x")], [(b"authorization", b"Bearer t")]]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_nobody_else_sees_a_difference(headers: list[tuple[bytes, bytes]]) -> None:
    seen: list[Any] = []
    expected: list[Any] = []
    planned, reference = application(seen), on_reference_path(application(expected))
    for route in planned.routes:
        assert isinstance(route, APIRoute)
        for body in BODIES:
            options: dict[str, Any] = {"method": "POST", "body": [body], "headers": [JSON, *headers]}
            assert send(planned, route.path, **options) == send(reference, route.path, **options)
    assert seen == expected


def test_only_bodies_that_nobody_sees_before_are_validated_from_their_bytes() -> None:
    from_bytes = set()
    for route in application([]).routes:
        assert isinstance(route, APIRoute)
        plan = lower(route.get_route_handler().__self__)  # type: ignore[attr-defined]
        if plan is not None and plan.json_validator is not None:
            from_bytes.add(route.path)
    assert from_bytes == {"/tree", "/refused", "/secured", "/borne", "/table"}
