"""Fields as the extension is told of them: where their values are, and what is known of those."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import SchemaValidator

from fastapi import params
from fastapi._compat import (
    ModelField,
    get_cached_model_fields,
    is_bytes_field,
    is_bytes_sequence_field,
    is_sequence_field,
    lenient_issubclass,
)
from fastapi._compat.v2.adapters import complete
from fastapi.datastructures import UploadFile
from fastapi.dependencies import utils

_SCALARS: Final = frozenset({str, int, float, bool, type(None), UUID, date, datetime, Decimal})

_PEELS: Final = frozenset({"default", "nullable"})
"""Schemas that say nothing of a value that has arrived and is not ``None``."""

Constant = tuple[Any]
"""A value that is the same every time; of lists, the extension makes a new one."""


class Param(NamedTuple):
    """A parameter.

    Args:
        name: its name in Python.
        key: the name under which its value arrives; of a header, in lower case.
        schema: its core schema, if that alone says how it is validated.
        takes_all: whether it takes all values of that name, or the one that counts.
        absent: is told whether the schema is understood, and gives what the parameter is if nothing arrives.
        default: what is validated then, or ``None`` if that is not certain.
        validator: pydantic's, if it may be called past the field; ``None`` leaves validation to the field.
    """

    name: str
    key: str
    schema: object
    takes_all: bool
    absent: Callable[[bool], Constant | None]
    default: Constant | None
    validator: SchemaValidator | None


class Member(NamedTuple):
    """A field of a model that takes all there is in one place.

    Args:
        alias: its key in what the model validates.
        key, takes_all: as of a ``Param``.
        empty_is_absent: whether an empty text counts as none.
        absent: what it is if nothing arrives; ``None`` leaves that to Python.
    """

    alias: str
    key: str
    takes_all: bool
    empty_is_absent: bool
    absent: Constant | None


class Model(NamedTuple):
    """A parameter that takes all there is in one place as the fields of a model."""

    name: str
    validator: SchemaValidator
    members: list[Member]


class FormParam(NamedTuple):
    """A parameter in a form.

    Args:
        param: what it shares with parameters elsewhere.
        empty_is_absent: whether an empty text counts as none.
        reads_files: whether it takes the contents of files.
        takes_files: whether it takes files or their contents as they are, whatever they are.
    """

    param: Param
    empty_is_absent: bool
    reads_files: bool
    takes_files: bool


def is_model(field: ModelField) -> bool:
    """Tell whether the type of a field is a pydantic model."""
    return lenient_issubclass(field.type_, BaseModel)


def param(field: ModelField, key: str, *, takes_all: bool) -> Param:
    """Describe a field."""
    return Param(
        name=field.name,
        key=key,
        schema=_schema(field),
        takes_all=takes_all,
        absent=partial(_absent, field),
        default=_default(field),
        validator=validator(field),
    )


def model(field: ModelField, key: Callable[[ModelField], str], *, has_lists: bool) -> Model | None:
    """Describe a field whose type is a model; ``None`` if that is not certain.

    Args:
        key: gives the name under which the value of a field of the model arrives.
        has_lists: whether one name can have several values in this place.
    """
    direct = validator(field)
    if direct is None:
        return None
    members = []
    for inner in get_cached_model_fields(field.type_):
        takes_all = is_sequence_field(inner)
        if (takes_all and not has_lists) or isinstance(inner.field_info, params.File):
            return None
        members.append(
            Member(
                alias=utils.get_validation_alias(inner),
                key=key(inner),
                takes_all=takes_all,
                empty_is_absent=isinstance(inner.field_info, params.Form),
                absent=(None,) if inner.required else _default(inner),
            )
        )
    return Model(field.name, direct, members)


def form_param(field: ModelField) -> FormParam | None:
    """Describe a parameter in a form; ``None`` if its files are taken in a way of their own."""
    described = param(field, utils.get_validation_alias(field), takes_all=is_sequence_field(field))
    is_file = isinstance(field.field_info, params.File)
    reads = is_file and (is_bytes_field(field) or is_bytes_sequence_field(field))
    if reads and (is_bytes_field(field) is described.takes_all or not _is_of_bytes(field.type_)):
        return None
    return FormParam(
        described,
        empty_is_absent=isinstance(field.field_info, params.Form),
        reads_files=reads,
        takes_files=is_file and _takes_files(described.schema, reads),
    )


def validator(field: ModelField) -> SchemaValidator | None:
    """Return what ``field.validate`` asks, if that is all it does."""
    if type(field) is not ModelField:
        return None
    complete(field._type_adapter)
    direct = field._type_adapter.validator
    # A plugin of pydantic sees validations through a validator of its own.
    return direct if type(direct) is SchemaValidator else None


def reason(described: Param) -> str:
    """Say in words how a field is validated that the extension does not understand."""
    schema: Any = described.schema
    while schema and schema["type"] in _PEELS:
        schema = schema["schema"]
    if schema:
        return f"pydantic validates {described.name} ({schema['type']})"
    return f"{described.name} is validated by way of its field, for its configuration or a plugin of pydantic"


def _schema(field: ModelField) -> object:
    return None if field.config or validator(field) is None else field._type_adapter.core_schema


def _is_of_bytes(annotation: Any) -> bool:
    """Tell whether an annotation is plainly ``bytes`` or a list of them, or one of these or ``None``."""
    return annotation in (bytes, bytes | None, list[bytes], list[bytes] | None)


def _takes_files(schema: Any, reads: bool) -> bool:
    """Tell whether a core schema takes any file, or its content, or a list of them, as it is."""
    while schema and schema["type"] in _PEELS:
        schema = schema["schema"]
    if schema and schema["type"] == "list" and schema.keys() <= {"type", "items_schema", "metadata"}:
        schema = schema.get("items_schema")
    if not schema or reads:
        return bool(schema) and schema.keys() <= {"type", "metadata"} and schema["type"] == "bytes"
    return bool(schema["type"] == "function-plain" and schema["function"]["function"] == UploadFile._validate)


def _default(field: ModelField) -> Constant | None:
    """Return the default of a field, if it has one and that is always the same."""
    if field.required or field.field_info.default_factory is not None:
        return None
    default = deepcopy(field.default)
    return (default,) if _is_constant(default) else None


def _absent(field: ModelField, is_native: bool) -> Constant | None:
    """Return what a field is when nothing arrives, if it is the same every time.

    The reference path validates the default at every request; where validators of the user's own may
    take part (``is_native`` is false), it has to.
    """
    default = _default(field)
    if default is None or default[0] is None:
        return default
    if not is_native:
        return None
    value, errors = field.validate(default[0])
    return None if errors or not _is_constant(value) else (value,)


def _is_constant(value: Any) -> bool:
    """Tell whether a value never changes; of lists, the extension makes a new one every time."""
    if type(value) in (list, tuple):
        return all(type(item) in _SCALARS or isinstance(item, Enum) for item in value)
    return type(value) in _SCALARS or isinstance(value, Enum)
