"""Streamed responses past ASGI, beside the same ones through it."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from starlette.responses import StreamingResponse

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from tests.unit.native_server.conftest import Client, Serve
from tests.unit.native_server.test_doors import Doors, request

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


class Shouting(StreamingResponse):
    """A class of its own."""

    async def stream_response(self, send: Any) -> None:
        self.headers["x-shouting"] = "yes"
        await super().stream_response(send)


def application(seen: list[Any]) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def later() -> None:
        seen.append("background")

    @app.exception_handler(LookupError)
    async def handled(request: Request, error: LookupError) -> Any:
        return StreamingResponse(iter(["handled"]))

    async def parts(*parts: Any, error: Exception | None = None) -> AsyncIterator[Any]:
        for part in parts:
            yield part
        if error is not None:
            raise error

    @app.get("/bytes")
    async def plain(tasks: BackgroundTasks) -> Any:
        tasks.add_task(later)
        return StreamingResponse(parts(b"one", b"", b"two"), 201, {"x-own": "1"}, "text/x-own")

    @app.get("/length")
    async def length() -> Any:
        return StreamingResponse(parts(b"one"), headers={"content-length": "3"})

    @app.get("/texts")
    async def texts() -> Any:
        return StreamingResponse(parts("ä", memoryview(b"view"), b"bytes"))

    @app.get("/nothing")
    async def nothing() -> Any:
        return StreamingResponse(parts())

    @app.get("/threads")
    async def threads() -> Any:
        return StreamingResponse(iter(["one", "two"]))

    @app.get("/no-text")
    async def no_text() -> Any:
        return StreamingResponse(parts(b"one", bytearray(b"two")))

    @app.get("/not-iterable")
    async def not_iterable() -> Any:
        response = StreamingResponse(parts())
        response.body_iterator = None  # type: ignore[assignment]
        return response

    @app.get("/error/first")
    async def error_first() -> Any:
        return StreamingResponse(parts(error=ValueError("first")))

    @app.get("/error/later")
    async def error_later(tasks: BackgroundTasks) -> Any:
        tasks.add_task(later)
        return StreamingResponse(parts(b"one", error=ValueError("later")))

    @app.get("/error/handled")
    async def error_handled() -> Any:
        return StreamingResponse(parts(b"one", error=LookupError("too late")))

    @app.get("/error/http")
    async def error_http() -> Any:
        return StreamingResponse(parts(b"one", error=HTTPException(409)))

    @app.get("/error/after-waiting")
    async def error_after_waiting() -> Any:
        async def waiting() -> AsyncIterator[bytes]:
            yield b"one"
            await asyncio.sleep(0.001)
            raise ValueError("after waiting")

        return StreamingResponse(waiting())

    @app.get("/waiting")
    async def waiting(tasks: BackgroundTasks) -> Any:
        async def slowly() -> AsyncIterator[bytes]:
            for number in range(3):
                await asyncio.sleep(0.001)
                yield b"%d" % number

        tasks.add_task(later)
        return StreamingResponse(slowly())

    @app.get("/contexts")
    async def contexts() -> Any:
        outer = asyncio.current_task()
        VARIABLE.set("endpoint")

        async def told() -> AsyncIterator[str]:
            task = asyncio.current_task()
            assert task is not None
            yield f"{VARIABLE.get()} {task is outer} {task.get_name()} "
            VARIABLE.set("stream")
            await asyncio.sleep(0)
            yield f"{asyncio.current_task() is task}"

        async def after() -> None:
            seen.append((VARIABLE.get(), asyncio.current_task() is outer))

        tasks = BackgroundTasks()
        tasks.add_task(after)
        return StreamingResponse(told(), background=tasks)

    @app.get("/subclass")
    async def subclass() -> Any:
        return Shouting(parts(b"one"))

    @app.get("/patched")
    async def patched() -> Any:
        response = StreamingResponse(parts(b"one"))

        async def stream_response(send: Any) -> None:
            await StreamingResponse(parts(b"patched")).stream_response(send)

        response.stream_response = stream_response  # type: ignore[method-assign]
        return response

    @app.get("/cancelled")
    async def cancelled() -> Any:
        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x"
                    await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                with anyio.CancelScope(shield=True):
                    await asyncio.sleep(0)
                seen.append("cancelled")
                raise

        tasks = BackgroundTasks()
        tasks.add_task(later)
        return StreamingResponse(endless(), background=tasks)

    @app.get("/large")
    async def large() -> Any:
        async def much() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 65536

        return StreamingResponse(much())

    @app.get("/large-and-lost")
    async def large_and_lost() -> Any:
        async def much() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)
            finally:
                seen.append("left")

        return StreamingResponse(much())

    @app.get("/in-threads-and-lost")
    def in_threads_and_lost() -> Any:
        def endless() -> Iterator[str]:
            while True:
                yield "x"

        return StreamingResponse(endless())

    return app


PATHS = (
    "bytes length texts nothing threads no-text not-iterable error/first error/later error/handled error/http"
    " error/after-waiting waiting contexts subclass patched"
).split()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stream_is_the_same_past_asgi(serve: Serve, path: str, method: str) -> None:
    doors = Doors(serve, application)
    for app in doors.apps:
        for route in app.router.routes:
            route.methods = {"GET", "HEAD"}  # type: ignore[attr-defined]
    told = doors.ask(request(f"{method} /{path}"))
    assert told["said"].startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("path", ["cancelled", "in-threads-and-lost"])
def test_a_client_that_goes_away_ends_the_stream(serve: Serve, path: str) -> None:
    def leave(client: Client) -> None:
        client.send(request(f"GET /{path}"))
        client.until(b"x\r\n")
        client.reset()

    told = Doors(serve, application).agree(leave)
    assert told["seen"] == (["cancelled", "background"] if path == "cancelled" else [])
    assert told["errors"] == []


def test_a_client_that_goes_away_ends_a_stream_that_waits_for_room(serve: Serve) -> None:
    def leave(client: Client) -> None:
        client.send(request("GET /large-and-lost"))
        client.exactly(200_000)
        client.reset()

    told = Doors(serve, application).agree(leave)
    assert told["errors"] == []


def test_a_stream_waits_for_a_slow_client(serve: Serve) -> None:
    def read(client: Client) -> int:
        client.send(request("GET /large"))
        client.exactly(100)
        return len(client.rest())

    told = Doors(serve, application).agree(read)
    assert told["said"] > 200 * 65536
