"""A pytest plugin: says which ``fastapi`` a test process uses, and what became of each test.

Loaded with ``-p witness`` into every process of a conformance run. The environment tells it what to do:
``CONFORMANCE_DISTRIBUTION`` is the distribution that must own ``import fastapi`` (anything else stops the
process before a test runs), ``CONFORMANCE_REPORT`` the JSON file to write.
"""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import sys
from collections.abc import Iterator

import pytest

EXTENSION = "fastapi._fastapi_rust"


def owner(module_file: pathlib.Path) -> str:
    """The name and version of the installed distribution whose record lists ``module_file``."""
    for distribution in importlib.metadata.distributions():
        recorded = {path.parts for path in distribution.files or ()}
        package = pathlib.Path(str(distribution.locate_file("fastapi/__init__.py")))
        if ("fastapi", "__init__.py") in recorded and package.resolve() == module_file:
            return f"{distribution.metadata['Name']} {distribution.version}"
    return "no installed distribution"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run when ``import fastapi`` would not give the distribution under test."""
    # Found, not imported: the suite imports it itself, under its own warning filters.
    spec = importlib.util.find_spec("fastapi")
    if spec is None or spec.origin is None:
        raise pytest.UsageError("there is no fastapi to import")
    found = owner(pathlib.Path(spec.origin).resolve())
    wanted = os.environ["CONFORMANCE_DISTRIBUTION"]
    if found.split()[0] != wanted:
        raise pytest.UsageError(f"fastapi at {spec.origin} is from {found}, not from {wanted}")


def crash(report: pytest.CollectReport | pytest.TestReport) -> str:
    """What went wrong, in a line: pytest marks it with an E; or the reason for a skip."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    entry = getattr(report.longrepr, "reprcrash", None)
    if entry:
        return str(entry.message).split("\n", 1)[0]
    marked = [line[2:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return marked[-1] if marked else report.longreprtext[-500:]


def outcomes(config: pytest.Config) -> Iterator[tuple[str, str, str]]:
    """Outcome, node id and message of every report that the terminal summary counts."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed"):
        for report in terminal.stats.get(outcome, ()):
            yield outcome, report.nodeid, "" if outcome == "passed" else crash(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write where ``fastapi`` and its extension came from, what the native server was asked, and every outcome."""
    package = sys.modules.get("fastapi")
    origin = getattr(package, "__file__", None)
    extension = getattr(sys.modules.get(EXTENSION), "__file__", None)
    report = {
        "pid": os.getpid(),
        "origin": origin,
        "owner": owner(pathlib.Path(origin).resolve()) if origin else None,
        "extension": extension,
        "served": getattr(sys.modules.get("native_door"), "served", None),
        "outcomes": list(outcomes(session.config)),
    }
    pathlib.Path(os.environ["CONFORMANCE_REPORT"]).write_text(json.dumps(report))
