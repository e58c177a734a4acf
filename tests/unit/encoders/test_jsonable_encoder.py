"""What ``jsonable_encoder`` makes of every kind of value."""

import datetime
import json
import re
import sys
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import PurePosixPath, PureWindowsPath
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, Field, SecretBytes, SecretStr
from pydantic_core import PydanticUndefined, Url

from fastapi import encoders
from fastapi.encoders import ENCODERS_BY_TYPE, jsonable_encoder
from fastapi.exceptions import PydanticV1NotSupportedError


class Colour(Enum):
    red = "r"


class Level(IntEnum):
    high = 3


class Item(BaseModel):
    name: str = Field(alias="title")
    price: Decimal = Decimal("1.50")
    more: dict[str, Any] = {}


@dataclass
class Point:
    x: Any
    y: Any = None


class Row:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Pairs:
    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter([("a", Colour.red), ("b", None)])


class Pair(NamedTuple):
    left: Any
    right: Any


class SubBytes(bytes): ...


class SubText(str): ...


class SubDatetime(datetime.datetime): ...


TEXT = SubText("a")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.5, 1.5),
        ("a", "a"),
        (TEXT, TEXT),
        (b"a", "a"),
        (SubBytes(b"a"), "a"),
        (Colour.red, "r"),
        (Level.high, 3),
        (PurePosixPath("/a"), "/a"),
        (PureWindowsPath("a", "b"), "a\\b"),
        (PydanticUndefined, None),
        (datetime.datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05"),
        (SubDatetime(2020, 1, 2), "2020-01-02T00:00:00"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.time(1, 2), "01:02:00"),
        (datetime.timedelta(minutes=1, milliseconds=500), 60.5),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (ip_address("::1"), "::1"),
        (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
        (ip_interface("10.0.0.1/8"), "10.0.0.1/8"),
        (re.compile("a+"), "a+"),
        (SecretStr("x"), "**********"),
        (SecretBytes(b"x"), "b'**********'"),
        (AnyUrl("http://a.b"), "http://a.b/"),
        (Url("http://a.b"), "http://a.b/"),
        ([Colour.red, (1,)], ["r", [1]]),
        ({1}, [1]),
        (frozenset({1}), [1]),
        (deque([1, b"a"]), [1, "a"]),
        (Pair(1, Colour.red), [1, "r"]),
        ({"a": Colour.red, 1: {2.5: None}}, {"a": "r", 1: {2.5: None}}),
        ({Colour.red: 1}, {"r": 1}),
        (Point(Colour.red), {"x": "r", "y": None}),
        (Item(title="t"), {"title": "t", "price": "1.50", "more": {}}),
        ([Item(title="t")], [{"title": "t", "price": "1.50", "more": {}}]),
        (Row(a=Colour.red), {"a": "r"}),
        (Pairs(), {"a": "r", "b": None}),
        (MappingProxyType({"a": b"b"}), {"a": "b"}),
    ],
)
def test_a_value_becomes_what_json_can_hold(value: Any, expected: Any) -> None:
    encoded = jsonable_encoder(value)
    assert encoded == expected
    assert type(encoded) is type(expected)


def test_a_generator_is_exhausted() -> None:
    assert jsonable_encoder(value for value in (Colour.red, 1)) == ["r", 1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.0", 1.0), ("1", 1), ("1E3", 1000), ("1E-1", 0.1), ("Infinity", float("inf")), ("-0", 0)],
)
def test_a_decimal_is_an_integer_where_it_has_no_decimal_places(value: str, expected: Any) -> None:
    encoded = jsonable_encoder(Decimal(value))
    assert encoded == expected
    assert type(encoded) is type(expected)


def test_bytes_must_be_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        jsonable_encoder(b"\xff")


def test_an_object_without_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="not iterable") as caught:
        jsonable_encoder(object())
    no_pairs, no_attributes = caught.value.args[0]
    assert isinstance(no_pairs, TypeError)
    assert str(no_attributes) == "vars() argument must have __dict__ attribute"
    assert caught.value.__cause__ is no_attributes


def test_a_dataclass_itself_is_refused() -> None:
    with pytest.raises(AssertionError):
        jsonable_encoder(Point)


def test_a_model_of_pydantic_v1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class BaseModel:
        def __repr__(self) -> str:
            return "Old()"

    module = ModuleType("pydantic.v1")
    module.BaseModel = BaseModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pydantic.v1", module)
    with pytest.raises(PydanticV1NotSupportedError, match=r"Please update the model Old\(\)\.$"):
        jsonable_encoder({"a": [BaseModel()]})


