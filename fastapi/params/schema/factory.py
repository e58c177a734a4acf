"""Parameters whose declaration is in the file."""

import inspect
from dataclasses import dataclass
from typing import Any

from fastapi._compat import Undefined
from fastapi.params.schema.arguments import CLASSES, PYTHON_ONLY
from fastapi.params.schema.checks import from_json
from fastapi.params.schema.errors import ParamsSchemaError, Problem, suggestion
from fastapi.params.schema.loading import load_params_schema, stand_in
from fastapi.params.schema.resolved import Entry, ParamsSchema


@dataclass(frozen=True)
class Source:
    """Where a declaration came from, so that it can be made again when the file has changed.

    Args:
        endpoint, param: its names in the file.
        overrides: the arguments that the code gives instead.
    """

    endpoint: str
    param: str
    overrides: dict[str, Any]


def param_factory(endpoint: str, param: str, **overrides: Any) -> Any:
    """Declare a parameter as the file does: as a default, ``limit: int = param_factory("list_items", "limit")``,
    or in ``Annotated``.

    The route checks later that path and annotation agree with the file.

    Args:
        endpoint: its name in the file: that of the function, or ``"GET /items"``.
        param: its name in the file.
        overrides: arguments of the class (``Query`` and so on) that replace what the file says;
            ``default=...`` makes it required.

    Returns:
        A ``Path``, ``Query``, ``Header``, ``Cookie``, ``Form``, ``File`` or ``Body`` of ``fastapi.params``.

    Raises:
        ParamsSchemaError: as ``get_param_schema``, or the class takes no such argument.
    """
    schema = load_params_schema()
    try:
        entry = schema.entry(endpoint, param)
        _check_overrides(schema, entry, endpoint, overrides)
    except ParamsSchemaError as error:
        return stand_in(error)
    declared = make(entry, overrides, default_of(entry, overrides))
    declared.source = Source(endpoint, param, overrides)
    return declared


def make(entry: Entry, overrides: dict[str, Any], default: Any) -> Any:
    """Make an object of the class that ``in`` names."""
    arguments = {**entry.arguments, **overrides}
    arguments.pop("default", None)
    if default is not Undefined:
        arguments["default"] = default
    return CLASSES[entry.place](**arguments)


def default_of(entry: Entry, overrides: dict[str, Any]) -> Any:
    """The default as a value of the declared type; ``Undefined`` if it is required or has a factory."""
    if "default" in overrides:
        return Undefined if overrides["default"] is ... else overrides["default"]
    if not entry.has_default or overrides.get("default_factory") is not None:
        return Undefined
    default = entry.declaration.default
    return None if default is None else from_json(entry.wanted.type, default)


def _check_overrides(schema: ParamsSchema, entry: Entry, endpoint: str, overrides: dict[str, Any]) -> None:
    cls = CLASSES[entry.place]
    known = [
        name for name in inspect.signature(cls).parameters if name not in PYTHON_ONLY - {"default_factory"}
    ]
    for name in overrides:
        if name not in known:
            text = f'{cls.__name__}() takes no argument "{name}".{suggestion(name, known)}'
        elif entry.place == "path" and name in ("default", "default_factory") and overrides[name] is not ...:
            text = f'a path parameter has no default, as it is always there. Remove "{name}" from the code.'
        else:
            continue
        raise ParamsSchemaError(schema.file, Problem(text, entry.node.line, endpoint, entry.param))
