"""A native server in a thread of its own, and a client that sees every byte."""

import asyncio
import contextlib
import logging
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi import _rust
from fastapi.server.driver import choose
from tests.certificates import certificates as certificates

TIMEOUT = 10.0
"""Seconds after which a test that waits for the server has failed."""

uvloop = pytest.importorskip("uvloop")

SETTINGS: dict[str, Any] = {
    "limit_head_bytes": 2048,
    "limit_header_count": 20,
    "limit_body_bytes": 8_000_000,
    "limit_concurrency": None,
    "limit_body_rate": 240,
    "timeout_keep_alive": 5.0,
    "timeout_head": 10.0,
    "timeout_write": 30.0,
    "ws_max_size": 100_000,
    "ws_max_queue": 32,
    "ws_per_message_deflate": True,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "root_path": "",
    "headers": [(b"server", b"test")],
    "date_header": False,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _rust.PURE:
        for item in items:
            if "native_server" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason="the native server lives in the extension"))


class Records(logging.Handler):
    """Log lines, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.exceptions: list[BaseException | None] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.exceptions.append(record.exc_info[1] if record.exc_info else None)

    def logger(self, name: str) -> logging.Logger:
        logger = logging.Logger(name, logging.INFO)
        logger.addHandler(self)
        return logger


class Running:
    """A server at work. Its application may put what it sees into ``seen``."""

    def __init__(
        self,
        app: Any,
        new_loop: Callable[[], asyncio.AbstractEventLoop],
        front: Any = None,
        **settings: Any,
    ) -> None:
        self.app = app
        self.front = front
        self.settings = SimpleNamespace(**{**SETTINGS, **settings})
        self.new_loop = new_loop
        self.errors = Records()
        self.access = Records()
        self.seen: queue.Queue[Any] = queue.Queue()
        self.started = threading.Event()
        self.loop_errors: list[dict[str, Any]] = []
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.loop = self.new_loop()
        self.loop.set_exception_handler(lambda loop, context: self.loop_errors.append(context))
        try:
            self.loop.run_until_complete(self._main())
        finally:
            self.loop.close()

    async def _main(self) -> None:
        loop = self.loop
        self.done = asyncio.Event()
        self.server = _rust.HttpServer(
            self.app, loop, self.settings, {"made": "by lifespan"}, self.errors.logger("error"),
            self.access.logger("access"), self.front,
        )  # fmt: skip
        self.server.set_ready(self.server.ready)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self.driver = choose(self.server, loop)
        await self.driver.open([listener], 100)

        def tick() -> None:
            self.server.tick()
            self.ticker = loop.call_later(0.02, tick)

        tick()
        self.started.set()
        await self.done.wait()
        self.server.abort()
        for task in self.server.tasks():
            task.cancel()
        while self.server.counts()[1]:
            await asyncio.sleep(0.005)
        self.ticker.cancel()
        self.driver.close()
        await asyncio.sleep(0)  # transports close at the loop's next turn
        await loop.shutdown_default_executor()
        del self.driver, self.server  # on its own thread, so that it takes its descriptors along

    def call(self, function: Callable[[], Any]) -> Any:
        """Run a function on the loop's thread."""

        async def run() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(TIMEOUT)

    def stop(self) -> None:
        """Stop as a signal would have it."""

        def stop() -> None:
            self.driver.stop()
            self.server.stop()

        self.call(stop)

    def listen(self, path: str) -> None:
        """Let connections in at a Unix socket too."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        listener.setblocking(False)
        opening = self.driver.open([listener], 100)
        asyncio.run_coroutine_threadsafe(opening, self.loop).result(TIMEOUT)

    def counts(self) -> tuple[int, int, int]:
        return self.call(self.server.counts)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait on the loop until a condition of the server holds."""

        async def wait() -> None:
            while not condition():
                await asyncio.sleep(0.002)

        asyncio.run_coroutine_threadsafe(wait(), self.loop).result(TIMEOUT)

    def next(self) -> Any:
        """What the application saw next."""
        return self.seen.get(timeout=TIMEOUT)

    def connect(self) -> "Client":
        return Client(socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT))

    def ask(self, request: bytes) -> bytes:
        """Everything the server says to a request on a connection of its own, until it closes."""
        with self.connect() as client:
            client.send(request)
            return client.rest()

    def __enter__(self) -> "Running":
        self.thread.start()
        assert self.started.wait(TIMEOUT)
        return self

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self.done.set)
        self.thread.join(TIMEOUT)
        assert not self.thread.is_alive()
        if error == (None, None, None):
            assert self.loop_errors == []


