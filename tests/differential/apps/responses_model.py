"""response_model and its options, return annotations, and what happens to values that do not fit."""

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Generic, Optional, TypeVar, Union

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from ._types import Color

app = FastAPI()
T = TypeVar("T")


class Sub(BaseModel):
    a: int = 1
    b: str | None = None


class Item(BaseModel):
    name: str = Field(alias="aliasName")
    price: float | None = None
    tags: list[str] = []
    sub: Sub = Sub()
    subs: list[Sub] = []
    when: datetime.datetime = datetime.datetime(2024, 1, 1)

    model_config = ConfigDict(populate_by_name=True)


class UserIn(BaseModel):
    username: str
    password: str


class UserOut(BaseModel):
    username: str


class UserInherited(UserOut):
    password: str


class Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel), populate_by_name=True
    )

    first_name: str = "f"
    last_name: str = "l"

    @computed_field
    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Serialized(BaseModel):
    amount: decimal.Decimal = decimal.Decimal("1.50")
    when: datetime.datetime = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    secret: SecretStr = SecretStr("s")
    excluded: int = Field(3, exclude=True)

    @field_serializer("when")
    def stamp(self, value: datetime.datetime) -> int:
        return int(value.timestamp())


class Custom(BaseModel):
    a: int = 1

    @model_serializer
    def dump(self) -> dict[str, Any]:
        return {"custom": self.a}


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


class Names(RootModel[dict[str, int]]):
    pass


class Movie(TypedDict):
    title: str
    year: int


@dataclasses.dataclass
class Plain:
    name: str
    secret: str = "s"
    parts: list["Plain"] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class PlainOut:
    name: str


class FromAttributes(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    parts: list["FromAttributes"] = []


class Row:
    def __init__(self, name, parts=()):
        self.name, self.parts = name, parts


FULL = Item(name="n", price=None, tags=["t"], sub=Sub(a=1, b=None), subs=[Sub(), Sub(b="x")])
PARTIAL = Item(name="n", sub=Sub(b="set"))

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "unset": {"response_model_exclude_unset": True},
    "defaults": {"response_model_exclude_defaults": True},
    "none": {"response_model_exclude_none": True},
    "names": {"response_model_by_alias": False},
    "include": {"response_model_include": {"name", "sub"}},
    "include_list": {"response_model_include": ["name", "price"]},
    "include_nested": {"response_model_include": {"name": True, "sub": {"a"}, "subs": {"__all__": {"b"}}}},
    "exclude": {"response_model_exclude": {"tags", "when"}},
    "exclude_nested": {"response_model_exclude": {"sub": {"a"}, "subs": {0: True}}},
    "include_exclude": {
        "response_model_include": {"name", "sub", "price"},
        "response_model_exclude": {"price"},
    },
    "include_nothing": {"response_model_include": set()},
    "everything": {
        "response_model_exclude_unset": True,
        "response_model_exclude_none": True,
        "response_model_by_alias": False,
        "response_model_exclude": {"when"},
    },
}

for option, keywords in OPTIONS.items():

    @app.get(f"/options/{option}/full", response_model=Item, **keywords)
    def full():
        return FULL

    @app.get(f"/options/{option}/partial", **keywords)
    async def partial() -> Item:
        return PARTIAL

    @app.get(f"/options/{option}/dict", response_model=Item, **keywords)
    def from_dict():
        return {"aliasName": "d", "price": 1, "extra": 1, "sub": {"b": None}}

    @app.get(f"/options/{option}/list", response_model=list[Item], **keywords)
    def listed():
        return [FULL, PARTIAL]

    @app.get(f"/options/{option}/untyped", response_model=None, **keywords)
    def untyped():
        return PARTIAL

    @app.get(f"/options/{option}/dataclass", response_model=Plain, **keywords)
    def dataclass_value():
        return Plain("n", parts=[Plain("p")])


