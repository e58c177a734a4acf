"""The first schema file of an application."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from starlette.routing import BaseRoute

from fastapi.cli.params.callables import Callable, callables
from fastapi.cli.params.declarations import Undeclarable, declaration
from fastapi.cli.params.text import as_json, as_yaml
from fastapi.params.schema import ParamsSchemaError
from fastapi.params.schema.loading import read_schema

Endpoints = dict[str, dict[str, Any]]


def write(routes: Iterable[BaseRoute], path: Path) -> Endpoints:
    """Write the file with all parameters that it can hold, and tell of the others.

    Returns:
        What it declares.
    """
    endpoints = {key: _declared(key, each) for key, each in _keyed(callables(routes)).items()}
    text = _text(path, endpoints)
    path.write_text(text, encoding="utf-8")
    try:
        read_schema(path)
    except ParamsSchemaError as error:
        # Such as a default outside its own constraints, which FastAPI does not mind.
        for problem in error.problems:
            _leave_out(str(problem.endpoint), str(problem.param), problem.text.rstrip("."))
            endpoints[str(problem.endpoint)].pop(str(problem.param), None)
        path.write_text(_text(path, endpoints), encoding="utf-8")
    return {key: declared for key, declared in endpoints.items() if declared}


def _text(path: Path, endpoints: Endpoints) -> str:
    written = {key: declared for key, declared in endpoints.items() if declared}
    return as_json(written) if path.suffix.lower() == ".json" else as_yaml(written)


def _keyed(found: list[Callable]) -> dict[str, Callable]:
    """Give each function the first of its names that no other one has."""
    keyed: dict[str, Callable] = {}
    for each in found:
        others = {key for other in found if other is not each for key in other.keys}
        key = next((key for key in each.keys if key not in others), None)
        if key is None:
            _leave_out(each.origin, "", "several functions have this name")
        else:
            keyed[key] = each
    return keyed


def _declared(key: str, each: Callable) -> dict[str, Any]:
    declared = {}
    for name, field in each.fields.items():
        try:
            declared[name] = declaration(field)
        except Undeclarable as reason:
            _leave_out(key, name, str(reason))
    return declared


def _leave_out(key: str, name: str, reason: str) -> None:
    typer.echo(f"left out: {key}{' ' if name else ''}{name}: {reason}.", err=True)
