"""What the native server makes of what asyncio tells it, in whatever order that comes."""

import asyncio
import threading
from typing import Any

import pytest

from .conftest import TIMEOUT, Running, Serve

HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"


class Transport:
    """A transport whose peer acts at the very moment that bytes are written."""

    def __init__(self, on_write: Any = None) -> None:
        self.on_write = on_write
        self.done: list[Any] = []

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 5000)

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0

    def write(self, data: bytes) -> None:
        self.done.append(data)
        if self.on_write is not None:
            self.on_write()

    def __getattr__(self, name: str) -> Any:
        return lambda: self.done.append(name)


@pytest.fixture
def go() -> threading.Event:
    """What the application waits for before it reads."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def server(serve: Serve, go: threading.Event) -> Running:
    async def reading(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.to_thread(go.wait, TIMEOUT)
        message: Any = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()
            running.seen.put(message)

    running = serve(reading)
    return running


def test_an_end_that_comes_together_with_bytes_is_heard(server: Running) -> None:
    def main() -> None:
        protocol = server.server.protocol()

        def rest_and_end() -> None:
            protocol.data_received(b"xyz")
            protocol.eof_received()

        transport.on_write = rest_and_end
        protocol.connection_made(transport)
        protocol.data_received(HEAD + b"Expect: 100-continue\r\n\r\n")

    transport = Transport()
    server.call(main)
    assert server.next() == {"type": "http.request", "body": b"xyz", "more_body": False}
    assert server.next() == {"type": "http.disconnect"}
    server.until(lambda: server.server.counts()[:2] == (0, 0))
    assert transport.done == [b"HTTP/1.1 100 Continue\r\n\r\n", "close"]


@pytest.mark.parametrize("error", [None, ConnectionResetError()])
def test_a_lost_connection_is_told_and_forgotten(server: Running, error: Any) -> None:
    def main() -> None:
        protocol = server.server.protocol()
        protocol.connection_made(Transport())
        protocol.data_received(HEAD + b"\r\nx")
        protocol.connection_lost(error)
        protocol.data_received(b"late")
        protocol.resume_writing()

    server.call(main)
    while server.next()["type"] != "http.disconnect":
        pass
    server.until(lambda: server.server.counts()[:2] == (0, 0))


def test_reading_pauses_until_the_application_has_caught_up(server: Running, go: threading.Event) -> None:
    go.clear()
    transport = Transport()

    def main() -> None:
        protocol = server.server.protocol()
        protocol.connection_made(transport)
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n")
        for _ in range(4):
            protocol.data_received(bytes(100_000))

    server.call(main)
    server.until(lambda: transport.done[-1:] == ["pause_reading"])
    go.set()
    server.until(lambda: transport.done[-1] == "resume_reading")


def test_a_transport_that_fails_is_aborted_without_a_word(server: Running) -> None:
    def fail() -> None:
        raise BrokenPipeError

    transport = Transport(on_write=fail)

    def main() -> None:
        protocol = server.server.protocol()
        protocol.connection_made(transport)
        protocol.data_received(b"nonsense\r\n\r\n")

    server.call(main)
    server.until(lambda: "abort" in transport.done)


def test_nothing_is_done_to_a_transport_while_it_tells_of_room(server: Running) -> None:
    transport = Transport()

    def main() -> None:
        protocol = server.server.protocol()
        protocol.connection_made(transport)
        transport.on_write = protocol.pause_writing
        protocol.data_received(b"nonsense\r\n\r\n")
        before = list(transport.done)
        protocol.resume_writing()
        assert transport.done == before

    server.call(main)
    server.until(lambda: transport.done[-1] == "write_eof")
