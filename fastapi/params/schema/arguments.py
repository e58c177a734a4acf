"""How the fields of the file become arguments of the classes of parameters.

The table is compared with the classes and with the installed pydantic when this module is imported: a release in
which an argument is gone is refused, before a field of somebody's file loses its effect.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, Field

from fastapi.params.body import Body
from fastapi.params.cookie import Cookie
from fastapi.params.file import File
from fastapi.params.form import Form
from fastapi.params.header import Header
from fastapi.params.path import Path
from fastapi.params.query import Query
from fastapi.params.schema.document import DECLARATIONS
from fastapi.params.schema.errors import listed

CLASSES: Final[dict[str, type[Any]]] = {
    "path": Path,
    "query": Query,
    "header": Header,
    "cookie": Cookie,
    "form": Form,
    "file": File,
    "body": Body,
}

NO_ARGUMENTS: Final = frozenset({"in", "type", "items", "values"})
"""The fields that say what the value is: they make annotations, or choose the class."""

PYTHON_ONLY: Final = frozenset({"self", "default_factory", "annotation", "extra"})
"""The arguments that no file can hold."""

CONSTRAINTS: Final = frozenset(
    """gt ge lt le multiple_of allow_inf_nan max_digits decimal_places min_length max_length pattern strict
    discriminator""".split()
)
"""The arguments that must reach pydantic, or nothing would check them."""


def fields(part: type[BaseModel]) -> dict[str, str]:
    """The fields of a part of the file as the file names them, with their attributes."""
    return {info.alias or name: name for name, info in part.model_fields.items()}


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


def _table() -> dict[str, dict[str, str]]:
    """For each place: the constructor's argument for each field of the file."""
    return {
        place: {field: field for field in fields(declaration) if field not in NO_ARGUMENTS}
        for place, declaration in DECLARATIONS.items()
    }


def check_table(
    table: Mapping[str, Mapping[str, str]],
    classes: Mapping[str, Callable[..., Any]],
    field: Callable[..., Any] = Field,
) -> None:
    """Compare the table with the constructors and with pydantic's ``Field``.

    Raises:
        ImportError: a field has no argument, an argument no field, or pydantic does not know a constraint.
    """
    for place, arguments in table.items():
        name = classes[place].__name__
        taken = _parameters(classes[place]) - PYTHON_ONLY
        if lost := set(arguments.values()) - taken:
            raise ImportError(f"params schema: {name}() does not take {listed(sorted(lost))}.")
        if new := taken - set(arguments.values()):
            raise ImportError(f"params schema: no field stands for {listed(sorted(new))} of {name}().")
    if unknown := CONSTRAINTS - _parameters(field):
        raise ImportError(f"params schema: this pydantic does not take {listed(sorted(unknown))}.")


ARGUMENTS: Final = _table()
check_table(ARGUMENTS, CLASSES)
