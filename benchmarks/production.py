"""The template production under load: the service that `fastapi new` writes, as it ships, beside FastAPI on uvicorn."""

import http.client
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from . import report
from .doors import UVICORN, Door
from .rounds import Run
from .scenarios import Scenario
from .servers import Server, ServerError

TEMPLATE = Path(__file__).parent.parent / "fastapi" / "scaffold" / "production"
CHECKOUT = TEMPLATE.parents[2]
LOGIN = {"username": "ada", "password": "correct horse battery"}
ITEM = {"title": "An engine", "description": "analytical", "price_cents": 1_500_000}
NATIVE = (
    "{python} -m fastapi run --entrypoint {app}:app --host 127.0.0.1 --port {port} --log-level warning"
    " --no-access-log"
)


def settings(folder: Path) -> dict[str, str]:
    """Return the service's settings: its data in a folder, unless ``DATABASE_URL`` names an empty database; a limit
    that is counted and that wrk does not reach."""
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/app.db"),
        "UPLOAD_DIRECTORY": str(folder / "uploads"),
        "ACCESS_TOKEN_MINUTES": "60",
        "RATE_LIMIT_GENERAL": "1000000 per second",
    }


def doors(fastapi: Path, servers: Path, variables: Mapping[str, str]) -> list[Door]:
    """Return the same service on both: what ``import fastapi`` finds is decided by the path alone.

    Arguments:
        fastapi: the folder that has FastAPI and nothing else.
        servers: the folder that has uvicorn and uvloop.
        variables: the settings of the service.
    """

    def door(name: str, title: str, command: str, package: Path) -> Door:
        path = ":".join(map(str, (TEMPLATE, package, servers)))
        return Door(
            name=name,
            title=title,
            environment="production",
            command=command,
            apps={"production": "app.main"},
            variables={**variables, "PYTHONPATH": path},
        )

    return [
        door("reference", "FastAPI 0.128.0 on uvicorn", UVICORN, fastapi),
        door("native", "fastapi-rs, native server", NATIVE, CHECKOUT),
    ]


def call(port: int, method: str, path: str, body: object, token: str = "") -> dict[str, str]:
    """Call the service once and return what it answers.

    Raises:
        ServerError: it refuses.
    """
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
    if response.status >= 300:
        raise ServerError(f"{method} {path} is answered with {response.status}: {text[:300]!r}")
    found: dict[str, str] = json.loads(text)
    return found


def scenarios(door: Door, python: str) -> tuple[Scenario, ...]:
    """Return what is asked, of a user and an item that are made for it."""
    with Server(door, python, "production") as server:
        call(server.port, "POST", "/auth/register", {**LOGIN, "email": "ada@example.com"})
        token = call(server.port, "POST", "/auth/login", LOGIN)["access_token"]
        item = call(server.port, "POST", "/items", ITEM, token)
    return (
        Scenario(
            key="P1",
            title="health check",
            app="production",
            path="/api/v1/health",
            expected={"status": "ok"},
        ),
        Scenario(
            key="P2",
            title="an item, for who signed in",
            app="production",
            path=f"/api/v1/items/{item['id']}",
            headers=(("Authorization", f"Bearer {token}"),),
            expected=item,
        ),
    )


def measure(
    python: str, fastapi: Path, servers: Path, seconds: float, rounds: int, root: Path
) -> report.Result:
    """Measure everything and return the result, as `report.figures_table` shows it."""
    with tempfile.TemporaryDirectory() as folder:
        both = doors(fastapi.absolute(), servers.absolute(), settings(Path(folder)))
        asked = scenarios(both[-1], python)
        run = Run(both, {"production": python}, seconds, rounds)
        run.measure(asked)
        figures = run.figures(asked)
    return report.origin(root) | {
        "seconds": seconds,
        "rounds": rounds,
        "scenarios": {
            scenario.key: {
                "title": scenario.title,
                "unit": "µs",
                "goals": scenario.goals,
                "doors": {
                    name: {"cost": found["cpu_us"]} | found for name, found in figures[scenario.key].items()
                },
            }
            for scenario in asked
        },
    }
