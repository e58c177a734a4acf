"""The server of one process: lifespan, native server, signals and the way out."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from fastapi import _rust
from fastapi.server import application, event_loop, sockets
from fastapi.server.config import Config, ConfigError
from fastapi.server.driver import Driver, choose
from fastapi.server.encryption import obstacle, tls_config
from fastapi.server.heap import settled
from fastapi.server.lifespan import Lifespan
from fastapi.server.logging import access_logger, paint
from fastapi.server.native import native_server
from fastapi.server.schema_watch import watched_schema
from fastapi.server.settings import NativeSettings

if TYPE_CHECKING:
    from fastapi._rust import HttpServer, TlsConfig

STARTUP_FAILURE: Final = 3
"""The status of a process whose application did not start; uvicorn's."""

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_TICK: Final = 1.0
_LOOK: Final = 0.02
_CYAN: Final = 36
_BOLD: Final = 1

_logger = logging.getLogger("uvicorn.error")


def unavailable(config: Config) -> str | None:
    """Why the native server cannot serve a configuration in this process, if it cannot."""
    if _rust.PURE:
        return "FASTAPI_RS_PURE=1 runs without the extension that it is part of"
    if sys.platform == "win32":
        return "it needs a Unix: its sockets and processes are passed on by descriptor"
    return obstacle(config)


class Server:
    """Serves one application in one process until it is told to stop.

    Attributes:
        started: the application has started and the server accepts connections.
        signals: the signals that stopped it, for the caller to raise again after cleaning up.
        on_ready: called once, when ``started`` becomes true.
        shares: other processes accept from the same sockets, so that their addresses and their end are not its affair.
    """

    def __init__(
        self, config: Config, on_ready: Callable[[], None] | None = None, *, shares: bool = False
    ) -> None:
        self.config = config
        self.started = False
        self.on_ready = on_ready
        self.shares = shares
        self._doors: list[socket.socket] = []
        self._stopping = False
        self._forced = False
        self._wake: asyncio.Event | None = None
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self.signals: list[int] = []

    def run(self, listeners: list[socket.socket]) -> None:
        """Serves until a signal or :meth:`stop`.

        Args:
            listeners: bound sockets to accept from, which the server takes over.
        """
        event_loop.run(self.serve(listeners), event_loop.loop_factory(self.config))

    def stop(self, *, force: bool = False) -> None:
        """Asks to stop after the requests under way, or at once. Safe in signal handlers and from other threads."""
        self._stopping = True
        self._forced |= force
        if self._event_loop is not None and self._wake is not None:
            # A loop that is closed has stopped already.
            with contextlib.suppress(RuntimeError):
                self._event_loop.call_soon_threadsafe(self._wake.set)

    async def serve(self, listeners: list[socket.socket]) -> None:
        """Serves on the running loop; see :meth:`run`.

        Raises:
            ConfigError: the server or the application of the configuration cannot be had.
        """
        reason = unavailable(self.config)
        if reason is not None:
            raise ConfigError(f"--server native: {reason}. Take --server uvicorn.")
        self._event_loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        with self._captured_signals():
            await self._serve(listeners)

    async def _serve(self, listeners: list[socket.socket]) -> None:
        tls = tls_config(self.config)
        app = application.load(self.config)
        process = os.getpid()
        _announce("Started server process [%d]", process, colour=_CYAN)
        lifespan = Lifespan(app, self.config.lifespan)
        await lifespan.startup()
        if lifespan.failed or self._stopping:
            if not lifespan.failed:
                await lifespan.shutdown()
            return
        try:
            native, driver = await self._listen(app, tls, lifespan.state, listeners)
        except ConfigError:
            self._close_doors()
            await lifespan.shutdown()
            raise
        try:
            with settled(), watched_schema(self.config):
                self.started = True
                if self.on_ready is not None:
                    self.on_ready()
                await self._until_stopped(native)
            _logger.info("Shutting down")
            await self._drain(native, driver)
            if not self._forced:
                await lifespan.shutdown()
        finally:
            self._close_doors()
            native.abort()
            driver.close()
        _announce("Finished server process [%d]", process, colour=_CYAN)

    async def _listen(
        self, app: Any, tls: "TlsConfig | None", state: dict[str, Any], listeners: list[socket.socket]
    ) -> tuple["HttpServer", Driver]:
        settings = NativeSettings.of(self.config)
        native = native_server(app, settings, state, _logger, access_logger(self.config))
        if tls is not None:
            native.set_tls(tls)
        for listener in listeners:
            sockets.listen(self.config, listener)
            if not self.shares:
                announce_address(sockets.address_of(self.config, listener))
                # Who passed a socket on goes on with it, and with what waits in its queue.
                if self.config.fd is None:
                    self._doors.append(listener.dup())
        driver = choose(native, asyncio.get_running_loop())
        await driver.open(listeners, self.config.backlog)
        return native, driver

    async def _until_stopped(self, native: "HttpServer") -> None:
        """Lets the native server look at its deadlines until it is time to go."""
        assert self._wake is not None
        most = self.config.limit_max_requests
        while not self._stopping:
            try:
                await asyncio.wait_for(self._wake.wait(), _TICK if most is None else _LOOK)
            except asyncio.TimeoutError:
                pass
            native.tick()
            if most is not None and native.counts()[2] >= most:
                _logger.warning("Maximum request limit of %d exceeded. Terminating process.", most)
                return

    async def _drain(self, native: "HttpServer", driver: Driver) -> None:
        """Accepts nobody any more and lets the requests under way finish, as long as they may."""
        for door in self._doors:
            sockets.turn_away(door)
        native.ready()  # who waits in the kernel's queue has been let in by it already
        await asyncio.sleep(_LOOK)  # and its request may still be on its way
        driver.stop()
        native.stop()
        self._close_doors()
        cap = self.config.timeout_graceful_shutdown
        running = asyncio.get_running_loop()
        deadline = None if cap is None else running.time() + cap
        told = False
        while any(native.counts()[:2]) and not self._forced:
            if deadline is not None and running.time() >= deadline:
                tasks = native.tasks()
                _logger.error("Cancel %s running task(s), timeout graceful shutdown exceeded", len(tasks))
                for task in tasks:
                    task.cancel("Task cancelled, timeout graceful shutdown exceeded")
                return
            if not told:
                _logger.info("Waiting for connections to close. (CTRL+C to force quit)")
                told = True
            await asyncio.sleep(_LOOK)
            native.tick()

    def _close_doors(self) -> None:
        for door in self._doors:
            door.close()
        self._doors.clear()

    @contextlib.contextmanager
    def _captured_signals(self) -> Iterator[None]:
        """Stops at SIGINT and SIGTERM, and gives them back to whoever listened to them before."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous: dict[int, Any] = {number: signal.signal(number, self._on_signal) for number in _STOPPING}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals.append(number)
        self.stop(force=self._stopping and number == signal.SIGINT)


def announce_address(place: str) -> None:
    """Says where the server can be reached."""
    _announce("FastAPI running on %s (Press CTRL+C to quit)", place, colour=_BOLD)


def _announce(message: str, value: object, *, colour: int) -> None:
    placeholder = "[%d]" if "[%d]" in message else "%s"
    inner = placeholder.strip("[]")
    colourful = message.replace(inner, paint(inner, colour))
    _logger.info(message, value, extra={"color_message": colourful})
