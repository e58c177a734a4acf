"""Rust parses a body into the very objects of ``json.loads``, or leaves it to it."""

import importlib
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fastapi import _parsing
from fastapi._parsing import loads, loads_is_stock
from fastapi._rust import PURE, json_loads

FAILED = object()

needs_rust = pytest.mark.skipif(PURE, reason="nothing is parsed in Rust on the reference path alone")


def reference(body: Any) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError, TypeError):
        return FAILED


def same(one: Any, two: Any) -> bool:
    """Tell whether two values are equal to the type, the order, the sign of zero and the bits of a float."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return list(one) == list(two) and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", two)
    return bool(one == two)


def agrees(body: Any) -> bool:
    """Tell whether Rust accepted the body, after comparing."""
    accepted = json_loads(body)
    if accepted is not None:
        assert type(accepted) is tuple
        assert same(accepted[0], reference(body))
    return accepted is not None


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**300), 10**300) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=25,
)
numbers = (
    "NaN nan Infinity -Infinity -NaN Inf inf -inf - -0 0 00 01 1. .5 1.5 -0.0 1e5 1E+5 1e 1e400 -1e400 1e-400 "
    "123456789012345678901234567890 0x1 +1 1_0"
)
escapes = r"\ \n \u \ud83d \ude00 \u00e9 \ud800 \x \/"
rest = '{ } [ ] , : " "a" "b": nul null true fals false é \x00 \x1f \x7f \t \n \r \x0b \x0c \xa0 \u2028 \ufeff // a'
fragments = st.sampled_from([*numbers.split(), *escapes.split(), *rest.split(" ")])
near_json = st.lists(fragments | st.just(" ")).map(lambda parts: "".join(parts).encode())


@given(values, st.booleans(), st.sampled_from([None, 0, 2]))
def test_what_json_writes_is_parsed_alike(value: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert agrees(body) is not PURE


@settings(max_examples=500)
@given(near_json)
def test_what_is_nearly_json_is_parsed_alike_or_not_at_all(body: bytes) -> None:
    agrees(body)


@given(st.binary())
def test_any_bytes_are_parsed_alike_or_not_at_all(body: bytes) -> None:
    agrees(body)


@given(values, st.data())
def test_a_changed_byte_is_parsed_alike_or_not_at_all(value: Any, data: st.DataObject) -> None:
    body = bytearray(json.dumps(value).encode())
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    agrees(bytes(body))


@given(st.integers(0, 2**64 - 1))
@example(1)
@example(0x7FEFFFFFFFFFFFFF)
def test_floats_round_trip(bits: int) -> None:
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    assert agrees(json.dumps([value]).encode()) is not PURE


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
@example("2.2250738585072011e-308")
@example("9007199254740993.0")
@example("0.1e-323")
@example("1e309")
@example("-0")
@example("-0.0")
@example("1e0000000000000000000000000000000000000001")
def test_numbers_are_rounded_alike(number: str) -> None:
    assert agrees(number.encode()) is not PURE


@needs_rust
@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b'{"a": 1, "b": 2, "a": 3}',
        b"[NaN, Infinity, -Infinity]",
        b' \t\r\n{"a" : [ ] } \n',
        b'"\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"',
        b"[1" + b"0" * 630 + b"]",
        b"[" * 100 + b"]" * 100,
    ],
)
def test_what_json_takes_is_accepted(body: bytes) -> None:
    assert agrees(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"nul",
        b"[1,]",
        b'{"a":1,}',
        b"{1: 2}",
        b"'a'",
        b"01",
        b"1.",
        b".5",
        b"1e",
        b"+1",
        b"-",
        b"nan",
        b"1 2",
        b'"\x00"',
        b'"\n"',
        b'"\\x"',
        b'"\\u12"',
        b'"\\ud800"',
        b'"\\ude00\\ud83d"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        '{"a": "é"}'.encode("utf-16"),
        '{"a": "é"}'.encode("utf-16-le"),
        '{"a": "é"}'.encode("utf-32"),
        b"1\x00",
        b"1" * 700,
        b"1" * 5000,
        b"-1." + b"0" * 700,
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 5000,
        bytearray(b"1"),
        "1",
        None,
        memoryview(b"1"),
    ],
)
def test_what_is_not_certain_is_left_to_json(body: Any) -> None:
    assert json_loads(body) is None


def test_the_limit_on_digits_is_python_s() -> None:
    with pytest.raises(ValueError, match="Exceeds the limit"):
        loads(b"9" * 5000)


def test_errors_are_those_of_json() -> None:
    with pytest.raises(json.JSONDecodeError, match=r"Expecting value: line 1 column 2 \(char 1\)"):
        loads(b"[")


def test_a_body_is_parsed() -> None:
    assert loads_is_stock()
    assert loads(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert loads(b"null") is None
    assert loads("[1]".encode("utf-16")) == [1]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (json, "loads"),
        (json, "detect_encoding"),
        (json, "_default_decoder"),
        (json.JSONDecoder, "decode"),
        (json.JSONDecoder, "raw_decode"),
        (json._default_decoder, "scan_once"),  # type: ignore[attr-defined]
    ],
)
def test_a_replaced_part_of_json_is_noticed(target: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = json.JSONDecoder(parse_float=str) if name == "_default_decoder" else lambda *a, **k: (7, 1)
    assert _parsing.loads_parts() is not None
    with monkeypatch.context() as patch:
        patch.setattr(target, name, replaced)
        assert not loads_is_stock()
        # As it is found by who comes after the tool.
        assert importlib.reload(_parsing).loads_parts() is None
        if name == "loads":
            assert loads(b"[1]") == (7, 1)
    importlib.reload(_parsing)


def test_infinity_is_a_float() -> None:
    assert math.isinf(loads(b"1e999"))
