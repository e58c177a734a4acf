"""TLS whose bytes come in pieces of every kind, with ends and deadlines in between."""

import asyncio
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import pytest

from tests.certificates import Certificates, needs_openssl

from .conftest import TIMEOUT, Running, Serve
from .test_requests import GET, LAST, hello
from .test_tls import encrypted
from .test_websockets import ACCEPTED, CLOSE, TEXT, close, frame, handshake
from .test_websockets import echo as echo_messages

pytestmark = needs_openssl

Cut = Callable[[bytes], Iterable[bytes]]


class Wire(Protocol):
    """Where the bytes of a peer go."""

    def send(self, data: bytes) -> None: ...

    def receive(self) -> bytes: ...


def whole(data: bytes) -> Iterable[bytes]:
    return [data]


def bytewise(data: bytes) -> Iterable[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def records(data: bytes) -> Iterable[bytes]:
    """Each record of TLS by itself (RFC 8446 §5.1)."""
    while data:
        length = 5 + int.from_bytes(data[3:5], "big")
        yield data[:length]
        data = data[length:]


def across(data: bytes) -> Iterable[bytes]:
    """The end of each record together with the first bytes of the next."""
    rest = b""
    for record in records(data):
        yield rest + record[:-7]
        rest = record[-7:]
    yield rest


CUTS: list[Cut] = [whole, bytewise, records, across]


class Plug:
    """The socket of a peer."""

    def __init__(self, server: Running) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> bytes:
        return self.socket.recv(65536)


class Transport:
    """What asyncio would be for a protocol of the server's, and the wire of its peer."""

    def __init__(self, server: Running, *, slow: bool = False) -> None:
        self.server = server
        self.slow = slow
        self.written: queue.Queue[bytes] = queue.Queue()
        self.done: list[str] = []
        self.protocol = server.call(server.server.protocol)
        server.call(lambda: self.protocol.connection_made(self))

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 5000)

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0

    def write(self, data: bytes) -> None:
        assert not self.done
        if self.slow:  # nobody takes anything until the peer looks
            self.protocol.pause_writing()
        self.written.put(data)

    def send(self, data: bytes) -> None:
        self.server.call(lambda: self.protocol.data_received(data))

    def receive(self) -> bytes:
        data = self.written.get(timeout=TIMEOUT)
        if self.slow and data:
            self.server.call(self.protocol.resume_writing)
        return data

    def end(self) -> None:
        self.server.call(self.protocol.eof_received)

    def __getattr__(self, name: str) -> Any:
        def do() -> None:
            self.done.append(name)
            if name in ("close", "abort"):
                self.written.put(b"")

        return do


class Peer:
    """A client whose bytes wait until they are let go, cut as a test wants them."""

    def __init__(self, wire: Wire, certificates: Certificates, cut: Cut = whole, version: Any = None) -> None:
        self.wire = wire
        self.cut = cut
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = certificates.trusting()
        if version is not None:
            context.maximum_version = version
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.plain = b""
        self.do(self.tls.do_handshake)

    def flush(self) -> None:
        for piece in self.cut(self.outgoing.read()):
            if piece:
                self.wire.send(piece)

    def do(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                data = self.wire.receive()
                self.incoming.write(data) if data else self.incoming.write_eof()

    def write(self, *messages: bytes) -> None:
        """Encrypt messages, each in a record of its own."""
        for message in messages:
            self.tls.write(message)

    def say_goodbye(self) -> None:
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.unwrap()

    def until(self, end: bytes) -> bytes:
        while end not in self.plain:
            more = self.do(lambda: self.tls.read(65536))
            assert more, f"closed after {self.plain!r}"
            self.plain += more
        taken, _, self.plain = self.plain.partition(end)
        return taken + end

    def rest(self) -> bytes:
        """What comes until the server says goodbye; to close without that would raise."""
        try:
            while more := self.do(lambda: self.tls.read(65536)):
                self.plain += more
        except ssl.SSLZeroReturnError:
            pass
        return self.plain


def ask(peer: Peer) -> None:
    """Two requests; the first goes together with the end of the handshake."""
    peer.write(GET, LAST[:20], LAST[20:])
    peer.flush()
    assert peer.until(b"hi").endswith(b"\r\n\r\nhi")
    assert peer.rest().endswith(b"\r\n\r\nhi")


def converse(peer: Peer) -> None:
    """A WebSocket; what opens it goes together with the end of the handshake."""
    peer.write(handshake())
    peer.flush()
    assert peer.until(b"\r\n\r\n").startswith(ACCEPTED.encode())
    for payload in (b"x" * 300, b"y"):
        message = frame(TEXT, payload)
        peer.write(message[:3], message[3:])
    peer.flush()
    peer.until(b"x" * 300)
    peer.until(b"y")
    peer.write(frame(CLOSE, close(1000)))
    peer.flush()
    assert peer.rest() == bytes([CLOSE, 2]) + close(1000)


TALKS = [(hello, ask), (echo_messages, converse)]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("app", "talk"), TALKS)
def test_bytes_are_understood_however_they_are_cut(
    serve: Serve, certificates: Certificates, app: Any, talk: Callable[[Peer], None], version: Any, cut: Cut
) -> None:
    server = encrypted(serve, app, certificates)
    plug = Plug(server)
    with plug.socket:
        talk(Peer(plug, certificates, cut, version))
    assert server.errors.exceptions == [None] * len(server.errors.lines)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("slow", [False, True], ids=["taken", "paused"])
