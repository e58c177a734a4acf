"""``fastapi run`` and ``fastapi dev``."""

from enum import Enum
from pathlib import Path
from typing import Any

import typer

from fastapi.cli.discovery import DiscoveryError, discover
from fastapi.cli.display import line, refuse
from fastapi.cli.options import config_parameters, target_parameters, with_signature
from fastapi.exceptions import FastAPIError
from fastapi.server import Config, ConfigError
from fastapi.server import run as serve
from fastapi.server.application import is_of_schema_file


@with_signature([*target_parameters(), *config_parameters(host="0.0.0.0")])
def run(**options: Any) -> None:
    """Serve an application in production: on all addresses, without reload."""
    _serve("production", **options)


@with_signature([*target_parameters(), *config_parameters(reload=True, watch_params=True)])
def dev(**options: Any) -> None:
    """Serve an application while you work on it: on this machine only, starting anew when a file changes."""
    _serve("development", **options)


def _serve(mode: str, path: Path | None, app: str | None, entrypoint: str | None, **options: Any) -> None:
    line(f"Starting {mode} server", tag="FastAPI", title=True)
    line()
    given = {name: value.value if isinstance(value, Enum) else value for name, value in options.items()}
    try:
        config = Config(app="", **given)
        target = discover(path, app, entrypoint)
    except (ConfigError, DiscoveryError) as error:
        raise refuse(str(error)) from None
    except FastAPIError as error:
        if is_of_schema_file(error):
            raise refuse(str(error)) from None
        raise
    config.app = target.import_string
    line(f"Importing from {target.directory}", tag="path")
    line(f"Using import string {typer.style(target.import_string, fg='blue')}", tag="app")
    if config.uds is None and config.fd is None:
        line(f"{_url(config)}, documentation at {_url(config)}/docs", tag="server")
    if mode == "development":
        line("Running in development mode, for production use: fastapi run", tag="tip")
    line()
    try:
        status = serve(config)
    except ConfigError as error:
        raise refuse(str(error)) from None
    raise typer.Exit(status)


def _url(config: Config) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"{'https' if config.is_tls else 'http'}://{host}:{config.port}"
