"""Everything jsonable_encoder knows, returned from endpoints and encoded by hand."""

import collections
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import json
import pathlib
import re
import types
import uuid
from typing import Any

from pydantic import (
    AnyUrl,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    NameEmail,
    RootModel,
    SecretBytes,
    SecretStr,
    computed_field,
)
from pydantic_core import Url

from fastapi import FastAPI
from fastapi.encoders import ENCODERS_BY_TYPE, jsonable_encoder
from fastapi.responses import JSONResponse

from ._types import Color, Level, Permission, Size

app = FastAPI()


class Model(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)

    name: str = Field("m", alias="theName")
    nothing: None = None
    unset: int = 3
    when: datetime.datetime = datetime.datetime(2024, 1, 1)
    inner: "Model | None" = None
    amount: decimal.Decimal = decimal.Decimal("2.50")

    @computed_field
    @property
    def twice(self) -> int:
        return self.unset * 2


class Words(RootModel[list[str]]):
    pass


class Nested(RootModel[dict[str, Model]]):
    pass


@dataclasses.dataclass
class Plain:
    name: str = "p"
    nothing: Any = None
    when: datetime.date = datetime.date(2024, 1, 1)
    inner: Any = None


class Slotted:
    __slots__ = ("a",)

    def __init__(self):
        self.a = 1


class WithDict:
    def __init__(self):
        self.b = 2
        self.a = [Color.RED]
        self._sa_instance_state = "private"


class Mapping(dict):
    pass


class DictLike:
    def keys(self):
        return ["x", "y"]

    def __getitem__(self, key):
        return key * 2


class Stringly(str):
    pass


class Whole(int):
    pass


class Refusing:
    def __iter__(self):
        raise TypeError("refused")

    @property
    def __dict__(self):
        raise ValueError("no dict either")


Pair = collections.namedtuple("Pair", "left right")


class Weekday(enum.Enum):
    MONDAY = datetime.date(2024, 1, 1)
    PAIR = (1, "a")


VALUES: dict[str, Any] = {
    "none": None,
    "bool": True,
    "int": 3,
    "big": 10**40,
    "float": [0.1, 1e16, 1e-5, 123456789.123456789, 5e-324, 1.7976931348623157e308, -0.0, 100.0],
    "infinity": float("inf"),
    "str": ["", "é", "\u2028", "\x00\x1f\x7f", '"\\/', "\U0001f600", "</script>"],
    "bytes": b"bytes",
    "bytes_invalid": b"\xff",
    "bytearray": bytearray(b"ab"),
    "str_subclass": Stringly("s"),
    "int_subclass": Whole(4),
    "list": [1, [2, [3]]],
    "tuple": (1, ("a", None)),
    "set": {3, 1, 2},
    "frozenset": frozenset({"x"}),
    "deque": collections.deque([1, 2]),
    "generator": "generator",
    "namedtuple": Pair(1, Color.RED),
    "range": range(3),
    "dict": {"a": 1, "b": {"c": None}},
    "dict_subclass": Mapping(a=1),
    "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
    "defaultdict": collections.defaultdict(list, {"k": [1]}),
    "counter": collections.Counter("aab"),
    "int_keys": {1: "a", 2.5: "b", None: "c", True: "d"},
    "enum_keys": {Color.RED: 1, Level.LOW: 2},
    "uuid_keys": {uuid.UUID(int=1): 1},
    "date_keys": {datetime.date(2024, 1, 1): 1},
    "tuple_keys": {(1, 2): 3},
    "private_keys": {"_sa_instance_state": 1, "_private": 2, "public": 3},
    "datetime": [
        datetime.datetime(2024, 2, 29, 12, 30),
        datetime.datetime(2024, 2, 29, 12, 30, 1, 5, datetime.timezone.utc),
        datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))),
    ],
    "date": datetime.date(1, 1, 1),
    "time": [datetime.time(1, 2, 3, 400), datetime.time(1, tzinfo=datetime.timezone.utc)],
    "timedelta": [datetime.timedelta(days=-1, microseconds=1), datetime.timedelta(hours=30)],
    "decimal": [
        decimal.Decimal("1.0"),
        decimal.Decimal("1"),
        decimal.Decimal("1E+3"),
        decimal.Decimal("-0"),
        decimal.Decimal("1e-30"),
    ],
    "decimal_nan": decimal.Decimal("NaN"),
    "decimal_infinity": decimal.Decimal("Infinity"),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "path": [pathlib.Path("/a/b"), pathlib.PurePosixPath("c"), pathlib.PureWindowsPath("d\\e")],
    "pattern": re.compile("^a.b$"),
    "ip": [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_interface("10.0.0.1/8"),
        ipaddress.ip_network("fe80::/10"),
        ipaddress.ip_interface("fe80::1/10"),
    ],
    "enum": [
        Color.GREEN,
        Size.LARGE,
        Level.HIGH,
        Weekday.MONDAY,
        Weekday.PAIR,
        Permission.READ | Permission.WRITE,
    ],
    "secret": [SecretStr("s"), SecretBytes(b"b"), SecretStr("")],
    "url": [AnyUrl("http://example.com/ü"), Url("https://x.y")],
    "name_email": NameEmail("N", "n@example.com"),
    "byte_size": ByteSize(2048),
    "model": Model(),
    "model_set": Model(theName="x", extra_field={"a": datetime.date(2024, 1, 1)}, inner=Model(name="y")),
    "models": [Model(), Model(unset=3)],
    "models_in_dict": {"m": Model(name="k")},
    "root_model": Words(["a"]),
    "root_nested": Nested({"a": Model()}),
    "model_class": Model.model_fields["name"].alias,
    "dataclass": Plain(inner=Plain(inner=Model())),
    "dataclass_list": [Plain(), Plain(name="q")],
    "object": WithDict(),
    "namespace": types.SimpleNamespace(a=1, b=[SecretStr("x")]),
    "dict_like": DictLike(),
    "iterable": "iterable",
    "slotted": Slotted(),
    "refusing": Refusing(),
    "function": json.dumps,
    "type": int,
    "complex": 1j,
    "memoryview": memoryview(b"ab"),
    "exception": ValueError("text"),
    "ellipsis": ...,
    "recursive": "recursive",
    "deep": "deep",
}


