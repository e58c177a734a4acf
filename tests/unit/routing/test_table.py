"""The compiled route table, one behaviour each, beside its slow twin."""

import copy
import gc
import pickle
import uuid
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute, compile_path

from fastapi import APIRouter, FastAPI
from fastapi._rust import PURE
from fastapi.routing import APIRoute, APIWebSocketRoute
from fastapi.routing.changes import RouteList
from fastapi.routing.table import describe, route_table
from fastapi.testclient import TestClient
from tests.unit.routing.twins import (
    App,
    NegativeConvertor,
    OwnRoute,
    RewritingRoute,
    answer,
    assert_twins_agree,
    endpoint,
    first_line,
    http,
    linear,
    url,
    websocket,
)

compiled_only = pytest.mark.skipif(PURE, reason="there is no table on the reference path")

UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def router_of(*declared: str | tuple[str, list[str]]) -> APIRouter:
    router = APIRouter()
    for declaration in declared:
        path, methods = (declaration, ["GET"]) if isinstance(declaration, str) else declaration
        route = APIRoute(path, endpoint, methods=methods, name=path)
        route.app = App(f"{path} {methods}")
        router.routes.append(route)
    return router


def test_the_first_route_wins_and_a_static_path_has_no_preference() -> None:
    router = router_of("/items/{id}", "/items/me", "/items/{other}")
    assert first_line(assert_twins_agree(router, http("/items/me"))).startswith("/items/{id} ")


def test_a_full_match_wins_over_an_earlier_partial_one() -> None:
    router = router_of(("/a", ["POST"]), ("/{x}", ["GET"]))
    assert first_line(assert_twins_agree(router, http("/a"))).startswith("/{x} ")


def test_the_first_partial_match_words_the_405() -> None:
    router = router_of(("/a", ["POST"]), ("/{x}", ["PUT"]))
    assert_twins_agree(router, http("/a"), http("/b"), http("/a", "HEAD"))
    _, error, _ = assert_twins_agree(router, http("/a", app="here"))
    assert error == (405, {"Allow": "POST"})


def test_methods_are_those_that_the_route_has_now() -> None:
    router = router_of("/a")
    assert_twins_agree(router, http("/a", "DELETE"))
    router.routes[0].methods.add("DELETE")  # type: ignore[attr-defined]
    assert first_line(assert_twins_agree(router, http("/a", "DELETE"))).startswith("/a ")


def test_head_is_answered_by_starlette_routes_only() -> None:
    router = router_of("/api")
    router.add_route("/plain", lambda request: PlainTextResponse("plain"))
    client = TestClient(router)
    assert client.head("/api").status_code == 405
    assert client.head("/plain").status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/int/007", 7),
        ("/int/" + "9" * 18, int("9" * 18)),
        ("/int/" + "9" * 19, int("9" * 19)),
        ("/int/" + "9" * 300, int("9" * 300)),
        ("/float/1.50", 1.5),
        ("/float/3", 3.0),
        ("/float/" + "9" * 400, float("inf")),
        ("/float/0.1" + "0" * 30 + "1", 0.1),
        (f"/uuid/{UUID}", uuid.UUID(UUID)),
        ("/uuid/" + UUID.replace("-", "").upper(), uuid.UUID(UUID)),
        ("/path/a//b/", "a//b/"),
        ("/path/", ""),
        ("/str/é", "é"),
        ("/table_letter/q", "Q"),
        ("/table_negative/12", -12),
    ],
)
def test_convertors_give_the_values_that_their_types_promise(path: str, value: Any) -> None:
    router = router_of(*(f"/{name}/{{v:{name}}}" for name in ["int", "float", "uuid", "path", "str"]))
    for name in ["table_letter", "table_negative"]:
        router.routes.extend(router_of(f"/{name}/{{v:{name}}}").routes)
    _, error, scope = assert_twins_agree(router, http(path))
    assert (error, type(scope["path_params"]["v"]), scope["path_params"]["v"]) == (None, type(value), value)