NESTED = {"a": 1, "b": {"a": 2, "b": None}, "c": [{"a": 3, "b": 4}]}


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        (NESTED, {"include": {"a"}}, {"a": 1}),
        (NESTED, {"include": ["b"]}, {"b": {"a": 2, "b": None}}),
        (NESTED, {"exclude": {"a", "c"}}, {"b": {"a": 2, "b": None}}),
        (NESTED, {"exclude": ("a", "c")}, {"b": {"a": 2, "b": None}}),
        (NESTED, {"include": {"b": ...}, "exclude": {"b": {"a"}}}, {}),
        (NESTED, {"include": set()}, {}),
        (NESTED["c"], {"include": {"a"}}, [{"a": 3}]),
        (NESTED, {"exclude_none": True, "include": {"b"}}, {"b": {"a": 2}}),
        (Point(1), {"exclude_none": True}, {"x": 1}),
        (Point(1, 2), {"exclude": {"x"}}, {"y": 2}),
        (Row(a=1, b=2), {"include": {"a"}}, {"a": 1}),
        ({"_sa_state": 1, "_s": 2}, {}, {"_s": 2}),
        ({"_sa_state": 1}, {"sqlalchemy_safe": False}, {"_sa_state": 1}),
        (Item(title="t"), {"by_alias": False, "include": {"name"}}, {"name": "t"}),
        (Item(title="t"), {"exclude_unset": True}, {"title": "t"}),
        (Item(title="t"), {"exclude_defaults": True}, {"title": "t"}),
        (
            Item(title="t", more={"x": None, "_sa": 1}),
            {"exclude_none": True, "include": {"more"}},
            {"more": {}},
        ),
        ([Item(title="t")], {"exclude_unset": True}, [{"title": "t"}]),
        ({"i": Item(title="t")}, {"exclude_unset": True}, {"i": {"title": "t"}}),
        (
            {"i": Item(title="t")},
            {"exclude_defaults": True},
            {"i": {"title": "t", "price": "1.50", "more": {}}},
        ),
        ({"i": Item(title="t")}, {"by_alias": False, "exclude_unset": True}, {"i": {"name": "t"}}),
    ],
)
def test_options_choose_what_is_kept(value: Any, options: dict[str, Any], expected: Any) -> None:
    assert jsonable_encoder(value, **options) == expected


@pytest.mark.parametrize(
    ("value", "custom_encoder", "expected"),
    [
        (1, {int: str}, "1"),
        (Level.high, {int: lambda value: -value}, -3),
        ([1, {"a": 2}], {int: str}, ["1", {"a": "2"}]),
        ({1: "a"}, {int: str}, {"1": "a"}),
        (Point(1), {int: str}, {"x": "1", "y": None}),
        (Point(1), {Point: lambda point: point.x}, 1),
        (Point(1), {dict: len}, 2),
        (SubDatetime(2020, 1, 2), {datetime.date: lambda value: "d", SubDatetime: lambda value: "s"}, "s"),
        (
            SubDatetime(2020, 1, 2),
            {datetime.date: lambda value: "d", datetime.datetime: lambda value: "dt"},
            "d",
        ),
        (Item(title="t"), {str: str.upper, Decimal: str}, {"title": "t", "price": "1.50", "more": {}}),
        (Row(a=1), {int: str}, {"a": "1"}),
    ],
)
def test_a_custom_encoder_comes_first(value: Any, custom_encoder: dict[Any, Any], expected: Any) -> None:
    assert jsonable_encoder(value, custom_encoder=custom_encoder) == expected


def test_applications_may_change_the_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENCODERS_BY_TYPE, bytes, lambda value: value.hex())
    monkeypatch.setitem(ENCODERS_BY_TYPE, Row, lambda value: "row")
    assert jsonable_encoder({"a": b"\xff", "b": Row(), "c": SubBytes(b"a")}) == {
        "a": "ff",
        "b": "row",
        "c": "a",
    }


def test_applications_may_replace_the_encoders_of_subclasses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "encoders_by_class_tuples", {bytes.hex: (bytes,)})
    assert jsonable_encoder(SubBytes(b"a")) == "61"


def test_types_are_grouped_by_their_encoder() -> None:
    assert encoders.generate_encoders_by_class_tuples({int: str, bool: repr, float: str}) == {
        str: (int, float),
        repr: (bool,),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner)
    | st.dictionaries(st.text().filter(lambda key: not key.startswith("_sa")), inner),
    max_leaves=30,
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
    | st.ip_addresses()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Colour.red, Level.high, Item(title="t")]),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.uuids(), inner)
        | st.builds(Point, inner, inner)
        | st.builds(lambda value: Row(a=value), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_what_json_can_hold_stays_as_it_is(value: Any) -> None:
    assert jsonable_encoder(value) == value


@given(VALUES)
def test_what_comes_out_can_be_written_as_json_and_stays_as_it_is(value: Any) -> None:
    encoded = jsonable_encoder(value)
    json.dumps(encoded)
    assert jsonable_encoder(encoded) == encoded


@given(
    VALUES, st.fixed_dictionaries({}, optional={"exclude_none": st.booleans(), "include": st.sets(st.text())})
)
def test_the_reference_path_agrees(value: Any, options: dict[str, Any]) -> None:
    # A custom encoder for a type that does not occur takes the way through Python.
    assert jsonable_encoder(value, **options) == jsonable_encoder(
        value, **options, custom_encoder={memoryview: bytes}
    )
