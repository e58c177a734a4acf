"""What is no HTTP never reaches the application: the server itself refuses it, in a few words."""

import socket
from collections.abc import Iterator

import pytest

from tests.services.application import Application

pytest.importorskip("fastapi.server")  # whose words they are


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    with Application() as application:
        yield application


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NO HTTP\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_broken_requests_are_refused_in_plain_text_by_the_server(
    application: Application, request_: bytes, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", application.port), timeout=20) as connection:
        connection.sendall(request_)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"text/plain" in head
    assert len(body) < 100
