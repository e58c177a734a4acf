"""The commands of ``fastapi``, and those that other distributions add to it."""

import importlib
import logging
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from fastapi._version import VERSION
from fastapi.cli.document import openapi
from fastapi.cli.inspection import routes
from fastapi.cli.new import new
from fastapi.cli.params import params
from fastapi.cli.serving import dev, run

app = typer.Typer(
    help="Start, serve and look at FastAPI applications.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    from fastapi import __version__

    typer.echo(
        f"fastapi-rs {VERSION}, API of FastAPI {__version__}, on {platform.python_implementation()} "
        f"{platform.python_version()}"
    )
    try:
        typer.echo(f"FastAPI CLI version: {version('fastapi-cli')}")
    except PackageNotFoundError:
        pass
    raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the versions and exit.", callback=_show_version, is_eager=True),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose/--no-verbose", help="Show how the application is found.")
    ] = False,
) -> None:
    logger = logging.getLogger("fastapi.cli")
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.handlers = [logging.StreamHandler(sys.stdout)]
    logger.propagate = False


for _command in (dev, run, new, routes, openapi):
    app.command()(_command)
app.add_typer(params)

# `fastapi login`, `fastapi deploy`: the same ones that fastapi-cli takes in.
try:
    app.add_typer(importlib.import_module("fastapi_cloud_cli.cli").app)
except ImportError:
    pass


def main() -> None:
    """Runs the command that the arguments of the process name."""
    app()
