"""Accounts of a whole server: what opens and closes them, what is asked, and what a wrong answer does."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import served
from benchmarks.doors import DOORS
from benchmarks.scenarios import SCENARIOS
from benchmarks.servers import ServerError

pytestmark = pytest.mark.timeout(60)

HELLO = next(scenario for scenario in SCENARIOS if scenario.key == "S1")


def test_what_is_counted_at_a_door_is_of_one_application_and_without_threads() -> None:
    counted = [scenario for scenario in SCENARIOS if scenario.key in served.KEYS]
    assert [scenario.key for scenario in counted] == list(served.KEYS)
    assert {scenario.app for scenario in counted} == {"core"}


def test_a_door_under_callgrind_runs_the_same_module_with_the_same_arguments() -> None:
    for door in DOORS:
        if door.name not in ("reference", "native"):
            continue
        usual = door.arguments(python="/usr/bin/python", app="core", port=1)
        under = served.under_callgrind(door, "/accounts").arguments(
            python="/usr/bin/python", app="core", port=1
        )
        driver = under.index(str(served.DRIVER))
        assert under[driver - 1] == usual[0] == "/usr/bin/python"
        assert under[driver + 1 :] == usual[2:]
        assert "--callgrind-out-file=/accounts/out" in under[:driver]


SEEN = """
import os, signal, sys
calls = []
os.getsid = calls.append
print(sys.argv[1:], sys.path[0] == os.getcwd(), __name__, flush=True)
os.kill(os.getpid(), signal.SIGUSR1)
print(calls, flush=True)
"""


def test_the_driver_runs_a_module_as_python_does_and_calls_getsid_at_a_signal(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(SEEN)
    done = subprocess.run(
        [sys.executable, str(served.DRIVER), "seen", "--port", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.splitlines() == ["['--port', '1'] True __main__", "[0]"]


def test_an_account_is_closed_by_a_signal_once_its_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []

    def kill(pid: int, number: int) -> None:
        sent.append((pid, number))
        (tmp_path / f"out.{len(sent)}").touch()

    monkeypatch.setattr(served.os, "kill", kill)
    monkeypatch.setattr(served.accounting, "sleeps", lambda pid: True)
    accounts = served.Accounts(server(), tmp_path)
    accounts.close()
    accounts.close()
    assert sent == [(7, signal.SIGUSR1)] * 2


def test_a_server_that_does_not_come_to_rest_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "ACCOUNT_SECONDS", 0)
    monkeypatch.setattr(served.accounting, "sleeps", lambda pid: False)
    with pytest.raises(ServerError, match="native does not come to rest\nits last words"):
        served.Accounts(server(), tmp_path).close()


def test_a_server_that_closes_no_account_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.os, "kill", lambda pid, number: None)
    monkeypatch.setattr(served.accounting, "sleeps", lambda pid: True)
    monkeypatch.setattr(served, "ACCOUNT_SECONDS", 0)
    with pytest.raises(ServerError, match="native closed no account\nits last words"):
        served.Accounts(server(), tmp_path).close()


def server(port: int = 0) -> Any:
    return SimpleNamespace(
        pid=7, port=port, door=SimpleNamespace(name="native"), tail=lambda: "its last words"
    )


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies: list[bytes]
    peers: set[tuple[str, int]]

    def do_GET(self) -> None:
        body = self.bodies.pop(0)
        self.peers.add(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values: object) -> None:
        pass


@pytest.fixture
def answers() -> Iterator[tuple[int, type[Answers]]]:
    handler = type("Handler", (Answers,), {"bodies": [], "peers": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield listener.server_port, handler
        listener.shutdown()
        thread.join()


def test_all_requests_of_an_account_use_one_connection(answers: tuple[int, type[Answers]]) -> None:
    port, handler = answers
    handler.bodies = [b'{"hello":"world"}'] * 3
    with served.asking(server(port), HELLO) as ask:
        for _ in range(3):
            ask()
    assert not handler.bodies
    assert len(handler.peers) == 1


def test_a_wrong_answer_is_refused(answers: tuple[int, type[Answers]]) -> None:
    port, handler = answers
    handler.bodies = [b'{"hello":"moon"}']
    with (
        served.asking(server(port), HELLO) as ask,
        pytest.raises(ServerError, match=r"native S1: 200 .*moon"),
    ):
        ask()
