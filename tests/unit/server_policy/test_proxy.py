"""Whose word is taken for the client's address."""

import asyncio
from typing import Any

import pytest

from fastapi.server.proxy import ProxyHeaders, TrustList

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


def seen(trusted: Any, client: Any, headers: list[tuple[bytes, bytes]], kind: str = "http") -> dict[str, Any]:
    scope = {
        "type": kind,
        "client": client,
        "scheme": "ws" if kind == "websocket" else "http",
        "headers": headers,
    }

    async def app(inner: Any, receive: Any, send: Any) -> None:
        assert inner is scope

    asyncio.run(ProxyHeaders(app, trusted)(scope, None, None))
    return scope


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("127.0.0.1", ("127.0.0.1", 5), b"1.2.3.4", ("1.2.3.4", 0)),
        ("127.0.0.1", ("9.9.9.9", 5), b"1.2.3.4", ("9.9.9.9", 5)),
        ("127.0.0.1", ("127.0.0.1", 5), b"", ("127.0.0.1", 5)),
        ("127.0.0.1, 10.0.0.0/8", ("127.0.0.1", 5), b"6.6.6.6, 1.2.3.4, 10.1.1.1", ("1.2.3.4", 0)),
        (["127.0.0.1", "10.0.0.0/8"], ("127.0.0.1", 5), b"10.0.0.1, 10.0.0.2", ("10.0.0.1", 0)),
        ("*", ("9.9.9.9", 5), b"6.6.6.6, 1.2.3.4", ("6.6.6.6", 0)),
        ("*", None, b"1.2.3.4", ("1.2.3.4", 0)),
        ("127.0.0.1", None, b"1.2.3.4", None),
        ("::1", ("::1", 5), b"2001:db8::1", ("2001:db8::1", 0)),
        ("proxy,10.0.0.1/8", ("proxy", 5), b"1.2.3.4", ("1.2.3.4", 0)),
        ("", ("127.0.0.1", 5), b"1.2.3.4", ("127.0.0.1", 5)),
    ],
)
def test_the_client_is_the_nearest_that_is_no_trusted_proxy(
    trusted: Any, peer: Any, forwarded: bytes, client: Any
) -> None:
    assert seen(trusted, peer, [(FOR, forwarded)])["client"] == client


@pytest.mark.parametrize(
    ("kind", "told", "scheme"),
    [
        ("http", b"https", "https"),
        ("http", b" http ", "http"),
        ("http", b"gopher", "http"),
        ("websocket", b"https", "wss"),
        ("websocket", b"wss", "wss"),
    ],
)
def test_the_scheme_is_the_proxys(kind: str, told: bytes, scheme: str) -> None:
    assert seen("*", ("1.1.1.1", 1), [(PROTO, told)], kind)["scheme"] == scheme


def test_of_several_headers_the_last_counts() -> None:
    assert seen("*", ("1.1.1.1", 1), [(FOR, b"6.6.6.6"), (FOR, b"1.2.3.4")])["client"] == ("1.2.3.4", 0)


def test_a_lifespan_passes() -> None:
    assert seen("*", None, [(FOR, b"1.2.3.4")], "lifespan")["client"] is None


def test_uvicorn_sees_the_same() -> None:
    theirs = pytest.importorskip("uvicorn.middleware.proxy_headers")._TrustedHosts
    for trusted in ("*", "", "127.0.0.1", "10.0.0.0/8,::1", "10.1.2.3/8", "fe80::/10, unix"):
        for host in ("127.0.0.1", "10.2.3.4", "::1", "fe80::1", "unix", "", None, "x"):
            assert (host in TrustList(trusted)) == (host in theirs(trusted)), (trusted, host)
        for forwarded in ("", "1.2.3.4", "1.2.3.4, 10.0.0.1", "10.0.0.1,10.0.0.2", "::1"):
            assert TrustList(trusted).client(forwarded) == theirs(trusted).get_trusted_client_host(forwarded)
