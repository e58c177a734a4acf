"""Run FastAPI 0.128.0's own test suite, Starlette's, or those of libraries, unmodified, against an installed package.

    python tests/conformance/run.py --wheel dist/fastapi_rs-….whl [--pydantic newest] [--starlette 1.10]
    python tests/conformance/run.py --wheel … --door native         # each request over TCP to the native server
    python tests/conformance/run.py --wheel … --suite starlette     # Starlette's own, over TCP too
    python tests/conformance/run.py --wheel … --suite ecosystem     # those of libraries on top of FastAPI
    python tests/conformance/run.py --reference                     # the same suite on FastAPI itself

The suite comes from the sdist on the package index; the environment from ``requirements.txt``. Each worker is
a pytest process in a copy of the suite of its own. The last line is ``passed N failed N errors N skipped N``.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

HERE: Final = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ecosystem  # noqa: E402
from environment import Versions, build, installed  # noqa: E402
from exceptions import ALONE, LEFT_OUT  # noqa: E402
from suite import FASTAPI, SUITES, Suite, fetch, own_copy, share_out, start  # noqa: E402

LIMIT: Final = 900
"""Seconds that a worker may take before it counts as hung."""

LIMIT_TEST: Final = 60
"""Seconds that a test may take whose requests go over TCP."""

LIMIT_ALONE: Final = 20
"""Seconds for a file that runs alone and may hang; it takes about one."""

TRIES: Final = 10
"""How often a file that runs alone may hang before it counts as hung; see ``exceptions.ALONE``."""


@dataclass
class Result:
    """What one pytest process reported."""

    name: str
    place: pathlib.Path
    origin: str | None = None
    owner: str | None = None
    extension: str | None = None
    served: int | None = None
    pid: int = 0
    outcomes: list[tuple[str, str, str]] = field(default_factory=list)
    broken: str | None = None

    @property
    def bad(self) -> bool:
        """True when the process did not finish or a test in it did not do what it should."""
        return self.broken is not None or any(kind in ("failed", "error") for kind, *_ in self.outcomes)


class Run:
    """One run of the suite in one environment."""

    def __init__(
        self,
        suite: Suite,
        python: pathlib.Path,
        tree: pathlib.Path,
        work: pathlib.Path,
        distribution: str,
    ) -> None:
        self.suite = suite
        self.python = python
        self.tree = tree
        self.work = work
        self.distribution = distribution
        self.options = list(suite.options)

    def launch(self, name: str, tests: list[str]) -> "tuple[Result, subprocess.Popen[bytes]]":
        """Start a worker called ``name`` on ``tests``."""
        place = own_copy(self.tree, self.work / name)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))},
            "PYTHONPATH": str(HERE),
            "PATH": os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")]),
            "CONFORMANCE_DISTRIBUTION": self.distribution,
            "CONFORMANCE_REPORT": str(place / "report.json"),
        }
        return Result(name, place), start(self.python, place, tests, self.options, environment)

    def finish(self, result: Result, process: "subprocess.Popen[bytes]", limit: float) -> Result:
        """Wait for a worker and read its report."""
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            result.broken = f"did not finish within {limit:.0f} s"
        report = result.place / "report.json"
        if report.exists():
            for key, value in json.loads(report.read_text()).items():
                setattr(result, key, value)
        elif result.broken is None:
            result.broken = f"ended with {process.returncode} before it could report"
        return result

    def alone(self, name: str, tests: list[str]) -> Result:
        """Run ``tests`` in a process of their own, anew if they hang. What fails is not tried again."""
        for attempt in range(1, TRIES + 1):
            result = self.finish(*self.launch(name, tests), LIMIT_ALONE)
            if result.broken is None:
                break
            print(f"{name}: {result.broken} (try {attempt} of {TRIES})")
        return result

    def all(self, workers: int, only: list[str]) -> list[Result]:
        """Run the whole suite, or the files in ``only``."""
        shares = [only] if only else share_out(self.tree, workers)
        started = [self.launch(f"worker-{number}", share) for number, share in enumerate(shares, 1)]
        results = [self.finish(*worker, LIMIT) for worker in started]
        if not only and self.suite is FASTAPI:
            results += [self.alone(f"alone-{number}", [test]) for number, test in enumerate(ALONE, 1)]
        return results


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheel", type=pathlib.Path, help="the wheel of fastapi-rs under test")
    parser.add_argument("--reference", action="store_true", help="run on FastAPI itself, for a baseline")
    parser.add_argument("--pydantic", help="a version or 'newest' in place of the pin")
    parser.add_argument("--starlette", help="a version such as 1.10 or 'newest' in place of the pin")
    parser.add_argument("--suite", choices=[*SUITES, "ecosystem"], default="fastapi", help="whose tests")
    parser.add_argument(
        "--door",
        choices=["asgi", "native"],
        help="the way to the application; Starlette's tests go by the native one",
    )
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 4), help="pytest processes")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(".cache/conformance"))
    parser.add_argument("--details", type=pathlib.Path, help="write every outcome to this JSON file")
    parser.add_argument("tests", nargs="*", help="only these files, or libraries")
    given = parser.parse_args()
    if (given.wheel is None) is not given.reference:
        parser.error("give either --wheel or --reference")
    if given.suite == "ecosystem" and (given.pydantic or given.starlette or given.door):
        parser.error("the libraries have one environment and one way to the application")
    given.door = given.door or ("native" if given.suite == "starlette" else "asgi")
    return given


def tell(results: list[Result], left_out: dict[str, str]) -> tuple["Counter[str]", list[str]]:
    """Print where every process got ``fastapi`` from, what failed, and count the outcomes."""
    counts: Counter[str] = Counter()
    complaints = []
    for result in results:
        own = Counter(kind for kind, *_ in result.outcomes)
        served = "" if result.served is None else f", {result.served} requests at the native server"
        print(
            f"{result.name} (pid {result.pid}): fastapi from {result.owner} at {result.origin}, "
            f"extension {result.extension}: {own['passed']} passed{served}"
        )
        if result.served == 0 and result.broken is None:
            result.broken = "asked the native server nothing"
        if result.broken:
            complaints.append(f"{result.name} {result.broken}; see {result.place / 'output.txt'}")
        for kind, test, message in result.outcomes:
            if test in left_out:
                counts["left out"] += 1
                if kind == "passed":
                    counts["xpassed"] += 1
                    complaints.append(f"PASSED {test}: take it from the list of what cannot")
                continue
            counts[kind] += 1
            if kind not in ("passed", "skipped", "xfailed"):
                complaints.append(f"{kind.upper()} {test}: {message}")
    return counts, complaints


def libraries(given: argparse.Namespace) -> int:
    """Run the tests of every library, print a line for each; 0 when each passes as many as on FastAPI itself."""
    cache = given.cache.resolve()
    versions = Versions(reference=given.reference)
    distribution: Any = "fastapi==0.128.0" if given.reference else given.wheel.resolve()
    python = build(cache / "environments", versions, distribution, ecosystem.PINS)
    left_out = LEFT_OUT["ecosystem"]

    def outcome(suite: Suite) -> Result:
        work = cache / "work" / f"{versions.name}-ecosystem"
        run = Run(suite, python, fetch(cache, suite), work, "fastapi" if given.reference else "fastapi-rs")
        run.options += ["--timeout", str(LIMIT_TEST), "-p", "no:cacheprovider"]
        return run.finish(*run.launch(suite.package, list(suite.tests)), LIMIT)

    suites = [suite for suite in ecosystem.LIBRARIES if not given.tests or suite.package in given.tests]
    begun = time.monotonic()
    with ThreadPoolExecutor(given.workers) as pool:
        results = list(pool.map(outcome, suites))
    lines, total = [], Counter[str]()
    is_complete = True
    for suite, result in zip(suites, results, strict=True):
        counts, complaints = tell([result], left_out)
        print(*complaints, sep="\n", end="\n" if complaints else "")
        bad = counts["failed"] + counts["error"] + counts["xpassed"] + (result.broken is not None)
        is_complete &= not bad and counts["passed"] == suite.passed
        lines.append(
            f"{suite.package} {suite.release}: passed {counts['passed']} failed {bad} (FastAPI: {suite.passed})"
        )
        total.update(passed=counts["passed"], failed=bad, skipped=counts["skipped"])
    for test, reason in left_out.items():
        print(f"left out: {test}: {reason}")
    print(*lines, sep="\n")
    print(f"{installed(python)}; {time.monotonic() - begun:.0f} s")
    print(f"passed {total['passed']} failed {total['failed']} skipped {total['skipped']}")
    return 0 if is_complete else 1


def main() -> int:
    """Build the environment, run the suite, print the counts; 0 when everything passed that must."""
    given = arguments()
    if given.suite == "ecosystem":
        return libraries(given)
    cache = given.cache.resolve()
    versions = Versions(given.pydantic, given.starlette, given.reference)
    distribution: Any = "fastapi==0.128.0" if given.reference else given.wheel.resolve()
    python = build(cache / "environments", versions, distribution)
    suite = SUITES[given.suite]
    work = cache / "work" / f"{versions.name}-{suite.package}-{given.door}"
    run = Run(suite, python, fetch(cache, suite), work, "fastapi" if given.reference else "fastapi-rs")
    if given.starlette:
        # Starlette 1.x warns of what the suite, written for 0.50, does; the suite turns warnings into errors.
        run.options += ["-W", "default"]
    left_out = LEFT_OUT[versions.variant]
    if given.door == "native":
        run.options += ["-p", "native_door", "--timeout", str(LIMIT_TEST)]
        left_out = {**left_out, **LEFT_OUT["native" if suite is FASTAPI else f"native, {suite.package}"]}
    begun = time.monotonic()
    results = run.all(given.workers, given.tests)
    counts, complaints = tell(results, left_out)
    for test, reason in left_out.items():
        print(f"left out: {test}: {reason}")
    print("\n".join(complaints))
    if given.details:
        given.details.write_text(
            json.dumps([outcome for result in results for outcome in result.outcomes], indent=1)
        )
    print(f"{installed(python)}; {time.monotonic() - begun:.0f} s; xfailed {counts['xfailed']}")
    enough = bool(given.tests) or counts["passed"] >= suite.passed - len(left_out)
    failed = counts["failed"] + counts["xpassed"]
    errors = counts["error"] + sum(result.broken is not None for result in results)
    print(f"passed {counts['passed']} failed {failed} errors {errors} skipped {counts['skipped']}")
    return 0 if enough and not failed and not errors else 1


if __name__ == "__main__":
    raise SystemExit(main())
