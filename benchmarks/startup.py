"""Start-up: what importing, registering and describing cost, in processes of their own.

`python startup.py` prints the CPU milliseconds of each step and the resident memory that 1,000 routes add; the rest of
the module runs that program in the environments, in turns.
"""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

ROUTES = 1000


def measure() -> dict[str, float]:
    from pydantic import BaseModel, create_model

    began = time.process_time()
    import fastapi

    imported = time.process_time()
    models: list[type[BaseModel]] = [
        create_model(f"Model{n}", id=(int, ...), name=(str, ...), note=(str | None, None))
        for n in range(ROUTES)
    ]
    app = fastapi.FastAPI()
    resident = resident_bytes()
    ready = time.process_time()
    for number, model in enumerate(models):
        register(app, number, model)
    registered = time.process_time()
    added = resident_bytes() - resident
    document = app.openapi()
    described = time.process_time()
    if len(document["paths"]) != ROUTES:
        raise SystemExit(f"{len(document['paths'])} paths in the document, not {ROUTES}")
    return {
        "S16a": (imported - began) * 1000,
        "S16b": (registered - ready) * 1000,
        "S16c": (described - registered) * 1000,
        "route_bytes": added / ROUTES,
    }


def register(app: object, number: int, model: type) -> None:
    async def endpoint(item_id: int, body: model, q: str | None = None) -> model:  # type: ignore[valid-type]
        return body

    app.post(f"/models/{number}/{{item_id}}")(endpoint)  # type: ignore[attr-defined]


def resident_bytes() -> int:
    """Return the resident memory of this process (proc_pid_statm(5))."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def sample(command: list[str], environment: Mapping[str, str]) -> dict[str, float]:
    """Run this module as a program.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(
        [*command, __file__],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=dict(environment),
        cwd="/",
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]} failed to start up: {done.stderr[-1000:]}")
    return {key: float(value) for key, value in json.loads(done.stdout).items()}


def middle(samples: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {key: median(one[key] for one in samples) for key in samples[0]}


if __name__ == "__main__":
    print(json.dumps(measure()))
