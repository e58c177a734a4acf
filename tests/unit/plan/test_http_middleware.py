"""``@app.middleware("http")``: Starlette's own code on a channel that costs less, so that nobody can tell."""

import asyncio
from collections.abc import AsyncIterator
from types import FunctionType
from typing import Any

import anyio
import pytest
from starlette.middleware import Middleware, base
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import Receive, Scope, Send

from fastapi import BackgroundTasks, FastAPI, Request, _rust
from fastapi.plan import http_middleware, outgoing, shortcuts
from fastapi.responses import PlainTextResponse, StreamingResponse
from tests.unit.plan import dispatches
from tests.unit.plan.requests import Outcome, exchange, status

POSTED = (dispatches.nested, dispatches.is_disconnected_inside)
NATIVE = pytest.mark.skipif(_rust.PURE, reason="there are no shortcuts on the reference path")


def tell(scenario: Any) -> tuple[list[Any], Outcome]:
    """Play a scenario: its events, and what became of the request."""
    events: list[Any] = []
    app = scenario(events)

    async def play() -> Outcome:
        played = exchange(
            app,
            "/",
            method="POST" if scenario in POSTED else "GET",
            body=[b"one", b"two"],
            scope={"state": {}},
            connected=scenario is dispatches.streaming,
        )
        # A deadline of anyio's would have tasks enter their scopes at once.
        return await asyncio.wait_for(played, 10)

    return events, asyncio.run(play())