@pytest.mark.parametrize(
    "path", ["/int/" + "9" * 5000, "/int/٣", "/int/-1", "/int/", "/uuid/" + UUID[:-1], "/float/1."]
)
def test_values_that_a_convertor_refuses_are_refused_alike(path: str) -> None:
    router = router_of(*(f"/{name}/{{v:{name}}}" for name in ["int", "float", "uuid"]))
    messages, error, _ = assert_twins_agree(router, http(path))
    assert error or messages[0]["status"] == 404


@pytest.mark.parametrize("path", ["/a\n", "/a\n\n", "/x\ny", "\n", "", "a", "/\udc80", "/a\x00"])
def test_odd_paths_get_the_answer_of_the_scan(path: str) -> None:
    router = router_of("/a", "/{x}", "/p/{y:path}")
    assert_twins_agree(router, http(path), http("/p/" + path), websocket(path))


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "smtp"},
        {"path": None},
        {"path": b"/a"},
        {"root_path": None},
        {"root_path": 1},
        {"path_params": None},
        {"path_params": [("a", 1)]},
        {"method": None},
        {"method": []},
    ],
)
def test_a_broken_scope_fails_as_it_does_in_the_scan(broken: dict[str, Any]) -> None:
    assert_twins_agree(router_of("/a", "/{x}"), {**http("/a"), **broken})


@pytest.mark.parametrize("missing", ["type", "path", "method"])
def test_an_incomplete_scope_fails_as_it_does_in_the_scan(missing: str) -> None:
    scope = http("/a")
    del scope[missing]
    assert_twins_agree(router_of("/a"), scope)


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["type", "path", "root_path", "method"]), st.binary() | st.text() | st.integers()
    )
)
def test_any_scope_gets_an_answer_or_a_clean_error(scope: dict[str, Any]) -> None:
    assert_twins_agree(router_of("/a", "/{x:int}", "/{y:path}"), {**http("/"), **scope})


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/a/", "http://api.example.org/a?q=1"),
        ("/b", "http://api.example.org/b/?q=1"),
        ("/a//", "http://api.example.org/a?q=1"),
        ("/c/", None),
        ("/é/", "http://api.example.org/%C3%A9?q=1"),
        ("/own/x", None),
    ],
)
def test_a_slash_too_many_or_too_few_is_redirected(path: str, location: str | None) -> None:
    router = router_of("/a", "/b/", "/é", ("/post", ["POST"]))
    messages, _, _ = assert_twins_agree(router, http(path))
    headers = dict(messages[0]["headers"])
    assert headers.get(b"location") == (location and location.encode())
    router.redirect_slashes = False
    messages, _, _ = assert_twins_agree(router, http(path))
    assert messages[0]["status"] == 404


def test_a_route_that_changes_the_scope_is_heard_by_the_routes_after_it() -> None:
    router = router_of("/rewrite/late", "/late")
    router.routes.insert(1, RewritingRoute())
    assert first_line(assert_twins_agree(router, http("/rewrite/late"))).startswith("/rewrite/late ")
    assert first_line(assert_twins_agree(router, http("/late/rewrite"))).startswith("/late ")
    assert_twins_agree(router, http("/rewrite/none"), http("/late/rewrite", "POST"), http("/late/rewrite/"))


def test_a_route_that_adds_routes_while_it_is_asked_is_heard() -> None:
    class Growing(BaseRoute):
        def matches(self, scope: Any) -> tuple[Match, Any]:
            if late.routes[0] not in router.routes:
                router.routes.append(late.routes[0])
            return Match.NONE, {}

    late = router_of("/late")
    router = router_of("/early")
    router.routes.append(Growing())
    assert first_line(answer(router, http("/late"))).startswith("/late ")


