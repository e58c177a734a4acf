"""A request that no route takes is refused without an exception where nobody would see it, and as if there were one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette import routing
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route, Router
from starlette.types import Receive, Scope, Send

from fastapi import FastAPI, Request, _rust, exception_handlers
from fastapi.responses import JSONResponse, PlainTextResponse
from tests.unit.plan.requests import Outcome, exchange

REQUESTS = [
    ("GET", "/nowhere", "", 404),
    ("POST", "/nowhere/", "", 404),
    ("GET", "//", "", 404),
    ("GET", "/no\nwhere", "", 404),
    ("GET", "/items/1/2", "", 404),
    ("GET", "/api/nowhere", "/api", 404),
    ("PUT", "/items/1", "", 405),
    ("BREW", "/methods", "", 405),
    ("PUT", "/api/items/1", "/api", 405),
    ("DELETE", "/both", "", 405),
    ("POST", "/both", "", 200),
    ("GET", "/items/1/", "", 307),
    ("GET", "/api/items/1/", "/api", 307),
    ("DELETE", "/items/1/", "", 307),
    ("GET", "/slash", "", 307),
]


def application() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/items/{number}")
    async def item(number: int) -> int:
        return number

    @app.api_route("/methods", methods=["GET", "PUT", "PATCH"])
    async def methods() -> None: ...

    @app.get("/both")
    async def one() -> str:
        return "one"

    @app.post("/both")
    async def other() -> str:
        return "other"

    @app.get("/slash/")
    async def slash() -> None: ...

    return app


async def own(request: Request, error: Any) -> Any:
    return PlainTextResponse(f"own {error.status_code} {error.detail}", error.status_code, error.headers)


async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("elsewhere")(scope, receive, send)


class Sub(Router):
    """A router of somebody's."""


KINDS: dict[str, Callable[[FastAPI], Any]] = {
    "plain": lambda app: None,
    "a handler for 404": lambda app: app.add_exception_handler(404, own),
    "a handler for 405": lambda app: app.add_exception_handler(405, own),
    "a handler for HTTP errors": lambda app: app.add_exception_handler(HTTPException, own),
    "a handler for all errors": lambda app: app.add_exception_handler(Exception, own),
    "no redirects": lambda app: setattr(app.router, "redirect_slashes", False),
    "another default": lambda app: setattr(app.router, "default", elsewhere),
    "a mount of everything": lambda app: app.mount("/", PlainTextResponse("mounted")),
    "a mount beside": lambda app: app.mount("/mounted", PlainTextResponse("mounted")),
    "a plain route": lambda app: app.routes.append(Route("/nowhere", PlainTextResponse("route"))),
    "a router inside": lambda app: app.routes.append(Mount("/api", app=Sub())),
    "a list of methods": lambda app: setattr(app.routes[0], "methods", ["GET", "HEAD"]),
}


def told(app: Callable[..., Awaitable[None]]) -> list[Outcome]:
    async def play() -> list[Outcome]:
        return [
            await exchange(app, path, method=method, scope={"root_path": root_path})
            for method, path, root_path, _ in REQUESTS
        ]

    return asyncio.run(play())


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_refused_as_by_starlette(kind: str) -> None:
    app = application()
    KINDS[kind](app)

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await Starlette.__call__(app, scope, receive, send)

    assert told(app) == told(asked)


def test_the_requests_are_of_every_kind() -> None:
    assert [outcome.messages[0]["status"] for outcome in told(application())] == [row[3] for row in REQUESTS]


def test_the_methods_of_the_first_route_that_matches_are_told() -> None:
    outcome = asyncio.run(exchange(application(), "/both", method="DELETE"))
    assert outcome.messages[0]["headers"] == [
        (b"allow", b"GET"),
        (b"content-length", b"31"),
        (b"content-type", b"application/json"),
    ]


@pytest.mark.skipif(_rust.PURE, reason="on the reference path there is an exception")
def test_no_exception_is_made_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def handle(status: int) -> Callable[..., Any]:
        async def handler(request: Request, error: Any) -> Any:
            made.append(status)
            return PlainTextResponse("seen")

        return handler

    app = application()
    told(app)
    assert not made
    for status in (404, 405):
        app.middleware_stack = None
        app.add_exception_handler(status, handle(status))
        told(app)
    assert set(made) == {404, 405}


class Loud(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render({"loud": content})


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (exception_handlers, "JSONResponse", Loud),
        (exception_handlers, "is_body_allowed_for_status_code", lambda status: False),
        (Router, "not_found", lambda self, *args: elsewhere(*args)),
        (routing, "HTTPException", lambda status_code, headers=None: HTTPException(418)),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_a_tool_replaces_is_used(
    owner: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(application())
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, value)
        assert told(application()) != before
    assert told(application()) == before


def test_what_send_raises_is_raised() -> None:
    app = application()

    async def send(message: Any) -> None:
        raise OSError("gone")

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/nowhere", "headers": [], "query_string": b""}
    with pytest.raises(OSError, match="gone"):
        asyncio.run(app(scope, receive, send))
