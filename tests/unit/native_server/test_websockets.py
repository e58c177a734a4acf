"""WebSockets over a real socket: what the peer sees, and what the application hears."""

import asyncio
import base64
import itertools
from typing import Any

import pytest
from websockets.sync.client import connect

from .conftest import Client, Running, Serve

KEY = base64.b64encode(b"0" * 16).decode()
ACCEPT = "tb403IRLas8CVkLDneo/uRhHmBg="
ACCEPTED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Accept: {ACCEPT}\r\n"
)
MASK = b"abcd"
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A


def handshake(
    path: str = "/", *fields: str, version: str = "13", key: str = KEY, method: str = "GET"
) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Version: {version}", *fields, "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def frame(first: int, payload: bytes = b"") -> bytes:
    length = len(payload)
    if length < 126:
        head = bytes([first, 0x80 | length])
    elif length < 65536:
        head = bytes([first, 0x80 | 126]) + length.to_bytes(2, "big")
    else:
        head = bytes([first, 0x80 | 127]) + length.to_bytes(8, "big")
    return head + MASK + bytes(byte ^ mask for byte, mask in zip(payload, itertools.cycle(MASK)))


def close(code: int, reason: bytes = b"") -> bytes:
    return code.to_bytes(2, "big") + reason


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it gets, after an ``accept`` without ornaments."""
    assert await receive() == {"type": "websocket.connect"}
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def listening(serve: Serve, **settings: Any) -> Running:
    """A server whose application tells what it hears, and echoes."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def hear() -> Any:
            message = await receive()
            server.seen.put(message)
            return message

        await echo(scope, hear, send)
        server.seen.put("end")

    server = serve(app, **settings)
    return server


def opened(server: Running, *fields: str) -> Client:
    client = server.connect()
    client.send(handshake("/", *fields))
    assert client.until(b"\r\n\r\n").startswith(ACCEPTED.encode())
    assert server.next() == {"type": "websocket.connect"}
    return client


def test_a_handshake_is_answered_in_the_order_of_the_websockets_library(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope)
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "b", "headers": [(b"X-Extra", b"1")]})
        await receive()

    server = serve(app, date_header=True, root_path="/r")
    with server.connect() as client:
        client.send(
            handshake(
                "/a%20b?c=%20d",
                "Sec-WebSocket-Protocol: a, b",
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            )
        )
        lines = client.until(b"\r\n\r\n").decode().split("\r\n")
        assert lines[:6] == [
            *ACCEPTED.split("\r\n")[:-1],
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Protocol: b",
        ]
        assert lines[6].startswith("date: ")
        assert lines[7:] == ["server: test", "X-Extra: 1", "", ""]
        port = client.socket.getsockname()[1]
    scope = server.next()
    assert scope.pop("headers")[:2] == [(b"host", b"h"), (b"upgrade", b"websocket")]
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": ("127.0.0.1", server.port),
        "client": ("127.0.0.1", port),
        "root_path": "/r",
        "path": "/r/a b",
        "raw_path": b"/r/a%20b",
        "query_string": b"c=%20d",
        "subprotocols": ["a", "b"],
        "state": {"made": "by lifespan"},
        "extensions": {"websocket.http.response": {}},
    }
    server.until(lambda: server.server.counts()[:2] == (0, 0))
    assert server.errors.lines == [
        f'127.0.0.1:{port} - "WebSocket /r/a%20b?c=%20d" [accepted]',
        "connection open",
        "connection closed",
    ]


def test_a_date_is_sent_even_where_responses_have_none(serve: Serve) -> None:
    with serve(echo).connect() as client:
        client.send(handshake())
        assert b"\r\nserver: test\r\nDate: " in client.until(b"\r\n\r\n")


def test_messages_go_both_ways(serve: Serve) -> None:
    server = listening(serve)
    with opened(server) as client:
        for first, payload in [
            (TEXT, "é".encode()),
            (BINARY, b"\xff\x00"),
            (TEXT, b""),
            (BINARY, b"x" * 70_000),
        ]:
            client.send(frame(first, payload))
            assert client.frame() == (first, payload)
        client.send(frame(0x01, b"\xc3") + frame(PING, b"p") + frame(0x00) + frame(0x80, b"\xa9"))
        assert client.frame() == (PONG, b"p")
        assert client.frame() == (TEXT, "é".encode())
        assert server.next() == {"type": "websocket.receive", "text": "é"}
        assert server.next() == {"type": "websocket.receive", "bytes": b"\xff\x00"}


def test_frames_that_come_with_the_handshake_are_read(serve: Serve) -> None:
    server = listening(serve)
    with server.connect() as client:
        client.send(handshake() + frame(TEXT, b"early"))
        client.until(b"\r\n\r\n")
        assert client.frame() == (TEXT, b"early")