@pytest.mark.parametrize(
    "result",
    [[Match.FULL, {"path_params": {}}], (Match.NONE, {}), [Match.PARTIAL, [("path_params", {})]], (1, {})],
)
def test_whatever_unpacks_into_a_match_and_a_scope_is_one(result: Any) -> None:
    router = router_of("/a")
    router.routes[0].app = App("own")  # type: ignore[attr-defined]
    router.routes[0].matches = lambda scope: result  # type: ignore[method-assign]
    assert_twins_agree(router, http("/a"))


def test_a_match_without_a_scope_is_an_error() -> None:
    router = router_of("/a")
    router.routes[0].matches = lambda scope: [Match.FULL]  # type: ignore[assignment,method-assign,return-value]
    assert answer(router, http("/a"))[1][0] is ValueError


# --- changes of routes --------------------------------------------------------------------------------------


def recompile(route: Any, path: str) -> None:
    route.path = path
    route.path_regex, route.path_format, route.param_convertors = compile_path(path)


@pytest.mark.parametrize("cls", [APIRoute, Route, APIWebSocketRoute, WebSocketRoute])
def test_a_route_with_another_path_is_found_there(cls: Any) -> None:
    route = cls("/old/{a}", endpoint, name="route")
    route.app = App("moved")
    router = APIRouter(routes=[route])
    asked = [make(path) for make in (http, websocket) for path in ("/old/1", "/new/1")]
    assert_twins_agree(router, *asked)
    recompile(route, "/new/{b:int}")
    assert_twins_agree(router, *asked)
    assert url(router, "route", b=2) == url(linear(router), "route", b=2)


def test_another_convertor_is_used_at_once() -> None:
    router = router_of("/{v:int}")
    assert_twins_agree(router, http("/1"))
    router.routes[0].param_convertors["v"] = NegativeConvertor()  # type: ignore[attr-defined]
    assert assert_twins_agree(router, http("/1"))[2]["path_params"] == {"v": -1}


@pytest.mark.parametrize("cls", [APIRoute, Route])
def test_another_name_is_known_at_once(cls: Any) -> None:
    router = APIRouter(routes=[cls(path, endpoint, name=path[1:]) for path in ("/a", "/b")])
    assert router.url_path_for("b") == "/b"
    router.routes[0].name = "b"  # type: ignore[attr-defined]
    assert router.url_path_for("b") == "/a"
    router.routes[0].url_path_for = lambda name: "patched"  # type: ignore[method-assign]
    assert router.url_path_for("none") == "patched"


