"""``jsonable_encoder`` gives what its reference path gives, whoever of the two walks."""

import datetime
import inspect
import pathlib
import re
import sys
import uuid
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import ip_address, ip_network
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, field_serializer
from pydantic_core import PydanticUndefined

from fastapi import encoders
from fastapi.encoders import ENCODERS_BY_TYPE, _reference, jsonable_encoder


class Colour(str, Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1


class Nothing(Enum):
    VALUE = None


class Name(str):
    pass


class Sneaky(str):
    def startswith(self, *arguments: Any) -> bool:
        return True


class Amount(Decimal):
    pass


class Settings(dict):
    def items(self) -> Any:
        return [("overridden", 1)]

    def keys(self) -> Any:
        return ["overridden"]


class Item(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(alias="itemName")
    price: float | None = None
    tags: set[str] = {"a"}
    sa_column: int = Field(default=1, alias="_sa_column")
    at: datetime.datetime | None = None
    parent: "Item | None" = None


class Whole(RootModel[Any]):
    pass


class Picky(BaseModel):
    value: Any = None

    @field_serializer("value")
    def refuse(self, value: Any) -> Any:
        raise RuntimeError("refused")


@dataclass
class Point:
    x: int
    y: Any = None
    tags: list[Any] = field(default_factory=list)


class Plain:
    def __init__(self) -> None:
        self.a = [Point(1)]
        self._sa_state = 2


class Pairs:
    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter([("a", {1}), ("b", None)])


class Slots:
    __slots__ = ()


class Liar:
    def __repr__(self) -> str:
        return "Liar()"

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return str


class Pair(NamedTuple):
    one: int
    two: int


def cycle() -> Any:
    items: list[Any] = []
    items.append(items)
    return items


def deep(levels: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = {"end": Point(1)}
    for _ in range(levels):
        value = wrap(value)
    return value


SAMPLES: list[Callable[[], Any]] = [
    lambda: Item(itemName="n", price=1.5, parent=Item(itemName="p")),
    lambda: Item(itemName="n", at=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)),
    lambda: [Item(itemName="n"), Item(itemName="m", price=None)],
    lambda: {"model": Item(itemName="n"), "_sa_instance_state": 1, "none": None},
    lambda: Whole(None),
    lambda: Whole([None, {"_sa": 1, "a": None}]),
    lambda: Picky(),
    lambda: Point(1, Point(2, Item(itemName="n")), [Colour.RED, {"x": None}]),
    lambda: Colour.RED,
    lambda: [Level.LOW, Nothing.VALUE, {Colour.BLUE: Level.LOW}],
    lambda: Nothing.VALUE,
    lambda: [pathlib.PurePosixPath("/a"), pathlib.Path("b")],
    lambda: Name("n"),
    lambda: [Name("n"), True, 1, 1.5, None, "text"],
    lambda: PydanticUndefined,
    lambda: {"undefined": PydanticUndefined},
    lambda: {Name("_sa_x"): 1, Sneaky("y"): 2, "_sax": 3, "s_a": 4, 1: 5, None: 6, 1.5: 7, (1, 2): 8},
    lambda: {"surrogate \ud800": "\ud800", "_sa\ud800": 1},
    lambda: {datetime.date(2020, 1, 1): 1, uuid.UUID(int=5): 2},
    lambda: {frozenset([1]): 1},
    lambda: OrderedDict(a=1, _sa=2),
    lambda: defaultdict(list, {"a": [Point(1)]}),
    lambda: Settings(a=1),
    lambda: [{3}, frozenset([4]), deque([5, {"a": None}]), (6, 7), Pair(8, 9), (n for n in (10, Point(11)))],
    lambda: (n for n in ("a", None)),
    lambda: {"x": 1}.items(),
    lambda: range(3),
    lambda: [b"bytes", Decimal("1.5"), Decimal("3"), Amount("2.5"), datetime.timedelta(seconds=90)],
    lambda: [datetime.date(2020, 1, 2), datetime.time(1, 2), datetime.datetime(2020, 1, 2, 3)],
    lambda: [
        uuid.UUID(int=7),
        ip_address("127.0.0.1"),
        ip_network("::/64"),
        re.compile("a+"),
        SecretStr("s"),
    ],
    lambda: Plain(),
    lambda: [Pairs(), SimpleNamespace(a=1, b=None)],
    lambda: Slots(),
    lambda: [1, Slots()],
    lambda: Point,
    lambda: [Item],
    lambda: Liar(),
    lambda: {"liar": Liar()},
    lambda: Mock(spec=Item),
    lambda: b"\xff",
    lambda: [b"\xff"],
    lambda: 3j,
    lambda: cycle(),
    lambda: deep(80, lambda value: [value]),
    lambda: deep(80, lambda value: {"a": None, "in": value}),
    lambda: deep(20, lambda value: Point(1, [value])),
]

OPTIONS: list[dict[str, Any]] = [
    {},
    {"include": {"name", "a", "x", "y", "model"}},
    {"include": ["name", "a"], "exclude": ("price", "a")},
    {"exclude": {"name": ..., "none": ..., "x": ...}},
    {"include": set()},
    {"exclude": set(), "exclude_none": True},
    {"include": frozenset(["a", "x"])},
    {"include": {"a": {"b"}}, "exclude": {"y"}},
    {"by_alias": False},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"exclude_none": True},
    {"exclude_unset": True, "exclude_none": True, "by_alias": False},
    {"sqlalchemy_safe": False},
    {"exclude_none": 1, "by_alias": 0},
    {"custom_encoder": {Point: repr, Decimal: str, datetime.date: str}},
    {"custom_encoder": {}},
]


DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(jsonable_encoder).parameters.items()
    if parameter.default is not parameter.empty
}


