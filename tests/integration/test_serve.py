"""``fastapi run`` and ``fastapi dev`` as processes: served, stopped, killed, restarted, changed."""

import http.client
import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi import _rust
from tests.integration.running import Start

pytestmark = [
    pytest.mark.skipif(_rust.PURE, reason="the native server is part of the extension"),
    pytest.mark.timeout(60),
]

APP = """
import asyncio, os
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request

@asynccontextmanager
async def lifespan(app):
    yield {"greeting": "hello"}
    print("lifespan over", flush=True)

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def home(request: Request):
    return {"pid": os.getpid(), "greeting": request.state.greeting, "text": "one"}

@app.get("/slow")
async def slow():
    await asyncio.sleep(0.3)
    return {"pid": os.getpid()}

@app.get("/stuck")
async def stuck():
    print("stuck now", flush=True)
    await asyncio.sleep(60)
"""


@pytest.fixture(autouse=True)
def application(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP)


class Load:
    """Clients that ask again and again, and count what fails.

    A connection that is kept and turns out to be closed before any byte of an answer came is no failure: a client
    sends the request once more on a new one (RFC 9112 §9.3.1).
    """

    def __init__(self, port: int, clients: int = 8, path: str = "/") -> None:
        self.port = port
        self.path = path
        self.answered = 0
        self.pids: set[int] = set()
        self.failures: list[BaseException] = []
        self._enough = threading.Event()
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._ask, args=(number % 2 == 0,), daemon=True)
            for number in range(clients)
        ]
        for thread in self._threads:
            thread.start()

    def _ask(self, keeps: bool) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self._enough.is_set():
            kept = connection is not None
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request("GET", self.path, headers={} if keeps else {"Connection": "close"})
                response = connection.getresponse()
                pid = json.loads(response.read())["pid"]
            except ConnectionRefusedError:
                connection.close()
                return  # the server has stopped to listen
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                if not kept:
                    self.failures.append(error)
                connection.close()
                connection = None
                continue
            except BaseException as error:
                self.failures.append(error)
                connection.close()
                connection = None
                continue
            with self._changed:
                self.answered += 1
                self.pids.add(pid)
                self._changed.notify_all()
            if not keeps or response.will_close:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def wait_for(self, answered: int = 0, condition: Callable[[], bool] = lambda: True) -> None:
        """Waits until so many more requests have been answered and a condition holds."""
        with self._changed:
            goal = self.answered + answered
            assert self._changed.wait_for(lambda: self.answered >= goal and condition(), timeout=30)

    def stop(self) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join(20)