@pytest.mark.parametrize("scenario", dispatches.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_everything_happens_as_without_the_shortcut(scenario: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = tell(scenario)
    monkeypatch.setattr(shortcuts, "known", list)
    assert direct == tell(scenario)


CODE = "starlette.middleware.base.BaseHTTPMiddleware.__call__.<locals>.call_next.<locals>.coro"

TOLD = [
    (dispatches.plain, [("request", "_CachedRequest", "/"), ("response", "_StreamingResponse", 200)]),
    (dispatches.body_read_twice, [b"onetwo", b"onetwo"]),
    (dispatches.contexts, ["set in front", ("set in front", False, CODE), ("set in front", True)]),
    (dispatches.background, ["returned", "background begins", "background ends"]),
    (dispatches.error_of_the_function, ["cancelled", "cancelled again", "shielded"]),
    (dispatches.too_late, ["goes on", "ends"]),
    (dispatches.too_late_for_a_thread, ["thread ends"]),
    (dispatches.endless_and_dropped, ["told", "noticed"]),
]


@pytest.mark.parametrize(("scenario", "events"), TOLD, ids=lambda value: getattr(value, "__name__", ""))
def test_events_are_those_of_the_original(scenario: Any, events: list[Any]) -> None:
    assert tell(scenario)[0] == events


def application(*middleware: Middleware) -> FastAPI:
    app = FastAPI(openapi_url=None, middleware=middleware)
    app.mount("/", PlainTextResponse("done"))
    return app


@NATIVE
def test_the_stack_has_the_middleware_behind_its_shortcut() -> None:
    middleware = Middleware(BaseHTTPMiddleware, dispatch=dispatches.passing)
    app = application(middleware)
    assert app.user_middleware == [middleware]
    stack: Any = app.build_middleware_stack()
    assert isinstance(stack.app, _rust.Shortcut)
    assert type(stack.app.app) is BaseHTTPMiddleware


class Own(BaseHTTPMiddleware):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("own")(scope, receive, send)


def test_a_call_of_its_own_is_called() -> None:
    outcome = asyncio.run(exchange(application(Middleware(Own)), "/"))
    assert outcome.messages[1]["body"] == b"own"


def test_a_call_that_a_tool_replaces_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(Middleware(BaseHTTPMiddleware, dispatch=dispatches.passing))
    assert status(asyncio.run(exchange(app, "/"))) == 200
    shipped, calls = BaseHTTPMiddleware.__call__, []

    async def watched(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
        calls.append(scope["path"])
        await shipped(self, scope, receive, send)

    monkeypatch.setattr(BaseHTTPMiddleware, "__call__", watched)
    asyncio.run(exchange(app, "/"))
    assert calls == ["/"]


def test_a_part_that_a_tool_replaces_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(base._StreamingResponse):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "status_code": 299})

    app = application(Middleware(BaseHTTPMiddleware, dispatch=dispatches.passing))
    asyncio.run(exchange(app, "/"))
    monkeypatch.setattr(base, "_StreamingResponse", Watched)
    assert status(asyncio.run(exchange(app, "/"))) == 299


async def newer(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    anyio.get_current_task()


AS_WRITTEN = FunctionType(newer.__code__, vars(base))


@pytest.mark.parametrize("call", [newer, AS_WRITTEN, print], ids=["replaced", "newer", "builtin"])
def test_code_that_is_not_known_is_left_alone(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert http_middleware.http_middleware() is not None
    monkeypatch.setattr(BaseHTTPMiddleware, "__call__", call)
    assert http_middleware.http_middleware() is None


def test_websockets_pass() -> None:
    seen = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    app = dispatches.behind(dispatches.passing, inner)
    asyncio.run(exchange(app, "/", scope={"type": "websocket"}))
    assert seen == ["websocket"]


def test_off_asyncio_the_middleware_is_called() -> None:
    pytest.importorskip("trio")
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = application(Middleware(BaseHTTPMiddleware, dispatch=dispatches.passing))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    anyio.run(app, scope, receive, send, backend="trio")
    assert [message["type"] for message in sent] == ["http.response.start"] + ["http.response.body"] * 2


def order(middlewares: int, suspends: int, kind: str) -> list[str]:
    """What happens in which order, sends included."""
    events: list[str] = []
    app = FastAPI(openapi_url=None)

    async def dispatch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        await asyncio.sleep(0)
        events.append("returned")
        return response

    async def later() -> None:
        events.append("background begins")
        await asyncio.sleep(0)
        events.append("background ends")

    async def parts() -> AsyncIterator[bytes]:
        for number in range(2):
            events.append(f"part {number}")
            yield b"part"

    for _ in range(middlewares):
        app.middleware("http")(dispatch)

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> Any:
        tasks.add_task(later)
        return StreamingResponse(parts()) if kind == "stream" else "done"

    async def receive() -> Any:
        return {"type": "http.request"} if events else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        for _ in range(suspends):
            await asyncio.sleep(0)
        events.append(message["type"])

    async def play() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
        await asyncio.wait_for(app(scope, receive, send), 10)
        events.clear()
        await asyncio.wait_for(app(scope, receive, send), 10)

    asyncio.run(play())
    return events


@pytest.mark.parametrize("kind", ["whole", "stream"])
@pytest.mark.parametrize("suspends", range(4))
def test_a_background_task_has_its_place_behind_one_middleware(
    kind: str, suspends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = order(1, suspends, kind)
    monkeypatch.setattr(shortcuts, "known", list)
    assert direct == order(1, suspends, kind)


@pytest.mark.parametrize("suspends", range(4))
def test_behind_several_it_waits_for_the_innermost(suspends: int) -> None:
    for kind in ("whole", "stream"):
        events = order(3, suspends, kind)
        assert events.index("returned") < events.index("background begins")
        assert events.count("returned") == 3
        assert events.count("http.response.start") == 1
        assert {"http.response.body", "background ends"} <= set(events)


@pytest.mark.parametrize("call", [newer, AS_WRITTEN, print], ids=["replaced", "newer", "builtin"])
def test_a_response_that_is_not_known_sends_itself(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base._StreamingResponse, "__call__", call)
    assert outgoing.known() is None


def test_a_middleware_without_the_known_functions_is_left_its_responses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BaseHTTPMiddleware, "__call__", newer)
    assert outgoing.known() is None
