"""Two workers of one server: their metrics add up, and what one was doing ends with it."""

import os
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from structlog.testing import capture_logs

from app.core.telemetry import FOLDER, forget_ended, open_metrics
from tests.services.application import Application

pytest.importorskip("fastapi.server")  # what the workers run on
SECONDS = 60
PATH = "/api/v1/statuses"


class Workers(Application):
    """Two workers."""

    def command(self) -> list[str]:
        return [*super().command(), "--workers", "2"]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


@pytest.fixture
def workers(folder: pathlib.Path) -> Iterator[Workers]:
    with Workers(**{FOLDER: str(folder)}) as workers:
        yield workers


def pids(folder: pathlib.Path) -> set[int]:
    """The workers that were doing something when last asked."""
    return {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_livesum_*.db")}


def ask(url: str) -> str:
    """What a worker answers, on a connection of its own: whichever takes it."""
    return httpx.get(url, timeout=20).text


def figure(text: str, pattern: str) -> float:
    """A figure of Prometheus' text."""
    found = re.search(rf"^{pattern} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Asks again until it is so."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline


def test_workers_add_up_and_what_a_killed_one_was_doing_ends(workers: Workers, folder: pathlib.Path) -> None:
    counted = rf'http_requests_total{{method="GET",route="{PATH}",status="401"}}'

    def count() -> float:
        return figure(ask(f"{workers.url}/metrics"), re.escape(counted))

    asked = 0
    while len(list(folder.glob("counter_*.db"))) < 2 or asked < 20:
        assert asked < 1000
        ask(f"{workers.url}{PATH}")
        asked += 1
    assert {count() for _ in range(5)} == {asked}

    first = pids(folder)
    assert len(first) == 2
    with httpx.stream("GET", f"{workers.url}/api/v1/sse/stream?seconds=60", timeout=20) as answer:
        assert answer.status_code == 200
        in_progress = figure(ask(f"{workers.url}/metrics"), "http_requests_in_progress")
        assert in_progress == 2  # the stream, and the question itself
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda: len(pids(folder) - first) == 2 and "http_requests" in ask(f"{workers.url}/metrics")
        )
    assert figure(ask(f"{workers.url}/metrics"), "http_requests_in_progress") == 1
    assert not first & pids(folder)
    assert count() == asked


def test_a_worker_that_ends_takes_what_it_was_doing_with_it(workers: Workers, folder: pathlib.Path) -> None:
    assert pids(folder)
    workers.stop()
    assert not pids(folder)
    assert list(folder.glob("counter_*.db"))


def test_what_workers_were_doing_ends_with_them(
    monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path
) -> None:
    monkeypatch.setenv(FOLDER, str(folder))
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    for pid in (ended.pid, os.getpid()):
        for kind in ("gauge_livesum", "gauge_livemax", "counter"):
            (folder / f"{kind}_{pid}.db").touch()
    with open_metrics(2):
        forget_ended(str(folder))
        assert pids(folder) == {os.getpid()}
    assert {path.stem for path in folder.iterdir()} == {f"counter_{ended.pid}", f"counter_{os.getpid()}"}


def test_several_workers_without_a_folder_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    with capture_logs() as lines, open_metrics(2):
        pass
    assert [line["event"] for line in lines] == ["metrics_of_one_worker"]
