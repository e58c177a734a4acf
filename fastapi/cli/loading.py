"""The application itself, for commands that look into it."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.cli.discovery import DiscoveryError, discover
from fastapi.cli.display import refuse
from fastapi.server.application import import_name
from fastapi.server.config import ConfigError


def load(path: Path | None, app: str | None, entrypoint: str | None) -> FastAPI:
    """Imports the application that the arguments of a command name.

    Raises:
        typer.Exit: there is none; what is wrong has been said.
    """
    try:
        target = discover(path, app, entrypoint)
        found = import_name(target.import_string)
    except (DiscoveryError, ConfigError) as error:
        raise refuse(str(error)) from None
    if not isinstance(found, FastAPI):
        raise refuse(f"The app name {target.name} in {target.module} doesn't seem to be a FastAPI app")
    return found
