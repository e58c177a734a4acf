"""User-space instructions per request, counted by callgrind: figures that repeat, on any machine and a busy one."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import callgrind
from .report import table
from .scenarios import Scenario
from .servers import APPS

DRIVER = Path(__file__).parent / "instructions_driver.py"
BASELINE = Path(__file__).parent / "instructions.json"
KEYS = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13", "S15")
REQUESTS = 20
TOLERANCE = 0.1
EMPTY: dict[str, Any] = {"app": "", "method": "GET", "path": "/", "headers": [], "body": ""}


class WrongAnswer(RuntimeError):
    """An application answered another thing than it should."""


def count(python: str, scenarios: Sequence[Scenario], requests: int) -> dict[str, int]:
    """Return the instructions per request by scenario.

    Raises:
        RuntimeError: callgrind or the driver failed.
        WrongAnswer: a scenario was not answered as it must be.
    """
    told = [
        {
            "app": scenario.app,
            "method": scenario.method,
            "path": scenario.path,
            "headers": scenario.headers,
            "body": scenario.body.decode("latin-1"),
        }
        for scenario in scenarios
    ]
    with tempfile.TemporaryDirectory() as folder:
        command = [*callgrind.command(folder), python, str(DRIVER), str(requests)]
        done = subprocess.run(
            command,
            input=json.dumps([EMPTY, *told]),
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
            cwd=APPS,
            # Nothing else, because its size moves addresses.
            env={"PATH": os.defpath, "PYTHONHASHSEED": "0", "PYTHONPATH": str(APPS)},
        )
        if done.returncode:
            raise RuntimeError(f"counting with {python} failed:\n{done.stderr[-3000:]}")
        answers = json.loads(done.stdout)[1:]
        for scenario, answer in zip(scenarios, answers, strict=True):
            if not scenario.matches(answer["status"], answer["body"].encode("latin-1")):
                raise WrongAnswer(f"{scenario.key}: {answer['status']} {answer['body'][:300]}")
        counted = callgrind.per_request(callgrind.totals(Path(folder)), len(scenarios), requests)
    return {scenario.key: instructions for scenario, instructions in zip(scenarios, counted, strict=True)}


def count_all(
    pythons: Mapping[str, str], scenarios: Sequence[Scenario], requests: int
) -> dict[str, dict[str, int]]:
    """Count in several environments at the same time; being disturbed costs them time, not instructions."""
    with ThreadPoolExecutor(len(pythons)) as pool:
        running = {name: pool.submit(count, python, scenarios, requests) for name, python in pythons.items()}
        return {name: future.result() for name, future in running.items()}


def shares(counted: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Return ours as a fraction of the reference, by scenario.

    The reference is counted in the same run because the counts themselves depend on how CPython was compiled.
    """
    reference, ours = counted["reference"], counted["ours"]
    return {key: round(ours[key] / reference[key], 4) for key in ours}


def regressions(
    baseline: Mapping[str, float], now: Mapping[str, float], tolerance: float = TOLERANCE
) -> list[str]:
    """Return a line for every scenario that needs more instructions than the baseline allows."""
    return [
        f"{key}: {now[key]:.1%} of the reference's instructions, {now[key] / before - 1:+.1%} to the baseline"
        for key, before in baseline.items()
        if key in now and now[key] > before * (1 + tolerance)
    ]


def counts_table(counted: Mapping[str, Mapping[str, int]], baseline: Mapping[str, float]) -> str:
    rows = []
    for key, share in shares(counted).items():
        before = baseline.get(key)
        rows.append(
            [
                key,
                f"{counted['reference'][key]:,}",
                f"{counted['ours'][key]:,}",
                f"×{1 / share:.2f}",
                f"{share / before - 1:+.1%}" if before else "new",
            ]
        )
    return table(rows, ["scenario", "reference", "ours", "ratio", "against baseline"])
