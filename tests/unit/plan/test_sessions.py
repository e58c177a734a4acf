"""WebSockets served past the stock middleware look the same to the application and to the server as behind it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Any

import pytest
from starlette.routing import WebSocketRoute

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Query,
    Request,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    _rust,
)
from fastapi.responses import JSONResponse

Log = list[Any]
Handler = Callable[..., Awaitable[None]]
CONNECT = {"type": "websocket.connect"}
TEXT = {"type": "websocket.receive", "text": "hello"}
GONE = {"type": "websocket.disconnect", "code": 1001, "reason": "away"}


class Passing:
    """Middleware that only passes on: what is behind it takes the long way."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def told(error: BaseException | None) -> Any:
    """An exception, and those that it came of."""
    if error is None:
        return None
    return [type(error).__name__, str(error), told(error.__cause__), told(error.__context__)]


async def talk(app: FastAPI, path: str, *, query: bytes = b"", scope: dict[str, Any] | None = None) -> Log:
    """Open one WebSocket, send a text and close; return what the application sent and raised."""
    incoming = [CONNECT, TEXT, GONE]
    seen: Log = []
    app.state.log = seen

    async def receive() -> Any:
        await asyncio.sleep(0)
        return incoming.pop(0) if incoming else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        seen.append(dict(message))

    connection = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [(b"x-name", b"value")],
        "subprotocols": [],
        "state": {},
        # Without the extension a denial is a plain close.
        "extensions": {"websocket.http.response": {}},
        **(scope or {}),
    }
    try:
        await app(connection, receive, send)
    except BaseException as error:
        seen.append(told(error))
    seen.append(sorted(connection))
    return seen


def log(websocket: WebSocket) -> Log:
    seen: Log = websocket.app.state.log
    return seen


async def around(websocket: WebSocket) -> AsyncIterator[str]:
    log(websocket).append("enter")
    try:
        yield "around"
    except BaseException as error:
        log(websocket).append(told(error))
        raise
    finally:
        log(websocket).append("leave")


def blocking(websocket: WebSocket) -> Iterator[str]:
    try:
        yield "blocking"
    finally:
        log(websocket).append("leave blocking")


async def swallowing(websocket: WebSocket) -> AsyncIterator[None]:
    try:
        yield
    except ValueError as error:
        log(websocket).append(["swallowed", told(error)])


class Known(Exception): ...


class Blocking(Exception): ...


class Answered(Exception): ...


class Failing(Exception): ...


class Stop(BaseException): ...


def add_routes(app: FastAPI | APIRouter) -> None:
    @app.websocket("/echo/{number:int}/{rest:path}")
    async def echo(
        websocket: WebSocket, number: int, rest: str, q: str = "", x_name: str | None = None
    ) -> None:
        await websocket.accept()
        log(websocket).append(
            [
                number,
                rest,
                q,
                x_name,
                websocket.path_params,
                str(websocket.url_for("echo", number=1, rest="r")),
            ]
        )
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect as error:
            log(websocket).append([error.code, error.reason])

    @app.websocket("/scope")
    async def scope(websocket: WebSocket) -> None:
        kinds = {key: type(value).__name__ for key, value in websocket.scope.items()}
        log(websocket).append([kinds, websocket.scope["route"].path, websocket.scope["endpoint"].__name__])
        log(websocket).append([websocket.scope["root_path"], websocket.scope["app"] is websocket.app])
        log(websocket).append(
            [sorted(map(str, found)) for found in websocket.scope["starlette.exception_handlers"]]
        )
        await websocket.close(3000, "over")

    @app.websocket("/dependencies")
    async def dependencies(
        websocket: WebSocket,
        first: Annotated[str, Depends(around)],
        second: Annotated[str, Depends(blocking, scope="function")],
    ) -> None:
        await websocket.accept()
        log(websocket).append([first, second])

    @app.websocket("/invalid")
    async def invalid(websocket: WebSocket, limit: Annotated[int, Query(ge=3)]) -> None: ...

    @app.websocket("/swallowed")
    async def swallowed(websocket: WebSocket, _: Annotated[None, Depends(swallowing)]) -> None:
        await websocket.accept()
        raise ValueError("oh")

    for accepts in (False, True):
        for error in (
            ValueError("oh"),
            Known("oh"),
            Blocking("oh"),
            Answered("oh"),
            Failing("oh"),
            Stop("oh"),
            asyncio.CancelledError("oh"),
            HTTPException(404, "nothing"),
            HTTPException(418, "tea", {"x-pot": "1"}),
            WebSocketException(3001, "why"),
        ):
            name = f"{type(error).__name__}{getattr(error, 'status_code', '')}"
            add_raising(app, f"/raise/{name}/{accepts}", error, accepts)


def add_raising(app: FastAPI | APIRouter, path: str, error: BaseException, accepts: bool) -> None:
    @app.websocket(path)
    async def raising(websocket: WebSocket, _: Annotated[str, Depends(around)]) -> None:
        if accepts:
            await websocket.accept()
        raise error


