"""The compiled route table and Starlette's scan agree on random routes, requests, names and changes."""

import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute

from fastapi import APIRouter
from fastapi.routing import APIRoute, APIWebSocketRoute
from tests.unit.routing.twins import (
    App,
    OwnRoute,
    RewritingRoute,
    assert_twins_agree,
    endpoint,
    http,
    linear,
    url,
    websocket,
)

UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


PIECES = [
    *["/", "/a", "/b", "/items", "a", "-", ".", "/é", "/a b", "/a+", "//"],
    *["/{}", "/{}", "{}", "/{:int}", "/{:float}", "/{:uuid}", "/{:path}", "{:path}", "/x{:int}"],
    *["/{:table_letter}", "/{:table_negative}"],
]


@st.composite
def paths(draw: st.DrawFn) -> str:
    path = ""
    for index, piece in enumerate(draw(st.lists(st.sampled_from(PIECES), max_size=4))):
        path += piece.replace("{", f"{{p{index}")
    return path if path.startswith("/") else f"/{path}"


METHODS = st.lists(st.sampled_from(["GET", "POST", "HEAD", "PUT"]), min_size=1, max_size=2)
NAMES = st.sampled_from(["one", "two", "two:one", "mount", "mount:one"])
KINDS = st.sampled_from(
    ["api"] * 6
    + ["route", "route", "any method", "websocket", "api websocket"]
    + ["mount", "mounted router", "host", "own", "patched", "rewriting"]
)


@st.composite
def routes(draw: st.DrawFn, depth: int = 1) -> BaseRoute:
    kind, path, name = draw(KINDS), draw(paths()), draw(NAMES)
    app = App(f"{kind} {path} {name}")
    match kind:
        case "api" | "own" | "patched":
            route = (OwnRoute if kind == "own" else APIRoute)(
                path, endpoint, methods=draw(METHODS), name=name
            )
            route.app = app
            if kind == "patched":
                route.matches = lambda scope: (Match.PARTIAL, {"path_params": {"patched": 1}})
            return route
        case "route":
            route = Route(path, endpoint, methods=draw(METHODS), name=name)
            route.app = app
            return route
        case "any method":
            return Route(path, app, name=name)
        case "websocket":
            return WebSocketRoute(path, app, name=name)
        case "api websocket":
            socket = APIWebSocketRoute(path, endpoint, name=name)
            socket.app = app
            return socket
        case "mounted router" if depth:
            inner = draw(st.lists(routes(depth=depth - 1), max_size=3))
            cls = draw(st.sampled_from([Router, APIRouter]))
            return Mount(path, cls(routes=inner), name=draw(st.none() | NAMES))
        case "host":
            host = draw(st.sampled_from(["api.example.org", "{sub}.example.org", "other.org"]))
            return Host(host, app, name=draw(st.none() | NAMES))
        case "rewriting":
            return RewritingRoute()
    return Mount(path, app, name=draw(st.none() | NAMES))


REQUEST_PIECES = st.sampled_from(
    [
        *[
            "/",
            "/a",
            "/b",
            "/items",
            "a",
            "b",
            "-",
            ".",
            "/é",
            "/a b",
            "/a+",
            "//",
            "/rewrite",
            "\n",
            "/z",
            "/zz",
        ],
        *["/1", "/007", "1.5", "/1.50", "/x12", "/٣", "/" + "9" * 30, "/1." + "3" * 40],
        *[f"/{UUID}", "/" + "0" * 32],
    ]
)
REQUEST_PATHS = st.lists(REQUEST_PIECES, max_size=5).map(
    lambda pieces: "/" + "".join(pieces).removeprefix("/")
)
SCOPES = st.builds(
    lambda path, kind, extra: {**(websocket(path) if kind == "ws" else http(path, kind)), **extra},
    REQUEST_PATHS | st.text(max_size=6) | paths(),
    st.sampled_from(["GET", "GET", "HEAD", "POST", "DELETE", "ws"]),
    st.fixed_dictionaries(
        {},
        optional={
            "root_path": st.sampled_from(["", "/a", "/", "/items", "a", "/é"]),
            "app": st.just("the application"),
            "path_params": st.just({"p0": "outer", "outer": 1}),
            "headers": st.just([(b"host", b"other.org:80")]),
        },
    ),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(routes(), max_size=8), st.lists(SCOPES, min_size=1, max_size=6), st.booleans(), st.booleans())
def test_every_scope_gets_the_answer_of_the_linear_scan(
    some: list[BaseRoute], scopes: list[dict[str, Any]], redirect_slashes: bool, plain_list: bool
) -> None:
    router = APIRouter(routes=some, redirect_slashes=redirect_slashes)
    if plain_list:
        router.routes = list(some)
    assert_twins_agree(router, *scopes)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(routes(), max_size=6), st.data())
def test_every_url_is_that_of_the_linear_scan(some: list[BaseRoute], data: st.DataObject) -> None:
    router = APIRouter(routes=some)
    twin = linear(router)
    for _ in range(4):
        name = data.draw(NAMES | st.just("none") | st.text(max_size=3))
        keys = st.sampled_from(["p0", "p1", "p2", "path", "sub"])
        params = data.draw(st.dictionaries(keys, st.sampled_from(["a", 1, 1.5, uuid.UUID(UUID)]), max_size=2))
        assert url(router, name, **params) == url(twin, name, **params)


def change_list(some: Any, route: BaseRoute, how: int) -> None:
    """One of the ways to change a list."""
    middle = len(some) // 2
    match how:
        case 0:
            some.append(route)
        case 1:
            some.extend([route, route])
        case 2:
            some.insert(middle, route)
        case 3 if some:
            some.remove(some[middle])
        case 4 if some:
            some.pop()
        case 5:
            some.clear()
        case 6:
            some.sort(key=repr)
        case 7:
            some.reverse()
        case 8 if some:
            some[middle] = route
        case 9:
            some[:middle] = [route]
        case 10 if some:
            del some[middle]
        case 11:
            some += [route]
        case 12:
            some *= 2


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(routes(depth=0), max_size=5), st.data(), st.booleans())
def test_changes_of_the_list_are_seen_by_the_next_request(
    some: list[BaseRoute], data: st.DataObject, plain_list: bool
) -> None:
    router = APIRouter(routes=some)
    if plain_list:
        router.routes = list(some)
    twin = linear(router)
    for _ in range(4):
        assert_twins_agree(router, *data.draw(st.lists(SCOPES, min_size=1, max_size=2)))
        name = data.draw(NAMES)
        assert url(router, name) == url(twin, name)
        change_list(router.routes, data.draw(routes(depth=0)), data.draw(st.integers(0, 12)))
