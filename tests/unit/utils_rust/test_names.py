"""Content types and unique ids from Rust, beside the reference."""

import re
from email.message import Message
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi._rust import PURE, parse_content_type, unique_id

any_text = st.text(st.characters(exclude_categories=[]))
tokens = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1)
blanks = st.text(" \t", max_size=2)


def reference(value: str) -> tuple[str, str]:
    message = Message()
    message["content-type"] = value
    return message.get_content_maintype(), message.get_content_subtype()


@given(blanks, tokens, tokens, blanks, st.sampled_from(["", ";", "; charset=utf-8", ';a="b;c"/d']))
def test_plain_media_types_are_parsed_like_the_reference(
    before: str, maintype: str, subtype: str, after: str, parameters: str
) -> None:
    value = f"{before}{maintype}/{subtype}{after}{parameters}"
    assert parse_content_type(value) == (None if PURE else reference(value))


@given(any_text | st.text("aA/;+ ,\t\r\n\"=*'\x1f\x85é"))
@example("application/json, text/plain")
@example("application/json\r\n\r\nbody")
@example("application/json\n x")
def test_any_value_gets_the_reference_answer_or_is_left_to_it(value: str) -> None:
    parsed = parse_content_type(value)
    assert parsed is None or parsed == reference(value)


@pytest.mark.parametrize(
    "value", ["", "json", "application/", "/json", "a/b/c", "a b/c", "é/c", None, b"a/b", 1]
)
def test_other_shapes_are_left_to_the_reference(value: Any) -> None:
    assert parse_content_type(value) is None


@given(any_text, any_text, st.sampled_from(["GET", "post", "M-Search"]) | any_text)
def test_an_id_is_made_like_the_reference(name: str, path: str, method: str) -> None:
    made = unique_id(name, path, method)
    if (name + path + method).isascii() and not PURE:
        assert made == re.sub(r"\W", "_", name + path) + "_" + method.lower()
    else:
        assert made is None


@pytest.mark.parametrize("arguments", [(None, "/", "GET"), ("a", b"/", "GET"), ("a", "/", 1)])
def test_only_strings_make_an_id(arguments: tuple[Any, Any, Any]) -> None:
    assert unique_id(*arguments) is None
