"""What a supervisor does about its workers, with workers that are none."""

import logging
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi.server import Config, ConfigError
from fastapi.server import supervisor as supervisor_module
from fastapi.server.reload import Reloader, WatchedFiles
from fastapi.server.supervisor import Supervisor

pytestmark = pytest.mark.timeout(30)


class Employee:
    """Stands for a worker process; ends at once when it is told to."""

    hired: list["Employee"] = []
    obeys = True

    def __init__(self, config: Config, listeners: Any, generation: int) -> None:
        self.config = config
        self.generation = generation
        self.pid = len(self.hired)
        self.ready = self.leaving = self.dead = self.hanging = self.killed = False
        self.asked = 0
        self.control, self.theirs = socket.socketpair()
        self.hired.append(self)

    def reports(self) -> None:
        self.theirs.sendall(b"r")

    def dies(self) -> None:
        self.dead = True

    def hear(self) -> None:
        self.control.recv(10)
        self.ready = True

    def hangs(self, patience: float) -> bool:
        self.asked += 1
        return self.hanging

    def is_dead(self) -> bool:
        return self.dead

    def terminate(self) -> None:
        self.leaving = True
        self.dead |= self.obeys

    def kill(self) -> None:
        self.killed = self.dead = True

    def close(self) -> None:
        self.control.close()
        self.theirs.close()


