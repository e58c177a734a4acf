"""wrk, the HTTP load generator: its scripts, its command and its report."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .scenarios import Scenario
from .tools import pinned

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}


@dataclass(frozen=True)
class Load:
    """What a load generator saw. Latencies are in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int = 0
    errors: int = 0


def lua(scenario: Scenario) -> str:
    """Return the script that sends this scenario's request. It defines no function, so wrk builds the request once."""
    lines = [f"wrk.method = {literal(scenario.method.encode())}"]
    if scenario.body:
        lines.append(f"wrk.body = {literal(scenario.body)}")
    lines += [f"wrk.headers[{literal(k.encode())}] = {literal(v.encode())}" for k, v in scenario.headers]
    return "\n".join(lines) + "\n"


def literal(text: bytes) -> str:
    """Return a Lua string literal of these bytes."""
    plain = set(range(32, 127)) - set(b'"\\')
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03d}" for byte in text) + '"'


def parse(report: str) -> Load:
    """Read a report of ``wrk --latency``.

    Raises:
        ValueError: the text is no such report.
    """
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m|h),", report)
    if not total:
        raise ValueError(f"wrk reported no total:\n{report}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", report)
    return Load(
        requests=int(total[1]),
        seconds=float(total[2]) * MILLISECONDS[total[3]] / 1000,
        p50=percentile(report, 50),
        p99=percentile(report, 99),
        refused=int(refused[1]) if refused else 0,
        errors=sum(map(int, errors.groups())) if errors else 0,
    )


def percentile(report: str, percent: int) -> float:
    found = re.search(rf"^\s*{percent}%\s+([\d.]+)(us|ms|s|m|h)\s*$", report, re.MULTILINE)
    if not found:
        raise ValueError(f"wrk reported no {percent}th percentile:\n{report}")
    return float(found[1]) * MILLISECONDS[found[2]]


def run(url: str, script: Path, seconds: float, *, connections: int = 64, core: int | None = None) -> Load:
    """Send the request of a script again and again.

    Raises:
        RuntimeError: wrk failed.
    """
    command = [
        "wrk",
        "--threads",
        "1",
        "--connections",
        str(connections),
        "--duration",
        f"{max(1, round(seconds))}s",
    ]
    command += ["--timeout", "10s", "--latency", "--script", str(script), url]
    done = subprocess.run(
        pinned(core, command), capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    if done.returncode:
        raise RuntimeError(f"wrk failed on {url}: {done.stderr or done.stdout}")
    return parse(done.stdout)
