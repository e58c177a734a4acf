"""TLS: the same server behind a layer of encryption."""

import socket
import ssl
from typing import Any

import httpx
import pytest

from fastapi import _rust
from tests.certificates import PASSWORD, Certificates, needs_openssl

from .conftest import Client, Running, Serve
from .test_requests import GET, LAST, echo, hello
from .test_websockets import ACCEPTED, CLOSE, TEXT, close, frame, handshake
from .test_websockets import echo as echo_messages

pytestmark = needs_openssl


def encrypted(serve: Serve, app: Any, certificates: Certificates, *clients: Any, **settings: Any) -> Running:
    server = serve(app, **settings)
    config = _rust.TlsConfig(certificates.chain.read_bytes(), certificates.key.read_bytes(), None, *clients)
    server.call(lambda: server.server.set_tls(config))
    return server


def secured(server: Running, context: ssl.SSLContext) -> Client:
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return Client(context.wrap_socket(plain, server_hostname="localhost"))


def test_requests_are_answered_and_the_scope_says_https(serve: Serve, certificates: Certificates) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope["scheme"])
        await hello(scope, receive, send)

    server = encrypted(serve, app, certificates)
    with secured(server, certificates.trusting()) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "http/1.1"
        client.send(GET)
        assert client.response()[2] == b"hi"
        client.send(LAST)
        # An end without a close_notify would raise here.
        assert client.rest().endswith(b"hi")
    assert server.next() == "https"


def test_large_bodies_go_both_ways(serve: Serve, certificates: Certificates) -> None:
    server = encrypted(serve, echo, certificates)
    with httpx.Client(
        base_url=f"https://localhost:{server.port}", verify=certificates.trusting(), timeout=10
    ) as client:
        for _ in range(2):
            body = b"0123456789" * 500_000
            assert client.post("/", content=body).content == body


def test_websockets_are_encrypted_too(serve: Serve, certificates: Certificates) -> None:
    server = encrypted(serve, echo_messages, certificates)
    # In one thread: `websockets.sync` reads and writes in two, so that OpenSSL at times never sends the request that
    # meets the server's session tickets (https://github.com/python/cpython/issues/143756).
    with secured(server, certificates.trusting()) as peer:
        peer.send(handshake())
        assert peer.until(b"\r\n\r\n").startswith(ACCEPTED.encode())
        peer.send(frame(TEXT, b"x" * 90_000))
        assert peer.frame() == (TEXT, b"x" * 90_000)
        peer.send(frame(CLOSE, close(1000)))
        assert peer.rest() == bytes([CLOSE, 2]) + close(1000)


@pytest.mark.parametrize(
    ("required", "identity", "welcome"),
    [
        (True, None, False),
        (True, "client", True),
        (True, "stranger", False),
        (False, None, True),
        (False, "client", True),
        (False, "stranger", False),
    ],
)
def test_certificates_of_clients_are_required_or_an_offer_but_never_of_strangers(
    serve: Serve, certificates: Certificates, required: bool, identity: str | None, welcome: bool
) -> None:
    server = encrypted(serve, hello, certificates, certificates.authority.read_bytes(), required)
    shown = None if identity is None else getattr(certificates, identity)
    with secured(server, certificates.trusting(shown)) as client:
        if welcome:
            client.send(GET)
            assert client.response()[0] == 200
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                client.rest()
    assert server.errors.lines == []


def test_a_client_that_speaks_plainly_is_cut_off(serve: Serve, certificates: Certificates) -> None:
    server = encrypted(serve, hello, certificates)
    assert b"HTTP" not in server.ask(GET)
    server.until(lambda: server.server.counts()[0] == 0)


@pytest.mark.parametrize(
    ("versions", "suites", "spoken", "cipher"),
    [
        (None, None, "TLSv1.3", None),
        ([0x0303], None, "TLSv1.2", None),
        ([0x0303], [0xC02B], "TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ([0x0304], [0x1303], "TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"),
    ],
)
def test_versions_and_ciphers_can_be_chosen(
    serve: Serve,
    certificates: Certificates,
    versions: list[int] | None,
    suites: list[int] | None,
    spoken: str,
    cipher: str | None,
) -> None:
    server = encrypted(serve, hello, certificates, None, False, versions, suites)
    with secured(server, certificates.trusting()) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        chosen = client.socket.cipher()
        assert client.socket.version() == spoken
        assert chosen is not None
        assert cipher in (None, chosen[0])


@pytest.mark.parametrize(
    ("chain", "key", "clients", "refused"),
    [
        (b"", None, None, ("ssl_certfile", "has no certificate")),
        (b"-----BEGIN CERTIFICATE-----\n!", None, None, ("ssl_certfile", "cannot be read")),
        (None, b"", None, ("ssl_keyfile", "has no private key")),
        (None, b"-----BEGIN PRIVATE KEY-----\n!", None, ("ssl_keyfile", "cannot be read")),
        (None, b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n!", None, ("ssl_keyfile", "cannot be read")),
        (None, "client", None, ("ssl_keyfile", "is not the key of the certificate")),
        (None, None, b"", ("ssl_ca_certs", "has no certificate")),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(
    certificates: Certificates,
    chain: bytes | None,
    key: bytes | str | None,
    clients: bytes | None,
    refused: tuple[str, str],
) -> None:
    chain = certificates.chain.read_bytes() if chain is None else chain
    key = certificates.client.read_bytes() if key == "client" else key
    assert not isinstance(key, str)
    key = certificates.key.read_bytes() if key is None else key
    setting, text = refused
    with pytest.raises(ValueError, match=text) as caught:
        _rust.TlsConfig(chain, key, None, clients)
    assert caught.value.args[0] == setting


@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes256", "des3"])
def test_a_key_may_be_encrypted(certificates: Certificates, cipher: str) -> None:
    key = certificates.rewritten("encrypted.pem", f"-{cipher}", "-passout", f"pass:{PASSWORD}").read_bytes()
    chain = certificates.chain.read_bytes()
    assert _rust.TlsConfig(chain, key, PASSWORD.encode())
    assert _rust.TlsConfig(chain, certificates.key.read_bytes(), b"not needed")
    with pytest.raises(ValueError, match="is encrypted: add --ssl-keyfile-password"):
        _rust.TlsConfig(chain, key)
    with pytest.raises(ValueError, match="cannot be decrypted with --ssl-keyfile-password"):
        _rust.TlsConfig(chain, key, b"wrong")
    with pytest.raises(ValueError, match="cannot be read"):
        _rust.TlsConfig(chain, key.replace(b"M", b"!"), b"wrong")


def test_a_key_encrypted_as_of_old_has_a_way_out(certificates: Certificates) -> None:
    how = ("-traditional", "-aes256", "-passout", f"pass:{PASSWORD}")
    with pytest.raises(ValueError, match="rewrite it with `openssl pkey -aes256`"):
        _rust.TlsConfig(certificates.chain.read_bytes(), certificates.rewritten("old.pem", *how).read_bytes())
