"""Applications that break their word, requests that are refused, and the end of a server."""

import asyncio
from typing import Any

import pytest

from .conftest import Serve
from .test_requests import GET, LAST, echo, hello

START = {"type": "http.response.start", "status": 200, "headers": []}
FAILED = (
    b"HTTP/1.1 500 Internal Server Error\r\nserver: test\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 21\r\nconnection: close\r\n\r\nInternal Server Error"
)
CHUNKED = b"HTTP/1.1 200 OK\r\nserver: test\r\ntransfer-encoding: chunked\r\n\r\n"


def body(data: bytes = b"", more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


@pytest.mark.parametrize(
    ("messages", "answer", "error"),
    [
        ([ValueError("x")], FAILED, "Exception in ASGI application\n"),
        ([SystemExit(1)], FAILED, "Exception in ASGI application\n"),
        ([], FAILED, "ASGI callable returned without starting response."),
        ([START], CHUNKED, "ASGI callable returned without completing response."),
        ([START, ValueError()], CHUNKED, "Exception in ASGI application\n"),
        ([START, body(b"ab", True), ValueError()], CHUNKED + b"2\r\nab\r\n", "Exception in ASGI application\n"),
        ([START, body(b"ab", True)], CHUNKED + b"2\r\nab\r\n", "ASGI callable returned without completing response."),
        ([body()], FAILED, "Expected ASGI message 'http.response.start', but got 'http.response.body'."),
        ([START, START], CHUNKED, "Expected ASGI message 'http.response.body', but got 'http.response.start'."),
        ([{"status": 200}], FAILED, "'type'"),
        ([{"type": "http.response.start"}], FAILED, "'status'"),
        ([{**START, "headers": [(b"a b", b"")]}], b"", "Invalid HTTP header name."),
        ([{**START, "headers": [(b"a", b"b\r\nc: d")]}], b"", "Invalid HTTP header value."),
        ([{**START, "headers": [("a", b"b")]}], FAILED, "cannot convert 'str' object to bytes"),
        (
            [{**START, "headers": [(b"content-length", b"1")]}, body(b"ab")],
            b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 1\r\n\r\n",
            "Response content longer than Content-Length",
        ),
        (
            [{**START, "headers": [(b"content-length", b"3")]}, body(b"ab")],
            b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 3\r\n\r\nab",
            "Response content shorter than Content-Length",
        ),
        (
            [{**START, "status": 204}, body(b"ab")],
            b"HTTP/1.1 204 No Content\r\nserver: test\r\n\r\n",
            "Response content longer than Content-Length",
        ),
        (
            [{**START, "status": 100}, body()],
            b"",
            "Response status_code should be in range [200, 1000), not 100",
        ),
    ],
)  # fmt: skip
def test_what_an_application_may_not_do(serve: Serve, messages: Any, answer: bytes, error: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            if isinstance(message, BaseException):
                raise message
            await send(message)

    server = serve(app)
    assert server.ask(GET) == answer
    lines = server.errors.lines + [str(found) for found in server.errors.exceptions if found]
    assert error in lines


def test_a_message_after_the_response_is_an_error_that_only_the_log_sees(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await hello(scope, receive, send)
        await send(body())

    server = serve(app)
    with server.connect() as client:
        client.send(GET + LAST)
        assert client.rest().count(b"200 OK") == 2
    assert str(server.errors.exceptions[0]) == (
        "Unexpected ASGI message 'http.response.body' sent, after response already completed."
    )


def test_a_result_is_an_error(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> Any:
        return "result"

    server = serve(app)
    assert server.ask(GET) == FAILED
    assert server.errors.lines == ["ASGI callable should return None."]


def test_an_application_that_cannot_be_called(serve: Serve) -> None:
    server = serve(None)
    assert server.ask(GET) == FAILED
    assert isinstance(server.errors.exceptions[0], TypeError)


def refused(status: str, text: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nserver: test\r\ncontent-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}"
    ).encode()


BAD = refused("400 Bad Request", "Invalid HTTP request received.")
POST = b"POST / HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD),
        (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", BAD),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", BAD),
        (POST + b"Content-Length: 1, 1\r\n\r\na", BAD),
        (POST + b"Content-Length: +1\r\n\r\na", BAD),
        (POST + b"Content-Length: -1\r\n\r\na", BAD),
        (POST + b"Content-Length: 0x1\r\n\r\na", BAD),
        (POST + b"Content-Length: \r\n\r\na", BAD),
        (POST + b"Content-Length : 1\r\n\r\na", BAD),
        (POST + b"Content-Length: 18446744073709551616\r\n\r\n", BAD),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", refused("501 Not Implemented", "Not Implemented")),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
         refused("501 Not Implemented", "Not Implemented")),
        (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n", refused("501 Not Implemented", "Not Implemented")),
        (POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", BAD),
        (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", BAD),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\nHost: h\n\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: h\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: h\x00\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: h\rx: y\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\n: x\r\nHost: h\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nA B: x\r\nHost: h\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nno colon\r\nHost: h\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", BAD),
        (b"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", BAD),
        (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", BAD),
        (b"GET /\x00 HTTP/1.1\r\nHost: h\r\n\r\n", BAD),
        (b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", BAD),
        (b"GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", BAD),
        (b"GET / HTTP/1.2\r\nHost: h\r\n\r\n", refused("505 HTTP Version Not Supported", "HTTP Version Not Supported")),
        (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", refused("505 HTTP Version Not Supported", "HTTP Version Not Supported")),
        (b"GET /\r\n\r\n", BAD),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", BAD),
        (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
         refused("431 Request Header Fields Too Large", "Request Header Fields Too Large")),
        (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"a: b\r\n" * 30 + b"\r\n",
         refused("431 Request Header Fields Too Large", "Request Header Fields Too Large")),
        (POST + b"Content-Length: 8000001\r\n\r\n",
         refused("413 Request Entity Too Large", "Request Entity Too Large")),
    ],
)  # fmt: skip
def test_requests_that_two_servers_might_read_differently_are_refused(
    serve: Serve, wire: bytes, answer: bytes
) -> None:
    server = serve(hello)
    assert server.ask(wire + GET) == answer
    assert server.counts()[2] == 0
    (line,) = server.errors.lines
    assert line.startswith("Invalid HTTP request received: ")


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n", b"1\r\nab\r\n", b"1;\x00\r\na\r\n", b"-1\r\n", b"0x1\r\na\r\n", b"1 \r\na\r\n", b"1\na\r\n",
        b"fffffffffffffffff\r\n", b"1\r\na\n", b"0\r\nx y\r\n\r\n", b"\r\n", b"1;" + b"e" * 20000 + b"\r\na\r\n",
    ],
)  # fmt: skip
def test_malformed_chunks_end_the_connection(serve: Serve, chunks: bytes) -> None:
    server = serve(echo)
    answer = server.ask(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + GET)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_the_absolute_form_is_a_path(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope["path"])
        await hello(scope, receive, send)

    server = serve(app)
    server.ask(LAST.replace(b"/ ", b"http://other/a?b ", 1))
    assert server.next() == "/a"


def test_more_requests_than_allowed_are_answered_with_503(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(None)
        await release.wait()
        await hello(scope, receive, send)

    release = asyncio.Event()
    server = serve(app, limit_concurrency=1)
    with server.connect() as client:
        client.send(GET)
        server.next()
        assert server.ask(GET) == refused("503 Service Unavailable", "Service Unavailable")
        server.loop.call_soon_threadsafe(release.set)
        assert client.response()[0] == 200
    assert server.errors.lines == ["Exceeded concurrency limit."]
    assert '"GET / HTTP/1.1" 503' in server.access.lines[0]


def test_a_stopping_server_finishes_what_is_under_way(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(None)
        await release.wait()
        await hello(scope, receive, send)

    release = asyncio.Event()
    server = serve(app, timeout_keep_alive=60.0)
    with server.connect() as busy, server.connect() as idle, server.connect() as active:
        busy.send(GET)
        server.next()
        server.stop()
        active.send(GET)
        server.next()
        server.loop.call_soon_threadsafe(release.set)
        for client in (busy, active):
            assert client.rest().endswith(b"connection: close\r\n\r\nhi")
        assert idle.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            server.connect()
    server.until(lambda: server.server.counts()[:2] == (0, 0))


def test_a_large_response_survives_a_stop(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(body(b"x" * 20_000_000))
        server.seen.put(None)

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        server.next()
        server.stop()
        assert len(client.response()[2]) == 20_000_000


def test_abort_closes_everything(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        server.seen.put(None)
        server.seen.put(await receive())

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        server.next()
        server.call(server.server.abort)
        assert client.rest() == b""
        assert server.next() == {"type": "http.disconnect"}
