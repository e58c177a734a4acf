"""``python -m benchmarks``: measure, compare, count instructions."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from . import environments, fairness, growth, instructions, production, report, served, startup, tools
from .chart import svg
from .doors import DOORS, Door, selected
from .figures import ratio
from .rounds import Run, note
from .scenarios import SCENARIOS, STARTUP, STARTUP_GOALS, TWIN_GOAL, chosen, wants_startup

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"


def arguments(values: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--cache", type=Path, default=ROOT / ".cache" / "benchmarks", help="folder of the environments"
    )
    parser.add_argument(
        "--wheel", type=Path, help="the wheel under test (default: the newest in .cache/wheel)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure the scenarios")
    run.add_argument(
        "--seconds", type=float, default=3, help="of load for each door in each round (default 3)"
    )
    run.add_argument("--rounds", type=int, default=3, help="how often each door is measured (default 3)")
    run.add_argument("--only", default="", metavar="S1,S2", help="only these scenarios")
    run.add_argument("--peers", action="store_true", help="other frameworks and servers too")
    run.add_argument("--results", type=Path, default=RESULTS, help="where to write")
    compare = commands.add_parser("compare", help="print what the last run changed by more than 10 %%")
    compare.add_argument("--results", type=Path, default=RESULTS)
    summary = commands.add_parser("summary", help="print the last run as a table for the README")
    summary.add_argument("--results", type=Path, default=RESULTS)
    grow = commands.add_parser(
        "growth", help="measure against routes, dependencies, items, connections, workers"
    )
    grow.add_argument("--seconds", type=float, default=2)
    grow.add_argument("--results", type=Path, default=RESULTS)
    grown = commands.add_parser("growth-summary", help="print the last growth as docs/growth.md has it")
    grown.add_argument("--results", type=Path, default=RESULTS)
    fair = commands.add_parser("fairness", help="measure what a coroutine and other clients feel of a load")
    fair.add_argument("--seconds", type=float, default=3)
    fair.add_argument("--rounds", type=int, default=3)
    fair.add_argument("--results", type=Path, default=RESULTS)
    service = commands.add_parser("production", help="measure the template production under load")
    service.add_argument("--seconds", type=float, default=3)
    service.add_argument("--rounds", type=int, default=3)
    service.add_argument("--results", type=Path, default=RESULTS)
    service.add_argument("--python", required=True, help="of the environment with its requirements")
    service.add_argument("--fastapi", type=Path, required=True, help="folder with FastAPI 0.128.0 alone")
    service.add_argument("--servers", type=Path, required=True, help="folder with uvicorn and uvloop")
    count = commands.add_parser("instructions", help="count instructions and compare them with the baseline")
    count.add_argument("--requests", type=int, default=instructions.REQUESTS)
    count.add_argument("--only", default="", metavar="S1,S2", help="only these scenarios")
    count.add_argument("--update", action="store_true", help="make these counts the baseline")
    return parser.parse_args(values)


def wheel(given: Path | None) -> Path:
    found = (
        [given]
        if given
        else sorted((ROOT / ".cache" / "wheel").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    )
    if not found or not found[-1].exists():
        raise SystemExit("There is no wheel to measure: `make bench` builds it, or give one with --wheel.")
    return found[-1].absolute()


def prepared(doors: list[Door], cache: Path, package: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the interpreters of the environments and, by door, why it is left out."""
    pythons: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for door in doors:
        try:
            if door.environment not in pythons:
                pythons[door.environment] = environments.prepare(door.environment, cache, package)
        except environments.NotInstalled as error:
            if not door.optional:
                raise
            skipped[door.name] = f"cannot be installed: {error}"
            continue
        if not environments.works(pythons[door.environment], door.probe):
            skipped[door.name] = "is not there yet" if not door.peer else "does not import"
    for name, why in skipped.items():
        note(f"skipped: {name} {why.splitlines()[0]}")
    return pythons, skipped


def measure_startup(run: Run, server_core: int) -> dict[str, Any]:
    """Return S16 by step: the same program in the environments of the reference and of ours, in turns."""
    names = [name for name in ("reference", "ours") if name in run.pythons]
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(run.rounds + 1):
        note(f"start-up round {number}/{run.rounds}")
        for name in names:
            taken = startup.sample(tools.pinned(server_core, [run.pythons[name]]), environments.clean())
            if number:  # the first one may have to compile bytecode
                samples[name].append(taken)
    return {
        key: {
            name: {
                "ratio": round(
                    ratio([one[key] for one in samples["reference"]], [one[key] for one in taken]), 3
                ),
                "cost": round(startup.middle(taken)[key], 2),
            }
            for name, taken in samples.items()
        }
        for key in STARTUP
    }