def reference(value: Any, **options: Any) -> Any:
    return _reference(value, **(DEFAULTS | options))


def outcome(encode: Callable[..., Any], value: Any, options: dict[str, Any]) -> Any:
    """What comes of encoding; errors by what a client of them can compare."""
    try:
        return encode(value, **options)
    except RecursionError:
        return RecursionError
    except Exception as error:
        return type(error), re.sub("0x[0-9a-f]+", "0x", str(error))


def shape(value: Any) -> Any:
    """A value with its types, which ``==`` does not look at, and the order of its keys."""
    if type(value) in (list, tuple):
        return type(value), [shape(item) for item in value]
    if type(value) is dict:
        return dict, [(shape(key), shape(item)) for key, item in value.items()]
    return type(value), str(value)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options) or "plain")
@pytest.mark.parametrize("make", SAMPLES)
def test_same_outcome_as_the_reference(make: Callable[[], Any], options: dict[str, Any]) -> None:
    ours, theirs = outcome(jsonable_encoder, make(), options), outcome(reference, make(), options)
    assert shape(ours) == shape(theirs)


keys = st.text() | st.sampled_from(["_sa", "_sa_x", Name("_sa"), "a", Colour.RED, 1, None, 2.5])
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
    | st.ip_addresses()
    | st.sampled_from(
        [*Colour, *Level, *Nothing, Name("n"), PydanticUndefined, pathlib.Path("p"), Slots(), Plain()]
    )
    | st.sets(st.integers())
    | st.frozensets(st.text())
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(inner).map(deque)
        | st.dictionaries(keys, inner)
        | st.dictionaries(keys, inner).map(OrderedDict)
        | st.builds(Point, st.integers(), inner, st.lists(inner))
        | st.builds(Item, itemName=st.text(), price=st.none() | st.floats())
        | st.builds(Whole, inner)
        | st.builds(SimpleNamespace, a=inner)
    ),
    max_leaves=15,
)
names = (
    st.none()
    | st.sets(st.sampled_from(["a", "x", "y", "name"]))
    | st.just({"a": ..., "x": ...})
    | st.just(["y"])
)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "include": names,
        "exclude": names,
        **dict.fromkeys(
            ("by_alias", "exclude_unset", "exclude_defaults", "exclude_none", "sqlalchemy_safe"),
            st.booleans(),
        ),
    },
)


@settings(max_examples=300)
@given(values, arguments)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_any_value_has_the_outcome_of_the_reference(value: Any, options: dict[str, Any]) -> None:
    assert shape(outcome(jsonable_encoder, value, options)) == shape(outcome(reference, value, options))


@pytest.mark.parametrize("value", ["text", Name("n"), 5, True, 1.5, 10**30])
def test_scalars_come_back_unchanged(value: Any) -> None:
    assert jsonable_encoder(value) is value


def test_containers_are_new_even_when_nothing_changes() -> None:
    value = {"a": [1]}
    encoded = jsonable_encoder(value)
    assert encoded == value
    assert encoded is not value
    assert encoded["a"] is not value["a"]


def test_an_encoder_registered_later_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENCODERS_BY_TYPE, Slots, lambda value: "slots")
    monkeypatch.setitem(ENCODERS_BY_TYPE, Decimal, lambda value: "decimal")
    assert jsonable_encoder([Slots(), {"d": Decimal("1")}]) == ["slots", {"d": "decimal"}]


def test_a_replaced_table_of_encoders_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "ENCODERS_BY_TYPE", {Slots: lambda value: "replaced"})
    assert jsonable_encoder([Slots()]) == ["replaced"]


def test_a_model_is_dumped_once_with_the_documented_arguments() -> None:
    calls = []

    class Watched(BaseModel):
        def model_dump(self, **arguments: Any) -> Any:  # type: ignore[override]
            calls.append(arguments)
            return None

    assert jsonable_encoder(Watched(), include={"a"}, exclude_unset=True) is None
    assert [list(call.items()) for call in calls] == [
        [
            ("mode", "json"),
            ("include", {"a"}),
            ("exclude", None),
            ("by_alias", True),
            ("exclude_unset", True),
            ("exclude_none", False),
            ("exclude_defaults", False),
        ]
    ]


def test_a_generator_is_consumed_once_even_when_a_later_part_fails() -> None:
    taken = []
    numbers = (taken.append(number) or number for number in range(3))
    with pytest.raises(ValueError, match="vars"):
        jsonable_encoder({"first": numbers, "then": Slots()})
    assert taken == [0, 1, 2]


def test_a_dict_that_changes_while_it_is_encoded_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    value: dict[str, Any] = {"a": Slots(), "b": 1}
    monkeypatch.setitem(ENCODERS_BY_TYPE, Slots, lambda item: value.update({str(len(value)): 1}))
    with pytest.raises(RuntimeError, match="dictionary changed size during iteration"):
        jsonable_encoder(value)


def test_a_list_that_grows_while_it_is_encoded_is_walked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    value: list[Any] = [Slots()]
    monkeypatch.setitem(ENCODERS_BY_TYPE, Slots, lambda item: value.append("late"))
    assert jsonable_encoder(value) == [None, "late"]


def test_nothing_is_leaked() -> None:
    value, items = {"key": [1.5]}, [Item(itemName="n")]
    before = [sys.getrefcount(thing) for thing in (value, value["key"], items[0], Item)]
    for _ in range(100):
        jsonable_encoder(value)
        jsonable_encoder(items)
    assert [sys.getrefcount(thing) for thing in (value, value["key"], items[0], Item)] == before
