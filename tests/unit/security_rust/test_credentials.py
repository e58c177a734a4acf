"""Comparing secrets and splitting ``Authorization`` headers, beside the reference."""

import re
import secrets
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi._rust import PURE, authorization_scheme_param, constant_time_compare
from fastapi.security.utils import constant_time_compare as compare
from fastapi.security.utils import get_authorization_scheme_param

ascii_text = st.text(st.characters(max_codepoint=127))
any_text = st.text(st.characters(exclude_categories=[]))
anything = st.none() | st.integers() | st.binary() | any_text | st.binary().map(bytearray)


class Token(str):
    pass


@given(ascii_text, ascii_text)
def test_ascii_strings_compare_like_the_reference(a: str, b: str) -> None:
    for one, two in ((a, b), (a, a), (a, a + b)):
        assert constant_time_compare(one, two) is (None if PURE else secrets.compare_digest(one, two))


@given(st.binary(), st.binary())
def test_bytes_compare_like_the_reference(a: bytes, b: bytes) -> None:
    for one, two in ((a, b), (a, bytes(a)), (a, a + b)):
        assert constant_time_compare(one, two) is (None if PURE else secrets.compare_digest(one, two))


@given(anything, anything)
def test_any_pair_gets_the_reference_answer_or_is_left_to_it(a: Any, b: Any) -> None:
    answer = constant_time_compare(a, b)
    assert answer is None or answer is secrets.compare_digest(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [("é", "é"), ("a", b"a"), (b"a", "a"), ("\ud800", "a"), (None, None), (Token("a"), "a"), (1, 1)],
)
def test_what_is_not_certain_is_left_to_the_reference(a: Any, b: Any) -> None:
    assert constant_time_compare(a, b) is None


@given(any_text | st.builds("{} {}".format, ascii_text, ascii_text))
@example("Bearer")
@example("Bearer token")
@example("Bearer  two spaces")
@example("\ud800 x")
def test_a_header_is_split_like_the_reference(value: str) -> None:
    scheme, _, param = value.partition(" ")
    assert authorization_scheme_param(value) in (None, (scheme, param))
    if value.isascii() and not PURE:
        assert authorization_scheme_param(value) == (scheme, param)


@pytest.mark.parametrize("value", [None, b"Bearer x", 1, Token("Bearer x")])
def test_only_strings_are_split(value: Any) -> None:
    assert authorization_scheme_param(value) is None


@given(st.none() | any_text)
@example("")
def test_the_public_split_takes_whatever_the_reference_takes(value: str | None) -> None:
    scheme, _, param = (value or "").partition(" ")
    assert get_authorization_scheme_param(value) == (scheme, param)


@given(anything, anything)
@example("é", "é")
@example(bytearray(b"a"), b"a")
@example(Token("a"), "a")
def test_the_public_comparison_answers_or_refuses_like_the_reference(a: Any, b: Any) -> None:
    for one, two in ((a, b), (a, a)):
        try:
            expected = secrets.compare_digest(one, two)
        except TypeError as error:
            with pytest.raises(TypeError, match=re.escape(str(error))):
                compare(one, two)
        else:
            assert compare(one, two) is expected