def measure(options: argparse.Namespace) -> int:
    try:
        scenarios = chosen(options.only)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    tools.require("wrk", "wrk")
    tools.require("taskset", "util-linux")
    doors = selected(options.peers)
    pythons, skipped = prepared(doors, options.cache.absolute(), wheel(options.wheel))
    run = Run(doors, pythons, options.seconds, options.rounds, skipped=skipped)
    run.measure(scenarios)
    measured = {key: (doors, "µs") for key, doors in run.figures().items()}
    for doors_of in measured.values():
        for figures in doors_of[0].values():
            figures["cost"] = figures.pop("cpu_us")
    if wants_startup(options.only):
        measured |= {key: (doors, "ms") for key, doors in measure_startup(run, tools.cores()[0]).items()}
    about = {scenario.key: (scenario.title, scenario.goals) for scenario in SCENARIOS}
    about |= {key: (title, {"ours": STARTUP_GOALS[key]}) for key, title in STARTUP.items()}
    result = report.origin(ROOT) | {
        "seconds": options.seconds,
        "rounds": options.rounds,
        "doors": {
            door.name: {"title": door.title, "versions": environments.versions(pythons[door.environment])}
            for door in doors
            if any(door.name in found for found, _ in measured.values())
        },
        "skipped": run.skipped,
        "scenarios": {
            key: {"title": about[key][0], "unit": unit, "goals": about[key][1], "doors": found}
            for key, (found, unit) in measured.items()
        },
        "twins": run.twins(),
    }
    report.write(result, options.results)
    (options.results / "chart.svg").write_text(svg(result))
    print(report.figures_table(result))
    for pair, found in result["twins"].items():
        shown = ", ".join(f"{door} ×{value:.2f}" for door, value in found.items())
        print(f"{pair}: {shown} (goal ×{TWIN_GOAL})")
    for name, why in run.skipped.items():
        print(f"Left out: {name}: {why.splitlines()[0]}")
    if tools.cores()[0] == tools.cores()[1]:
        print("There is one core only: the load generator disturbs the servers.")
    print(report.comparison(report.read_history(options.results)))
    return 0


def count_instructions(options: argparse.Namespace) -> int:
    tools.require("valgrind", "valgrind")
    doors = [door for door in DOORS if door.name in ("reference", "native")]
    pythons, _ = prepared(doors, options.cache.absolute(), wheel(options.wheel))
    counted: dict[str, dict[str, int]] = {name: {} for name in pythons}
    if called := [scenario for scenario in chosen(options.only) if scenario.key in instructions.KEYS]:
        for name, found in instructions.count_all(pythons, called, options.requests).items():
            counted[name] |= found
    if served_ones := [scenario for scenario in chosen(options.only) if scenario.key in served.KEYS]:
        for name, found in served.count_all(doors, pythons, served_ones).items():
            counted[name] |= found
    stored = json.loads(instructions.BASELINE.read_text()) if instructions.BASELINE.exists() else {}
    baseline: dict[str, float] = stored.get("shares", {})
    print(instructions.counts_table(counted, baseline))
    if options.update:
        origin = report.origin(ROOT)
        kept = {key: origin[key] for key in ("commit", "date", "python")}
        kept |= {"requests": options.requests, "shares": baseline | instructions.shares(counted)}
        kept["counts"] = {
            name: stored.get("counts", {}).get(name, {}) | found for name, found in counted.items()
        }
        instructions.BASELINE.write_text(json.dumps(kept, indent=1) + "\n")
        return 0
    worse = instructions.regressions(baseline, instructions.shares(counted))
    for line in worse:
        print(f"more than {instructions.TOLERANCE:.0%} over the baseline: {line}")
    return int(bool(worse))


def main(values: list[str] | None = None) -> int:
    options = arguments(values)
    try:
        if options.command == "run":
            return measure(options)
        if options.command == "instructions":
            return count_instructions(options)
        if options.command == "summary":
            print(report.summary(json.loads((options.results / "latest.json").read_text())))
            return 0
        if options.command == "growth-summary":
            print(growth.summary(json.loads((options.results / "growth.json").read_text())))
            return 0
        if options.command == "production":
            tools.require("wrk", "wrk")
            tools.require("taskset", "util-linux")
            measured = production.measure(
                options.python, options.fastapi, options.servers, options.seconds, options.rounds, ROOT
            )
            options.results.mkdir(parents=True, exist_ok=True)
            (options.results / "production.json").write_text(json.dumps(measured, indent=1) + "\n")
            print(report.figures_table(measured))
            return 0
        if options.command in ("growth", "fairness"):
            tools.require("wrk", "wrk")
            # Those that answer one scenario only have nothing to grow.
            doors = [door for door in selected(peers=False) if door.keys is None]
            pythons, skipped = prepared(doors, options.cache.absolute(), wheel(options.wheel))
            doors = [door for door in doors if door.name not in skipped]
            if options.command == "growth":
                measured = growth.Growth(doors, pythons, options.seconds).measure()
                measured = report.origin(ROOT) | {"seconds": options.seconds} | measured
                options.results.mkdir(parents=True, exist_ok=True)
                (options.results / "growth.json").write_text(json.dumps(measured, indent=1) + "\n")
                print(growth.summary(measured))
            else:
                fair = fairness.Fairness(doors, pythons, options.seconds, options.rounds)
                print(fair.tables(options.results))
            return 0
    except environments.NotInstalled as error:
        raise SystemExit(str(error)) from None
    print(report.comparison(report.read_history(options.results)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