class Client:
    """A connection, byte by byte."""

    def __init__(self, connection: socket.socket | ssl.SSLSocket) -> None:
        self.socket = connection
        self.buffer = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def fill(self, data: bytes) -> int:
        """Send until the server takes no more; says how much it took."""
        self.socket.settimeout(0.3)
        sent = 0
        try:
            while sent < len(data):
                sent += self.socket.send(memoryview(data)[sent : sent + 65536])
        except TimeoutError:
            self.socket.settimeout(TIMEOUT)
            return sent
        raise AssertionError(f"the server took all {sent} bytes")

    def until(self, end: bytes) -> bytes:
        """What comes, up to and with ``end``."""
        while end not in self.buffer:
            more = self.socket.recv(65536)
            assert more, f"closed after {self.buffer!r}"
            self.buffer += more
        taken, self.buffer = self.buffer.split(end, 1)
        return taken + end

    def exactly(self, length: int) -> bytes:
        while len(self.buffer) < length:
            more = self.socket.recv(65536)
            assert more, f"closed after {self.buffer!r}"
            self.buffer += more
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def rest(self) -> bytes:
        """What comes until the server closes."""
        while more := self.socket.recv(65536):
            self.buffer += more
        taken, self.buffer = self.buffer, b""
        return taken

    def response(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, fields and body of the next response."""
        first, *lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
        fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        told = dict(fields)
        if told.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.until(b"\r\n"), 16):
                body += self.exactly(size)
                self.exactly(2)
            self.exactly(2)
        else:
            body = self.exactly(int(told.get("content-length", 0)))
        return int(first.split(" ")[1]), fields, body

    def frame(self) -> tuple[int, bytes]:
        """First byte and payload of the next WebSocket frame."""
        first, length = self.exactly(2)
        if length == 126:
            length = int.from_bytes(self.exactly(2), "big")
        elif length == 127:
            length = int.from_bytes(self.exactly(8), "big")
        return first, self.exactly(length)

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Close so that the server sees a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Blind(asyncio.SelectorEventLoop):
    """A loop that cannot watch a descriptor for others, as that of Windows."""

    def add_reader(self, *arguments: Any) -> None:
        raise NotImplementedError


class BlindUvloop(uvloop.Loop):  # type: ignore[misc, name-defined]
    def add_reader(self, *arguments: Any) -> None:
        raise NotImplementedError


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
    "transports": Blind,
    "uvloop transports": BlindUvloop,
}


DRIVEN = (
    "test_requests",
    "test_websockets",
    "test_failures",
    "test_limits",
    "test_files",
    "test_tls",
    "test_tls_pieces",
    "test_half_closed",
    "test_large_bodies",
    "test_end",
)
"""The modules whose tests run on loops of both kinds; to the others it makes no difference."""

ENGINE = ("test_autobahn",)
"""Those that ask only what the engine does."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "new_loop" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        names = list(LOOPS)[: 4 if module in DRIVEN else 1 if module in ENGINE else 2]
        metafunc.parametrize("new_loop", [LOOPS[name] for name in names], ids=names)


Serve = Callable[..., Running]


@pytest.fixture
def serve(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[Serve]:
    """Starts servers that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda app, **settings: stack.enter_context(Running(app, new_loop, **settings))
