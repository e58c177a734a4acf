"""Bodies of every type that is not simply a model."""

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union

import pydantic.dataclasses
from pydantic import Base64Bytes, BaseModel, Field, Json, RootModel, SecretStr
from typing_extensions import NotRequired, TypedDict

from fastapi import Body, FastAPI

from ._types import SCALARS, Color, shown

app = FastAPI()
T = TypeVar("T")


@dataclasses.dataclass
class Plain:
    name: str
    price: float
    tags: list[str] = dataclasses.field(default_factory=list)
    parent: Optional["Plain"] = None


@pydantic.dataclasses.dataclass
class Checked:
    name: str = Field(max_length=4)
    count: int = 1


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Point(NamedTuple):
    x: int
    y: int = 0


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Words(RootModel[list[str]]):
    pass


class Everything(BaseModel):
    when: datetime.datetime
    day: datetime.date | None = None
    span: datetime.timedelta = datetime.timedelta(0)
    amount: decimal.Decimal = decimal.Decimal(0)
    key: uuid.UUID | None = None
    color: Color = Color.RED
    secret: SecretStr = SecretStr("s")
    raw: bytes = b""
    encoded: Base64Bytes = b""
    embedded: Json[Any] = None
    pair: tuple[int, str] = (1, "a")
    mapping: dict[Color, int] = {}
    by_int: dict[int, str] = {}
    number: float = 0.5
    big: int = 0


TYPES: dict[str, Any] = {
    "dataclass": Plain,
    "pydantic_dataclass": Checked,
    "typed_dict": Movie,
    "named_tuple": Point,
    "recursive": Node,
    "generic": Page[int],
    "generic_model": Page[Checked],
    "root_model": Words,
    "everything": Everything,
    "dict": dict,
    "dict_str_int": dict[str, int],
    "dict_int_float": dict[int, float],
    "dict_of_models": dict[str, Node],
    "mapping": Mapping[str, Any],
    "list": list,
    "list_int": list[int],
    "list_models": list[Node],
    "list_dataclasses": list[Plain],
    "nested_lists": list[list[int]],
    "optional_list": Optional[list[int]],
    "sequence": Sequence[str],
    "tuple": tuple[int, str, bool],
    "set": set[int],
    "frozenset": frozenset[str],
    "union_models": Union[Node, Checked, list[int]],
    "dict_or_list": dict[str, int] | list[int],
}

for name, kind in TYPES.items():

    @app.post(f"/bare/{name}")
    def bare(value: kind):
        return value

    @app.post(f"/embedded/{name}")
    async def embedded(value: Annotated[kind, Body(embed=True)], flag: Annotated[bool, Body()] = False):
        return {"value": value, "flag": flag}


for name, kind in SCALARS.items():

    @app.post(f"/scalar/{name}")
    def scalar(value: Annotated[kind, Body()]):
        return shown(value)

    @app.post(f"/scalar-embedded/{name}")
    async def scalar_embedded(value: kind = Body(embed=True)):
        return shown(value)


@app.post("/scalar-constrained")
def scalar_constrained(value: Annotated[int, Body(gt=3, le=10, multiple_of=2)]):
    return value


@app.post("/scalar-pattern")
def scalar_pattern(value: str = Body(pattern="^a", max_length=3)):
    return value


@app.post("/literal")
def literal(value: Literal["on", "off"] = Body("on")):
    return value


@app.post("/list-constrained")
def list_constrained(value: Annotated[list[int], Body(min_length=1, max_length=2)]):
    return value


EXAMPLES = [
    {
        "request": "POST /bare/dataclass",
        "json": {"name": "a", "price": "1.5", "parent": {"name": "b", "price": 2}},
    },
    {"request": "POST /bare/dataclass", "json": {"name": "a", "parent": {}}},
    {"request": "POST /bare/pydantic_dataclass", "json": {"name": "abcde"}},
    {"request": "POST /bare/typed_dict", "json": {"title": "t", "extra": 1}},
    {"request": "POST /bare/typed_dict", "json": {"year": "x"}},
    {"request": "POST /bare/named_tuple", "json": [1]},
    {"request": "POST /bare/named_tuple", "json": {"x": 1}},
    {
        "request": "POST /bare/recursive",
        "json": {"value": 1, "children": [{"value": 2, "children": [{"value": "x"}]}]},
    },
    {"request": "POST /bare/generic", "json": {"items": [1, "2"], "total": 2}},
    {"request": "POST /bare/root_model", "json": ["a", "b"]},
    {
        "request": "POST /bare/everything",
        "json": {
            "when": "2024-02-29T10:00:00+02:00",
            "day": "2024-02-29",
            "span": "P1DT2H",
            "amount": "1.100",
            "key": "12345678-1234-5678-1234-567812345678",
            "secret": "x",
            "raw": "é",
            "encoded": "aGk=",
            "embedded": '{"a": [1]}',
            "mapping": {"green": 1},
            "by_int": {"1": "a", "2": "b"},
            "number": 1e22,
            "big": 10**30,
        },
    },
    {"request": "POST /bare/everything", "json": {"when": 1700000000.123456, "amount": 0.1, "span": 3.5}},
    {
        "request": "POST /bare/everything",
        "json": {"when": "x", "mapping": {"blue": 1}, "by_int": {"a": 1}, "embedded": "{"},
    },
    {"request": "POST /bare/dict_int_float", "json": {"1": 1, "2": "2.5"}},
    {"request": "POST /bare/dict_int_float", "json": {"a": 1}},
    {"request": "POST /bare/list_int", "json": [1, "2", 3.0, True]},
    {"request": "POST /bare/list_int", "json": [1, "x", 3.5, None]},
    {"request": "POST /bare/tuple", "json": [1, "a", True]},
    {"request": "POST /bare/tuple", "json": [1, "a"]},
    {"request": "POST /bare/set", "json": [3, 1, 3, 2]},
    {"request": "POST /bare/union_models", "json": [1]},
    {"request": "POST /embedded/list_int", "json": {"value": [1], "flag": "yes"}},
    {"request": "POST /scalar/str", "json": "text"},
    {"request": "POST /scalar/str", "body": b"text", "headers": {"content-type": "text/plain"}},
    {
        "request": "POST /scalar/bytes",
        "body": b"\xff\x00",
        "headers": {"content-type": "application/octet-stream"},
    },
    {"request": "POST /scalar/int", "json": "12"},
    {"request": "POST /scalar/int", "json": 12.5},
    {"request": "POST /scalar/int", "json": True},
    {"request": "POST /scalar/float", "body": b"Infinity", "headers": {"content-type": "application/json"}},
    {"request": "POST /scalar/bool", "json": 1},
    {"request": "POST /scalar/decimal", "json": 1.1},
    {"request": "POST /scalar-constrained", "json": 3},
    {"request": "POST /scalar-pattern", "json": "bcde"},
    "POST /literal",
    {"request": "POST /list-constrained", "json": []},
]
