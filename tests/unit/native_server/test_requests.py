"""Requests and responses over a real socket."""

import asyncio
import contextlib
import socket
from typing import Any

import httpx
import pytest

from .conftest import Running, Serve

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    pieces = 0
    while True:
        message = await receive()
        body += message["body"]
        pieces += 1
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-pieces", b"%d" % pieces)]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body"})


def test_a_connection_serves_request_after_request(serve: Serve) -> None:
    server = serve(hello)
    with server.connect() as client:
        for _ in range(3):
            client.send(GET)
            assert client.response() == (200, [("server", "test"), ("content-length", "2")], b"hi")
        client.send(LAST)
        assert client.rest() == (
            b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"
        )


def test_pipelined_requests_are_answered_in_their_order(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/0":
            await asyncio.sleep(0.02)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    with serve(app).connect() as client:
        client.send(b"".join(GET.replace(b"/ ", b"/%d " % number) for number in range(50)))
        assert [client.response()[2] for _ in range(50)] == [b"/%d" % number for number in range(50)]


def test_a_client_that_pipelines_without_end_is_not_read_without_end(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await release.wait()
        await hello(scope, receive, send)

    release = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.fill(GET * 1_000_000)
        server.loop.call_soon_threadsafe(release.set)
        assert client.response()[2] == b"hi"


def test_what_is_pipelined_behind_the_last_request_does_not_reset_its_answer(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await release.wait()  # until the socket is full
        await hello(scope, receive, send)

    release = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.send(LAST)
        client.fill(GET * 1_000_000)
        server.loop.call_soon_threadsafe(release.set)
        assert client.rest().endswith(b"\r\n\r\nhi")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: v\r\n\r\n",
    ],
    ids=["length", "chunked"],
)
def test_bodies_arrive_however_they_are_cut(serve: Serve, request_bytes: bytes) -> None:
    with serve(echo).connect() as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for step in (1, 7, len(request_bytes)):
            for start in range(0, len(request_bytes), step):
                client.send(request_bytes[start : start + step])
            status, fields, body = client.response()
            assert (status, body, fields[-1]) == (200, b"abcde", ("transfer-encoding", "chunked"))


def test_httpx_streams_both_ways(serve: Serve) -> None:
    server = serve(echo)
    pieces = [bytes([number]) * 100_000 for number in range(30)]
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client:
        response = client.post("/", content=iter(pieces))
        assert response.content == b"".join(pieces)
        assert int(response.headers["x-pieces"]) > 1


def test_a_body_waits_for_its_application(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await release.wait()
        await echo(scope, receive, send)

    release = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n")
        sent = client.fill(b"x" * 8_000_000)
        server.loop.call_soon_threadsafe(release.set)
        client.send(b"x" * (8_000_000 - sent))
        assert len(client.response()[2]) == 8_000_000


def test_send_waits_for_a_slow_reader(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for number in range(400):
            server.seen.put(number)
            await send({"type": "http.response.body", "body": b"x" * 50_000, "more_body": True})
        await send({"type": "http.response.body"})

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        head = client.until(b"\r\n\r\n")
        server.until(lambda: server.server.counts()[1] == 1)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), server.loop).result()
        assert server.seen.qsize() < 400
        client.buffer = head + client.buffer
        assert len(client.response()[2]) == 20_000_000


def test_a_large_last_piece_does_not_hold_the_application(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})
        server.seen.put("done")

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        assert server.next() == "done"
        assert len(client.response()[2]) == 20_000_000


def test_the_head_is_sent_before_the_body_is_known(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await release.wait()
        await send({"type": "http.response.body", "body": b"late"})

    release = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        head = client.until(b"\r\n\r\n")
        server.loop.call_soon_threadsafe(release.set)
        client.buffer = head + client.buffer
        assert client.response()[2] == b"late"


def test_a_client_that_expects_100_continue_gets_it_when_the_body_is_asked_for(serve: Serve) -> None:
    with serve(echo).connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"ab")
        assert client.response()[2] == b"ab"
        client.send(GET)
        assert client.response()[0] == 200


def test_a_client_whose_body_is_not_wanted_gets_the_answer_and_a_closed_connection(serve: Serve) -> None:
    with serve(hello).connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.rest().endswith(b"\r\nconnection: close\r\n\r\nhi")


def test_a_request_behind_a_body_that_was_not_wanted_is_not_taken_for_it(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope["method"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"2")]})
        with contextlib.suppress(asyncio.TimeoutError):  # as a stream listens for its client to leave
            server.seen.put(await asyncio.wait_for(receive(), 0.05))
        await send({"type": "http.response.body", "body": b"hi"})

    server = serve(app)
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 26\r\nExpect: 100-continue\r\n\r\n")
        client.until(b"\r\nconnection: close\r\n\r\nhi")
        client.send(GET)  # it did not wait to hear that the connection ends
        assert client.rest() == b""
    assert server.next() == "POST"
    assert server.seen.empty()


def test_a_body_that_nobody_reads_does_not_end_the_connection(serve: Serve) -> None:
    with serve(hello).connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n")
        assert client.response()[0] == 200
        client.send(b"x" * 200_000 + GET)
        assert client.response()[0] == 200


def test_head_has_no_body(serve: Serve) -> None:
    with serve(hello).connect() as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + LAST)
        assert client.rest().split(b"\r\n\r\n")[1:] == [
            b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 2\r\nconnection: close",
            b"hi",
        ]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        (b"", b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 2\r\n\r\nhi"),
        (
            b"Connection: keep-alive\r\n",
            b"HTTP/1.1 200 OK\r\nserver: test\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi",
        ),
    ],
)
def test_http_1_0_closes_unless_asked_not_to(serve: Serve, fields: bytes, answer: bytes) -> None:
    with serve(hello).connect() as client:
        client.send(b"GET / HTTP/1.0\r\n" + fields + b"\r\n")
        assert client.exactly(len(answer)) == answer
        if fields:
            client.send(LAST)
        client.rest()


