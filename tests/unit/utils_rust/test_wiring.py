"""Where ``fastapi.utils`` asks Rust first, the answers are those of the reference."""

import re
from email.message import Message
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi.utils import generate_unique_id, is_json_content_type

any_text = st.text(st.characters(exclude_categories=["Cs"]))


def reference(value: str) -> bool:
    message = Message()
    message["content-type"] = value
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (
        subtype == "json" or subtype.endswith("+json")
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, True),
        ("", True),
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/Geo+JSON", True),
        (" application/json ", True),
        ("application/+json", True),
        ("text/json", False),
        ("application/jsonp", False),
        ("application/json, text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/geo+json-seq", False),
        ("application/json/x", False),
        ("json", False),
        ("application / json", False),
        (";application/json", False),
    ],
)
def test_which_bodies_are_json(value: str | None, expected: bool) -> None:
    assert is_json_content_type(value) is expected


@given(any_text.filter(bool) | st.text("aAplicton/json+; ,\t\r\n\"=*'\x1f\x85é", min_size=1))
@example("application/json\r\n\r\nbody")
@example("application/json\n x")
def test_any_header_is_judged_like_the_reference(value: str) -> None:
    assert is_json_content_type(value) is reference(value)


@given(any_text, any_text)
@example("read_items", "/items/{item_id}")
@example("größe", "/é/{id}")
def test_any_route_gets_the_id_of_the_reference(name: str, path: str) -> None:
    route: Any = SimpleNamespace(name=name, path_format=path, methods={"GET"})
    assert generate_unique_id(route) == re.sub(r"\W", "_", f"{name}{path}") + "_get"


def test_a_name_that_is_no_string_still_gets_an_id() -> None:
    route: Any = SimpleNamespace(name=5, path_format="/a", methods=["POST"])
    assert generate_unique_id(route) == "5_a_post"


def test_a_route_without_methods_is_refused() -> None:
    with pytest.raises(AssertionError):
        generate_unique_id(SimpleNamespace(name="a", path_format="/", methods=set()))  # type: ignore[arg-type]
