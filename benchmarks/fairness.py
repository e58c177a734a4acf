"""Fairness: what a saturated server leaves to a coroutine, and what slow and silent clients take from the others."""

import contextlib
import json
import socket
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import report, wrk
from .doors import Door
from .growth import allow_open_files, ask
from .rounds import WARM_SECONDS, note
from .scenarios import Scenario
from .servers import Server
from .tools import cores

LOOPS = ("uvloop", "asyncio")
HELLO = Scenario(key="fairness", title="plain async", expected={"hello": "world"})
LATE = replace(HELLO, path="/late")
SLOW = 32
IDLE = 2000
PAUSE = 0.05  # seconds between two pieces of a slow client


@contextlib.contextmanager
def nobody(port: int) -> Iterator[None]:
    yield


@contextlib.contextmanager
def idle(port: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for connection in ask(port, IDLE, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b'{"hello":"world"}'):
            stack.callback(connection.close)
        yield


@contextlib.contextmanager
def slow(port: int, request: bytes, step: Callable[[socket.socket], object]) -> Iterator[None]:
    """Connections that send a request and then take a step each, again and again, in a thread."""
    enough = threading.Event()
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            for _ in range(SLOW)
        ]
        for connection in connections:
            connection.sendall(request)

        def go_on() -> None:
            while not enough.wait(PAUSE):
                for connection in connections:
                    step(connection)

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()


def slow_readers(port: int) -> contextlib.AbstractContextManager[None]:
    return slow(port, b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n", lambda connection: connection.recv(1024))


def slow_writers(port: int) -> contextlib.AbstractContextManager[None]:
    head = b"POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
    return slow(port, head, lambda connection: connection.sendall(b"x" * 256))


COMPANY = {
    "alone": nobody,
    f"{SLOW} slow readers": slow_readers,
    f"{SLOW} slow writers": slow_writers,
    f"{IDLE:,} idle connections": idle,
}
"""With whom the server is shared."""


@dataclass
class Fairness:
    """The measurement, for each door on each event loop."""

    doors: list[Door]
    pythons: dict[str, str]
    seconds: float
    rounds: int

    def tables(self, folder: Path) -> str:
        """Measure everything, write ``fairness.json`` and return the tables."""
        allow_open_files()
        found = {f"{door.name}, {loop}": self.door(door, loop) for door in self.doors for loop in LOOPS}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fairness.json").write_text(json.dumps(found, indent=1) + "\n")
        late = [
            [name, *(report.number(figures["late"][key]) for key in ("p50", "p99"))]
            for name, figures in found.items()
        ]
        latency = [
            [name, *(cell(figures["p50"][key], figures["p50"]["alone"]) for key in COMPANY)]
            for name, figures in found.items()
        ]
        return "\n\n".join(
            [
                report.table(late, ["waking every 5 ms is late by (ms; goal: p99 < 10)", "p50", "p99"]),
                report.table(latency, ["p50 of S1 (ms; goal: within 20 % of alone)", *COMPANY]),
            ]
        )

    def door(self, door: Door, loop: str) -> dict[str, dict[str, float]]:
        """Return how late the coroutine was under load, and S1's p50 in each company, both in ms."""
        # A server takes the last of two flags.
        door = replace(door, command=f"{door.command} --loop {loop}")
        server = Server(door, self.pythons[door.environment], "fairness", core=cores()[0])
        with server, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            server.check(HELLO)
            script.write(wrk.lua(HELLO))
            script.flush()

            def load(seconds: float) -> float:
                return wrk.run(server.url(HELLO), Path(script.name), seconds, core=cores()[1]).p50

            load(WARM_SECONDS)
            note(f"fairness: {door.name}, {loop}")
            server.ask(LATE)
            load(self.seconds)
            late = json.loads(server.ask(LATE)[1])
            taken: dict[str, list[float]] = {name: [] for name in COMPANY}
            for _ in range(self.rounds):
                for name, company in COMPANY.items():
                    with company(server.port):
                        taken[name].append(load(self.seconds))
        return {
            "late": {"p50": late[len(late) // 2], "p99": late[len(late) * 99 // 100]},
            "p50": {name: statistics.median(times) for name, times in taken.items()},
        }


def cell(figure: float, alone: float) -> str:
    """Return a latency and how far it is from that of the server alone."""
    return report.number(figure) + (f" ({figure / alone - 1:+.0%})" if figure != alone else "")
