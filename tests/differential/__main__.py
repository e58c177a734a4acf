"""``python -m tests.differential``: the same requests to real FastAPI and to ours, every answer compared."""

import argparse
import hashlib
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from . import generation
from .comparison import Comparison
from .request import Request
from .side import Side

FOLDER = Path(__file__).parent / "apps"
REFERENCE_VERSION = "0.128.0"


def arguments(values: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=5000, help="requests to draw, beside the examples (default 5000)"
    )
    parser.add_argument("--seed", type=int, default=20260121, help="the same seed draws the same requests")
    parser.add_argument(
        "--reference-python", required=True, help=f"interpreter that has fastapi {REFERENCE_VERSION}"
    )
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter that has ours (default: this one)"
    )
    parser.add_argument(
        "--pure",
        action="store_true",
        default=os.environ.get("FASTAPI_RS_PURE") == "1",
        help="run ours on its reference path, as FASTAPI_RS_PURE=1 does too",
    )
    parser.add_argument("--twice", action="store_true", help="compare the reference with itself")
    parser.add_argument(
        "--door",
        choices=["asgi", "native"],
        default="asgi",
        help="call the applications (default), or send bytes to uvicorn and to the native server",
    )
    parser.add_argument("--apps", nargs="+", metavar="NAME", help="only these applications")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the applications are")
    parser.add_argument(
        "--replay", nargs=2, metavar=("NAME", "TOKEN"), help="send one reported request again"
    )
    return parser.parse_args(values)


def names(folder: Path) -> list[str]:
    """Return the applications in a folder; modules that start with an underscore are shared by them."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def problem(reference: dict[str, Any], ours: dict[str, Any], twice: bool) -> str | None:
    """Return why these two interpreters cannot be compared, or ``None``."""
    if reference["is_ours"] or reference["version"] != REFERENCE_VERSION:
        return f"the reference has fastapi {reference['version']} at {reference['fastapi']}, not {REFERENCE_VERSION}"
    if not twice and not ours["is_ours"]:
        return f"the interpreter under test has no fastapi-rs but {ours['fastapi']}"
    for what in ("python", "packages"):
        if reference[what] != ours[what]:
            return f"different {what}: reference {reference[what]}, ours {ours[what]}"
    return None


def replay(comparison: Comparison, application: str, token: str) -> int:
    request = Request.from_token(token)
    comparison.load(application)
    expected, actual, aspect = comparison.ask(application, request)
    print(request.show(), "--- reference", expected.show(aspect or "status"), sep="\n")
    print("--- ours", actual.show(aspect or "status"), sep="\n")
    print(f"--- {aspect or 'no aspect'} differs")
    return 1 if aspect else 0


def compare(comparison: Comparison, chosen: list[str], number: int, count: int) -> dict[str, Any]:
    """Run everything; return how many requests came from where, and a digest by which two runs compare."""
    digest = hashlib.sha256()
    origins: Counter[str] = Counter()

    def run(application: str, origin: str, requests: list[Request]) -> None:
        for request in requests:
            digest.update(repr(request).encode())
        origins[origin] += len(requests)
        comparison.run(application, requests)

    sources = []
    for application in chosen:
        loaded = comparison.load(application)
        schema = comparison.reference.ask(application, generation.documents()[0])
        document = generation.document(schema.aspects["body"])
        source = generation.Source(application, number, loaded.get("examples", []), document)
        run(application, "documents", generation.documents())
        run(application, "examples", source.examples)
        if comparison.over_tcp:
            run(application, "connections", source.connections)
        sources.append(source)
    given = comparison.sent
    while (left := given + count - comparison.sent) > 0:
        before = comparison.sent
        for source, share in generation.shares(sources, left):
            for origin, requests in source.draw(share).items():
                run(source.application, origin, requests)
        if comparison.sent == before:
            break
    for application in chosen:
        comparison.unload(application)
    return {**origins, "drawn": comparison.sent - given, "digest": digest.hexdigest()[:16]}


def main(values: list[str] | None = None) -> int:
    options = arguments(values)
    started = time.monotonic()
    door = {"DIFFERENTIAL_DOOR": options.door}
    reference = Side("reference", options.reference_python, options.folder, door)
    python = options.reference_python if options.twice else options.python
    ours = Side("ours", python, options.folder, {"FASTAPI_RS_PURE": "1" if options.pure else "0", **door})
    comparison = Comparison(reference, ours, options.door == "native")
    try:
        described = [side.hello() for side in (reference, ours)]
        reason = problem(*described, options.twice)
        if reason:
            print(f"differential: {reason}", file=sys.stderr)
            return 2
        for side, words in zip(("reference", "ours"), described, strict=True):
            print(f"{side}: fastapi from {words['fastapi']} on Python {words['python']}")
        if options.replay:
            return replay(comparison, *options.replay)
        chosen = options.apps or names(options.folder)
        drawn = compare(comparison, chosen, options.seed, options.count)
    finally:
        for side in (reference, ours):
            side.stop()
    command = "python -m tests.differential --reference-python " + options.reference_python
    for difference in comparison.differences:
        print(
            difference.report(command + (" --pure" if options.pure else "") + f" --door {options.door}"),
            end="\n\n",
        )
    for (application, aspect), times in sorted(comparison.kinds.items()):
        print(f"{application}: {aspect}: {times}")
    return conclude(comparison, len(chosen), options.count, drawn, time.monotonic() - started)


def conclude(
    comparison: Comparison, applications: int, count: int, drawn: dict[str, Any], seconds: float
) -> int:
    """Print the closing lines and return the exit status."""
    statuses = Counter(f"{status // 100}xx" for status in comparison.statuses.elements()).most_common()
    print("statuses: " + ", ".join(f"{times} {status}" for status, times in statuses))
    print(
        "requests: "
        + ", ".join(f"{value} {origin}" for origin, value in drawn.items())
        + f", {seconds:.0f} s"
    )
    for excuse, times in sorted(comparison.excused.items()):
        print(f"not compared: {times}: {excuse}")
    differing = comparison.differing
    print(
        f"differential: {comparison.sent} requests over {applications} applications, {differing} differences"
    )
    print(f"{max(0, comparison.sent - differing)} passed, {differing} failed")
    if drawn["drawn"] < count:
        print(f"differential: only {drawn['drawn']} of {count} requests were drawn", file=sys.stderr)
        return 1
    return 1 if comparison.differing else 0


if __name__ == "__main__":
    sys.exit(main())