@pytest.fixture(autouse=True)
def hired(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> list[Employee]:
    caplog.set_level(logging.INFO, "uvicorn.error")
    monkeypatch.setattr(supervisor_module, "WorkerProcess", Employee)
    monkeypatch.setattr(supervisor_module, "_ROUND", 0)
    monkeypatch.setattr(Employee, "hired", [])
    monkeypatch.setattr(Employee, "obeys", True)
    return Employee.hired


@pytest.fixture
def boss() -> Iterator[Supervisor]:
    made = Supervisor(Config(app="main:app", workers=2), [socket.create_server(("127.0.0.1", 0))])
    made.start()
    yield made
    made.close()


def turn(boss: Supervisor, *ready: Employee) -> None:
    for employee in ready:
        employee.reports()
    boss._turn()
    boss._turn()


def signalled(boss: Supervisor, number: int) -> None:
    boss._outbox.send(bytes([number]))
    turn(boss)


def test_it_starts_as_many_as_are_wanted(
    boss: Supervisor, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    turn(boss, *hired)
    assert boss.workers == hired
    assert len(hired) == 2
    assert "FastAPI running on http://127.0.0.1" in caplog.text


def test_one_that_dies_is_replaced(boss: Supervisor, hired: list[Employee]) -> None:
    turn(boss, *hired)
    hired[0].dies()
    turn(boss)
    assert boss.workers == hired[1:]
    assert len(hired) == 3


def test_one_that_hangs_is_killed_and_replaced(boss: Supervisor, hired: list[Employee]) -> None:
    turn(boss, *hired)
    hired[0].hanging = True
    turn(boss)
    assert hired[0].killed
    assert len(hired) == 3


def test_one_that_is_starting_is_not_asked(boss: Supervisor, hired: list[Employee]) -> None:
    hired[0].hanging = True
    turn(boss)
    assert not hired[0].killed


def test_an_answer_is_no_reason_to_ask_again(
    boss: Supervisor, hired: list[Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(boss, *hired)
    before = [employee.asked for employee in hired]
    monkeypatch.setattr(supervisor_module, "_ROUND", 3600)
    for _ in range(5):
        hired[0].reports()
        boss._turn()
    assert [employee.asked for employee in hired] == [asked + 1 for asked in before]


def test_a_hangup_replaces_one_at_a_time_and_waits_for_each(boss: Supervisor, hired: list[Employee]) -> None:
    turn(boss, *hired)
    first, second = hired
    signalled(boss, signal.SIGHUP)
    assert len(hired) == 3
    assert not first.leaving
    turn(boss, hired[2])
    assert first.leaving
    assert not second.leaving
    assert len(hired) == 4
    turn(boss, hired[3])
    assert second.leaving
    assert boss.workers == hired[2:]
    turn(boss)
    assert len(hired) == 4


def test_the_old_ones_stay_when_the_new_does_not_start(
    boss: Supervisor, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    turn(boss, *hired)
    signalled(boss, signal.SIGHUP)
    hired[2].dies()
    turn(boss)
    assert boss.workers == hired[:2]
    assert len(hired) == 3
    assert "the processes that serve stay as they are" in caplog.text


def test_one_that_keeps_dying_is_given_time(
    boss: Supervisor, hired: list[Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(boss, *hired)
    hired[0].dies()
    turn(boss)
    hired[2].dies()
    turn(boss)
    assert len(hired) == 3
    later = time.monotonic() + 60
    monkeypatch.setattr(supervisor_module, "time", SimpleNamespace(monotonic=lambda: later))
    turn(boss)
    assert len(hired) == 4


def test_an_application_that_never_started_ends_all(boss: Supervisor, hired: list[Employee]) -> None:
    hired[0].dies()
    turn(boss)
    assert boss.stopping
    assert boss.status == 3
    assert boss.workers == []


def test_workers_are_added_and_removed(
    boss: Supervisor, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    turn(boss, *hired)
    signalled(boss, signal.SIGTTIN)
    turn(boss, hired[2])
    assert len(boss.workers) == 3
    for _ in range(3):
        signalled(boss, signal.SIGTTOU)
    assert len(boss.workers) == 1
    assert "Already reached one process" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_after_their_work(boss: Supervisor, hired: list[Employee], number: int) -> None:
    turn(boss, *hired)
    Employee.obeys = False
    signalled(boss, number)
    assert boss.stopping
    assert [employee.leaving for employee in hired] == [True, True]
    assert not any(employee.killed for employee in hired)
    signalled(boss, signal.SIGINT)
    assert boss.workers == []
    assert all(employee.killed for employee in hired)


def test_ones_that_get_ready_too_late_are_not_announced(
    boss: Supervisor, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    Employee.obeys = False
    boss.stop()
    turn(boss, *hired)
    assert "running on" not in caplog.text
    hired[0].dies()
    turn(boss)
    assert boss.status == 0


def test_it_can_be_woken_more_often_than_it_looks(boss: Supervisor) -> None:
    for _ in range(100_000):
        boss.wake()
    turn(boss)


def test_a_run_ends_with_a_signal_and_leaves_no_handler(
    hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    before = signal.getsignal(signal.SIGHUP)
    boss = Supervisor(Config(app="main:app", workers=1), [])

    class Volunteer(Employee):
        def hear(self) -> None:
            super().hear()
            signal.raise_signal(signal.SIGTERM)

    supervisor_module.WorkerProcess = Volunteer  # type: ignore[assignment, misc]
    boss.arrange()
    hired[0].reports()
    assert boss.run() == 0
    assert signal.getsignal(signal.SIGHUP) is before
    assert caplog.messages[0].startswith("Started parent process")
    assert caplog.messages[-1].startswith("Stopping parent process")


# --- reload ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("source", "source/inner", "other", "data"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "roots"),
    [
        ({}, ["."]),
        ({"reload_dirs": ["source", "other"]}, ["other", "source"]),
        ({"reload_dirs": ["source", "source/inner"]}, ["source"]),
        ({"reload_dirs": ["source"], "reload_includes": ["data", "*.html"]}, ["data", "source"]),
        ({"reload_dirs": ["source", "other"], "reload_excludes": ["other"]}, ["source"]),
    ],
)
def test_directories_are_watched(settings: dict[str, Any], roots: list[str], tree: Path) -> None:
    watched = WatchedFiles(Config(app="main:app", **settings))
    assert watched.roots == [(tree / root).resolve() for root in roots]


@pytest.mark.parametrize(
    ("settings", "path", "counts"),
    [
        ({}, "source/a.py", True),
        ({}, "source/a.html", False),
        ({}, "source/.hidden.py", False),
        ({"reload_includes": ["*.html"]}, "source/a.html", True),
        ({"reload_excludes": ["a*.py"]}, "source/a.py", False),
        ({"reload_excludes": ["other"]}, "other/a.py", False),
        ({"reload_excludes": ["*.py"]}, "source/a.py", False),
        ({"reload_includes": [".*"]}, "source/.env", True),
    ],
)
def test_files_count(settings: dict[str, Any], path: str, counts: bool, tree: Path) -> None:
    assert ((tree / path) in WatchedFiles(Config(app="main:app", **settings))) is counts


def test_a_directory_that_is_missing_is_told(tree: Path) -> None:
    with pytest.raises(ConfigError, match=r"--reload-dir .*nowhere: there is no such directory"):
        WatchedFiles(Config(app="main:app", reload=True, reload_dirs=["nowhere"]))


class Watch:
    """Stands for watchfiles: yields what the test puts in."""

    def __init__(self) -> None:
        self.changes: queue.SimpleQueue[set[tuple[int, str]]] = queue.SimpleQueue()

    def watch(
        self, *roots: Path, stop_event: threading.Event, **options: Any
    ) -> Iterator[set[tuple[int, str]]]:
        while not stop_event.is_set():
            try:
                yield self.changes.get(timeout=0.01)
            except queue.Empty:
                continue


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setitem(sys.modules, "watchfiles", SimpleNamespace(watch=made.watch))
    return made


@pytest.fixture
def reloader(watch: Watch, tree: Path) -> Iterator[Reloader]:
    made = Reloader(Config(app="main:app", reload=True), [socket.create_server(("127.0.0.1", 0))])
    made.start()
    yield made
    made.close()


def until(boss: Supervisor, condition: Callable[[], bool]) -> None:
    while not condition():
        boss._turn()


def test_a_change_replaces_the_worker(
    reloader: Reloader, watch: Watch, tree: Path, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    turn(reloader, *hired)
    watch.changes.put({(1, str(tree / "notes.txt"))})
    watch.changes.put({(1, str(tree / "source/a.py")), (1, "/elsewhere/b.py")})
    until(reloader, lambda: len(hired) == 2)
    assert hired[0].leaving
    assert "WatchFiles detected changes in '/elsewhere/b.py', 'source/a.py'. Reloading..." in caplog.messages


def test_one_that_dies_waits_for_a_change(
    reloader: Reloader, watch: Watch, tree: Path, hired: list[Employee], caplog: pytest.LogCaptureFixture
) -> None:
    hired[0].dies()
    turn(reloader)
    turn(reloader)
    assert len(hired) == 1
    assert "Waiting for changes." in caplog.text
    watch.changes.put({(1, str(tree / "source/a.py"))})
    until(reloader, lambda: len(hired) == 2)


@pytest.mark.parametrize("named", [None, "other.yaml"])
def test_the_schema_file_matters_only_where_no_worker_is_left_to_follow_it(
    watch: Watch, tree: Path, hired: list[Employee], monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    if named:
        monkeypatch.setenv("FASTAPI_PARAMS_SCHEMA", named)
    config = Config(app="main:app", reload=True, watch_params=True)
    boss = Reloader(config, [socket.create_server(("127.0.0.1", 0))])
    boss.start()
    changed = {(1, str(tree / (named or "params_schema.yaml")))}
    watch.changes.put(changed)
    watch.changes.put({(1, str(tree / "params_schema.toml"))})
    turn(boss, *hired)
    boss.looked()
    assert not hired[0].leaving
    hired[0].dies()
    turn(boss)
    watch.changes.put(changed)
    until(boss, lambda: len(hired) == 2)
    boss.close()


def test_requests_do_not_hold_up_a_restart_for_ever(reloader: Reloader, hired: list[Employee]) -> None:
    assert hired[0].config.timeout_graceful_shutdown == 5


def test_reloading_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    boss = Reloader(Config(app="main:app", reload=True, timeout_graceful_shutdown=1), [])
    with pytest.raises(ConfigError, match="--reload needs watchfiles: pip install watchfiles"):
        boss.start()
    boss.close()
