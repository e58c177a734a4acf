"""Responses to several connections are written together, but not after what an application does next."""

import threading
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest

from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.applications import _FRONT
from fastapi.responses import PlainTextResponse, StreamingResponse
from tests.unit.native_server.conftest import TIMEOUT, Client, Serve


class Following:
    """Work that follows a response and blocks the loop until the client has got that."""

    def __init__(self) -> None:
        self.received = threading.Event()
        self.came_first: list[bool] = []

    async def block(self) -> None:
        self.came_first.append(self.received.wait(TIMEOUT / 2))


def application(following: Following) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def leaving() -> AsyncIterator[None]:
        yield
        await following.block()

    @app.get("/background")
    async def background(tasks: BackgroundTasks) -> Any:
        tasks.add_task(following.block)
        return "content"

    @app.get("/object")
    async def of_object(tasks: BackgroundTasks) -> Any:
        tasks.add_task(following.block)
        return PlainTextResponse("content")

    @app.get("/dependency")
    async def dependency(left: Annotated[None, Depends(leaving)]) -> Any:
        return "content"

    @app.get("/stream")
    async def stream(tasks: BackgroundTasks) -> Any:
        async def parts() -> AsyncIterator[str]:
            yield "content"

        tasks.add_task(following.block)
        return StreamingResponse(parts())

    return app


@pytest.mark.parametrize("front", [None, _FRONT], ids=["asgi", "native"])
@pytest.mark.parametrize("path", ["/background", "/object", "/dependency", "/stream"])
def test_a_response_is_there_before_the_work_that_follows_it(serve: Serve, path: str, front: Any) -> None:
    following = Following()
    server = serve(application(following), front=front)
    with server.connect() as client:
        client.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert b"content" in client.response()[2]
        following.received.set()
    server.until(lambda: server.server.counts()[1] == 0)
    assert following.came_first == [True]


@pytest.mark.parametrize("front", [None, _FRONT], ids=["asgi", "native"])
def test_connections_that_are_ready_together_are_all_answered(serve: Serve, front: Any) -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/{number}")
    async def endpoint(number: int) -> int:
        return number

    server = serve(app, front=front)
    is_blocked, go_on = threading.Event(), threading.Event()

    def block() -> None:
        is_blocked.set()
        assert go_on.wait(TIMEOUT)

    clients: list[Client] = [server.connect() for _ in range(100)]
    try:
        server.until(lambda: server.server.counts()[0] == len(clients))
        server.loop.call_soon_threadsafe(block)
        assert is_blocked.wait(TIMEOUT)
        for number, client in enumerate(clients):
            last = "Connection: close\r\n" if number % 3 == 0 else ""
            client.send(f"GET /{number} HTTP/1.1\r\nHost: a\r\n{last}\r\n".encode())
        go_on.set()
        for number, client in enumerate(clients):
            assert client.response()[2] == str(number).encode()
            if number % 3 == 0:
                assert client.rest() == b""
    finally:
        go_on.set()
        for client in clients:
            client.close()