def test_the_scope_is_what_uvicorn_makes_of_the_request(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope)
        await hello(scope, receive, send)

    server = serve(app, root_path="/api")
    with server.connect() as client:
        client.send(
            b"PATCH /a%20b/%C3%A9%2F?x=%201&y HTTP/1.1\r\nHost: h\r\nX-Twice: 1\r\nx-twice: 2\r\n"
            b"Connection: close\r\n\r\n"
        )
        client.rest()
        scope = server.next()
        assert list(scope.items()) == [
            ("type", "http"),
            ("asgi", {"version": "3.0", "spec_version": "2.3"}),
            ("http_version", "1.1"),
            ("server", ("127.0.0.1", server.port)),
            ("client", client_name(scope)),
            ("scheme", "http"),
            ("root_path", "/api"),
            ("headers", [(b"host", b"h"), (b"x-twice", b"1"), (b"x-twice", b"2"), (b"connection", b"close")]),
            ("state", {"made": "by lifespan"}),
            ("method", "PATCH"),
            ("path", "/api/a b/é/"),
            ("raw_path", b"/api/a%20b/%C3%A9%2F"),
            ("query_string", b"x=%201&y"),
        ]


def client_name(scope: Any) -> tuple[str, int]:
    host, port = scope["client"]
    assert host == "127.0.0.1"
    assert isinstance(port, int)
    return host, port


def test_state_is_copied_for_each_request(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(dict(scope["state"]))
        scope["state"]["dirty"] = True
        await hello(scope, receive, send)

    server = serve(app)
    with server.connect() as client:
        client.send(GET + LAST)
        client.rest()
    assert [server.next(), server.next()] == [{"made": "by lifespan"}] * 2


def test_the_access_log_has_uvicorns_lines(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/proxied":
            scope["client"] = ("9.9.9.9", 9)
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})

    server = serve(app, root_path="/r")
    with server.connect() as client:
        port = client.socket.getsockname()[1]
        client.send(
            b"GET /a%0Ab%20c?q=%0A HTTP/1.1\r\nHost: h\r\n\r\n"
            b"GET /proxied HTTP/1.1\r\nHost: h\r\n\r\n"
            b"POST /x HTTP/1.0\r\n\r\n"
        )
        client.rest()
    assert server.access.lines == [
        f'127.0.0.1:{port} - "GET /r/a%0Ab%20c?q=%0A HTTP/1.1" 404',
        f'127.0.0.1:{port} - "GET /r/proxied HTTP/1.1" 404',
        f'127.0.0.1:{port} - "POST /r/x HTTP/1.0" 404',
    ]


def test_a_date_comes_first(serve: Serve) -> None:
    with serve(hello, date_header=True).connect() as client:
        client.send(GET)
        fields = client.response()[1]
        assert [name for name, _ in fields] == ["date", "server", "content-length"]
        assert fields[0][1].endswith(" GMT")
        assert len(fields[0][1]) == 29


def test_bodies_may_be_any_bytes_like_object(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": iter([[b"a", bytearray(b"b")]])})
        for body in (b"1", bytearray(b"2"), memoryview(b"3")):
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body"})

    with serve(app).connect() as client:
        client.send(GET)
        assert client.response() == (
            200,
            [("server", "test"), ("a", "b"), ("transfer-encoding", "chunked")],
            b"123",
        )


@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_the_application_hears_of_a_lost_client(serve: Serve, how: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(await receive())
        server.seen.put(await receive())
        await hello(scope, receive, send)
        server.seen.put(await receive())

    server = serve(app)
    client = server.connect()
    client.send(GET)
    assert server.next() == {"type": "http.request", "body": b"", "more_body": False}
    {"close": client.close, "reset": client.reset, "half": lambda: client.socket.shutdown(socket.SHUT_WR)}[
        how
    ]()
    assert server.next() == {"type": "http.disconnect"}
    assert server.next() == {"type": "http.disconnect"}
    client.close()
    assert server.errors.lines == []


def test_a_client_that_sends_and_closes_at_once_is_noticed(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        server.seen.put(await receive())

    server = serve(app)
    client = server.connect()
    client.send(GET)
    client.close()
    assert server.next() == {"type": "http.disconnect"}


def test_receive_after_the_response_says_that_the_client_is_gone(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await hello(scope, receive, send)
        server.seen.put(await waiting)

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        assert client.response()[0] == 200
        assert server.next() == {"type": "http.disconnect"}


def test_many_connections_at_once(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.01)
        await hello(scope, receive, send)

    server = serve(app)
    clients = [server.connect() for _ in range(200)]
    for client in clients:
        client.send(GET)
    assert [client.response()[2] for client in clients] == [b"hi"] * 200
    for client in clients:
        client.close()
    server.until(lambda: server.server.counts()[:2] == (0, 0))


def test_a_unix_socket_has_no_addresses(serve: Serve, tmp_path: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put((scope["client"], scope["server"]))
        await hello(scope, receive, send)

    server: Running = serve(app)
    server.listen(str(tmp_path / "s"))
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(tmp_path / "s"))
        client.sendall(LAST)
        assert client.recv(1000).endswith(b"hi")
    assert server.next() == (None, None)
    assert server.access.lines == [' - "GET / HTTP/1.1" 200']
