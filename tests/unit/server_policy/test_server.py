"""The server of one process, in this one."""

import asyncio
import http.client
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi import FastAPI, _rust
from fastapi.server import Config, ConfigError, Server
from fastapi.server import server as server_module
from fastapi.server.server import unavailable
from fastapi.server.sockets import bound

needs_extension = pytest.mark.skipif(_rust.PURE, reason="the native server is part of the extension")
pytestmark = pytest.mark.timeout(30)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "uvicorn.error")
    return caplog


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def home() -> str:
        return "home"

    @app.get("/wait")
    async def wait() -> None:
        app.state.waiting.set()
        await asyncio.get_running_loop().create_future()

    app.state.waiting = threading.Event()
    return app


@contextmanager
def serving(
    context: ssl.SSLContext | None = None, **settings: Any
) -> Iterator[tuple[Server, Callable[[str], http.client.HTTPResponse]]]:
    """A server in a thread, and how to ask it; over TLS where a client's context is given."""
    config = Config(**{"app": application(), "port": 0, "loop": "asyncio", **settings})
    ready = threading.Event()
    server = Server(config, on_ready=ready.set)
    with bound(config) as listeners:
        address = listeners[0].getsockname()
        thread = threading.Thread(target=server.run, args=(listeners,))
        thread.start()
        assert ready.wait(20)
        if config.uds is not None:
            connection = http.client.HTTPConnection("localhost")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(config.uds)
        elif context is None:
            connection = http.client.HTTPConnection(*address[:2], timeout=20)
        else:
            connection = http.client.HTTPSConnection(*address[:2], timeout=20, context=context)

        def ask(path: str) -> http.client.HTTPResponse:
            connection.request("GET", path)
            return connection.getresponse()

        try:
            yield server, ask
        finally:
            connection.close()
            server.stop()
            thread.join(20)
            assert not thread.is_alive()


def answer_of_one_under_way(log: pytest.LogCaptureFixture, **settings: Any) -> bytes:
    """What a request gets that is let go on only after its server was told to stop."""
    app, go = application(), threading.Event()

    @app.get("/finish")
    def finish() -> str:
        app.state.waiting.set()
        assert go.wait(20)
        return "finished"

    answers: list[bytes] = []
    with serving(app=app, **settings) as (server, ask):
        asking = threading.Thread(target=lambda: answers.append(ask("/finish").read()))
        asking.start()
        assert app.state.waiting.wait(20)
        server.stop()
        while "Waiting for connections to close. (CTRL+C to force quit)" not in log.messages:
            threading.Event().wait(0.001)
        go.set()
        asking.join(20)
    [answer] = answers
    return answer


@needs_extension
@pytest.mark.parametrize("settings", [{}, {"proxy_headers": False}])
def test_a_request_is_answered_until_it_is_told_to_stop(
    settings: dict[str, Any], log: pytest.LogCaptureFixture
) -> None:
    with serving(**settings) as (server, ask):
        assert ask("/").read() == b'"home"'
        assert server.started
    assert log.messages[-1].startswith("Finished server process")
    server.stop()  # once more harms nobody


@needs_extension
def test_a_number_of_requests_can_be_the_last(log: pytest.LogCaptureFixture) -> None:
    with serving(limit_max_requests=1) as (_, ask):
        assert ask("/").read() == b'"home"'
    assert "Maximum request limit of 1 exceeded. Terminating process." in log.messages


@needs_extension
def test_a_request_under_way_may_take_its_time_but_not_for_ever(log: pytest.LogCaptureFixture) -> None:
    app = application()
    answers: list[int] = []
    with serving(app=app, timeout_graceful_shutdown=0) as (server, ask):
        asking = threading.Thread(target=lambda: answers.append(ask("/wait").status))
        asking.start()
        assert app.state.waiting.wait(20)
        server.stop()
        asking.join(20)
    assert answers == [500]
    assert "Cancel 1 running task(s), timeout graceful shutdown exceeded" in log.messages


@needs_extension
def test_a_forced_stop_waits_for_nobody(log: pytest.LogCaptureFixture) -> None:
    app = application()
    with serving(app=app) as (server, ask):
        asking = threading.Thread(target=lambda: pytest.raises(OSError, ask, "/wait"))
        asking.start()
        assert app.state.waiting.wait(20)
        server.stop(force=True)
        asking.join(20)
    assert "Waiting for application shutdown." not in log.messages


@needs_extension
def test_signals_stop_it_and_are_kept_for_the_caller(log: pytest.LogCaptureFixture) -> None:
    before = signal.getsignal(signal.SIGTERM)
    config = Config(app=application(), port=0, loop="asyncio")
    server = Server(config, on_ready=lambda: signal.raise_signal(signal.SIGTERM))
    with bound(config) as listeners:
        server.run(listeners)
    assert server.signals == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before


@needs_extension
def test_a_second_interrupt_forces(log: pytest.LogCaptureFixture) -> None:
    config = Config(app=application(), port=0, loop="asyncio")

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    server = Server(config, on_ready=interrupt)
    with bound(config) as listeners:
        server.run(listeners)
    assert "Waiting for application shutdown." not in log.messages


@needs_extension
def test_the_address_is_announced(log: pytest.LogCaptureFixture) -> None:
    config = Config(app=application(), port=0, loop="asyncio")
    server = Server(config)

    async def main(listeners: list[socket.socket]) -> None:
        port = listeners[0].getsockname()[1]
        task = asyncio.create_task(server.serve(listeners))
        while not server.started:
            await asyncio.sleep(0)
        server.stop()
        await task
        assert f"FastAPI running on http://127.0.0.1:{port} (Press CTRL+C to quit)" in log.messages

    with bound(config) as listeners:
        asyncio.run(main(listeners))


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@needs_extension
def test_an_application_that_does_not_start_is_not_served() -> None:
    config = Config(app=refuses, port=0, loop="asyncio")
    server = Server(config)
    with bound(config) as listeners:
        server.run(listeners)
    assert not server.started


@needs_extension
def test_a_stop_during_the_start_ends_the_lifespan_too(log: pytest.LogCaptureFixture) -> None:
    config = Config(app=application(), port=0, loop="asyncio")
    server = Server(config)
    server.stop()
    with bound(config) as listeners:
        server.run(listeners)
    assert not server.started
    assert log.messages[-1] == "Application shutdown complete."


@needs_extension
@pytest.mark.parametrize("uds", [False, True])
def test_a_loop_without_readers_keeps_the_sockets_itself(
    uds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    def no_reader(*arguments: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", no_reader)
    assert answer_of_one_under_way(log, **({"uds": str(tmp_path / "s")} if uds else {})) == b'"finished"'


@pytest.mark.parametrize(("pure", "platform", "reason"), [(True, "linux", "=1"), (False, "win32", "a Unix")])
def test_where_it_cannot_run_it_says_why(
    pure: bool, platform: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rust, "PURE", pure)
    monkeypatch.setattr(server_module, "sys", SimpleNamespace(platform=platform))
    assert reason in (unavailable(Config(app="")) or "")
    with pytest.raises(ConfigError, match="Take --server uvicorn"):
        asyncio.run(Server(Config(app="")).serve([]))


@needs_extension
def test_a_request_under_way_is_finished(log: pytest.LogCaptureFixture) -> None:
    assert answer_of_one_under_way(log) == b'"finished"'