@pytest.mark.parametrize(
    "cls", [APIRoute, Route, Mount, type("Sub", (APIRoute,), {"__setattr__": object.__setattr__})]
)
def test_a_method_patched_later_is_called(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter(routes=[Mount("/a", App("mount")) if cls is Mount else cls("/a", endpoint)])
    asked = [http("/a", "POST"), http("/b"), http("/patched")]
    assert_twins_agree(router, *asked)

    def matches(route: Any, scope: Any) -> tuple[Match, Any]:
        route.app = App("patched")
        return (Match.FULL if scope["path"] == "/patched" else Match.NONE), {"path_params": {}}

    router.routes[0].matches = matches.__get__(router.routes[0])  # type: ignore[method-assign]
    assert first_line(assert_twins_agree(router, *asked)).startswith("patched ")
    del router.routes[0].matches
    assert_twins_agree(router, *asked)
    with monkeypatch.context() as patch:
        patch.setattr(cls, "matches", matches)
        assert first_line(assert_twins_agree(router, *asked)).startswith("patched ")
    with monkeypatch.context() as patch:
        patch.setattr(Route, "matches", matches)
        assert_twins_agree(router, *asked)
    assert_twins_agree(router, *asked)


def test_a_route_of_another_class_matches_as_that_class_does() -> None:
    router = router_of("/a")
    assert_twins_agree(router, http("/a"), http("/x"))
    router.routes[0].__class__ = OwnRoute
    assert first_line(assert_twins_agree(router, http("/x"))).startswith("/a ")


def test_subclasses_in_between_are_asked() -> None:
    class Refusing(Route):
        def matches(self, scope: Any) -> tuple[Match, Any]:
            return Match.NONE, {}

    class Mixed(APIRoute, Refusing):
        pass

    router = APIRouter(routes=[Mixed("/a", endpoint)])
    assert assert_twins_agree(router, http("/a"))[0][0]["status"] == 404


def test_routes_may_be_replaced_by_any_sequence() -> None:
    router = router_of("/a", "/b")
    for sequence in (tuple(router.routes), list(router.routes), RouteList(router.routes), []):
        router.routes = sequence  # type: ignore[assignment]
        assert_twins_agree(router, http("/b"))
        assert url(router, "/b") == url(linear(router), "/b")


def test_names_that_are_no_text_are_left_to_the_loop() -> None:
    router = router_of("/a")
    router.routes[0].name = ("a",)  # type: ignore[attr-defined]
    assert router.url_path_for(("a",)) == "/a"  # type: ignore[arg-type]
    assert url(router, "a") == url(linear(router), "a")
    assert url(router, "\udc80") == url(linear(router), "\udc80")


# --- the table as an object ---------------------------------------------------------------------------------


@compiled_only
def test_a_table_says_what_it_is_not_certain_of() -> None:
    table = route_table()
    assert table is not None
    some = RouteList(router_of("/a").routes)
    assert table.resolve(some, http("/a")) is some[0]
    assert table.resolve(some, http("/b")) is False
    assert table.resolve(some, http("/a\n")) is None
    assert table.resolve(tuple(some), http("/a")) is None
    assert table.resolve(some, "no scope") is None
    assert table.redirect(some, http("/a/"))["path"] == "/a"  # type: ignore[index]
    assert table.redirect(some, http("/b/")) is False
    assert table.redirect(some, http("/")) is False
    assert table.redirect(some, http("/a\n/")) is None
    assert table.redirect(some, "no scope") is None
    assert table.redirect(some, {}) is None
    assert table.redirect(tuple(some), http("/a/")) is None
    assert table.named(tuple(some), "/a") is None
    assert table.named(some, 1) is None
    assert table.named(some, "/a") == some


@compiled_only
def test_copies_of_a_table_start_empty_and_work() -> None:
    router = router_of("/a")
    assert_twins_agree(router, http("/a"))
    for duplicate in (
        copy.copy(router._table),
        copy.deepcopy(router._table),
        pickle.loads(pickle.dumps(router._table)),
    ):
        assert duplicate.resolve(router.routes, http("/a")) is router.routes[0]


def test_a_router_that_nobody_uses_any_more_is_collected() -> None:
    app = FastAPI()
    app.add_api_route("/a", endpoint)
    app.router.redirect_slashes = False
    assert TestClient(app).get("/none").status_code == 404
    router = weakref.ref(app.router)
    del app
    gc.collect()
    assert router() is None


def test_only_what_is_known_of_a_route_is_described() -> None:
    known, patched = router_of("/a/{b:int}", "/a").routes
    patched.path_regex = compile_path("/x")[0].__class__  # type: ignore[attr-defined]
    descriptions, matches, url_path_for = describe(
        [known, patched, OwnRoute("/a", endpoint), Host("a", App(""))]
    )
    assert descriptions == [(["http"], "^/a/(?P<b>[0-9]+)$", True, True, True, None), None, None, None]
    assert (APIRoute, "matches", APIRoute.matches) in matches
    assert (Host, "url_path_for", Host.url_path_for) in url_path_for


def test_the_last_of_many_routes_is_found() -> None:
    router = router_of(*(f"/r{n}/{{id:int}}" for n in range(2000)))
    assert_twins_agree(router, http("/r1999/1"), http("/r1999/x"), http("/r0/5/"))
    assert router.url_path_for("/r1999/{id:int}", id=3) == "/r1999/3"
