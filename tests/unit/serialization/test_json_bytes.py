"""The bytes that Rust writes are those of the reference, and what it does not accept is left to it."""

import json
import math
import struct
import sys
from collections import OrderedDict, deque
from enum import Enum, IntEnum
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi._rust import PURE, json_dumps


class Name(str):
    pass


class Colour(str, Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Ratio(float):
    pass


def reference(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=None, separators=(",", ":")).encode(
        "utf-8"
    )


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def cycle(container: Any, width: int = 1) -> Any:
    if isinstance(container, dict):
        container.update({str(index): container for index in range(width)})
    else:
        container.extend([container] * width)
    return container


def is_key(value: Any) -> bool:
    return isinstance(value, str | int | float)


any_text = st.text(st.characters(exclude_categories=[]))
scalars = st.none() | st.booleans() | st.integers() | st.integers(-(10**40), 10**40) | st.floats() | any_text
keys = any_text | st.integers() | st.floats() | st.booleans() | st.none()
odd = st.sampled_from([Name("x"), Colour.RED, Level.LOW, Ratio(1.5), b"x", OrderedDict(a=1), {1, 2}, object])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=25,
)
strange_values = st.recursive(
    scalars | odd, lambda inner: st.lists(inner) | st.dictionaries(keys | odd.filter(is_key), inner)
)


@given(values)
@example({"a": [1, 2.5, None, True], "b": ("x", {})})
@example({1: "int", 1.5: "float", None: "none", False: "bool"})
def test_accepted_values_are_written_like_the_reference(value: Any) -> None:
    written = json_dumps(value)
    try:
        expected = reference(value)
    except (ValueError, UnicodeEncodeError):
        assert written is None
    else:
        assert written == (None if PURE else expected)


@given(strange_values)
def test_anything_gets_the_reference_bytes_or_is_left_to_it(value: Any) -> None:
    written = json_dumps(value)
    assert written is None or written == reference(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(sys.float_info.max)
@example(2.0**-44)
@example(1e-5)
@example(9.999999999999999e-5)
@example(1e-4)
@example(1e16)
@example(9999999999999998.0)
@example(-0.0)
def test_floats_are_written_as_their_repr(value: float) -> None:
    assert json_dumps(value) == (None if PURE else repr(value).encode())


@given(st.integers(0, 2**64 - 1))
def test_every_bit_pattern_of_a_float_agrees(bits: int) -> None:
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    expected = repr(value).encode() if math.isfinite(value) and not PURE else None
    assert json_dumps(value) == expected


@pytest.mark.parametrize("exponent", range(-30, 30))
def test_powers_of_ten_change_layout_where_python_does(exponent: int) -> None:
    for digits in ("1", "1.5", "9.999999999999999", "1.2345678901234567"):
        value = float(f"{digits}e{exponent}")
        assert json_dumps(value) == (None if PURE else repr(value).encode())


@pytest.mark.parametrize("code", [*range(0x100), 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF])
def test_every_character_is_escaped_like_the_reference(code: int) -> None:
    for text in (chr(code), f"before {chr(code)} after", chr(code) * 20):
        assert json_dumps(text) == (None if PURE else reference(text))
        assert json_dumps({text: text}) == (None if PURE else reference({text: text}))


@pytest.mark.parametrize("value", [2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**100, 0, -1])
def test_ints_of_any_size_are_written(value: int) -> None:
    assert json_dumps([value, {value: value}]) == (None if PURE else reference([value, {value: value}]))


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        {math.nan: 1},
        "\ud800",
        {"\udfff": 1},
        Name("x"),
        {Name("x"): 1},
        Colour.RED,
        Level.LOW,
        HTTPStatus.OK,
        Ratio(1.5),
        OrderedDict(a=1),
        deque([1]),
        {1},
        b"x",
        object(),
        {(1, 2): 3},
        10**5000,
        nested(5000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_certain_is_left_to_the_reference(value: Any) -> None:
    assert json_dumps(value) is None
    assert json_dumps(["before", value]) is None


@pytest.mark.parametrize("width", [1, 2, 50])
@pytest.mark.parametrize("container", [list, dict])
def test_a_cycle_is_noticed_where_it_closes(container: type, width: int) -> None:
    assert json_dumps(cycle(container(), width)) is None


def test_the_same_container_twice_is_no_cycle() -> None:
    shared = {"a": []}
    assert json_dumps([shared, shared]) == (None if PURE else b'[{"a":[]},{"a":[]}]')


@pytest.mark.parametrize("depth", [1, 50, 120])
def test_ordinary_nesting_is_written(depth: int) -> None:
    assert json_dumps(nested(depth)) == (None if PURE else reference(nested(depth)))
