"""Clients that send nothing more and go on reading, as ``nc -N`` does."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Client, Running, Serve
from .test_requests import GET, LAST, hello

LARGE = 8_000_000


def last_words(server: Running, *wires: bytes) -> Client:
    client = server.connect()
    for wire in wires:
        client.send(wire)
    client.socket.shutdown(socket.SHUT_WR)
    return client


@pytest.mark.parametrize("factory", [False, True], ids=["", "task factory"])
@pytest.mark.parametrize("count", [1, 5])
def test_requests_that_need_a_step_each_are_answered(serve: Serve, count: int, factory: bool) -> None:
    server = serve(hello)
    if factory:  # so that no task takes its first step at once
        server.call(
            lambda: server.loop.set_task_factory(lambda loop, coro, **_: asyncio.Task(coro, loop=loop))
        )
        count = 1  # each would need a turn of the loop
    with last_words(server, GET * count) as client:
        assert client.rest().count(b"\r\n\r\nhi") == count
    server.until(lambda: server.server.counts()[:2] == (0, 0))


@pytest.mark.parametrize("wire", [GET, LAST], ids=["kept", "closed"])
def test_what_is_written_already_goes_out_whole(serve: Serve, wire: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]}
        )
        await send({"type": "http.response.body", "body": bytes(LARGE)})

    server = serve(app)
    with last_words(server, wire) as client:
        client.until(b"\r\n\r\n")
        # It is known by now that nothing more comes.
        server.until(lambda: server.server.counts()[:2] == (1, 0))
        assert len(client.rest()) == LARGE
    server.until(lambda: server.server.counts()[0] == 0)


def test_an_application_at_work_hears_that_its_client_is_gone(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(await receive())
        server.seen.put(await receive())
        await hello(scope, receive, send)

    server = serve(app)
    with last_words(server, GET) as client:
        assert server.next()["type"] == "http.request"
        assert server.next() == {"type": "http.disconnect"}
        assert client.rest() == b""


def test_a_stream_to_who_closes_while_much_is_on_its_way_ends(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        while not ended:
            await send({"type": "http.response.body", "body": bytes(100_000), "more_body": True})
            ended.extend([True] * (await is_gone(receive)))
        server.seen.put("ended")

    ended: list[bool] = []
    server = serve(app)
    client = last_words(server, GET)
    client.until(b"\r\n\r\n")
    client.close()
    assert server.next() == "ended"
    server.until(lambda: server.server.counts()[:2] == (0, 0))


async def is_gone(receive: Callable[[], Any]) -> bool:
    try:
        return bool((await asyncio.wait_for(receive(), 0.01))["type"] == "http.disconnect")
    except asyncio.TimeoutError:
        return False
