"""What a run leaves behind: a table to read, JSON, a line of history."""

import json
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .figures import changes

Result = dict[str, Any]


def table(rows: Sequence[Sequence[str]], head: Sequence[str], left: int = 1) -> str:
    """Return a Markdown table that also reads well as it is; ``left`` columns are words, the others figures."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return (
            "| "
            + " | ".join(
                cell.ljust(width) if column < left else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            + " |"
        )

    rule = (
        "|"
        + "|".join(
            "-" * (width + 2) if column < left else "-" * (width + 1) + ":"
            for column, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([line(head), rule, *map(line, rows)])


def figures_table(result: Result) -> str:
    """Return all figures of a run."""
    rows = []
    for key, scenario in result["scenarios"].items():
        first = True
        for door, figures in scenario["doors"].items():
            goal = scenario["goals"].get(door)
            rows.append(
                [
                    f"{key} {scenario['title']}" if first else "",
                    door,
                    number(figures["cost"]) + f" {scenario['unit']}",
                    f"×{figures['ratio']:.2f}",
                    f"×{goal:g}" if goal else "",
                    str(figures.get("rps", "")),
                    number(figures.get("p50_ms")),
                    number(figures.get("p99_ms")),
                ]
            )
            first = False
    return table(rows, ["scenario", "door", "CPU", "ratio", "goal", "req/s", "p50 ms", "p99 ms"], left=2)


def summary(result: Result) -> str:
    """Return a line for each scenario: the reference, ours on both servers, and the best of the other frameworks."""
    own = ("reference", "ours", "native", "socket")
    rows = []
    for key, scenario in result["scenarios"].items():
        doors = scenario["doors"]
        cells = [
            f"{number(doors[name]['cost'])} {scenario['unit']}"
            + (f", ×{doors[name]['ratio']:.1f}" if name != "reference" else "")
            if name in doors
            else ""
            for name in own[:3]
        ]
        others = [(figures["ratio"], name) for name, figures in doors.items() if name not in own]
        best = max(others, default=None)
        last = f"×{best[0]:.1f} {result['doors'][best[1]]['title']}" if best else ""
        rows.append([f"{key} {scenario['title']}", *cells, last])
    titles = [result["doors"][name]["title"] if name in result["doors"] else "" for name in own[:3]]
    return table(rows, ["scenario", *titles, "best of the others"])


def number(value: float | None) -> str:
    """Return three digits that count."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def commit(root: Path) -> tuple[str, bool]:
    """Return the commit of a checkout and whether files differ from it; the results themselves do not count."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    dirty = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return git("rev-parse", "--short=12", "HEAD") or "unknown", bool(dirty)


def origin(root: Path) -> Result:
    """Return what has to be known about where figures come from."""
    name, dirty = commit(root)
    return {
        "commit": name,
        "dirty": dirty,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {processor()}",
    }


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def history_line(result: Result) -> Result:
    """Return what history keeps of a run."""
    kept = {key: result[key] for key in ("commit", "dirty", "date", "python")}
    kept["ratios"] = {
        key: {door: figures["ratio"] for door, figures in scenario["doors"].items() if door != "reference"}
        for key, scenario in result["scenarios"].items()
    }
    return kept


def write(result: Result, folder: Path) -> None:
    """Write ``latest.json`` and append to ``history.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(result, indent=1) + "\n")
    with (folder / "history.jsonl").open("a") as history:
        history.write(json.dumps(history_line(result)) + "\n")


def read_history(folder: Path) -> list[Result]:
    path = folder / "history.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


def comparison(history: Sequence[Result], least: float = 0.1) -> str:
    """Return what the last run changed by more than ``least``, against the last figure before it of each scenario."""
    if len(history) < 2:
        return "Nothing to compare with: history has less than two runs."
    before: dict[str, dict[str, float]] = {}
    for entry in history[:-1]:
        for scenario, doors in entry["ratios"].items():
            before.setdefault(scenario, {}).update(doors)
    last = history[-1]
    moved = changes(before, last["ratios"], least)
    title = (
        f"{last['commit']}{' with changes' if last['dirty'] else ''}, {last['date']}, beside the run before:"
    )
    if not moved:
        return f"{title} no ratio moved by more than {least:.0%}."
    rows = [
        [
            key,
            door,
            f"×{old:.2f}",
            f"×{new:.2f}",
            f"{new / old - 1:+.0%}",
            "slower" if new < old else "faster",
        ]
        for key, door, old, new in moved
    ]
    return f"{title}\n" + table(rows, ["scenario", "door", "before", "now", "change", ""], left=2)
