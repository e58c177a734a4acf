"""The measurement: all servers of an application up, then scenario by scenario, door after door, again and again."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import environments, wrk
from .doors import Door
from .figures import Sample, ratio, summary
from .scenarios import SCENARIOS, Scenario, by_app
from .servers import Server, ServerError
from .tools import cores, pinned
from .wrk import Load

WEBSOCKET_LOAD = Path(__file__).parent / "websocket_load.py"
# Messages that stand for a second of load; with fewer, handshakes and the ticks of the accounting would count.
WEBSOCKET_RATE = 50_000
WARM_SECONDS = 1


@dataclass
class Run:
    """What is measured and how.

    Arguments:
        doors: the reference first.
        pythons: the interpreter of each environment.
        seconds: how long wrk sends requests to one door in one round.
        rounds: how often every door is measured.
    """

    doors: list[Door]
    pythons: dict[str, str]
    seconds: float
    rounds: int
    connections: int = 64
    skipped: dict[str, str] = field(default_factory=dict)
    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)

    def measure(self, scenarios: Iterable[Scenario]) -> None:
        """Take all samples.

        Raises:
            ServerError: a door that is not optional does not start or answers wrongly.
        """
        for app, group in by_app(scenarios).items():
            with contextlib.ExitStack() as stack:
                servers = list(self.started(app, group, stack))
                plan = [(scenario, self.checked(scenario, servers)) for scenario in group]
                for scenario, answering in plan:
                    for server in list(answering):
                        with self.tolerating(server, scenario, answering):
                            self.load(server, scenario, WARM_SECONDS)
                for number in range(self.rounds):
                    for scenario, answering in plan:
                        note(f"{app} round {number + 1}/{self.rounds} {scenario.key}")
                        for server in list(answering):
                            with self.tolerating(server, scenario, answering):
                                taken = self.samples.setdefault(scenario.key, {}).setdefault(
                                    server.door.name, []
                                )
                                taken.append(self.sample(server, scenario))

    @contextlib.contextmanager
    def tolerating(self, server: Server, scenario: Scenario, answering: list[Server]) -> Iterator[None]:
        """Leave out an optional door that fails under load; its rounds so far count for nothing."""
        try:
            yield
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
            self.skip(server.door, str(error), scenario.key)
            answering.remove(server)
            self.samples.get(scenario.key, {}).pop(server.door.name, None)

    def started(self, app: str, group: list[Scenario], stack: contextlib.ExitStack) -> Iterable[Server]:
        for door in self.doors:
            if door.name in self.skipped or not any(door.answers(scenario) for scenario in group):
                continue
            try:
                yield stack.enter_context(Server(door, self.pythons[door.environment], app, core=cores()[0]))
            except ServerError as error:
                self.skip(door, str(error))

    def checked(self, scenario: Scenario, servers: list[Server]) -> list[Server]:
        """Return the servers that answer a scenario rightly, the reference first."""
        right = []
        bodies: dict[str, bytes] = {}
        for server in servers:
            if not server.door.answers(scenario):
                continue
            try:
                if scenario.load == "websocket":
                    self.load(server, scenario, 0)
                else:
                    bodies[server.door.name] = server.check(scenario)
            except ServerError as error:
                self.skip(server.door, str(error), scenario.key)
            else:
                right.append(server)
        for server in right:
            if not server.door.peer and bodies.get(server.door.name) != bodies.get("reference"):
                raise ServerError(
                    f"{server.door.name} answers {scenario.key} with other bytes than the reference"
                )
        return right

    def skip(self, door: Door, why: str, key: str = "") -> None:
        if not door.optional:
            raise ServerError(why)
        self.skipped[f"{door.name} {key}".strip()] = why
        note(f"skipped: {door.name} {key}".rstrip() + f": {why.splitlines()[0]}")

    def sample(self, server: Server, scenario: Scenario) -> Sample:
        before = server.cpu_seconds()
        load = self.load(server, scenario, self.seconds)
        used = server.cpu_seconds() - before
        if load.errors:
            note(f"{server.door.name} {scenario.key}: {load.errors} socket errors")
        if load.refused != (0 if scenario.status < 400 else load.requests):
            raise ServerError(
                f"{server.door.name} gave {load.refused} of {load.requests} answers another status"
            )
        return Sample.of(load, used)

    def load(self, server: Server, scenario: Scenario, seconds: float) -> Load:
        """Send requests for so many seconds; over WebSockets as many messages as that time stands for, at least one
        per connection."""
        if scenario.load == "websocket":
            messages = max(self.connections, round(seconds * WEBSOCKET_RATE))
            return self.websocket(server.url(scenario), messages)
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(wrk.lua(scenario))
            script.flush()
            return wrk.run(
                server.url(scenario),
                Path(script.name),
                seconds,
                connections=self.connections,
                core=cores()[1],
            )

    def websocket(self, url: str, messages: int) -> Load:
        command = [
            self.pythons["reference"],
            str(WEBSOCKET_LOAD),
            url,
            str(self.connections),
            str(messages),
            "100",
        ]
        done = subprocess.run(
            pinned(cores()[1], command),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environments.clean(),
        )
        if done.returncode:
            raise ServerError(f"no echo from {url}: {done.stderr[-1000:]}")
        return Load(**json.loads(done.stdout))

    def figures(self, scenarios: Iterable[Scenario] = SCENARIOS) -> dict[str, dict[str, dict[str, object]]]:
        """Return the figures by scenario and door, in the order of the scenarios."""
        return {
            scenario.key: {door: summary(taken, doors["reference"]) for door, taken in doors.items()}
            for scenario in scenarios
            if (doors := self.samples.get(scenario.key))
        }

    def twins(self) -> dict[str, dict[str, float]]:
        """Return, by scenario and door, how many times less a scenario costs than its twin."""
        return {
            f"{scenario.key} beside {scenario.twin}": {
                door: round(ratio([one.cpu_us for one in others[door]], [one.cpu_us for one in taken]), 3)
                for door, taken in self.samples[scenario.key].items()
                if door in others
            }
            for scenario in SCENARIOS
            if scenario.key in self.samples and (others := self.samples.get(scenario.twin))
        }


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
