"""Servers under test: started on a free port of the loopback interface, checked, measured, stopped by pid."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import accounting, environments
from .doors import Door
from .scenarios import Scenario
from .tools import pinned

APPS = Path(__file__).parent / "apps"
START_SECONDS = 60
ATTEMPTS = 5
"""How often a server is started on another port because somebody took the one that was free before."""


class ServerError(RuntimeError):
    """A server that did not start or gave a wrong answer."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class Server:
    """A running server, as a context manager.

    Arguments:
        door: what to run.
        python: the interpreter of its environment.
        app: the application, a module in ``apps/``.
        core: the core it may use, or ``None`` for any.
        workers: how many processes shall answer.
        variables: for the application, in the process environment.
        start_seconds: after how long a server that does not listen is given up.
    """

    def __init__(
        self,
        door: Door,
        python: str,
        app: str,
        *,
        core: int | None = None,
        workers: int = 1,
        variables: dict[str, str] | None = None,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.start_seconds = start_seconds
        self.door = door
        self.app = app
        self.python = python
        self.core = core
        self.workers = workers
        self.choose_port()
        self.environment = {
            **environments.clean(),
            "PYTHONPATH": str(APPS),
            **door.variables,
            **(variables or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def choose_port(self) -> None:
        self.port = free_port()
        arguments = self.door.arguments(
            python=self.python, app=self.app, port=self.port, workers=self.workers
        )
        self.command = pinned(self.core, arguments)

    def __enter__(self) -> "Server":
        for _ in range(ATTEMPTS):
            self.output = tempfile.TemporaryFile()
            try:
                self.start()
                break
            except ServerError:
                if is_free(self.port):
                    raise
                self.choose_port()
        else:
            raise ServerError(f"{self.door.name} found each of {ATTEMPTS} ports taken")
        return self

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=APPS,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self.wait_until_it_listens()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def wait_until_it_listens(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerError(f"{self.door.name} did not start: {' '.join(self.command)}\n{self.tail()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise ServerError(f"{self.door.name} does not listen after {self.start_seconds} s\n{self.tail()}")

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                # The session is this server's own, its workers included.
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(timeout=10)
        self.output.close()

    def tail(self) -> str:
        self.output.seek(0)
        return self.output.read()[-2000:].decode(errors="replace")

    def url(self, scenario: Scenario) -> str:
        scheme = "ws" if scenario.load == "websocket" else "http"
        return f"{scheme}://127.0.0.1:{self.port}{scenario.path}"

    def ask(self, scenario: Scenario) -> tuple[int, bytes]:
        """Send the request of a scenario once and return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(scenario.method, scenario.path, scenario.body or None, dict(scenario.headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def check(self, scenario: Scenario) -> bytes:
        """Return the body of the right answer.

        Raises:
            ServerError: the answer is another one, or there is none.
        """
        try:
            status, body = self.ask(scenario)
        except (OSError, http.client.HTTPException) as error:
            raise ServerError(
                f"{self.door.name} does not answer {scenario.key}: {error!r}\n{self.tail()}"
            ) from error
        if not scenario.matches(status, body):
            raise ServerError(
                f"{self.door.name} answers {scenario.key} wrongly: {status}, {body[:300]!r}\n{self.tail()}"
            )
        return body

    def cpu_seconds(self) -> float:
        return accounting.cpu_seconds(self.pid)

    def resident_bytes(self) -> int:
        return accounting.resident_bytes(self.pid)
