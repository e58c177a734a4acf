"""Paths are read without compiling them, and are then what Starlette makes of them."""

import copy
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.convertors import CONVERTOR_TYPES, Convertor, StringConvertor
from starlette.routing import Match, compile_path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.routing.path import path_source, read_path
from fastapi.testclient import TestClient


async def endpoint() -> str:
    return "found"


class Odd(Convertor[str]):
    regex = "(["

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class Vowels(StringConvertor):
    regex = "[aeiou]+"


_PARTS = [
    "/",
    "a",
    "{",
    "}",
    "{a}",
    "{b:int}",
    "{c:path}",
    "{d:uuid}",
    "{e:float}",
    "{_1:str}",
    "{f:none}",
    ":",
    ".",
    "*",
]
_PARTS += ["ä", "{ä}", "{1}", "{a:}", "\n", "[", "\\", "{{x}}", "%20", "$"]


@given(st.lists(st.sampled_from(_PARTS), max_size=6).map(lambda parts: "/" + "".join(parts)))
def test_a_path_is_read_as_starlette_compiles_it(path: str) -> None:
    known = read_path(path)
    if known is not None:
        expression, path_format, convertors = compile_path(path)
        assert known == (expression.pattern, path_format, convertors)
        assert list(known.convertors) == list(convertors)
        assert re.compile(known.source).flags == expression.flags


@pytest.mark.parametrize("path", ["", "host", "{a}.example", "/{a}/{a}", "/{a:none}", "a/{b}"])
def test_what_starlette_may_refuse_or_read_otherwise_is_left_to_it(path: str) -> None:
    assert read_path(path) is None


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("/{a}/{a}", ValueError, "Duplicated param name a at path /{a}/{a}"),
        ("/{a:none}", AssertionError, "Unknown path convertor 'none'"),
        ("/{a:odd}", re.error, "unterminated character set"),
    ],
)
def test_a_wrong_path_is_refused_when_the_route_is_made(
    path: str, error: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONVERTOR_TYPES, "odd", Odd())
    with pytest.raises(error, match=re.escape(message)):
        APIRoute(path, endpoint)


def test_a_convertor_of_the_applications_own_decides() -> None:
    CONVERTOR_TYPES["vowels"] = Vowels()
    try:
        app = FastAPI()
        app.get("/{word:vowels}")(endpoint)
        client = TestClient(app)
        assert [client.get(path).status_code for path in ("/aei", "/abc")] == [200, 404]
    finally:
        del CONVERTOR_TYPES["vowels"]


def test_a_path_is_not_compiled_before_somebody_asks() -> None:
    app = FastAPI()
    app.get("/items/{id:int}")(endpoint)
    assert TestClient(app).get("/items/1").json() == "found"
    route: Any = app.routes[-1]
    assert path_source(route) == "^/items/(?P<id>[0-9]+)$"
    assert route.path_regex == re.compile("^/items/(?P<id>[0-9]+)$")
    assert route.path_regex is route.path_regex
    assert path_source(route) == "^/items/(?P<id>[0-9]+)$"


def test_a_path_changed_before_it_was_compiled_is_found_there() -> None:
    app = FastAPI()
    app.get("/old")(endpoint)
    client = TestClient(app)
    assert client.get("/old").status_code == 200
    route: Any = app.routes[-1]
    route.path_regex, route.path_format, route.param_convertors = compile_path("/new/{a}")
    assert [client.get(path).status_code for path in ("/old", "/new/1")] == [404, 200]
    assert route.path_regex.pattern == "^/new/(?P<a>[^/]+)$"


def test_the_scan_finds_what_the_table_finds() -> None:
    route = APIRoute("/items/{id:int}", endpoint)
    match, scope = route.matches({"type": "http", "path": "/items/7", "method": "GET"})
    assert (match, scope["path_params"]) == (Match.FULL, {"id": 7})


def test_a_copy_of_a_route_has_its_path() -> None:
    assert copy.copy(APIRoute("/a", endpoint)).path_regex == APIRoute("/a", endpoint).path_regex


def test_a_route_without_a_path_has_no_expression() -> None:
    with pytest.raises(AttributeError, match="'APIRoute' object has no attribute 'path_regex'"):
        _ = APIRoute.__new__(APIRoute).path_regex


def test_threads_that_ask_at_once_get_one_expression() -> None:
    route = APIRoute("/a/{b}", endpoint)
    at_once = Barrier(4)

    def ask(_: int) -> Any:
        at_once.wait(10)
        return route.path_regex

    with ThreadPoolExecutor(4) as threads:
        assert len({id(pattern) for pattern in threads.map(ask, range(4))}) == 1
