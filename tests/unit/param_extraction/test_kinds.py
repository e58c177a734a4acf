"""What the extension makes of a text is what pydantic makes of it: value and type, for every kind."""

import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import UUID1, UUID4, AwareDatetime, NaiveDatetime, PastDate, StringConstraints
from starlette.requests import Request

from fastapi import Query, _rust
from fastapi.dependencies.extraction import extract_params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant
from fastapi.dependencies.values import request_values

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))


class Color(Enum):
    red = "red"
    green = "grün"
    none = ""


class Word(str, Enum):
    one = "one"
    two = "two"


class Level(IntEnum):
    low = -1
    high = 10


class Mixed(Enum):
    text = "text"
    number = 7
    real = 1.5
    nothing = None


class Ratio(float, Enum):
    half = 0.5


class Digits(Enum):
    one = "1"


class Lenient(Enum):
    known = "known"

    @classmethod
    def _missing_(cls, value: object) -> "Lenient | None":
        return cls.known if value == "missing" else None


class Twice(str):
    """A text of its own class, which pydantic checks in its own way."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        schema: Any = handler(str)
        return {"type": "function-after", "schema": schema, "function": {"type": "no-info", "function": cls}}


KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "any": (Any, {}),
    "str": (str, {}),
    "str of a length": (str, {"min_length": 2, "max_length": 4}),
    "str of a pattern": (str, {"pattern": r"^[a-c\d]+\s?$"}),
    "str of a word pattern": (str, {"pattern": r"(?i)\bk\w"}),
    "str, strict": (str, {"strict": True}),
    "str, stripped": (Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)], {}),
    "str, lower": (Annotated[str, StringConstraints(to_lower=True)], {}),
    "str, upper": (Annotated[str, StringConstraints(to_upper=True, strip_whitespace=True)], {}),
    "str of a class": (Twice, {}),
    "int": (int, {}),
    "int, bounded": (int, {"ge": -5, "lt": 100}),
    "int, bounded openly": (int, {"gt": 0, "le": 7}),
    "int, bounded by float": (int, {"ge": 2.0}),
    "int, multiple": (int, {"multiple_of": 3}),
    "int, strict": (int, {"strict": True}),
    "float": (float, {}),
    "float, bounded": (float, {"gt": -1, "le": 1e3}),
    "float, finite": (float, {"allow_inf_nan": False}),
    "float, multiple": (float, {"multiple_of": 0.1}),
    "float, multiple of half": (float, {"multiple_of": 0.5, "ge": 0}),
    "bool": (bool, {}),
    "bool, strict": (bool, {"strict": True}),
    "uuid": (UUID, {}),
    "uuid 4": (UUID4, {}),
    "uuid 1": (UUID1, {}),
    "date": (date, {}),
    "date, bounded": (date, {"ge": date(2000, 2, 29), "lt": date(2024, 1, 1)}),
    "date, past": (PastDate, {}),
    "datetime": (datetime, {}),
    "datetime, aware": (AwareDatetime, {}),
    "datetime, naive": (NaiveDatetime, {}),
    "datetime, bounded": (datetime, {"ge": datetime(2000, 1, 1)}),
    "decimal": (Decimal, {}),
    "decimal, bounded": (Decimal, {"gt": -1, "le": Decimal("10.50")}),
    "decimal of digits": (Decimal, {"max_digits": 4, "decimal_places": 2}),
    "decimal of places": (Decimal, {"decimal_places": 0}),
    "decimal of few digits": (Decimal, {"max_digits": 2, "decimal_places": 2}),
    "decimal, multiple": (Decimal, {"multiple_of": Decimal("0.5")}),
    "decimal, any": (Decimal, {"allow_inf_nan": True}),
    "literal": (Literal["a", "b", "1"], {}),
    "literal, mixed": ((Literal["a", 1, True] | None), {}),
    "literal member": (Literal[Word.one], {}),
    "enum": (Color, {}),
    "enum of str": (Word, {}),
    "enum of int": (Level, {}),
    "enum, mixed": (Mixed, {}),
    "enum of float": (Ratio, {}),
    "enum of digits": (Digits, {}),
    "enum, lenient": (Lenient, {}),
    "optional int": (int | None, {"ge": 2}),
    "optional enum": (Word | None, {"default": Word.two}),
    "list": (list, {}),
    "list of str": (list[str], {}),
    "list of int": (list[int], {"max_length": 3}),
    "list of optional bool": (list[bool | None], {}),
    "list of enum": (list[Color] | None, {}),
    "list, strict": (list[int], {"strict": True}),
    "set of int": (set[int], {}),
    "set of a length": (set[int], {"min_length": 2}),
    "set, strict": (set[int], {"strict": True}),
    "frozenset": (frozenset[str], {}),
    "tuple": (tuple[int, str], {}),
    "tuple of dates": (tuple[date, ...], {}),
    "union": (int | str, {}),
}

BORDERS = [
    *("", " ", "0", "-0", "+1", "1", "007", "-42", "1_000", "_1", "1__0", "\uff11", "\u0661", "0x10", "1.0", "1."),
    *(".5", "1e5", "1E-3", "1e", "1e999", "-1e-999", "inf", "-Infinity", "NaN", "0.1", "0.30000000000000004"),
    *("9007199254740993", "999999999999999999", "1000000000000000000", "9223372036854775808", "1" * 40, "9" * 70),
    *("1" * 4301, "0." + "1" * 80, " 1", "1 ", "\u00a01", "1\x00", "true", "tRUE", "yes", "off", "on", "t", "n"),
    *("a", "b", "red", "grün", "one", "two", "text", "7", "1.5", "0.5", "known", "missing", "None", "null", "10"),
    *("2024-02-29", "2023-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2024-2-9", "1700000000", "20240229"),
    *("2024-02-29T00:00", "2024-02-29T24:00", "2024-02-29T23:59:59.999999Z", "2024-02-29 01:02:03+05:30"),
    *("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00+23:59", "2024-02-29T00:00:00.1234567"),
    *("2024-02-29t00:00", "2024-02-29_00:00", "2024-02-29T00:00:60", "2024-02-29T00:00+0530", "2024-02-29T"),
    *("0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2000-01-01T00:00:00Z", "1999-12-31T23:59:59z"),
    *("0192f0e0-1c2b-7def-8abc-0123456789ab", "0192F0E01C2B4DEF8ABC0123456789AB", "0" * 32, "0" * 36),
    *("0192f0e0-1c2b-4def-0abc-0123456789ab", "{0192f0e0-1c2b-7def-8abc-0123456789ab}"),
    *("urn:uuid:0192f0e0-1c2b-7def-8abc-0123456789ab", "abc", "a\n", "c1 ", "Kelvin", "\u212aelvin", "\u017f"),
    *("ABC", "\u0130", "éé", "😀😀😀", "\ufffd", "10.50", "10.500", "0.05", "100", "99.99", "100.0", "0.001"),
    *("00012.5", "-1", "-0.99", "0.00", "+1.0", "1,5", "12_3.4"),
]  # fmt: skip

TEXTS = st.one_of(
    st.sampled_from(BORDERS),
    st.text(max_size=8),
    st.text(alphabet="0123456789+-._eE ", max_size=24),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]"
        r"(:[0-6][0-9](\.[0-9]{1,7})?)?(Z|[+-][0-2][0-9]:[0-6][0-9])?\Z"
    ),
    st.from_regex(r"\A-?[0-9]{1,5}(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?\Z"),
    st.uuids().map(str),
    st.uuids(version=4).map(lambda value: value.hex.upper()),
)  # fmt: skip


def dependant_of(kind: str) -> Dependant:
    """Describe a call with one query parameter ``p``."""
    annotation, options = KINDS[kind]

    def call(p: Any) -> None: ...

    call.__annotations__["p"] = annotation
    call.__defaults__ = (Query(**options),)
    return get_dependant(path="/", call=call)


def request_of(texts: list[str]) -> Request:
    """Make a request whose query string has the texts, in order, as ``p``."""
    query = urlencode([("p", text) for text in texts]).encode()
    return Request({"type": "http", "query_string": query, "headers": [], "path_params": {}})


def exact(value: Any) -> Any:
    """Tell a value from others that only compare equal to it."""
    if isinstance(value, (list, tuple)):
        return type(value), [exact(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(map(repr, value))
    zone = getattr(value, "tzinfo", None)
    return type(value), repr(value), type(zone), zone


def outcome(
    read: Callable[[Dependant, Request], tuple[dict[str, Any], list[Any]]], kind: Dependant, texts: list[str]
) -> Any:
    """Return the exact values and errors, or what pydantic raised, which is not prepared for everything."""
    try:
        values, errors = read(kind, request_of(texts))
    except (ArithmeticError, ValueError) as error:
        return repr(error)
    return {name: exact(value) for name, value in values.items()}, repr(errors)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_has_the_value_and_the_errors_of_pydantic(kind: str) -> None:
    dependant = dependant_of(kind)

    @settings(max_examples=EXAMPLES)
    @given(st.lists(TEXTS, max_size=3))
    def check(texts: list[str]) -> None:
        assert outcome(extract_params, dependant, texts) == outcome(request_values, dependant, texts)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_border_cases_have_the_value_and_the_errors_of_pydantic(kind: str) -> None:
    dependant = dependant_of(kind)
    for text in BORDERS:
        assert outcome(extract_params, dependant, [text]) == outcome(request_values, dependant, [text])


ACCEPTED = [
    ("any", ["x"]),
    ("str", ["grün"]),
    ("str of a length", ["äöü"]),
    ("str of a pattern", ["a1"]),
    ("str, strict", ["x"]),
    ("str, stripped", [" x "]),
    ("str, lower", ["ABC"]),
    ("str, upper", [" abc"]),
    ("int", ["-42"]),
    ("int, bounded", ["99"]),
    ("int, bounded openly", ["7"]),
    ("int, multiple", ["9"]),
    ("float", ["1e5"]),
    ("float, bounded", ["0.25"]),
    ("float, multiple of half", ["2.5"]),
    ("bool", ["Yes"]),
    ("uuid", ["0192F0E01C2B4DEF8ABC0123456789AB"]),
    ("uuid 4", ["0192f0e0-1c2b-4def-8abc-0123456789ab"]),
    ("date", ["2024-02-29"]),
    ("date, bounded", ["2000-02-29"]),
    ("datetime", ["2024-02-29T23:59:59.5-03:30"]),
    ("datetime, aware", ["2024-02-29 23:59Z"]),
    ("datetime, naive", ["2024-02-29T23:59"]),
    ("decimal", ["-12.50"]),
    ("decimal, bounded", ["10.5"]),
    ("decimal of digits", ["12.5"]),
    ("literal", ["1"]),
    ("literal, mixed", ["a"]),
    ("enum", ["grün"]),
    ("enum of str", ["two"]),
    ("enum of int", ["-1"]),
    ("enum, mixed", ["text"]),
    ("enum, lenient", ["known"]),
    ("optional int", ["2"]),
    ("optional enum", ["one"]),
    ("optional enum", []),
    ("list", ["a", "b"]),
    ("list of int", ["1", "2"]),
    ("list of optional bool", ["1"]),
    ("list of enum", ["red"]),
    ("list, strict", ["1"]),
    ("set of int", ["1", "1"]),
    ("frozenset", ["a"]),
    ("tuple", ["1", "a"]),
    ("tuple of dates", ["2024-02-29"]),
]


@pytest.mark.skipif(_rust.PURE, reason="without the extension nothing is accepted")
@pytest.mark.parametrize(("kind", "texts"), ACCEPTED, ids=lambda value: str(value))
def test_what_is_plain_is_accepted_by_the_extension(kind: str, texts: list[str]) -> None:
    dependant = dependant_of(kind)
    extract_params(dependant, request_of(texts))
    request, values = request_of(texts), {}
    left = vars(dependant)["_extractor"]._native.extract(request.scope, vars(request), values)
    assert left == {}
    assert list(values) == ["p"]
