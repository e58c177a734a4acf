"""The doors that are measured: which server runs which application, in which environment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .scenarios import Scenario

UVICORN = (
    "{python} -m uvicorn {app}:app --host 127.0.0.1 --port {port} --loop uvloop --http httptools --ws websockets"
    " --log-level warning --no-access-log"
)
EVERY = frozenset(
    {"core", "many_routes", "cors_gzip", "http_middleware", "growing", "fairness", "schema_file"}
)


@dataclass(frozen=True, kw_only=True)
class Door:
    """A server with an application behind it.

    ``command`` is filled in with ``python`` (of the environment), ``bin`` (its folder of programs), ``app`` and
    ``port``. ``probe`` is Python code that succeeds in the environment when the door exists. A peer answers only the
    scenarios that it lists in ``keys``. An optional door that cannot be installed or started is left out. ``variables``
    are those of its process.
    """

    name: str
    title: str
    environment: str
    command: str
    peer: bool = False
    optional: bool = False
    probe: str = "pass"
    apps: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({app: app for app in EVERY}))
    keys: frozenset[str] | None = None
    more_workers: str = " --workers {workers}"
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def answers(self, scenario: Scenario) -> bool:
        return scenario.app in self.apps and (self.keys is None or scenario.key in self.keys)

    def arguments(self, *, python: str, app: str, port: int, workers: int = 1) -> list[str]:
        command = self.command + (self.more_workers if workers > 1 else "")
        return command.format(
            python=python,
            bin=python.rpartition("/")[0],
            app=self.apps[app],
            port=port,
            workers=workers,
        ).split()


def peer(name: str, title: str, command: str, keys: str) -> Door:
    return Door(
        name=name,
        title=title,
        environment=name,
        command=command,
        peer=True,
        optional=True,
        apps={"core": f"peers.{name.replace('-', '_')}_app"},
        keys=frozenset(keys.split()),
    )


DOORS = (
    Door(name="reference", title="FastAPI 0.128.0 on uvicorn", environment="reference", command=UVICORN),
    Door(name="ours", title="fastapi-rs on uvicorn", environment="ours", command=UVICORN),
    Door(
        name="native",
        title="fastapi-rs, native server",
        environment="ours",
        # The one place that knows how the native server is started.
        command=(
            "{python} -m fastapi run {app}:app --host 127.0.0.1 --port {port} --log-level warning --no-access-log"
        ),
        optional=True,
        probe="import fastapi.server",
    ),
    Door(
        name="socket",
        title="a constant answer, no framework",
        environment="reference",
        command="{python} -m {app} {port}",
        apps={"core": "constant"},
        keys=frozenset({"S1"}),
    ),
    Door(
        name="newest",
        title="FastAPI newest on uvicorn",
        environment="newest",
        command=UVICORN,
        peer=True,
        optional=True,
    ),
    Door(
        name="granian",
        title="FastAPI 0.128.0 on Granian",
        environment="granian",
        command=(
            "{bin}/granian --interface asgi --loop uvloop --host 127.0.0.1 --port {port} --log-level warning"
            " --no-access-log {app}:app"
        ),
        peer=True,
        optional=True,
    ),
    peer("litestar", "Litestar on uvicorn", UVICORN, "S1 S2 S3 S4 S5 S6 S8 S9"),
    peer("blacksheep", "BlackSheep on uvicorn", UVICORN, "S1 S2 S3 S5 S8 S9"),
    peer(
        "emmett55",
        "Emmett55 on Granian",
        "{bin}/emmett55 --app {app} serve --host 127.0.0.1 --port {port} --loop uvloop --interface rsgi"
        " --log-level warning --no-access-log",
        "S1 S2 S3 S5 S8",
    ),
    peer("django-bolt", "Django-Bolt", "{python} -m {app} {port}", "S1 S2 S3 S5 S6"),
    peer("socketify", "socketify", "{python} -m {app} {port}", "S1 S2 S5"),
)


def selected(peers: bool, doors: Iterable[Door] = DOORS) -> list[Door]:
    """Return the doors of a run: ours and the reference, and with ``peers`` all others."""
    return [door for door in doors if peers or not door.peer]
