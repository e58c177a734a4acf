"""``fastapi routes``."""

import inspect
import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer
from starlette.routing import BaseRoute, Host, Mount

from fastapi.cli.display import place
from fastapi.cli.loading import load
from fastapi.cli.options import parameter, target_parameters, with_signature
from fastapi.cli.steps import steps


@with_signature(
    [
        *target_parameters(),
        parameter("json", bool, typer.Option("--json", help="For programs: as JSON."), False),
    ]
)
def routes(**options: Any) -> None:
    """Show the routes of an application, where their endpoints stand, and which of their steps run natively."""
    as_json = options.pop("json")
    described = list(describe(load(**options).routes))
    if as_json:
        typer.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    rows = [
        (
            ",".join(route["methods"]) or route["kind"].upper(),
            route["path"],
            route["name"] or "",
            _origin(route),
        )
        for route in described
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for route, row in zip(described, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        typer.echo("  ".join([typer.style(cells[0], fg="green"), *cells[1:], row[3]]).rstrip())
        for line in _explained(route["plan"]):
            typer.echo(f"    {line}")


def describe(found: Iterable[BaseRoute], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Describes routes in the order in which requests try them, those of mounted applications included.

    Args:
        found: the routes.
        prefix: the path that they are mounted at.

    Yields:
        Objects with ``kind`` (http, websocket, mount, host, other), ``methods``, ``path``, ``name``, ``endpoint``
        (``name``, ``file`` and ``line``, or null) and ``plan`` (see :func:`fastapi.cli.steps.steps`).
    """
    for route in found:
        path = prefix + str(getattr(route, "path", ""))
        if isinstance(route, (Mount, Host)):
            kind = "mount" if isinstance(route, Mount) else "host"
            yield _row(kind, route, path or str(getattr(route, "host", "")), route.app)
            yield from describe(route.routes or (), path)
            continue
        endpoint = getattr(route, "endpoint", None)
        if getattr(route, "methods", None) is not None:
            kind = "http"
        elif endpoint is not None:
            kind = "websocket"
        else:
            kind = "other"
        yield _row(kind, route, path, endpoint)


def _row(kind: str, route: BaseRoute, path: str, endpoint: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "methods": sorted(getattr(route, "methods", None) or ()),
        "path": path,
        "name": getattr(route, "name", None),
        "endpoint": None if endpoint is None else _endpoint(endpoint),
        "plan": steps(route),
    }


def _explained(plan: dict[str, Any]) -> Iterator[str]:
    """The steps of a plan in words, one a line."""
    for step in plan["steps"]:
        yield f"{step['name']} ({step['kind']}): {'; '.join(step['reasons']) or 'native'}"
    reasons = "; ".join(plan["reasons"])
    yield f"response: {reasons or 'native'}" if plan["native"] else f"in Python: {reasons}"


def _endpoint(endpoint: Any) -> dict[str, Any]:
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    source = inspect.unwrap(endpoint)
    if not inspect.isroutine(source) and not inspect.isclass(source):
        source = type(source)
    try:
        file = inspect.getsourcefile(source)
        line = inspect.getsourcelines(source)[1]
    except (OSError, TypeError):  # built in, or made without a file
        file, line = None, None
    name = getattr(source, "__qualname__", repr(source))
    return {"name": f"{source.__module__}.{name}", "file": file, "line": line}


def _origin(route: dict[str, Any]) -> str:
    endpoint = route["endpoint"]
    if endpoint is None:
        return ""
    if endpoint["file"] is None or route["kind"] in ("mount", "host"):
        return str(endpoint["name"])
    return f"{place(Path(endpoint['file']))}:{endpoint['line']}"
