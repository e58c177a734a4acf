"""Whatever the extension is given, it answers or raises a Python error; it never panics."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi import _rust
from fastapi.dependencies.description import Param

pytestmark = pytest.mark.skipif(_rust.PURE, reason="needs the extension")

ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=4)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
    max_leaves=6,
)

TYPES = [
    "any",
    "str",
    "int",
    "float",
    "bool",
    "uuid",
    "date",
    "datetime",
    "decimal",
    "literal",
    "enum",
    "list",
]
TYPES += ["set", "frozenset", "tuple", "nullable", "default", "definitions", "definition-ref"]
KEYS = ["ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "strict", "max_digits"]
KEYS += [
    "decimal_places",
    "expected",
    "members",
    "sub_type",
    "version",
    "tz_constraint",
    "to_lower",
    "schema_ref",
]
KEYS += [
    "items_schema",
    "schema",
    "definitions",
    "ref",
    "variadic_item_index",
    "regex_engine",
    "strip_whitespace",
]


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda kind, rest: {"type": kind, **rest},
        st.sampled_from(TYPES),
        st.dictionaries(st.sampled_from(KEYS), st.one_of(inner, st.lists(inner, max_size=2)), max_size=3),
    )


LEFT = set(range(4))

SCHEMAS = st.recursive(st.one_of(ANYTHING, schemas(ANYTHING)), schemas, max_leaves=4)


def described(schema: Any, takes_all: bool = False, absent: Any = lambda is_native: None) -> Param:
    return Param("p", "p", schema, takes_all, absent, None, None)


def compiled(schema: Any, takes_all: bool) -> Any:
    fields = [described(schema, takes_all)]
    return _rust.compile_params(lambda offset: None, fields, fields, fields, fields)


@settings(max_examples=300)
@given(SCHEMAS, st.booleans(), st.binary(max_size=12))
def test_any_schema_is_compiled(schema: Any, takes_all: bool, text: bytes) -> None:
    fields = compiled(schema, takes_all)
    scope = {
        "path_params": {"p": text.decode("latin-1")},
        "query_string": b"p=" + text,
        "headers": [(b"p", text), (b"cookie", b"p=" + text)],
    }
    values: dict[str, Any] = {}
    left = fields.extract(scope, {}, values)
    assert set(left) <= LEFT
    assert (len(left) < 4) == ("p" in values)


@settings(max_examples=300)
@given(
    st.fixed_dictionaries(
        {}, optional={"path_params": ANYTHING, "query_string": ANYTHING, "headers": ANYTHING}
    ),
    st.fixed_dictionaries(
        {}, optional={"_query_params": ANYTHING, "_headers": ANYTHING, "_cookies": ANYTHING}
    ),
    st.sampled_from(TYPES),
)
def test_any_scope_is_read(scope: dict[str, Any], kept: dict[str, Any], kind: str) -> None:
    fields = compiled({"type": kind}, False)
    assert set(fields.extract(scope, kept, {})) <= LEFT


@pytest.mark.parametrize(
    "arguments", [(), (None,), (None, 1, 2, 3, 4), (None, [()], [], [], []), (None, [(1, 2)], [], [], [])]
)
def test_wrong_arguments_are_type_errors(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        _rust.compile_params(*arguments)


@pytest.mark.parametrize("arguments", [(), (1, 2, 3), ({}, {}, None), ({}, [], {})])
def test_extract_takes_dictionaries(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        compiled({"type": "int"}, False).extract(*arguments)


def test_what_goes_wrong_in_a_callback_is_raised() -> None:
    def fail(_: Any) -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        _rust.compile_params(fail, [described({"type": "int"}, absent=fail)], [], [], [])


def test_a_timezone_that_cannot_be_made_leaves_the_field() -> None:
    def fail(_: int) -> None:
        raise LookupError("no")

    for timezone in (fail, lambda offset: "UTC"):
        fields = _rust.compile_params(timezone, [], [described({"type": "datetime"})], [], [])
        assert fields is not None
        assert fields.extract({"query_string": b"p=2024-01-01T00:00Z"}, {}, {}) == {0: None}