def test_run_serves_the_application_and_its_lifespan(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0")
    assert server.get() == {"pid": server.process.pid, "greeting": "hello", "text": "one"}
    assert server.stop() == -signal.SIGTERM
    assert re.search(r'INFO: +127\.0\.0\.1:\d+ - "GET / HTTP/1\.1" 200 OK\n', server.text)
    assert "lifespan over" in server.text
    assert "Finished server process" in server.text


def test_an_interrupt_ends_it_without_a_traceback(start: Start) -> None:
    server = start("run", "main:app", "--host", "127.0.0.1", "--port", "0", "--loop", "asyncio")
    server.get()
    assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.text


def test_a_termination_under_load_fails_no_request(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--no-access-log")
    quick, slow = Load(server.port), Load(server.port, path="/slow")
    quick.wait_for(answered=50)
    slow.wait_for(answered=5)
    server.stop()
    quick.stop()
    slow.stop()
    assert quick.failures == []
    assert slow.failures == []
    assert "lifespan over" in server.text


def test_a_request_that_does_not_end_is_cut_off_in_time(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--timeout-graceful-shutdown", "0")
    client = socket.create_connection(("127.0.0.1", server.port))
    client.sendall(b"GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
    server.wait_for("stuck now")
    server.stop()
    client.close()
    assert "timeout graceful shutdown exceeded" in server.text


def test_a_killed_worker_fails_only_its_own_requests_and_is_replaced(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--workers", "2", "--no-access-log")
    server.wait_for(r"Application startup complete", times=2)
    load = Load(server.port)
    load.wait_for(answered=20, condition=lambda: len(load.pids) == 2)
    victim = min(load.pids)
    os.kill(victim, signal.SIGKILL)
    server.wait_for(rf"Child process \[{victim}\] died")
    load.wait_for(answered=100, condition=lambda: len(load.pids) == 3)
    load.stop()
    # Each client waits for one answer at a time.
    assert len(load.failures) <= 8
    assert server.stop() == 0
    assert server.text.count("lifespan over") == 2


def test_a_hangup_under_load_replaces_all_workers_and_fails_no_request(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--workers", "2", "--no-access-log")
    server.wait_for(r"Application startup complete", times=2)
    quick, slow = Load(server.port), Load(server.port, path="/slow")
    quick.wait_for(answered=20, condition=lambda: len(quick.pids) == 2)
    old = set(quick.pids)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(r"Finished server process", times=2)
    quick.wait_for(answered=20, condition=lambda: len(quick.pids - old) == 2)
    quick.stop()
    slow.stop()
    assert quick.failures == []
    assert slow.failures == []
    assert server.stop() == 0


def test_a_worker_is_replaced_after_its_number_of_requests(start: Start) -> None:
    server = start(
        "run", "--host", "127.0.0.1", "--port", "0", "--workers", "2", "--limit-max-requests", "50"
    )
    load = Load(server.port)
    load.wait_for(answered=300, condition=lambda: len(load.pids) >= 4)
    load.stop()
    assert load.failures == []
    assert "Maximum request limit of 50 exceeded. Terminating process." in server.text


def test_an_application_that_does_not_start_ends_its_supervisor(start: Start, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP.replace("yield {", "raise RuntimeError('no'); yield {"))
    server = start("run", "--port", "0", "--workers", "2")
    assert server.process.wait(20) == 3
    server.wait_for("Application startup failed. Exiting.")


def test_a_change_of_a_file_is_served(start: Start, tmp_path: Path) -> None:
    server = start("dev", "--port", "0", "--reload-delay", "0.05")
    assert server.get()["text"] == "one"
    (tmp_path / "main.py").write_text(APP.replace('"one"', '"two"'))
    server.wait_for(r"WatchFiles detected changes in 'main\.py'\. Reloading\.\.\.")
    server.wait_for(r"Application startup complete", times=2)
    assert server.get()["text"] == "two"
    (tmp_path / "main.py").write_text("this is no Python")
    server.wait_for(r"Waiting for changes")
    (tmp_path / "main.py").write_text(APP.replace('"one"', '"three"'))
    server.wait_for(r"Application startup complete", times=3)
    assert server.get()["text"] == "three"
    assert server.stop() == 0


def ask_on(client: socket.socket) -> str:
    client.settimeout(20)
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return b"".join(iter(lambda: client.recv(4096), b"")).decode()


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_a_unix_socket_is_served_and_removed(start: Start, tmp_path: Path, workers: tuple[str, ...]) -> None:
    path = tmp_path / "socket"
    server = start("run", "--uds", str(path), *workers)
    server.wait_for(rf"FastAPI running on unix socket {path}")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        assert ask_on(client).startswith("HTTP/1.1 200 OK")
    server.stop()
    assert not path.exists()


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_an_inherited_socket_is_served(start: Start, workers: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = start("run", "--fd", str(listener.fileno()), *workers, pass_fds=(listener.fileno(),))
        with socket.create_connection(listener.getsockname()) as client:
            assert ask_on(client).startswith("HTTP/1.1 200 OK")
        server.stop()


def test_a_port_that_is_taken_is_told(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = start("run", "--host", "127.0.0.1", "--port", str(port))
        assert server.process.wait(20) == 1
        server.wait_for(f"--host 127.0.0.1 --port {port}: Address already in use")


def test_uvicorn_takes_over_where_it_is_asked_for(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--server", "uvicorn")
    port = int(server.wait_for(r"Uvicorn running on http://127\.0\.0\.1:(\d+)")[0])
    with socket.create_connection(("127.0.0.1", port)) as client:
        assert "server: uvicorn" in ask_on(client)
    server.stop()


def test_workers_are_told_how_many_they_are(start: Start, tmp_path: Path) -> None:
    asked = "print('one of', os.environ['WEB_CONCURRENCY'], flush=True); yield {"
    (tmp_path / "main.py").write_text(APP.replace("yield {", asked))
    server = start("run", "--port", "0", "--workers", "2")
    server.wait_for(r"one of 2", times=2)
    assert server.stop() == 0


def test_workers_end_with_their_supervisor(start: Start) -> None:
    server = start("run", "--host", "127.0.0.1", "--port", "0", "--workers", "2")
    server.wait_for(r"Application startup complete", times=2)
    server.stop(signal.SIGKILL)
    server.wait_for(r"Finished server process", times=2)
