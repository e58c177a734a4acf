"""What ``@app.middleware("http")`` functions and the applications inside them do: each is told as a list of events.

A scenario takes a list to write its events on and returns an ASGI application.
"""

import asyncio
import contextvars
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

Events = list[Any]
Dispatch = Callable[[Request, Callable[[Request], Any]], Any]

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("seen", default="nothing")


def behind(dispatch: Dispatch, inner: ASGIApp) -> FastAPI:
    """An application whose every request goes through ``dispatch`` to ``inner``."""
    app = FastAPI(openapi_url=None)
    app.middleware("http")(dispatch)
    app.mount("/", inner)
    return app


async def passing(request: Request, call_next: Any) -> Any:
    """Add nothing."""
    return await call_next(request)


def start(status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [(b"x-inner", b"1")]}


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def plain(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def add_header(request: Request, call_next: Any) -> Any:
        events.append(("request", type(request).__name__, request.url.path))
        response = await call_next(request)
        events.append(("response", type(response).__name__, response.status_code))
        response.headers["x-added"] = "yes"
        return response

    @app.get("/")
    async def endpoint() -> str:
        return "hello"

    return app


def answered_in_front(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        return PlainTextResponse("in front", 418)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append("called")

    return behind(dispatch, inner)


def answered_otherwise(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        events.append(response.status_code)
        return PlainTextResponse("otherwise")

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"one", more=True))
        events.append("sent one")
        await send(body(b"two"))
        events.append("sent two")
        events.append(await receive())

    return behind(dispatch, inner)


def body_read_twice(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        events.append(await request.body())
        return await call_next(request)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append(await Request(scope, receive).body())
        await PlainTextResponse("done")(scope, receive, send)

    return behind(dispatch, inner)


def body_streamed_in_front(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        events.extend([chunk async for chunk in request.stream()])
        return await call_next(request)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append(await receive())
        await PlainTextResponse("done")(scope, receive, send)

    return behind(dispatch, inner)


def body_streamed_inside(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(4):
            events.append(await receive())
        await PlainTextResponse("done")(scope, receive, send)

    return behind(passing, inner)


def error_before_the_response(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except ValueError as error:
            events.append((repr(error), repr(error.__cause__), repr(error.__context__)))
            raise

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")  # noqa: B904

    return behind(dispatch, inner)


def error_that_is_answered(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("refused")

    return behind(dispatch, inner)


def error_after_the_start(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"one", more=True))
        raise ValueError("in the middle")

    return behind(passing, inner)


def no_response(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append("nothing sent")

    return behind(passing, inner)


def body_without_start(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(body(b"one"))

    return behind(passing, inner)


def error_of_the_function(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        await call_next(request)
        raise LookupError("after")

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(start())
            await send(body(b"one"))
        except asyncio.CancelledError:
            events.append("cancelled")
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                events.append("cancelled again")
            with anyio.CancelScope(shield=True):
                await asyncio.sleep(0)
                events.append("shielded")
            raise

    return behind(dispatch, inner)


def group_of_one(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        async with anyio.create_task_group():
            raise LookupError("alone")

    return behind(dispatch, PlainTextResponse("never"))


def http_exception_inside(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)
    app.middleware("http")(passing)

    @app.get("/")
    async def endpoint() -> None:
        raise HTTPException(409, "conflict", {"x-why": "because"})

    return app


def contexts(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        SEEN.set("set in front")
        events.append(SEEN.get())
        outer = asyncio.current_task()
        request.state.outer = outer
        response = await call_next(request)
        events.append((SEEN.get(), asyncio.current_task() is outer))
        return response

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        events.append((SEEN.get(), task is scope["state"]["outer"], task.get_name()))
        SEEN.set("set inside")
        await PlainTextResponse("done")(scope, receive, send)

    return behind(dispatch, inner)


def background(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def dispatch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        await asyncio.sleep(0)
        events.append("returned")
        return response

    async def later() -> None:
        events.append("background begins")
        await asyncio.sleep(0)
        events.append("background ends")

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> str:
        tasks.add_task(later)
        return "done"

    return app


def streaming(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)
    app.middleware("http")(passing)

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(4):
            events.append(f"chunk {number}")
            yield str(number).encode()

    @app.get("/")
    async def endpoint() -> StreamingResponse:
        return StreamingResponse(chunks(), background=None)

    return app


def nested(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)

    def adding(name: str) -> Dispatch:
        async def dispatch(request: Request, call_next: Any) -> Any:
            events.append(f"into {name}")
            response = await call_next(request)
            events.append(f"out of {name}")
            response.headers[f"x-{name}"] = "1"
            return response

        return dispatch

    for name in ("inner", "middle", "outer"):
        app.middleware("http")(adding(name))

    @app.post("/")
    async def endpoint(request: Request) -> Any:
        return [part.decode() async for part in request.stream()]

    return app


def called_twice(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        await call_next(request)
        try:
            return await call_next(request)
        except AssertionError:
            events.append("refused")
            raise

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append("begins")
        try:
            await PlainTextResponse("done")(scope, receive, send)
        finally:
            events.append("ends")

    return behind(dispatch, inner)


def disconnect_after_the_response(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append(await receive())

        async def watch() -> None:
            while (message := await receive())["type"] != "http.disconnect":
                events.append(message)
            events.append("disconnected")

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            await anyio.sleep(0.01)
            await PlainTextResponse("done")(scope, receive, send)

    return behind(passing, inner)


def is_disconnected_inside(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)
    app.middleware("http")(passing)

    @app.post("/")
    async def endpoint(request: Request) -> bool:
        await request.body()
        await asyncio.sleep(0)
        return await request.is_disconnected()

    return app


def too_late(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        with anyio.move_on_after(0):
            return await call_next(request)
        return PlainTextResponse("too late", 504)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        events.append("goes on")
        await PlainTextResponse("done")(scope, receive, send)
        events.append("ends")

    return behind(dispatch, inner)


def too_late_for_a_thread(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def dispatch(request: Request, call_next: Any) -> Any:
        with anyio.move_on_after(0.001):
            return await call_next(request)
        raise LookupError("too late")

    @app.get("/")
    def endpoint() -> str:
        time.sleep(0.02)
        events.append("thread ends")
        return "done"

    return app


def deadline_outside(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        events.append(anyio.current_effective_deadline() < float("inf"))
        try:
            await asyncio.Event().wait()
        finally:
            events.append("left")

    app = behind(passing, inner)

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.move_on_after(0.001) as limit:
            await app(scope, receive, send)
        events.append(limit.cancelled_caught)

    return limited


def cancelled_outside(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        try:
            while True:
                await send(body(b"x", more=True))
        finally:
            events.append("left")

    app = behind(passing, inner)

    async def cancelling(scope: Scope, receive: Receive, send: Send) -> None:
        chunks = 0

        async def counting(message: Message) -> None:
            nonlocal chunks
            chunks += 1
            if chunks == 5:
                await asyncio.Event().wait()
            await send(message)

        task = asyncio.ensure_future(app(scope, receive, counting))
        while chunks < 5:
            await asyncio.sleep(0)
        task.cancel()
        events.append([repr(outcome) for outcome in await asyncio.gather(task, return_exceptions=True)])

    return cancelling


def endless_and_dropped(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        await call_next(request)
        return PlainTextResponse("enough")

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        while not events:
            await send(body(b"x", more=True))
        events.append("noticed")

    app = behind(dispatch, inner)

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        async def last(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                asyncio.get_running_loop().call_later(0.001, events.append, "told")

        await app(scope, receive, last)

    return telling


def debug_and_pathsend(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        events.append(getattr(response, "info", "none"))
        return response

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.debug", "info": {"template": "page.html"}})
        await send(start())
        await send({"type": "http.response.pathsend", "path": "/file"})

    return behind(dispatch, inner)


def body_iterated_in_front(events: Events) -> ASGIApp:
    async def dispatch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        content = b"".join([chunk async for chunk in response.body_iterator])
        events.append([chunk async for chunk in response.body_iterator])
        return PlainTextResponse(content.upper())

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"", more=True))
        await send(body(b"one ", more=True))
        await send(body(b"two"))

    return behind(dispatch, inner)


def message_after_the_end(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("done")(scope, receive, send)
        await send(body(b"late"))
        events.append("sent late")

    return behind(passing, inner)


def inner_task_cancels_itself(events: Events) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    return behind(passing, inner)


def _response_changed(change: Callable[[Any], Any]) -> Callable[[Events], ASGIApp]:
    """A function that does something with the response that it got, which a plan has answered."""

    def scenario(events: Events) -> ASGIApp:
        app = FastAPI(openapi_url=None)

        @app.middleware("http")
        async def dispatch(request: Request, call_next: Any) -> Any:
            response = await call_next(request)
            changed = await change(response)
            events.append(getattr(changed, "status_code", None))
            return changed

        @app.get("/")
        async def endpoint() -> list[int]:
            return [1, 2, 3]

        return app

    scenario.__name__ = change.__name__
    return scenario


async def status_changed(response: Any) -> Any:
    response.status_code = 203
    return response


async def odd_status(response: Any) -> Any:
    response.status_code = "200"
    return response


async def headers_replaced(response: Any) -> Any:
    response.raw_headers = ((b"x-own", b"1"), (b"X-Own", b"2"))
    return response


async def no_length(response: Any) -> Any:
    del response.headers["content-length"]
    return response


async def iterator_closed(response: Any) -> Any:
    await response.body_iterator.aclose()
    return response


async def iterator_begun(response: Any) -> Any:
    assert await response.body_iterator.__anext__() == b"[1,2,3]"
    return response


async def iterator_wrapped(response: Any) -> Any:
    inner = response.body_iterator

    async def upper() -> AsyncIterator[bytes]:
        async for chunk in inner:
            yield chunk.replace(b",", b";")

    response.body_iterator = upper()
    return response


async def background_added(response: Any) -> Any:
    async def later() -> None:
        response.headers["x-late"] = "1"

    response.background = later
    return response


async def info_added(response: Any) -> Any:
    response.info = {"template": "none"}
    return response


async def no_response_at_all(response: Any) -> Any:
    return None


CHANGES = [
    status_changed,
    odd_status,
    headers_replaced,
    no_length,
    iterator_closed,
    iterator_begun,
    iterator_wrapped,
    background_added,
    info_added,
    no_response_at_all,
]


class Counting(BaseHTTPMiddleware):
    """A middleware as people write it."""

    def __init__(self, app: ASGIApp, events: Events) -> None:
        super().__init__(app)
        self.events = events

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        self.events.append(("counted", type(self).__name__))
        return await call_next(request)


def subclass(events: Events) -> ASGIApp:
    app = FastAPI(openapi_url=None)
    app.add_middleware(Counting, events=events)
    app.mount("/", PlainTextResponse("done"))
    return app


SCENARIOS: list[Callable[[Events], ASGIApp]] = [
    plain,
    answered_in_front,
    answered_otherwise,
    body_read_twice,
    body_streamed_in_front,
    body_streamed_inside,
    error_before_the_response,
    error_that_is_answered,
    error_after_the_start,
    no_response,
    body_without_start,
    error_of_the_function,
    group_of_one,
    http_exception_inside,
    contexts,
    background,
    streaming,
    nested,
    called_twice,
    disconnect_after_the_response,
    is_disconnected_inside,
    too_late,
    too_late_for_a_thread,
    deadline_outside,
    cancelled_outside,
    endless_and_dropped,
    debug_and_pathsend,
    body_iterated_in_front,
    message_after_the_end,
    inner_task_cancels_itself,
    subclass,
    *map(_response_changed, CHANGES),
]
