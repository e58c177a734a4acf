"""TLS: the same server behind a layer of encryption."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from fastapi import _rust

from .conftest import SETTINGS, Client, Running, Serve
from .test_requests import GET, LAST, echo, hello
from .test_websockets import echo as echo_messages

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that signs itself, and its key."""
    place = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "chain.pem",
        ],
        cwd=place, check=True, capture_output=True,
    )  # fmt: skip
    return place


def encrypted(serve: Serve, app: Any, made: Path, *clients: Any) -> Running:
    server = serve(app)
    chain, key = (made / "chain.pem").read_bytes(), (made / "key.pem").read_bytes()
    server.call(lambda: server.server.set_tls(chain, key, *clients))
    return server


def trusting(made: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(made / "chain.pem"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def secured(server: Running, context: ssl.SSLContext) -> Client:
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return Client(context.wrap_socket(plain, server_hostname="localhost"))


def test_requests_are_answered_and_the_scope_says_https(serve: Serve, made: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(scope["scheme"])
        await hello(scope, receive, send)

    server = encrypted(serve, app, made)
    with secured(server, trusting(made)) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "http/1.1"
        client.send(GET)
        assert client.response()[2] == b"hi"
        client.send(LAST)
        # An end without a close_notify would raise here.
        assert client.rest().endswith(b"hi")
    assert server.next() == "https"


def test_large_bodies_go_both_ways(serve: Serve, made: Path) -> None:
    server = encrypted(serve, echo, made)
    with httpx.Client(
        base_url=f"https://localhost:{server.port}", verify=trusting(made), timeout=10
    ) as client:
        for _ in range(2):
            body = b"0123456789" * 500_000
            assert client.post("/", content=body).content == body


def test_websockets_are_encrypted_too(serve: Serve, made: Path) -> None:
    server = encrypted(serve, echo_messages, made)
    with connect(
        f"wss://localhost:{server.port}/", ssl=ssl.create_default_context(cafile=made / "chain.pem")
    ) as peer:
        peer.send("x" * 90_000)
        assert peer.recv() == "x" * 90_000


def test_a_client_without_the_certificate_that_is_asked_for_is_refused(serve: Serve, made: Path) -> None:
    server = encrypted(serve, hello, made, (made / "chain.pem").read_bytes(), True)
    with secured(server, trusting(made)) as client, pytest.raises(ssl.SSLError):
        client.rest()


def test_a_client_certificate_may_be_an_offer(serve: Serve, made: Path) -> None:
    server = encrypted(serve, hello, made, (made / "chain.pem").read_bytes(), False)
    with secured(server, trusting(made)) as client:
        client.send(GET)
        assert client.response()[0] == 200


def test_a_client_that_speaks_plainly_is_cut_off(serve: Serve, made: Path) -> None:
    server = encrypted(serve, hello, made)
    assert b"HTTP" not in server.ask(GET)
    server.until(lambda: server.server.counts()[0] == 0)


@pytest.mark.parametrize(
    ("chain", "key", "clients", "error"),
    [
        (b"", None, None, "the certificate chain has no certificate"),
        (b"-----BEGIN CERTIFICATE-----\n!", None, None, "the certificate chain cannot be read"),
        (None, b"", None, "the private key cannot be read"),
        (None, None, b"", "the client CA has no certificate"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(
    serve: Serve, made: Path, chain: bytes | None, key: bytes | None, clients: bytes | None, error: str
) -> None:
    server = serve(hello)
    chain = (made / "chain.pem").read_bytes() if chain is None else chain
    key = (made / "key.pem").read_bytes() if key is None else key
    with pytest.raises(ValueError, match=error):
        server.call(lambda: server.server.set_tls(chain, key, clients))


def test_the_settings_name_the_files(serve: Serve, made: Path) -> None:
    server = serve(hello, ssl_certfile=made / "chain.pem", ssl_keyfile=made / "key.pem")
    with secured(server, trusting(made)) as client:
        client.send(GET)
        assert client.response()[0] == 200


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"ssl_certfile": "/nowhere"}, OSError, "ssl_certfile /nowhere: "),
        ({"ssl_keyfile_password": "x"}, ValueError, "unencrypted keys only"),
        ({"ssl_ca_certs": "key.pem", "ssl_cert_reqs": 2}, ValueError, "the client CA has no certificate"),
    ],
)
def test_what_is_wrong_with_the_files_is_said(
    made: Path, settings: Any, error: type[Exception], text: str
) -> None:
    files = {"ssl_certfile": made / "chain.pem", "ssl_keyfile": made / "key.pem", **settings}
    if "ssl_ca_certs" in files:
        files["ssl_ca_certs"] = made / files["ssl_ca_certs"]
    loop = asyncio.new_event_loop()
    with pytest.raises(error, match=text):
        _rust.HttpServer(hello, loop, SimpleNamespace(**{**SETTINGS, **files}), {}, None, None)
    loop.close()
