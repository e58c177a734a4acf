"""Limits and deadlines: who goes over one is cut off with one line in the log, and nobody else notices."""

import asyncio
import time
from typing import Any

import pytest

from .conftest import Running, Serve
from .test_failures import POST, START, body, refused
from .test_requests import GET, echo, hello

HEAD_TOO_LARGE = refused("431 Request Header Fields Too Large", "Request Header Fields Too Large")
BODY_TOO_LARGE = refused("413 Request Entity Too Large", "Request Entity Too Large")
TIMEOUT = refused("408 Request Timeout", "Request Timeout")
BAD = refused("400 Bad Request", "Invalid HTTP request received.")
LATE = "A request took too long to arrive."
INVALID = "Invalid HTTP request received: "


@pytest.mark.parametrize(
    ("settings", "wire", "answer", "line"),
    [
        (
            {"limit_head_bytes": 100}, b"GET /" + b"a" * 100, HEAD_TOO_LARGE,
            INVALID + "the head is over the limit."
        ),
        (
            {"limit_head_bytes": 100}, GET[:-2] + b"A: " + b"a" * 90 + b"\r\n\r\n", HEAD_TOO_LARGE,
            INVALID + "the head is over the limit.",
        ),
        (
            {"limit_header_count": 3}, GET[:-2] + b"A: b\r\n" * 3 + b"\r\n", HEAD_TOO_LARGE,
            INVALID + "the head is over the limit.",
        ),
        (
            {"limit_body_bytes": 5}, POST + b"Content-Length: 6\r\n\r\nabcdef", BODY_TOO_LARGE,
            INVALID + "the body is over the limit.",
        ),
        (
            {"limit_body_bytes": 5}, POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n",
            BODY_TOO_LARGE, INVALID + "the body is over the limit.",
        ),
        (
            {"limit_body_bytes": 5}, POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"x\r\n", BAD,
            INVALID + "a chunk size has no digit.",
        ),
        ({"timeout_head": 0.05}, GET[:10], TIMEOUT, LATE),
        ({"limit_body_rate": 1000}, POST + b"Content-Length: 10\r\n\r\nabc", TIMEOUT, LATE),
    ],
    ids=["head", "header", "header-count", "length", "chunks", "chunk-size", "head-time", "body-rate"],
)  # fmt: skip
def test_who_goes_over_a_limit_is_answered_and_cut_off_and_nobody_else_notices(
    serve: Serve, settings: dict[str, Any], wire: bytes, answer: bytes, line: str
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/wait":
            server.seen.put(None)
            await release.wait()
        while (await receive()).get("more_body"):
            pass
        await hello(scope, receive, send)

    release = asyncio.Event()
    server: Running = serve(app, timeout_keep_alive=60.0, **settings)
    with server.connect() as waiting, server.connect() as kept:
        kept.send(GET)
        assert kept.response()[2] == b"hi"
        waiting.send(GET.replace(b"/ ", b"/wait ", 1))
        server.next()
        with server.connect() as client:
            client.send(wire)
            assert client.rest() == answer
        assert server.errors.lines == [line]
        kept.send(GET)
        assert kept.response()[2] == b"hi"
        server.loop.call_soon_threadsafe(release.set)
        assert waiting.response()[2] == b"hi"
    server.until(lambda: server.server.counts()[:2] == (0, 0))


def test_a_chunked_body_over_the_limit_is_refused_while_it_arrives(serve: Serve) -> None:
    server = serve(echo, limit_body_bytes=10)
    answer = server.ask(
        POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n" + b"x" * 300_000
    )
    assert answer.startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n")


def test_the_application_hears_nothing_more_of_a_body_over_the_limit(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message["type"] == "http.request":
            server.seen.put(message["body"])
            message = await receive()
        server.seen.put(message)

    server = serve(app, limit_body_bytes=10)
    with server.connect() as client:
        client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n")
        assert server.next() == b"abcdef"
        client.send(b"6\r\nabcdef\r\n")
        assert server.next() == {"type": "http.disconnect"}
        assert client.rest().startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("settings", "sent", "answer"),
    [
        ({"timeout_head": 0.05}, b"", b""),
        ({"timeout_keep_alive": 0.05}, GET, b"HTTP/1.1 200"),
        ({"timeout_head": 0.05}, b"GET / HT", b"HTTP/1.1 408"),
        ({"timeout_head": 0.05}, GET + b"GET / HT", b"HTTP/1.1 200"),
    ],
)
def test_silent_clients_are_cut_off(serve: Serve, settings: Any, sent: bytes, answer: bytes) -> None:
    assert serve(hello, **settings).ask(sent).startswith(answer)


def test_a_head_has_its_time_from_its_first_byte(serve: Serve) -> None:
    server = serve(hello, timeout_head=0.3)
    with server.connect() as client:
        client.send(GET)
        client.response()
        time.sleep(0.25)
        client.send(GET[:5])
        time.sleep(0.15)
        client.send(GET[5:])
        assert client.response()[0] == 200


def test_a_client_that_takes_nothing_is_cut_off(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(body(b"x" * 20_000_000, True))
        await send(body(b"x"))
        server.seen.put(await receive())

    server = serve(app, timeout_write=0.1)
    with server.connect() as client:
        client.send(GET)
        client.until(b"\r\n\r\n")
        server.until(lambda: server.server.counts()[0] == 0)
        assert server.next()["type"] in {"http.request", "http.disconnect"}
    assert server.errors.lines == ["A response took too long to be taken."]
