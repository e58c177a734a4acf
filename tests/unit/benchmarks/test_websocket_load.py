"""The load generator for WebSockets: what it sends, what it puts up with, and what it finds out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.server import Server, ServerConnection, serve

from benchmarks.websocket_load import load

pytestmark = pytest.mark.timeout(30)


@contextmanager
def serving(handler: Callable[[ServerConnection], None], **options: object) -> Iterator[str]:
    server: Server
    with serve(handler, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/echo"
        finally:
            server.shutdown()
            thread.join()


def test_every_message_is_echoed_once_and_differs_from_the_last() -> None:
    heard: list[str] = []

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            heard.append(str(message))
            connection.send(message)

    with serving(echo) as url:
        latencies = load(url, 3, 11, 100)
    assert len(latencies) == len(heard) == 11
    assert len(set(heard)) == 11
    assert {len(message) for message in heard} == {100}
    assert min(latencies) > 0


def test_no_extension_is_offered() -> None:
    offered: list[str | None] = []

    def echo(connection: ServerConnection) -> None:
        assert connection.request is not None
        offered.append(connection.request.headers.get("Sec-WebSocket-Extensions"))
        for message in connection:
            connection.send(message)

    with serving(echo) as url:
        load(url, 1, 1, 100)
    assert offered == [None]


def test_a_ping_is_answered_and_the_echo_is_still_found() -> None:
    answered: list[bool] = []

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            pong = connection.ping()
            connection.send(message)
            answered.append(pong.wait(10))

    with serving(echo) as url:
        assert len(load(url, 2, 6, 100)) == 6
    assert all(answered)


def test_an_echo_in_pieces_is_waited_for() -> None:
    def echo(connection: ServerConnection) -> None:
        for message in connection:
            frame = b"\x81\x64" + str(message).encode()
            for start in range(0, len(frame), 7):
                connection.socket.sendall(frame[start : start + 7])

    with serving(echo) as url:
        assert len(load(url, 2, 4, 100)) == 4


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda message: message[:-1], "did not echo"),
        (lambda message: message.encode(), "did not echo"),
        (lambda message: "0".ljust(100, "x"), "did not echo"),
        (lambda message: None, "did not echo"),
    ],
    ids=["shorter", "bytes", "an old one", "a close"],
)
def test_what_is_no_echo_ends_the_run(answer: Callable[[str], str | bytes | None], why: str) -> None:
    def disturb(connection: ServerConnection) -> None:
        for message in connection:
            if (data := answer(str(message))) is None:
                return
            connection.send(data)

    with serving(disturb) as url, pytest.raises(SystemExit, match=why):
        load(url, 2, 8, 100)


def test_a_refused_handshake_is_told() -> None:
    with (
        serving(
            lambda connection: None, process_request=lambda connection, _: connection.respond(403, "no\n")
        ) as url,
        pytest.raises(SystemExit, match=r"no handshake with ws://127\.0\.0\.1:.*403"),
    ):
        load(url, 1, 1, 100)
