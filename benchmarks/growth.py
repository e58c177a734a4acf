"""Growth: what a request costs as an application, an answer, a crowd of clients or a server grows."""

import resource
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import environments, report, startup, wrk
from .doors import Door
from .figures import Sample
from .rounds import WARM_SECONDS, note
from .scenarios import Scenario
from .servers import Server
from .tools import cores, pinned

ROUTES = (10, 100, 500, 1000, 5000)
DEPENDENCIES = (0, 1, 5, 10, 20)
ITEMS = (1, 10, 100, 1000, 10_000)
CONNECTIONS = (16, 64, 256, 1024, 4096)
WORKERS = (1, 2)
IDLE = 1000
CALM = 1.5
"""Seconds after which a server has put connections at rest; keep-alive lasts for five."""
# What a request costs says little before so many were answered: at the end, others were half done.
LEAST_REQUESTS = 200
MOST_SECONDS = 30.0

HELLO = Scenario(key="connections", title="plain async", expected={"hello": "world"})
HELLO_REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
# It is refused, but read first.
UPLOAD_REQUEST = (
    b"POST /people HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 61440\r\n\r\n"
    + b" " * 61438
    + b"{}"
)
WEBSOCKET_REQUEST = (
    b"GET /echo HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDAwMDAwMDAwMDAwMDAwMA==\r\n"
    b"sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)


@dataclass(frozen=True)
class Series:
    """One thing that grows: how its application is asked for size ``n``."""

    title: str
    sizes: tuple[int, ...]
    scenario: Callable[[int], Scenario]
    variables: Callable[[int], dict[str, str]] = lambda n: {}
    connections: Callable[[int], int] = lambda n: 8
    workers: Callable[[int], int] = lambda n: 1


SERIES = (
    Series(
        "routes",
        ROUTES,
        lambda n: Scenario(
            key="routes",
            title="the last route",
            app="growing",
            path=f"/section{n - 1}/items/7",
            expected={"section": n - 1, "item_id": 7},
        ),
        variables=lambda n: {"ROUTES": str(n)},
    ),
    Series(
        "dependencies",
        DEPENDENCIES,
        lambda n: Scenario(
            key="dependencies",
            title="a chain",
            app="growing",
            path="/depth",
            expected={"depth": n},
        ),
        variables=lambda n: {"DEPENDENCIES": str(n)},
    ),
    Series(
        "response items",
        ITEMS,
        lambda n: Scenario(
            key="items",
            title="a list of models",
            app="growing",
            path="/items",
            expected=[{"id": number, "name": f"item {number}"} for number in range(n)],
        ),
        variables=lambda n: {"ITEMS": str(n)},
    ),
    Series("connections", CONNECTIONS, lambda n: HELLO, connections=lambda n: n),
    Series("workers", WORKERS, lambda n: HELLO, workers=lambda n: n),
)


@dataclass
class Growth:
    """The measurement. The first of the doors is the reference."""

    doors: list[Door]
    pythons: dict[str, str]
    seconds: float

    def measure(self) -> dict[str, Any]:
        """Return the CPU time per request in µs, and memory in KiB, each by size and door."""
        allow_open_files()
        return {
            "doors": {door.name: door.title for door in self.doors},
            "series": {series.title: self.series(series) for series in SERIES},
            "memory": {
                "an idle connection": self.idle(HELLO_REQUEST, b"}"),
                "one that sent 60 KiB": self.idle(UPLOAD_REQUEST, b"}"),
                "an idle WebSocket": self.idle(WEBSOCKET_REQUEST, b"\r\n\r\n"),
                "a route with a model": self.routes(),
            },
        }

    def series(self, series: Series) -> dict[str, dict[str, float]]:
        return {str(size): self.size(series, size) for size in series.sizes}

    def size(self, series: Series, size: int) -> dict[str, float]:
        """Return the CPU time per request in µs, by door."""
        note(f"growth: {size} {series.title}")
        scenario, workers = series.scenario(size), series.workers(size)
        costs = {}
        for door in self.doors:
            core = cores()[0] if workers == 1 else None
            server = Server(
                door,
                self.pythons[door.environment],
                scenario.app,
                core=core,
                workers=workers,
                variables=series.variables(size),
            )
            with server, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
                server.check(scenario)
                script.write(wrk.lua(scenario))
                script.flush()
                url, path, connections = server.url(scenario), Path(script.name), series.connections(size)
                wrk.run(url, path, WARM_SECONDS, connections=connections, core=cores()[1])
                # To open a connection costs as much as a request, so that a crowd has to stay for longer.
                seconds = self.seconds * (4 if connections > 512 else 1)
                while True:
                    before = server.cpu_seconds()
                    load = wrk.run(url, path, seconds, connections=connections, core=cores()[1])
                    used = server.cpu_seconds() - before
                    if load.requests >= LEAST_REQUESTS or seconds >= MOST_SECONDS:
                        break
                    seconds = min(seconds * 3, MOST_SECONDS)
                costs[door.name] = round(Sample.of(load, used).cpu_us, 2)
        return costs

    def idle(self, request: bytes, end: bytes) -> dict[str, float]:
        """Return the KiB that a connection holds after one request, by door."""
        note(f"growth: {IDLE} idle connections")
        held = {}
        for door in self.doors:
            with Server(door, self.pythons[door.environment], "core", core=cores()[0]) as server:
                server.check(HELLO)
                ask(server.port, 1, request, end)[0].close()
                before = server.resident_bytes()
                connections = ask(server.port, IDLE, request, end)
                time.sleep(CALM)
                held[door.name] = round((server.resident_bytes() - before) / IDLE / 1024, 2)
                for connection in connections:
                    connection.close()
        return held

    def routes(self) -> dict[str, float]:
        """Return the KiB that a route with a model of its own adds, by door."""
        samples = {
            door.name: startup.sample(
                pinned(cores()[0], [self.pythons[door.environment]]), environments.clean()
            )
            for door in self.doors
        }
        return {name: round(sample["route_bytes"] / 1024, 2) for name, sample in samples.items()}


def ask(port: int, count: int, request: bytes, end: bytes) -> list[socket.socket]:
    """Return so many connections over which one request each was answered."""
    opened = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(request)
        answer = b""
        while not answer.endswith(end):
            read = connection.recv(4096)
            if not read:
                raise ConnectionError("the server closed an idle connection")
            answer += read
        opened.append(connection)
    return opened


def summary(result: dict[str, Any]) -> str:
    """Return a table for each thing that grew, and one of memory, as ``docs/growth.md`` has them."""
    titles = result["doors"]

    def rows(found: dict[str, dict[str, float]], unit: str) -> list[list[str]]:
        return [
            [size if unit == "KiB" else f"{int(size):,}", *(cell(name, costs, unit) for name in titles)]
            for size, costs in found.items()
        ]

    tables = [
        report.table(rows(found, "µs"), [title, *titles.values()])
        for title, found in result["series"].items()
    ]
    tables.append(report.table(rows(result["memory"], "KiB"), ["memory of", *titles.values()]))
    return "\n\n".join(tables)


def cell(door: str, costs: dict[str, float], unit: str) -> str:
    """Return a figure and how many times less than the reference's it is; nothing where it was not measured."""
    cost = costs.get(door)
    if cost is None:
        return ""
    # What is not more than the noise has no ratio.
    ratio = f", ×{costs['reference'] / cost:.1f}" if door != "reference" and cost > 0.1 else ""
    return f"{report.number(cost)} {unit}{ratio}"


def allow_open_files() -> None:
    """Let this process and its children open as many files as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
