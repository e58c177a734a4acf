"""Splitting an ``Authorization`` header and comparing secrets."""

import pytest

from fastapi.security.utils import constant_time_compare, get_authorization_scheme_param


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (None, ("", "")),
        ("", ("", "")),
        ("Bearer", ("Bearer", "")),
        ("Bearer token", ("Bearer", "token")),
        ("Bearer  a b ", ("Bearer", " a b ")),
        (" x", ("", "x")),
    ],
)
def test_a_header_is_split_at_its_first_space(value: str | None, parts: tuple[str, str]) -> None:
    assert get_authorization_scheme_param(value) == parts


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("", "", True),
        ("a", "a", True),
        ("a", "b", False),
        ("a", "ab", False),
        (b"\xff", b"\xff", True),
        (b"", b"a", False),
    ],
)
def test_secrets_are_compared(a: str | bytes, b: str | bytes, equal: bool) -> None:
    assert constant_time_compare(a, b) is equal


@pytest.mark.parametrize(("a", "b"), [("é", "é"), ("a", b"a"), (None, None)])
def test_what_cannot_be_compared_in_constant_time_is_an_error(a: object, b: object) -> None:
    with pytest.raises(TypeError):
        constant_time_compare(a, b)