def value_of(name: str) -> Any:
    match name:
        case "generator":
            return (number * 2 for number in range(3))
        case "iterable":
            return map(str, [1, 2])
        case "recursive":
            loop: list[Any] = []
            loop.append(loop)
            return loop
        case "deep":
            deep: Any = 1
            for _ in range(60):
                deep = {"d": [deep]}
            return deep
    return VALUES[name]


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "unset": {"exclude_unset": True},
    "defaults": {"exclude_defaults": True},
    "none": {"exclude_none": True},
    "names": {"by_alias": False},
    "include": {"include": {"name", "a", "inner"}},
    "exclude": {"exclude": {"name", "a", "when"}},
    "private": {"sqlalchemy_safe": False},
    "custom": {
        "custom_encoder": {
            datetime.datetime: lambda when: when.year,
            str: lambda text: text.upper(),
            Color: lambda c: c.name,
            Plain: repr,
        }
    },
}


@app.get("/returned/{name}")
def returned(name: str):
    return value_of(name)


@app.get("/returned-list/{name}")
async def returned_list(name: str):
    return [value_of(name), {"key": value_of(name)}]


@app.get("/encoded/{option}/{name}")
def encoded(option: str, name: str):
    try:
        return JSONResponse({"value": repr(jsonable_encoder(value_of(name), **OPTIONS[option]))})
    except (ValueError, TypeError, RecursionError, AttributeError) as error:
        return JSONResponse({"type": type(error).__name__, "text": str(error)[:200]})


@app.get("/known-types")
def known_types():
    return [
        [f"{kind.__module__}.{kind.__qualname__}", getattr(e, "__qualname__", repr(e))]
        for kind, e in ENCODERS_BY_TYPE.items()
        if isinstance(e, type)
    ]


EXAMPLES = (
    [f"GET /returned/{name}" for name in VALUES]
    + [f"GET /returned-list/{name}" for name in VALUES]
    + [f"GET /encoded/plain/{name}" for name in VALUES]
    + [
        f"GET /encoded/{option}/{name}"
        for option in OPTIONS
        for name in (
            "model",
            "model_set",
            "models",
            "dataclass",
            "dict",
            "private_keys",
            "object",
            "enum_keys",
            "root_nested",
        )
    ]
    + ["GET /known-types"]
)
