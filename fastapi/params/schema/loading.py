"""Which file is the schema, and the schema that is in force."""

import os
from contextvars import ContextVar
from pathlib import Path
from threading import RLock
from typing import Final

from fastapi.params.base import Depends
from fastapi.params.schema.errors import ParamsSchemaError, Problem
from fastapi.params.schema.reading import read
from fastapi.params.schema.resolved import Entry, ParamsSchema
from fastapi.params.schema.validation import UnknownFields, validate
from fastapi.params.schema_file import NAMES, VARIABLE


class _Loaded:
    """The schema in force, the file it came from and how that is read; one for the process."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.schema: ParamsSchema | None = None
        self.path: Path | None = None
        self.unknown_fields: UnknownFields = "error"


loaded: Final = _Loaded()

candidate: ContextVar[ParamsSchema | None] = ContextVar("candidate", default=None)
"""The schema that is about to be in force, for those who find out whether it can be."""

tolerated: ContextVar[list[ParamsSchemaError] | None] = ContextVar("tolerated", default=None)
"""Where errors of single parameters are collected, so that all of them are found and not only the first."""


def stand_in(error: ParamsSchemaError) -> Depends:
    """Return what stands for a parameter that is wrong, if errors are collected.

    Raises:
        ParamsSchemaError: they are not.
    """
    errors = tolerated.get()
    if errors is None:
        raise error
    errors.append(error)
    return Depends(_nothing)


def _nothing() -> None: ...


def _find() -> Path:
    """The file that the environment names, or the one in the working directory."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    found = [Path(name) for name in NAMES if Path(name).exists()]
    if len(found) == 1:
        return found[0]
    if found:
        text = f"both {' and '.join(NAMES)} are in {Path.cwd()}. Remove one, or name one in {VARIABLE}."
    else:
        text = f"neither {' nor '.join(NAMES)} is in {Path.cwd()}. Create one, pass a path or set {VARIABLE}."
    raise ParamsSchemaError(NAMES[0], Problem(text))


def read_schema(path: Path, unknown_fields: UnknownFields = "error") -> ParamsSchema:
    """Read a file without putting it in force.

    Raises:
        ParamsSchemaError: as ``load_params_schema``.
    """
    root, digest = read(path)
    return validate(root, str(path), digest, unknown_fields)


def read_again() -> ParamsSchema:
    """Read the file that is loaded, or would be, without putting it in force.

    Raises:
        ParamsSchemaError: as ``load_params_schema``.
    """
    loaded.path = loaded.path or _find()
    return read_schema(loaded.path, loaded.unknown_fields)


def load_params_schema(
    path: str | os.PathLike[str] | None = None,
    *,
    force_reload: bool = False,
    unknown_fields: UnknownFields | None = None,
) -> ParamsSchema:
    """Load the file that parameters are declared in, once; what it says is in force from then on.

    Args:
        path: the file; if omitted, the one loaded before, else the one that ``FASTAPI_PARAMS_SCHEMA`` names, else
            ``params_schema.yaml`` or ``params_schema.json`` in the working directory.
        force_reload: read the file again even if it is loaded already. Routes that exist keep what they have;
            ``reload_params_schema`` changes them too.
        unknown_fields: ``"error"``, what it is at first, or ``"warn"`` to go on without the fields that no
            parameter takes. It holds until it is given again.

    Raises:
        ParamsSchemaError: there is no such file, or something in it is wrong. What was in force stays.
    """
    tried = candidate.get()
    if tried is not None and path is None:
        return tried
    with loaded.lock:
        wanted = Path(path) if path is not None else loaded.path or _find()
        mode = unknown_fields or loaded.unknown_fields
        same = wanted == loaded.path and mode == loaded.unknown_fields
        if loaded.schema is not None and same and not force_reload:
            return loaded.schema
        schema = read_schema(wanted, mode)
        loaded.schema, loaded.path, loaded.unknown_fields = schema, wanted, mode
        return schema


def get_param_schema(endpoint: str, param: str) -> Entry:
    """Look a parameter up, in the file that is loaded or would be.

    Args:
        endpoint: its name in the file: that of the function, or ``"GET /items"``.
        param: its name in the file.

    Raises:
        ParamsSchemaError: as ``load_params_schema``, or the file has no such endpoint or parameter.
    """
    return load_params_schema().entry(endpoint, param)
