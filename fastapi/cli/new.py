"""``fastapi new``."""

import inspect
import re
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any, Final

import typer

from fastapi.cli.display import line, refuse
from fastapi.cli.options import parameter, with_signature
from fastapi.cli.template import SETTINGS, load_templates, write

PYTHONS: Final = ("3.10", "3.11", "3.12", "3.13")
LONGEST_NAME: Final = 40  # names made from it, with what they add, stay under Kubernetes' 63

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_TAKEN: Final = ("fastapi", "fastapi-rs")

_TEMPLATES: Final = load_templates()
_RUNNING: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
_ASSUMED_PYTHON: Final = _RUNNING if _RUNNING in PYTHONS else PYTHONS[-1]


def _choice(name: str, values: Iterable[str]) -> Any:
    return Enum(name, {value: value for value in values}, type=str)


@with_signature(
    [
        parameter(
            "name",
            str,
            typer.Argument(
                show_default=False, help="The name of the project, and of the folder made for it."
            ),
            inspect.Parameter.empty,
        ),
        parameter(
            "template",
            _choice("template", _TEMPLATES),
            typer.Option(help="; ".join(f"{one.name}: {one.about}" for one in _TEMPLATES.values()) + "."),
            next(iter(_TEMPLATES)),
        ),
        parameter(
            "python",
            _choice("python", PYTHONS),
            typer.Option(help="The oldest Python that the project is for."),
            _ASSUMED_PYTHON,
        ),
    ]
)
def new(name: str, template: Enum, python: Enum) -> None:
    """Start a project: a folder with a service that runs and is tested."""
    slug = name.lower().replace("_", "-")
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise refuse(
            f"{name!r} cannot name a project. Begin with a letter, go on with letters and digits, join words by "
            f"one - or _, stay within {LONGEST_NAME} characters: fastapi new my-service"
        )
    if slug in _TAKEN:
        raise refuse(f"A project named {name} would stand in the way of the framework. Choose another name.")
    folder = Path.cwd() / name
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise refuse(f"{name} exists, and nothing was written. Choose another name, or move {name} away.")
    chosen = _TEMPLATES[template.value]
    if PYTHONS.index(python.value) < PYTHONS.index(chosen.python):
        raise refuse(
            f"The template {chosen.name} is for Python {chosen.python} and newer, and nothing was written: "
            f"fastapi new {name} --template {chosen.name} --python {chosen.python}"
        )
    files = chosen.render(slug, python.value)
    try:
        write(files, folder)
    except OSError as error:
        raise refuse(f"{name} could not be made, and nothing was written: {error}") from None
    line(f"{name}, {len(files)} files from the template {chosen.name}", tag="FastAPI", title=True)
    line()
    line(f"{name}/{SETTINGS} has fresh secrets: keep it out of version control", tag="secrets")
    line(f"cd {name} && make run", tag="run")
    line(f"cd {name} && make test", tag="test")
