"""Whose word is taken for the client's address and scheme."""

import asyncio
import random
import socket
from typing import Any

import pytest

from fastapi.server.trust import TrustList

from .conftest import Client, Serve

Headers = list[tuple[bytes, bytes]]
FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


async def seen(scope: Any, receive: Any, send: Any) -> None:
    """Answers with client and scheme."""
    text = repr((scope["client"], scope["scheme"])).encode()
    if scope["type"] == "websocket":
        await send({"type": "websocket.http.response.start", "status": 200, "headers": []})
        await send({"type": "websocket.http.response.body", "body": text})
        return
    fields = [(b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": text})


def head(headers: Headers, *more: bytes) -> bytes:
    lines = [b"GET / HTTP/1.1", b"Host: h", *more, *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


UPGRADE = (
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "host"),
    [
        ("127.0.0.1", b"1.2.3.4", "1.2.3.4"),
        ("127.0.0.2", b"1.2.3.4", None),
        ("127.0.0.1", b"", None),
        ("127.0.0.1, 10.0.0.0/8", b"6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"),
        (["127.0.0.1", "10.0.0.0/8"], b"10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("127.0.0.0/8,::1", b"9.9.9.9, 0:0::1", "9.9.9.9"),
        ("127.0.0.0/8,proxy", b"9.9.9.9, proxy", "9.9.9.9"),
        ("127.0.0.0/8", b"9.9.9.9, proxy", "proxy"),
        ("*", b"6.6.6.6, 1.2.3.4", "6.6.6.6"),
        ("*, 127.0.0.1", b"6.6.6.6, *", "6.6.6.6"),
        ("", b"1.2.3.4", None),
        (None, b"1.2.3.4", None),
    ],
)
def test_the_client_is_the_nearest_that_is_no_trusted_proxy(
    serve: Serve, trusted: Any, forwarded: bytes, host: str | None
) -> None:
    server = serve(seen, trusted_proxies=None if trusted is None else TrustList.of(trusted))
    with server.connect() as client:
        client.send(head([(FOR, forwarded)]))
        own = client.socket.getsockname()
        assert client.response()[2].decode() == repr(((host, 0) if host else own, "http"))


@pytest.mark.parametrize(
    ("more", "told", "scheme"),
    [
        ((), b"https", "https"),
        ((), b"\t http ", "http"),
        ((), b"ws", "ws"),
        ((), b"gopher", "http"),
        ((), b"HTTPS", "http"),
        (UPGRADE, b"https", "wss"),
        (UPGRADE, b"http", "ws"),
        (UPGRADE, b"wss", "wss"),
        (UPGRADE, b"gopher", "ws"),
    ],
)
def test_the_scheme_is_the_proxys(serve: Serve, more: tuple[bytes, ...], told: bytes, scheme: str) -> None:
    server = serve(seen, trusted_proxies=TrustList.of("*"))
    with server.connect() as client:
        client.send(head([(PROTO, told), (FOR, b"1.1.1.1")], *more))
        client.until(b"\r\n\r\n")
        text = repr((("1.1.1.1", 0), scheme)).encode()
        assert client.exactly(len(text)) == text


@pytest.mark.parametrize(("trusted", "client"), [("*", ("1.2.3.4", 0)), ("127.0.0.1, unix", None)])
def test_a_proxy_on_a_unix_socket_is_believed_only_where_everyone_is(
    serve: Serve, tmp_path: Any, trusted: str, client: Any
) -> None:
    server = serve(seen, trusted_proxies=TrustList.of(trusted))
    server.listen(str(tmp_path / "s"))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(tmp_path / "s"))
    with Client(connection) as peer:
        peer.send(head([(FOR, b"1.2.3.4")]))
        assert peer.response()[2].decode() == repr((client, "http"))


def test_the_log_names_the_client_that_the_proxy_tells(serve: Serve) -> None:
    server = serve(seen, trusted_proxies=TrustList.of("*"))
    with server.connect() as client:
        client.send(head([(FOR, b"1.2.3.4")]))
        client.response()
    assert server.access.lines == ['1.2.3.4:0 - "GET / HTTP/1.1" 200']


HOSTS = (
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.0.01", "10.0.0.1", "10.20.30.40", "0.0.0.0", "1.2.3.4", "256.1.1.1",
    "::1", "0:0:0:0:0:0:0:1", "::", "::ffff:10.0.0.1", "fe80::1", "FE80::1", "fe80::1%eth0", "fe80::2%eth0", "fe80::1%",
    "fe80::1%a%b", "fe80::1%a/b", "2001:db8::5", "1:2:3:4:5:6:7::", "1::2::3", "12345::", "[::1]", "10.0.0.1:80",
    "unix", "proxy", "*", "", "é", "\xa0proxy\x85", "10.0.0.0/8", "_hidden",
)  # fmt: skip
NETWORKS = (
    "127.0.0.0/8", "127.0.0.0/30", "10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.0.0.1/8", "0.0.0.0/0", "::/0",
    "fe80::/10", "fe80::%eth0/10", "2001:db8::/32", "::1/128", "1.2.3.4/32", "x/8", "10.0.0.0/33",
)  # fmt: skip


def test_uvicorn_sees_the_same(serve: Serve) -> None:
    middleware = pytest.importorskip("uvicorn.middleware.proxy_headers").ProxyHeadersMiddleware
    chosen = random.Random(7)

    def theirs(trusted: Any, own: Any, headers: Headers) -> str:
        scope: Any = {"type": "http", "client": own, "scheme": "http", "headers": headers}

        async def app(scope: Any, receive: Any, send: Any) -> None:
            pass

        asyncio.run(middleware(app, trusted)(scope, None, None))
        return repr((scope["client"], scope["scheme"]))

    def some_trusted() -> Any:
        entries = chosen.sample(HOSTS + NETWORKS, chosen.randint(0, 6))
        if chosen.random() < 0.5:
            entries.append("127.0.0.1")
        return chosen.choice([entries, ", ".join(entries), ",".join(entries), "*", ["*"]])

    def some_headers() -> Headers:
        made = []
        for _ in range(chosen.randint(0, 4)):
            hosts = chosen.choices(HOSTS, k=chosen.randint(0, 5))
            made.append((FOR, chosen.choice([", ", ",", " ,\t"]).join(hosts).strip(" \t").encode("latin-1")))
            made.append((PROTO, chosen.choice([b"https", b"http", b"wss", b"\xa0https\x85", b"ftp", b""])))
            made.append((chosen.choice([b"x-forwarded-host", b"x-real-ip"]), b"9.9.9.9"))
        chosen.shuffle(made)
        return made

    for _ in range(40):
        trusted = some_trusted()
        server = serve(seen, trusted_proxies=TrustList.of(trusted))
        connection = socket.create_connection(
            ("127.0.0.1", server.port), 10, (chosen.choice(["127.0.0.1", "127.0.0.2"]), 0)
        )
        with Client(connection) as client:
            own = connection.getsockname()
            for _ in range(20):
                headers = some_headers()
                client.send(head(headers))
                assert client.response()[2].decode() == theirs(trusted, own, headers), (trusted, headers)