def application(**options: Any) -> FastAPI:
    app = FastAPI(**options)
    add_routes(app)

    async def plain(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    app.add_websocket_route("/plain", plain)
    inner = FastAPI()
    add_routes(inner)
    inner.state = app.state
    app.mount("/inner", inner)
    included = APIRouter(prefix="/included")
    add_routes(included)
    app.include_router(included)

    @app.exception_handler(Known)
    async def known(websocket: WebSocket, error: Known) -> None:
        log(websocket).append(["handled", told(error), websocket.application_state.name])
        await websocket.close(4000, "known")

    @app.exception_handler(Blocking)
    def blocking(websocket: WebSocket, error: Blocking) -> None:
        log(websocket).append(["handled in a thread", told(error)])

    @app.exception_handler(Answered)
    async def answered(websocket: WebSocket, error: Answered) -> Any:
        async def response(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.close", "code": 4001, "reason": "answered"})

        return response

    @app.exception_handler(Failing)
    async def failing(websocket: WebSocket, error: Failing) -> None:
        raise LookupError("no answer")

    @app.exception_handler(418)
    async def teapot(websocket: WebSocket, error: HTTPException) -> None:
        log(websocket).append(["teapot", error.detail])
        await websocket.close(4018, "teapot")

    @app.exception_handler(Exception)
    async def last(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({})

    return app


RAISED = [
    f"/raise/{name}/{accepts}"
    for name in (
        "ValueError",
        "Known",
        "Blocking",
        "Answered",
        "Failing",
        "Stop",
        "CancelledError",
        "HTTPException404",
        "HTTPException418",
        "WebSocketException",
    )
    for accepts in (False, True)
]
PATHS = [
    "/echo/7/a/b",
    "/echo/x/a",
    "/scope",
    "/dependencies",
    "/invalid",
    "/swallowed",
    "/plain",
    "/included/scope",
    "/inner/scope",
    "/nowhere",
    "/scope/",
    *RAISED,
]


def built(app: FastAPI) -> FastAPI:
    """The first request of an application builds its middleware, and takes the long way."""
    app.middleware_stack = app.build_middleware_stack()
    return app


def both(path: str, change: Callable[[FastAPI], Any] = lambda app: None, **more: Any) -> list[Log]:
    """What is seen of a WebSocket on the short way and on the long one."""
    logs = []
    for is_short in (True, False):
        app = application(**more.get("options", {}))
        if not is_short:
            app.add_middleware(Passing)
        change(app)
        logs.append(
            asyncio.run(talk(built(app), path, query=more.get("query", b""), scope=more.get("scope")))
        )
    return logs


@pytest.mark.parametrize("path", PATHS)
def test_the_short_way_does_what_the_long_way_does(path: str) -> None:
    short, long = both(path)
    assert short == long


@pytest.mark.parametrize("query", [b"q=1&limit=3", b"limit=2", b"limit=x&q=%20"])
@pytest.mark.parametrize("path", ["/echo/1/", "/invalid"])
def test_queries_are_read_alike(path: str, query: bytes) -> None:
    short, long = both(path, query=query)
    assert short == long


@pytest.mark.parametrize(
    ("options", "scope"),
    [
        ({"root_path": "/api"}, {}),
        ({"root_path": "/api"}, {"path": "/api/scope"}),
        ({}, {"root_path": "/outer", "path": "/outer/scope"}),
        ({}, {"path_params": {"outer": 1}}),
        ({}, {"router": "somebody's"}),
        ({"debug": True}, {}),
        ({"redirect_slashes": False}, {}),
    ],
)
def test_scopes_are_filled_alike(options: dict[str, Any], scope: dict[str, Any]) -> None:
    short, long = both("/scope", options=options, scope=scope)
    assert short == long


def test_overrides_are_obeyed() -> None:
    def change(app: FastAPI) -> None:
        app.dependency_overrides[around] = lambda: "override"

    short, long = both("/dependencies", change)
    assert short == long
    assert ["override", "blocking"] in short


def names_to_the_endpoint(app: FastAPI, path: str = "/here") -> list[str]:
    names: list[str] = []

    @app.websocket(path)
    async def endpoint(websocket: WebSocket) -> None:
        frame: Any = sys._getframe()
        while frame is not None:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        await websocket.close()

    asyncio.run(talk(built(app), path))
    return names


@pytest.mark.skipif(_rust.PURE, reason="there is one way only")
def test_little_stands_between_the_task_and_the_endpoint() -> None:
    names = names_to_the_endpoint(FastAPI())
    assert names[: names.index("talk")] == ["endpoint", "app", "serve", "__call__"]


@pytest.mark.parametrize(
    ("owner", "name"),
    [(WebSocketRoute, "handle"), (FastAPI, "build_middleware_stack")],
    ids=["handle", "stack"],
)
def test_what_a_tool_puts_in_place_is_called(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = getattr(owner, name)
    calls: list[str] = []

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return shipped(self, *args, **kwargs)

    monkeypatch.setattr(owner, name, watched)
    names_to_the_endpoint(FastAPI())
    assert calls == [name]


def test_a_function_of_somebody_elses_is_served_too() -> None:
    from fastapi.routing import websocket_session

    app = FastAPI()
    add_routes(app)
    calls: list[str] = []
    route: Any = app.routes[-1]
    shipped = route.app.func

    async def traced(websocket: WebSocket) -> None:
        calls.append("traced")
        await shipped(websocket)

    for each in app.routes:
        if getattr(each, "path", "") == "/scope":
            shipped = each.app.func  # type: ignore[attr-defined]
            each.app = websocket_session(traced)  # type: ignore[attr-defined]
    seen = asyncio.run(talk(built(app), "/scope"))
    assert calls == ["traced"]
    assert {"type": "websocket.close", "code": 3000, "reason": "over"} in seen