VALUES: dict[str, tuple[Any, Any]] = {
    "filtered": (UserOut, UserIn(username="u", password="p")),
    "inherited": (UserOut, UserInherited(username="u", password="p")),
    "union": (Union[UserInherited, UserOut], UserOut(username="u")),
    "union_other": (Union[UserOut, Sub], Sub(a=3)),
    "union_scalars": (int | str, "3"),
    "optional_none": (Optional[Item], None),
    "optional": (Optional[Item], PARTIAL),
    "camel": (Camel, Camel()),
    "serialized": (Serialized, Serialized()),
    "custom": (Custom, Custom()),
    "generic": (Page[UserOut], {"items": [{"username": "u", "password": "p"}], "total": 1}),
    "generic_model": (Page[UserOut], Page[UserIn](items=[UserIn(username="u", password="p")])),
    "root": (Names, {"a": 1}),
    "root_model": (Names, Names({"a": 1})),
    "typed_dict": (Movie, {"title": "t", "year": 1, "extra": 1}),
    "dataclass": (PlainOut, Plain("n")),
    "dataclass_list": (list[PlainOut], [Plain("n"), Plain("m")]),
    "dataclass_dict": (Plain, {"name": "d"}),
    "attributes": (FromAttributes, Row("r", [Row("s")])),
    "attributes_list": (list[FromAttributes], [Row("r")]),
    "dict": (dict[str, float], {"a": 1, "b": "2"}),
    "dict_of_models": (dict[str, UserOut], {"x": UserIn(username="u", password="p")}),
    "set": (set[int], {1, 2}),
    "tuple": (tuple[int, str], (1, "a")),
    "iterator": (list[int], [3, 2]),
    "scalar": (int, "42"),
    "bool": (bool, "yes"),
    "str": (str, "x"),
    "enum": (Color, "red"),
    "decimal": (decimal.Decimal, "1.10"),
    "uuid": (uuid.UUID, uuid.UUID(int=7)),
    "datetime": (datetime.datetime, datetime.datetime(2024, 2, 29, 1, 2, 3, 4)),
    "date": (datetime.date, "2024-02-29"),
    "timedelta": (datetime.timedelta, datetime.timedelta(days=1, seconds=1.5)),
    "bytes": (bytes, b"x"),
    "any": (Any, {"x": PARTIAL}),
    "annotated": (Annotated[int, Field(ge=5)], 6),
    "none": (None, {"ignored": "model"}),
    "none_type": (type(None), None),
    "infinity": (float, float("inf")),
    "nested_nan": (dict[str, Any], {"a": [float("nan")]}),
    # These do not fit.
    "wrong_scalar": (int, "x"),
    "wrong_model": (Item, {"price": "x"}),
    "wrong_model_type": (UserOut, Sub()),
    "wrong_list": (list[UserOut], [UserOut(username="u"), {"x": 1}, 3]),
    "wrong_none": (UserOut, None),
    "wrong_constraint": (Annotated[int, Field(ge=5)], 4),
    "wrong_dict": (dict[str, int], {"a": "x", "b": None}),
    "wrong_dataclass": (PlainOut, {"nom": 1}),
}


def _declare(name: str, model: Any) -> None:
    def endpoint():
        return VALUES[name][1]

    async def endpoint_async():
        return VALUES[name][1]

    endpoint.__annotations__["return"] = model
    app.get(f"/model/{name}", response_model=model)(endpoint)
    app.get(f"/annotation/{name}")(endpoint)
    app.get(f"/async/{name}", response_model=model)(endpoint_async)
    app.get(f"/untyped/{name}")(endpoint_async)


for name in VALUES:
    _declare(name, VALUES[name][0])


@app.get("/annotation-response")
def annotation_response() -> Response:
    return PlainTextResponse("plain")


@app.get("/annotation-redirect")
def annotation_redirect() -> RedirectResponse:
    return RedirectResponse("/elsewhere?a=ü b")


@app.get("/annotation-disabled", response_model=None)
def annotation_disabled(portal: bool = False) -> Response | dict:
    return JSONResponse({"portal": True}) if portal else {"portal": False}


@app.get("/annotation-overridden", response_model=UserOut)
def annotation_overridden() -> Any:
    return {"username": "u", "password": "p"}


@app.get("/response-beside-model", response_model=UserOut)
def response_beside_model():
    return JSONResponse({"not": "validated"}, headers={"X-Direct": "1"})


@app.get("/generator", response_model=list[int])
def generator() -> Iterator[int]:
    yield from (1, 2)


@app.get("/no-return")
def no_return() -> None:
    pass


@app.get("/model-with-validation-error")
def model_with_validation_error() -> Item:
    return Item.model_construct(name=3, price="x")


@app.exception_handler(ResponseValidationError)
async def on_invalid_response(request, error: ResponseValidationError):
    return JSONResponse({"errors": [{k: str(v) for k, v in entry.items()} for entry in error.errors()]}, 500)


EXAMPLES = (
    [
        f"GET /options/{option}/{kind}"
        for option in OPTIONS
        for kind in ("full", "partial", "dict", "list", "untyped", "dataclass")
    ]
    + [f"GET /{kind}/{name}" for name in VALUES for kind in ("model", "annotation", "async", "untyped")]
    + [
        "GET /annotation-response",
        "GET /annotation-redirect",
        "GET /annotation-disabled",
        "GET /annotation-disabled?portal=1",
        "GET /annotation-overridden",
        "GET /response-beside-model",
        "GET /generator",
        "GET /no-return",
        "GET /model-with-validation-error",
    ]
)
