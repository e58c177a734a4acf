"""``fastapi openapi``."""

import json
from pathlib import Path
from typing import Any

import typer

from fastapi.cli.loading import load
from fastapi.cli.options import parameter, target_parameters, with_signature


@with_signature(
    [
        *target_parameters(),
        parameter(
            "output", Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")
        ),
        parameter("indent", int, typer.Option(help="Spaces per level; 0 for one line.", min=0, max=8), 2),
    ]
)
def openapi(output: Path | None, indent: int, **target: Any) -> None:
    """Print the OpenAPI document of an application."""
    document = json.dumps(load(**target).openapi(), indent=indent or None, ensure_ascii=False)
    if output is None:
        typer.echo(document)
    else:
        output.write_text(f"{document}\n", encoding="utf-8")
