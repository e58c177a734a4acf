"""The options of a command, made from the fields of the server's configuration."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from fastapi.server import Config
from fastapi.server.config import flag_of

_TYPES: Mapping[str, Any] = {
    "forwarded_allow_ips": str | None,
    "log_config": str | None,
    "log_level": str | None,
    "headers": list[str],
}
"""What the command line can say, where a program can say more."""


def target_parameters() -> list[inspect.Parameter]:
    """The arguments by which every command is told the application."""
    return [
        parameter(
            "path",
            Path | None,
            typer.Argument(
                show_default=False,
                help="A Python file, a package directory or an import string (main:app). If not provided, main.py, "
                "app.py, api.py, app/main.py, app/app.py and app/api.py are tried.",
            ),
        ),
        parameter(
            "app",
            str | None,
            typer.Option(
                help="The variable with the application. If not provided, it is found: app, api, any."
            ),
        ),
        parameter(
            "entrypoint",
            str | None,
            typer.Option(
                "--entrypoint",
                "-e",
                show_default=False,
                help="The application as an import string: some.module:app.",
            ),
        ),
    ]


def config_parameters(**defaults: Any) -> list[inspect.Parameter]:
    """A command's option for each field of the configuration.

    Args:
        defaults: what is the default of this command, in place of the field's.
    """
    hints = get_type_hints(Config)
    return [_option(entry, hints[entry.name], defaults) for entry in fields(Config) if entry.metadata]


def with_signature(
    parameters: list[inspect.Parameter],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Lets a function that takes keywords show the parameters that typer reads."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return function

    return decorate


def _option(entry: "Field[Any]", kind: Any, defaults: Mapping[str, Any]) -> inspect.Parameter:
    rules = entry.metadata
    kind, flag = _TYPES.get(entry.name, kind), flag_of(entry.name)
    if kind in (bool, bool | None):
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
    if rules["choices"]:
        kind, least, most = (
            Enum(entry.name, {choice: choice for choice in rules["choices"]}, type=str),
            None,
            None,
        )
        if entry.default is None:
            kind = kind | None
    else:
        least, most = rules["least"], rules["most"]
    default = entry.default_factory() if entry.default_factory is not MISSING else entry.default
    return parameter(
        entry.name,
        kind,
        typer.Option(
            flag,
            help=rules["help"],
            rich_help_panel=rules["panel"],
            show_default=default not in (None, [], ""),
            envvar="PORT" if entry.name == "port" else None,
            min=least,
            max=most,
        ),
        defaults.get(entry.name, default),
    )


def parameter(name: str, kind: Any, declared: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, declared]
    )
