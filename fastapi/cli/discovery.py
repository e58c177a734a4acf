"""Which application a command means: by file, by folder, by name, by configuration, or by looking around.

What is looked for, in which order, and what is said when nothing is found follow FastAPI CLI.
"""

import importlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

DEFAULT_PATHS: Final = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
PREFERRED_NAMES: Final = ("app", "api")

_logger = logging.getLogger("fastapi.cli")


class DiscoveryError(Exception):
    """The application cannot be found; the text says why."""


@dataclass(frozen=True)
class Target:
    """A found application: the module and the name in it, and the directory that the module is imported from."""

    module: str
    name: str
    directory: Path

    @property
    def import_string(self) -> str:
        return f"{self.module}:{self.name}"


def discover(path: Path | None, name: str | None, entrypoint: str | None) -> Target:
    """Finds the application and makes its module importable.

    Args:
        path: a file or a package, or an import string in its place.
        name: the variable in the module.
        entrypoint: an import string; by default the one under ``[tool.fastapi]`` of ``pyproject.toml``.

    Raises:
        DiscoveryError: there is none, or the arguments contradict each other.
    """
    if entrypoint and (path or name):
        raise DiscoveryError("Cannot use --entrypoint together with path or --app arguments")
    if path is not None and ":" in path.name and not path.exists():
        if name:
            raise DiscoveryError(f"Cannot use --app together with the import string {path}")
        entrypoint, path = str(path), None
    if path is None and name is None:
        entrypoint = entrypoint or configured_entrypoint()
        if entrypoint:
            return _from_import_string(entrypoint)
    return _from_path(path or _default_path(), name)


def configured_entrypoint() -> str | None:
    """The ``entrypoint`` under ``[tool.fastapi]`` in the ``pyproject.toml`` of the working directory.

    Raises:
        DiscoveryError: the file or the entry is malformed.
    """
    file = Path("pyproject.toml")
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    toml = _toml_reader()
    if toml is None:
        if "[tool.fastapi]" in text:
            _logger.warning("pyproject.toml is not read: Python 3.10 needs tomli for it (pip install tomli)")
        return None
    try:
        entrypoint = toml.loads(text).get("tool", {}).get("fastapi", {}).get("entrypoint")
    except ValueError as error:
        raise DiscoveryError(f"Invalid configuration in pyproject.toml: {error}") from None
    if entrypoint is not None and not isinstance(entrypoint, str):
        raise DiscoveryError(
            "Invalid configuration in pyproject.toml: entrypoint: Input should be a valid string"
        )
    return entrypoint


def _toml_reader() -> Any:
    for candidate in ("tomllib", "tomli"):
        try:
            return importlib.import_module(candidate)
        except ImportError:
            continue
    return None


def _default_path() -> Path:
    for candidate in map(Path, DEFAULT_PATHS):
        if candidate.is_file():
            return candidate
    raise DiscoveryError("Could not find a default file to run, please provide an explicit path")


def _from_import_string(text: str) -> Target:
    module, _, name = text.partition(":")
    if not module or not name:
        raise DiscoveryError("Import string must be in the format module.submodule:app_name")
    directory = Path.cwd()
    _make_importable(directory)
    return Target(module, name, directory)


def _from_path(path: Path, name: str | None) -> Target:
    if not path.exists():
        raise DiscoveryError(f"Path does not exist {path}")
    full = path.resolve()
    _logger.debug("Using path %s", full)
    top = full.parent if full.name == "__init__.py" else full
    parts = [top.stem if top.is_file() else top.name]
    directory = top.parent
    while (directory / "__init__.py").is_file():
        parts.insert(0, directory.name)
        directory = directory.parent
    _make_importable(directory)
    module = ".".join(parts)
    return Target(module, _name_in(module, name), directory)


def _make_importable(directory: Path) -> None:
    _logger.debug("Importing from %s", directory)
    sys.path.insert(0, str(directory))


def _name_in(module_name: str, name: str | None) -> str:
    _logger.debug("Importing module %s", module_name)
    try:
        module = importlib.import_module(module_name)
    except (ImportError, ValueError) as error:
        _logger.error("Import error: %s", error)
        _logger.warning("Ensure all the package directories have an __init__.py file")
        raise
    if name is not None:
        if not hasattr(module, name):
            raise DiscoveryError(f"Could not find app name {name} in {module_name}")
        if not isinstance(getattr(module, name), FastAPI):
            raise DiscoveryError(f"The app name {name} in {module_name} doesn't seem to be a FastAPI app")
        return name
    for candidate in (*PREFERRED_NAMES, *dir(module)):
        if isinstance(getattr(module, candidate, None), FastAPI):
            return candidate
    raise DiscoveryError("Could not find FastAPI app in module, try using --app")
