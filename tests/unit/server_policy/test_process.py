"""A worker, seen by its supervisor and from inside, without a process."""

import os
import pickle
import queue
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fastapi.server import Config, ConfigError, process, worker
from fastapi.server.process import PING, READY, Orders, WorkerProcess
from fastapi.server.worker import answer, main, receive_orders, tell

pytestmark = pytest.mark.timeout(30)


class Started:
    """Stands for a started process."""

    def __init__(self, arguments: list[str], pass_fds: list[int], env: dict[str, str]) -> None:
        self.arguments = arguments
        self.env = env
        self.theirs = socket.socket(fileno=os.dup(pass_fds[0]))
        self.passed = pass_fds[1:]
        self.pid = 4711
        self.status: int | None = None
        self.did: list[str] = []

    def poll(self) -> int | None:
        return self.status

    def terminate(self) -> None:
        self.did.append("terminate")

    def kill(self) -> None:
        self.did.append("kill")

    def wait(self) -> None:
        self.did.append("wait")


@pytest.fixture
def employed(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[WorkerProcess, Started]]:
    monkeypatch.setattr(process.subprocess, "Popen", Started)
    with socket.socket() as listener:
        employee = WorkerProcess(Config(app="main:app"), [listener], 1)
        started: Any = employee.process
        assert started.passed == [listener.fileno()]
        yield employee, started
        employee.close()
        started.theirs.close()


Pair = tuple[WorkerProcess, Started]


def test_it_gets_its_orders(employed: Pair) -> None:
    _, started = employed
    assert started.arguments[-3:-1] == ["-m", "fastapi.server.worker"]
    assert started.env["WEB_CONCURRENCY"] == "1"
    orders = receive_orders(started.theirs)
    assert orders.config.app == "main:app"
    assert orders.path == sys.path
    assert orders.descriptors == started.passed


def test_it_says_when_it_is_ready(employed: Pair) -> None:
    employee, started = employed
    employee.hear()
    assert not employee.ready
    started.theirs.sendall(READY)
    employee.hear()
    assert employee.ready


def test_it_hangs_when_it_does_not_answer(employed: Pair) -> None:
    employee, started = employed
    assert not employee.hangs(patience=60)
    assert not employee.hangs(patience=60)
    assert employee.hangs(patience=-1)
    started.theirs.sendall(PING)
    employee.hear()
    assert not employee.hangs(patience=-1)


def test_it_may_be_gone_when_it_is_asked(employed: Pair) -> None:
    employee, started = employed
    started.theirs.close()
    assert not employee.hangs(patience=60)


def test_it_is_told_to_end(employed: Pair) -> None:
    employee, started = employed
    assert not employee.is_dead()
    employee.terminate()
    employee.kill()
    assert employee.leaving
    assert started.did == ["terminate", "kill"]
    started.status = 0
    assert employee.is_dead()


def test_one_that_is_dead_at_once_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stillborn(Started):
        def __init__(self, arguments: list[str], pass_fds: list[int], env: dict[str, str]) -> None:
            super().__init__(arguments, pass_fds, env)
            self.theirs.shutdown(socket.SHUT_RDWR)
            self.theirs.close()

    monkeypatch.setattr(process.subprocess, "Popen", Stillborn)
    WorkerProcess(Config(app="main:app"), [], 0).close()


class Served:
    """Stands for the server inside the worker."""

    outcome: Any = None

    def __init__(self, config: Config, on_ready: Any, shares: bool) -> None:
        self.on_ready = on_ready
        self.started = False

    def run(self, listeners: list[socket.socket]) -> None:
        for listener in listeners:
            listener.close()
        if self.outcome is not None:
            raise self.outcome
        self.started = True
        self.on_ready()


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, int]]:
    monkeypatch.setattr(worker, "Server", Served)
    monkeypatch.setattr(worker, "configure", lambda config: None)
    controls: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
    monkeypatch.setattr(worker, "answer", controls.put)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    ours, theirs = socket.socketpair()
    listener = socket.socket()
    orders = pickle.dumps(Orders(Config(app="main:app"), ["/somewhere", *sys.path], [listener.detach()]))
    ours.sendall(len(orders).to_bytes(4, "big") + orders)
    with ours:
        yield ours, theirs.detach()
    controls.get(timeout=20).close()


def test_it_serves_as_ordered(ordered: tuple[socket.socket, int]) -> None:
    ours, descriptor = ordered
    assert main(descriptor) == 0
    assert ours.recv(10) == READY
    assert sys.path[0] == "/somewhere"


def test_a_configuration_that_cannot_be_followed_is_told(
    ordered: tuple[socket.socket, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Served, "outcome", ConfigError("--flag: no"))
    assert main(ordered[1]) == 3
    assert capsys.readouterr().err == "ERROR:    --flag: no\n"


def test_orders_that_break_off_are_an_error() -> None:
    ours, theirs = socket.socketpair()
    with theirs, ours:
        ours.sendall(b"\0\0\0\x09half")
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            receive_orders(theirs)


def test_it_answers_until_the_supervisor_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[int] = []
    monkeypatch.setattr(worker.os, "kill", lambda pid, number: signals.append(number))
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=answer, args=(theirs,))
    thread.start()
    with theirs:
        with ours:
            ours.sendall(PING)
            assert ours.recv(10) == PING
        thread.join(20)
    assert signals == [signal.SIGTERM]


def test_a_broken_line_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        heard = [PING]

        def recv(self, size: int) -> bytes:
            if self.heard:
                return self.heard.pop()
            raise OSError

        def sendall(self, data: bytes) -> None:
            raise OSError

    signals: list[int] = []
    monkeypatch.setattr(worker.os, "kill", lambda pid, number: signals.append(number))
    control: Any = Broken()
    answer(control)
    assert signals == [signal.SIGTERM]


def test_a_worker_that_serves_when_nobody_hears_it_is_no_error() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        tell(theirs)
        assert ours.recv(10) == READY
        ours.close()
        tell(theirs)
