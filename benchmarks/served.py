"""User-space instructions per request of a whole server, counted by callgrind over one connection.

One request at a time, each once the server sleeps: nothing then depends on how many came together, and counts repeat.
"""

import http.client
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from . import accounting, callgrind, websocket_load
from .doors import Door
from .instructions_driver import WARM
from .scenarios import Scenario
from .servers import Server, ServerError

DRIVER = Path(__file__).parent / "served_driver.py"
# All of one application; threads (S6) would make counts that vary.
KEYS = ("S1", "S2", "S3", "S4", "S5", "S8", "S9", "S14", "S15")
# Both servers do something once in a while; among fewer requests that would show.
REQUESTS = 200
START_SECONDS = 300
ACCOUNT_SECONDS = 60
MESSAGE_SIZE = 100


def under_callgrind(door: Door, folder: str) -> Door:
    """Return a door whose server keeps accounts in a folder."""
    python, module = door.command.split(" -m ", 1)
    command = " ".join([*callgrind.command(folder), python, str(DRIVER), module])
    return replace(door, command=command, variables={**door.variables, "PYTHONHASHSEED": "0"})


class Accounts:
    """The accounts of a server under callgrind."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.closed = 0

    def rest(self) -> None:
        """Wait until the server waits for something to do.

        Raises:
            ServerError: it does not.
        """
        self.wait(lambda: accounting.sleeps(self.server.pid), "does not come to rest", 0.0005)

    def close(self) -> None:
        """Close the account, of which the next one is the successor, and wait until that is done.

        Raises:
            ServerError: the server does not do so.
        """
        self.rest()
        self.closed += 1
        written = self.folder / f"out.{self.closed}"
        os.kill(self.server.pid, signal.SIGUSR1)
        self.wait(written.exists, "closed no account", 0.01)

    def wait(self, is_so: Callable[[], bool], why: str, interval: float) -> None:
        deadline = time.monotonic() + ACCOUNT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise ServerError(f"{self.server.door.name} {why}\n{self.server.tail()}")
            time.sleep(interval)


@contextmanager
def asking(server: Server, scenario: Scenario) -> Iterator[Callable[[], None]]:
    """Yield what sends the scenario's request over one connection and checks the answer.

    Raises:
        ServerError: (when called) the answer is another one than it should be.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ACCOUNT_SECONDS)
    headers = dict(scenario.headers)

    def ask() -> None:
        connection.request(scenario.method, scenario.path, scenario.body or None, headers)
        response = connection.getresponse()
        body = response.read()
        if not scenario.matches(response.status, body):
            raise ServerError(f"{server.door.name} {scenario.key}: {response.status} {body[:300]!r}")

    try:
        yield ask
    finally:
        connection.close()


@contextmanager
def echoing(server: Server, scenario: Scenario) -> Iterator[Callable[[], None]]:
    """Yield what has a message echoed over one WebSocket.

    Raises:
        SystemExit: (when called) the echo is another one than it should be.
    """
    frame, sent, echo = websocket_load.frames(MESSAGE_SIZE)[0]
    with websocket_load.connected(server.url(scenario)) as websocket:

        def ask() -> None:
            websocket.send(sent)
            while not websocket.receive(frame, echo):
                pass

        yield ask


def using(server: Server, scenario: Scenario) -> AbstractContextManager[Callable[[], None]]:
    """Yield what has a scenario served once."""
    return echoing(server, scenario) if scenario.load == "websocket" else asking(server, scenario)


def count(door: Door, python: str, scenarios: Sequence[Scenario], requests: int) -> dict[str, int]:
    """Return the instructions per request by scenario; all are of one application.

    Raises:
        ServerError: the server did not start, or gave a wrong answer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(under_callgrind(door, name), python, scenarios[0].app, start_seconds=START_SECONDS)
        with server:
            accounts = Accounts(server, folder)
            with using(server, scenarios[0]) as ask:
                ask()  # what a server does behind its start is behind it then
            accounts.close()
            accounts.close()
            for scenario in scenarios:
                with using(server, scenario) as ask:
                    for _ in range(WARM):
                        ask()
                    accounts.close()
                    for _ in range(requests):
                        accounts.rest()
                        ask()
                    accounts.close()
        counted = callgrind.per_request(callgrind.totals(folder), len(scenarios), requests)
    return {scenario.key: instructions for scenario, instructions in zip(scenarios, counted, strict=True)}


def count_all(
    doors: Sequence[Door],
    pythons: Mapping[str, str],
    scenarios: Sequence[Scenario],
    requests: int = REQUESTS,
) -> dict[str, dict[str, int]]:
    """Count at doors of several environments at the same time; the result is by environment and ``S1 served``, …"""
    with ThreadPoolExecutor(len(doors)) as pool:
        running = {
            door.environment: pool.submit(count, door, pythons[door.environment], scenarios, requests)
            for door in doors
        }
        return {
            environment: {f"{key} served": instructions for key, instructions in future.result().items()}
            for environment, future in running.items()
        }
