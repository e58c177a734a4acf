"""The types of the file: the Python type of each, and the constraints that it takes."""

import datetime
import decimal
import uuid
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from typing_extensions import is_typeddict

from fastapi._compat import lenient_issubclass, sequence_types
from fastapi.types import UnionType


class Kind(NamedTuple):
    """A type of the file.

    Args:
        python: its type in Python, where nothing more is known of values or items.
        constraints: the fields of ``Constraints`` that it takes.
    """

    python: Any
    constraints: frozenset[str]


def _kind(python: Any, constraints: str) -> Kind:
    return Kind(python, frozenset(constraints.split()))


BOUNDS: Final = ("gt", "ge", "lt", "le", "multiple_of")
"""The constraints that are values of the type itself."""

KINDS: Final = {
    "string": _kind(str, "min_length max_length pattern strict"),
    "integer": _kind(int, "gt ge lt le multiple_of strict"),
    "number": _kind(float, "gt ge lt le multiple_of allow_inf_nan strict"),
    "boolean": _kind(bool, "strict"),
    "uuid": _kind(uuid.UUID, "strict"),
    "date": _kind(datetime.date, "gt ge lt le strict"),
    "datetime": _kind(datetime.datetime, "gt ge lt le strict"),
    "decimal": _kind(
        decimal.Decimal, "gt ge lt le multiple_of allow_inf_nan max_digits decimal_places strict"
    ),
    "enum": _kind(str, "strict values"),
    "array": _kind(list, "min_length max_length strict"),
    "object": _kind(dict[str, Any], "min_length max_length strict"),
}

# The first that fits counts: bool is an int, datetime is a date, many enumerations are str.
_CLASSES: Final[list[tuple[type[Any] | tuple[type[Any], ...], str]]] = [
    (Enum, "enum"),
    (bool, "boolean"),
    (int, "integer enum"),
    (float, "number enum"),
    ((str, bytes), "string enum"),
    (UploadFile, "string"),
    (decimal.Decimal, "decimal"),
    (uuid.UUID, "uuid"),
    (datetime.datetime, "datetime"),
    (datetime.date, "date"),
    ((BaseModel, Mapping), "object"),
    (sequence_types, "array"),
]


def alternatives(annotation: Any) -> list[Any]:
    """The members of a union at any depth, or the annotation alone; without ``Annotated`` and ``None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin is Union or origin is UnionType:
        return [each for member in get_args(annotation) for each in alternatives(member)]
    return [] if annotation is type(None) else [annotation]


def kinds_of(annotation: Any) -> frozenset[str] | None:
    """The types of the file that an annotation agrees with; ``None`` if that is not known."""
    found: set[str] = set()
    for each in alternatives(annotation):
        kinds = _kinds_of_one(each)
        if kinds is None:
            return None
        found |= kinds
    return frozenset(found) or None


def _kinds_of_one(annotation: Any) -> set[str] | None:
    origin = get_origin(annotation)
    if origin is Literal:
        return {"enum"}
    cls = origin or annotation
    if is_typeddict(cls) or is_dataclass(cls):
        return {"object"}
    return next((set(kinds.split()) for base, kinds in _CLASSES if lenient_issubclass(cls, base)), None)