@pytest.mark.parametrize(("app", "talk"), TALKS)
def test_a_transport_may_deliver_and_pause_as_it_likes(
    serve: Serve, certificates: Certificates, app: Any, talk: Callable[[Peer], None], slow: bool, cut: Cut
) -> None:
    """With ``slow``, each write is followed by ``pause_writing``, that of the handshake too."""
    server = encrypted(serve, app, certificates)
    talk(Peer(Transport(server, slow=slow), certificates, cut))


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("factory", [False, True], ids=["", "task factory"])
@pytest.mark.parametrize("shut", [False, True], ids=["", "shut"])
def test_a_client_that_says_goodbye_behind_its_request_is_answered(
    serve: Serve, certificates: Certificates, shut: bool, factory: bool, cut: Cut
) -> None:
    server = encrypted(serve, hello, certificates)
    if factory:  # so that no task takes its first step at once
        server.call(
            lambda: server.loop.set_task_factory(lambda loop, coro, **_: asyncio.Task(coro, loop=loop))
        )
    plug = Plug(server)
    with plug.socket:
        peer = Peer(plug, certificates, cut)
        peer.write(GET)
        peer.say_goodbye()
        peer.flush()
        if shut:
            plug.socket.shutdown(socket.SHUT_WR)
        assert peer.rest().endswith(b"\r\n\r\nhi")


def test_an_end_behind_the_first_request_of_a_transport_is_no_obstacle(
    serve: Serve, certificates: Certificates
) -> None:
    server = encrypted(serve, hello, certificates)
    wire = Transport(server)
    peer = Peer(wire, certificates)
    peer.write(GET)

    def deliver() -> None:
        wire.protocol.data_received(peer.outgoing.read())
        wire.protocol.eof_received()

    server.call(deliver)
    assert peer.rest().endswith(b"\r\n\r\nhi")
    server.until(lambda: server.server.counts()[0] == 0)


def test_a_handshake_has_the_time_of_a_head_whatever_idle_connections_have(
    serve: Serve, certificates: Certificates
) -> None:
    server = encrypted(serve, hello, certificates, timeout_keep_alive=0.0)
    plug = Plug(server)
    with plug.socket:
        server.until(lambda: server.server.counts()[0] == 1)
        server.call(server.server.tick)
        peer = Peer(plug, certificates)
        server.call(server.server.tick)
        peer.write(GET)
        peer.flush()
        server.call(server.server.tick)
        assert peer.rest().endswith(b"\r\n\r\nhi")


def test_who_does_not_come_to_the_end_of_a_handshake_is_cut_off(
    serve: Serve, certificates: Certificates
) -> None:
    server = encrypted(serve, hello, certificates, timeout_head=0.05, timeout_keep_alive=60.0)
    plug = Plug(server)
    with plug.socket:
        plug.send(b"\x16\x03\x01")
        while plug.receive():
            pass
    assert server.errors.lines == []


@pytest.mark.parametrize("is_encrypted", [False, True], ids=["plain", "encrypted"])
def test_what_came_while_the_loop_was_busy_was_not_late(
    serve: Serve, certificates: Certificates, is_encrypted: bool
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await hello(scope, receive, send)
        if scope["path"] == "/blocks":
            server.ticker.cancel()
            server.loop.call_soon(server.server.tick)  # before anybody reads
            assert go.wait(TIMEOUT)

    go = threading.Event()
    deadlines = {"timeout_keep_alive": 0.05, "timeout_head": 60.0}
    server = encrypted(serve, app, certificates, **deadlines) if is_encrypted else serve(app, **deadlines)
    plug = Plug(server)
    with plug.socket:
        first = GET.replace(b"/ ", b"/blocks ", 1)
        if is_encrypted:
            peer = Peer(plug, certificates)
            peer.write(first)
            peer.flush()
            peer.until(b"hi")
            peer.write(LAST)
            last = peer.outgoing.read()
        else:
            plug.send(first)
            while not plug.receive().endswith(b"hi"):
                pass
            last = LAST
        late = time.monotonic() + 0.1
        plug.send(last)
        while time.monotonic() < late:
            pass
        go.set()
        if is_encrypted:
            assert peer.rest().endswith(b"\r\n\r\nhi")
        else:
            assert b"HTTP/1.1 200 OK" in plug.receive()
