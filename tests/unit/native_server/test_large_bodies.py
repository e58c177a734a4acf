"""Bodies that are sent from where they lie, to clients that take them in pieces."""

import socket
import sys
from typing import Any

import pytest

from .conftest import TIMEOUT, Client, Running, Serve

SIZES = (0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 300_000, 3_000_000)
"""Those of 16 KiB and more are not copied."""


def numbered(size: int) -> bytes:
    """Bytes of which no two runs are alike."""
    return b"".join(number.to_bytes(4, "big") for number in range(-(-size // 4)))[:size]


WHOLE = numbered(max(SIZES))


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers ``/framing/size/size/…`` with a part of each size."""
    framing, *sizes = scope["path"].strip("/").split("/")
    parts = [WHOLE[: int(size)] for size in sizes]
    length = [(b"content-length", b"%d" % sum(map(len, parts)))] if framing == "length" else []
    await send({"type": "http.response.start", "status": 200, "headers": length})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


def asked(path: str, method: str = "GET", version: str = "1.1") -> bytes:
    return f"{method} {path} HTTP/{version}\r\nhost: a\r\n\r\n".encode()


def slow(server: Running) -> Client:
    """A client that has little room for what it has not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(TIMEOUT)
    connection.connect(("127.0.0.1", server.port))
    return Client(connection)


def body_of(response: tuple[int, Any, bytes]) -> bytes:
    status, _, body = response
    assert status == 200
    return body


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_parts_of_every_size_arrive_in_their_order(serve: Serve, framing: str) -> None:
    sizes = [*SIZES, *reversed(SIZES), 20_000, 5, 20_000]
    server = serve(application)
    with slow(server) as client:
        client.send(asked(f"/{framing}/" + "/".join(map(str, sizes))))
        assert body_of(client.response()) == b"".join(WHOLE[:size] for size in sizes)


def test_large_answers_to_requests_that_came_together_do_not_mix(serve: Serve) -> None:
    server = serve(application)
    paths = [f"/{framing}/{size}" for size in (400_000, 3, 20_000) for framing in ("length", "chunked")]
    with slow(server) as client:
        client.send(b"".join(map(asked, paths)))
        for path in paths:
            assert body_of(client.response()) == WHOLE[: int(path.rpartition("/")[2])]


def test_a_large_body_ends_with_the_connection_of_an_old_client(serve: Serve) -> None:
    server = serve(application)
    with slow(server) as client:
        client.send(asked("/until-close/300000/5/300000", version="1.0"))
        client.until(b"\r\n\r\n")
        assert client.rest() == WHOLE[:300_000] + WHOLE[:5] + WHOLE[:300_000]


def test_head_is_answered_without_the_body(serve: Serve) -> None:
    server = serve(application)
    with server.connect() as client:
        client.send(asked("/length/300000", "HEAD") + asked("/length/5"))
        assert b"content-length: 300000\r\n" in client.until(b"\r\n\r\n")
        assert body_of(client.response()) == WHOLE[:5]


def test_a_body_larger_than_its_length_is_refused_before_a_byte_of_it_is_sent(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"20000")]})
        await send({"type": "http.response.body", "body": WHOLE[:20_001]})

    server = serve(app)
    with server.connect() as client:
        client.send(asked("/"))
        client.until(b"\r\n\r\n")
        assert client.rest() == b""
    assert isinstance(server.errors.exceptions[0], RuntimeError)


@pytest.mark.parametrize("leaves", [False, True], ids=["taken", "never taken"])
def test_a_body_is_let_go_when_it_is_sent_and_when_the_client_is_gone(serve: Serve, leaves: bool) -> None:
    body = bytes(20_000_000)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        server.seen.put(None)
        await send({"type": "http.response.body"})

    server = serve(app)
    before = sys.getrefcount(body)
    with server.connect() as client:
        client.send(asked("/"))
        client.until(b"\r\n\r\n")
        server.next()
        if leaves:
            client.reset()
        else:
            client.until(b"\r\n0\r\n\r\n")
        server.until(lambda: sys.getrefcount(body) <= before)


def test_bytes_of_a_class_of_its_own_are_not_held(serve: Serve) -> None:
    class Loud(bytes):
        def __del__(self) -> None:
            # In the middle of the server's work, this would find it busy.
            server.seen.put(server.server.counts()[0])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": Loud(WHOLE)})

    server = serve(app)
    with slow(server) as client:
        client.send(asked("/"))
        assert server.next() == 1
        assert body_of(client.response()) == WHOLE