@pytest.mark.parametrize(
    ("sent", "answer", "heard"),
    [
        (frame(CLOSE, close(1000, b"ok")), (CLOSE, close(1000)), {"code": 1000, "reason": "ok"}),
        (frame(CLOSE, close(4999)), (CLOSE, close(4999)), {"code": 4999, "reason": ""}),
        (frame(CLOSE), (CLOSE, b""), {"code": 1005, "reason": ""}),
        (frame(CLOSE, close(1005)), (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
        (frame(CLOSE, b"\x03"), (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
        (frame(TEXT, b"x" * 100_001), (CLOSE, close(1009)), {"code": 1006, "reason": ""}),
        (frame(0x83, b"x"), (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
        (frame(TEXT, b"\xff"), (CLOSE, close(1007)), {"code": 1006, "reason": ""}),
        (b"\x81\x01x", (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
        (frame(0xC1, b"x"), (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
        (frame(0x80, b"x"), (CLOSE, close(1002)), {"code": 1006, "reason": ""}),
    ],
)
def test_how_a_peer_ends_a_connection(serve: Serve, sent: bytes, answer: Any, heard: Any) -> None:
    server = listening(serve)
    with opened(server) as client:
        client.send(sent)
        first, payload = client.frame()
        assert (first, payload[:2]) == answer
        assert server.next() == {"type": "websocket.disconnect", **heard}
        assert server.next() == "end"
        assert client.rest() == b""
    server.until(lambda: server.server.counts()[:2] == (0, 0))


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_lost_peer_is_1006(serve: Serve, how: str) -> None:
    server = listening(serve)
    client = opened(server)
    getattr(client, how)()
    assert server.next() == {"type": "websocket.disconnect", "code": 1006, "reason": ""}


def test_a_peer_lost_before_the_answer_is_1006(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        server.seen.put("connect")
        server.seen.put(await receive())
        await send({"type": "websocket.accept"})
        server.seen.put(await receive())

    server = serve(app)
    client = server.connect()
    client.send(handshake())
    assert server.next() == "connect"
    client.close()
    assert server.next() == {"type": "websocket.disconnect", "code": 1006}


def test_messages_that_wait_are_heard_before_the_end(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await release.wait()
        for _ in range(3):
            server.seen.put(await receive())

    release = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.send(handshake() + frame(TEXT, b"1") + frame(TEXT, b"2") + frame(CLOSE))
        client.until(b"\r\n\r\n")
        assert client.frame() == (CLOSE, b"")
        server.loop.call_soon_threadsafe(release.set)
        assert [server.next().get("text") for _ in range(3)] == ["1", "2", None]


def after_the_end(serve: Serve, *messages: Any, answer: bytes = b"") -> list[Any]:
    """What an application gets that sends on after the peer closed."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await closed.wait()
        for message in messages:
            try:
                server.seen.put(await (receive() if message is None else send(message)))
            except Exception as error:
                server.seen.put(error)
        server.seen.put("end")
        await send({"type": "websocket.send", "text": "raises"})

    closed = asyncio.Event()
    server = serve(app)
    with server.connect() as client:
        client.send(handshake() + frame(CLOSE))
        client.rest()
        server.loop.call_soon_threadsafe(closed.set)
        return [*iter(server.next, "end")]


def test_sending_to_a_peer_that_is_gone_is_an_oserror(serve: Serve) -> None:
    error, nothing = after_the_end(
        serve, {"type": "websocket.send", "text": "x"}, {"type": "websocket.close", "code": 1000}
    )
    assert isinstance(error, OSError)
    assert nothing is None


def test_sending_after_a_disconnect_was_told_is_an_error(serve: Serve) -> None:
    told, error, again = after_the_end(serve, None, {"type": "websocket.send", "text": "x"}, None)
    assert told["code"] == 1005
    assert again == {"type": "websocket.disconnect", "code": 1005}
    assert str(error) == (
        "Unexpected ASGI message 'websocket.send', after sending 'websocket.close' or response already completed."
    )


def test_a_rejection_is_403(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        server.seen.put(await receive())

    server = serve(app)
    answer = server.ask(handshake())
    head, date, *rest = answer.decode().split("\r\n")
    assert (head, rest) == (
        "HTTP/1.1 403 Forbidden",
        ["Content-Length: 0", "Content-Type: text/plain", "Connection: close", "", ""],
    )
    assert date.startswith("Date: ")
    assert server.next() == {"type": "websocket.disconnect", "code": 1006}
    assert server.errors.lines[0].endswith('"WebSocket /" 403')
    assert server.errors.lines[1:] == ["connection rejected (403 Forbidden)", "connection closed"]


def test_a_rejection_may_be_any_response(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"x-a", b"b"), (b"Content-Type", b"text/html")]
        await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"n", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"o"})

    server = serve(app)
    lines = server.ask(handshake()).decode().split("\r\n")
    assert lines[:3] == ["HTTP/1.1 401 Unauthorized", "x-a: b", "Content-Type: text/html"]
    assert lines[4:] == ["Content-Length: 2", "Connection: close", "", "no"]
    assert server.errors.lines[0].endswith('"WebSocket /" 401')


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        (
            [{"type": "websocket.send", "text": ""}],
            "Expected ASGI message 'websocket.accept', 'websocket.close', or 'websocket.http.response.start' "
            "but got 'websocket.send'.",
        ),
        ([], None),
        ([{}], "'type'"),
        (
            [{"type": "websocket.http.response.start", "status": 401}, {"type": "websocket.accept"}],
            "Expected ASGI message 'websocket.http.response.body' but got 'websocket.accept'.",
        ),
        ([{"type": "websocket.http.response.start", "status": 401, "headers": [(b"a", b"b\r\nc: d")]}],
         "Invalid HTTP header value."),
        ([{"type": "websocket.http.response.start", "status": 401, "headers": [(b"a\nb", b"")]}],
         "Invalid HTTP header name."),
        ([{"type": "websocket.accept", "headers": [(b"a", b"b\r\nc: d")]}], "Invalid HTTP header value."),
        ([{"type": "websocket.accept", "headers": [(b"a: b", b"c")]}], "Invalid HTTP header name."),
        ([{"type": "websocket.accept", "subprotocol": "a\r\nb: c"}], "Invalid HTTP header value."),
        ([{"type": "websocket.accept"}, {"type": "websocket.accept"}],
         "Expected ASGI message 'websocket.send' or 'websocket.close', but got 'websocket.accept'."),
        ([{"type": "websocket.accept"}, {"type": "websocket.send"}],
         "a 'websocket.send' message needs 'text' or 'bytes'"),
    ],
)  # fmt: skip
def test_what_an_application_may_not_do(serve: Serve, messages: Any, error: str | None) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        for message in messages:
            await send(message)

    server = serve(app)
    answer = server.ask(handshake())
    if messages and messages[0] == {"type": "websocket.accept"}:
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert answer.endswith(b"\r\n\r\n")
    else:
        assert answer == (
            b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain; charset=utf-8\r\n"
            b"content-length: 21\r\nconnection: close\r\n\r\nInternal Server Error"
        )
    if error is None:
        assert server.errors.lines == ["ASGI callable returned without sending handshake."]
    else:
        assert error in [str(found) for found in server.errors.exceptions if found]


def test_an_application_that_returns_leaves_without_a_close(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "last"})

    with serve(app).connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        assert client.frame() == (TEXT, b"last")
        assert client.rest() == b""


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"code": 1005}, "invalid status code"),
        ({"code": 1006}, "invalid status code"),
        ({"code": 0}, "invalid status code"),
        ({"code": 2999}, "invalid status code"),
        ({"code": 5000}, "invalid status code"),
        ({"reason": "x" * 124}, "control frame too long"),
        ({"reason": "é" * 62}, "control frame too long"),
        ({"code": 4999, "reason": "x" * 123}, None),
        ({"code": 1014, "reason": None}, None),
    ],
)
def test_only_a_close_that_the_protocol_has_is_sent(
    serve: Serve, wanted: dict[str, Any], error: str | None
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", **wanted})

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        if error is None:
            sent = close(wanted["code"], (wanted["reason"] or "").encode())
            assert client.frame() == (CLOSE, sent)
        else:
            assert client.rest() == b""
    server.until(lambda: server.server.counts()[:2] == (0, 0))
    assert [str(raised) for raised in server.errors.exceptions if raised] == [error] * (error is not None)


def test_who_is_gone_is_closed_with_any_code(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        told = await receive()
        server.seen.put(told["code"])
        await send({"type": "websocket.close", "code": told["code"]})

    server = serve(app)
    with server.connect() as client:
        client.send(handshake() + frame(CLOSE))
        client.until(b"\r\n\r\n")
        assert client.frame() == (CLOSE, b"")
    assert server.next() == 1005
    server.until(lambda: server.server.counts()[:2] == (0, 0))
    # It was told of the end, so that another close is one too many, whatever its code.
    assert "invalid" not in "".join(map(str, server.errors.exceptions))


def test_a_close_waits_for_the_peers(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 3001, "reason": "bye"})
        server.seen.put(await receive())
        await send({"type": "websocket.close"})

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        assert client.frame() == (CLOSE, close(3001, b"bye"))
        assert server.next() == {"type": "websocket.disconnect", "code": 1005}
        client.send(frame(TEXT, b"crossed") + frame(CLOSE, close(3001)))
        assert client.rest() == b""
    assert "after sending 'websocket.close'" in str(server.errors.exceptions[-2])


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (handshake(version="12"), b"426 Upgrade Required"),
        (handshake(key="short"), b"400 Bad Request"),
        (handshake(method="POST"), b"400 Bad Request"),
        (handshake("/", f"Sec-WebSocket-Key: {KEY}"), b"400 Bad Request"),
        (handshake("/", "Content-Length: 5"), b"400 Bad Request"),
        (handshake("/", "Transfer-Encoding: chunked"), b"400 Bad Request"),
    ],
)
def test_a_handshake_that_is_none_is_refused(serve: Serve, wire: bytes, status: bytes) -> None:
    server = serve(echo)
    answer = server.ask(wire)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"Failed to open a WebSocket connection: " in answer
    assert server.counts()[2] == 0


def test_too_many_websockets_are_answered_with_503(serve: Serve) -> None:
    server = listening(serve, limit_concurrency=1)
    with opened(server):
        assert server.ask(handshake()).startswith(b"HTTP/1.1 503 ")


def test_who_takes_no_pongs_may_send_no_pings(serve: Serve) -> None:
    server = listening(serve)
    ping = frame(PING, bytes(125))
    with opened(server) as client:
        taken = client.fill(ping * 400_000) // len(ping)
        for _ in range(taken):
            assert client.frame() == (PONG, bytes(125))


def test_a_stopping_server_closes_with_1012(serve: Serve) -> None:
    server = listening(serve)
    with opened(server) as client:
        server.stop()
        assert client.frame() == (CLOSE, close(1012))
        assert server.next() == {"type": "websocket.disconnect", "code": 1012}
        assert client.rest() == b""


def test_a_stopping_server_answers_open_handshakes_with_500(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        server.seen.put(None)
        server.seen.put(await receive())

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        server.next()
        server.stop()
        assert client.rest().startswith(b"HTTP/1.1 500 ")
        assert server.next() == {"type": "websocket.disconnect", "code": 1006}


def test_a_silent_peer_is_pinged_and_given_up(serve: Serve) -> None:
    server = listening(serve, ws_ping_interval=0.02, ws_ping_timeout=0.1)
    with opened(server) as client:
        for _ in range(2):
            assert client.frame() == (PING, b"")
            client.send(frame(PONG))
        assert client.frame() == (PING, b"")
        first, payload = client.frame()
        assert (first, payload) == (CLOSE, close(1011, b"keepalive ping timeout"))
        assert server.next() == {"type": "websocket.disconnect", "code": 1006, "reason": ""}


def test_messages_wait_for_their_application(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await release.wait()
        for _ in range(2000):
            server.seen.put(len((await receive())["bytes"]))

    release = asyncio.Event()
    server = serve(app, ws_max_queue=4)
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        data = frame(BINARY, b"x" * 50_000) * 2000
        sent = client.fill(data)
        server.loop.call_soon_threadsafe(release.set)
        client.send(data[sent:])
        assert [server.next() for _ in range(2000)] == [50_000] * 2000


def test_send_waits_for_a_slow_peer(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(200):
            await send({"type": "websocket.send", "bytes": b"x" * 100_000})
            server.seen.put(number)
        await receive()

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), server.loop).result()
        assert server.seen.qsize() < 200
        for _ in range(200):
            assert client.frame() == (BINARY, b"x" * 100_000)


@pytest.mark.parametrize("compression", ["deflate", None])
def test_a_client_of_another_hand_gets_its_messages_back(serve: Serve, compression: str | None) -> None:
    server = serve(echo)
    with connect(f"ws://127.0.0.1:{server.port}/", compression=compression, max_size=None) as socket:
        for message in ["", "hi", "é" * 1000, b"\x00\xff" * 20_000, *map(str, range(100))]:
            socket.send(message)
            assert socket.recv() == message
        socket.send(["frag", "ment", "ed"])
        assert socket.recv() == "fragmented"
        assert bool(socket.protocol.extensions) is (compression is not None)


def test_compression_can_be_turned_off(serve: Serve) -> None:
    server = serve(echo, ws_per_message_deflate=False)
    with connect(f"ws://127.0.0.1:{server.port}/") as socket:
        socket.send("x")
        assert socket.recv() == "x"
        assert not socket.protocol.extensions


def test_a_compressed_message_counts_inflated(serve: Serve) -> None:
    server = serve(echo)
    with connect(f"ws://127.0.0.1:{server.port}/") as socket:
        socket.send("x" * 200_000)
        with pytest.raises(Exception, match="1009"):
            socket.recv()
