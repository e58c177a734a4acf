"""A field: a named value, what pydantic is told about it, and the adapter that validates it."""

import inspect
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, PydanticUndefinedType

from fastapi._compat import shared
from fastapi._compat.v2.adapters import adapter
from fastapi.types import IncEx, UnionType

RequiredParam = PydanticUndefined
Undefined = PydanticUndefined
UndefinedType = PydanticUndefinedType
Validator = Any

_ATTRIBUTES = tuple(name for name in inspect.signature(Field).parameters if name in FieldInfo.__slots__)
"""What both ``Field()`` takes and ``FieldInfo`` keeps, in this release of pydantic."""


def asdict(field_info: FieldInfo) -> dict[str, Any]:
    """Take a ``FieldInfo`` apart.

    Returns:
        Its ``annotation``, its ``metadata``, and as ``attributes`` the arguments of an equal ``Field()``.
    """
    values = {name: getattr(field_info, name, Undefined) for name in _ATTRIBUTES}
    return {
        "annotation": field_info.annotation,
        "metadata": field_info.metadata,
        "attributes": {name: value for name, value in values.items() if value is not Undefined},
    }


class BaseConfig:
    """Stands in signatures for the configuration class of pydantic v1."""


class ErrorWrapper(Exception):
    """Stands in signatures for the error class of pydantic v1."""


def _regenerate_error_with_loc(
    *, errors: Sequence[Any], loc_prefix: tuple[str | int, ...]
) -> list[dict[str, Any]]:
    """Copy errors with ``loc_prefix`` in front of each location."""
    return [{**error, "loc": loc_prefix + error.get("loc", ())} for error in errors]


@dataclass
class ModelField:
    """A value with a name that pydantic validates or serializes.

    Args:
        field_info: type, default, aliases and constraints.
        name: the name in Python.
        mode: what the field is for, which decides on its JSON schema.
        config: the pydantic configuration of the model it belongs to.

    Raises:
        PydanticSchemaGenerationError: pydantic cannot validate the type.
    """

    field_info: FieldInfo
    name: str
    mode: Literal["validation", "serialization"] = "validation"
    config: ConfigDict | None = None

    def __post_init__(self) -> None:
        declared = asdict(self.field_info)
        self._type_adapter: TypeAdapter[Any] = adapter(declared, self.config)

    def __hash__(self) -> int:
        return id(self)

    @property
    def alias(self) -> str:
        """The name outside Python."""
        alias = self.field_info.alias
        return self.name if alias is None else alias

    @property
    def validation_alias(self) -> str | None:
        """The name in requests, where it is one name and not a path or a choice."""
        alias = self.field_info.validation_alias
        return alias if isinstance(alias, str) and alias else None

    @property
    def serialization_alias(self) -> str | None:
        """The name in responses."""
        return self.field_info.serialization_alias or None

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.field_info.is_required()

    @property
    def default(self) -> Any:
        """A copy of the default, or ``Undefined``."""
        return self.get_default()

    @property
    def type_(self) -> Any:
        """The annotation, without what ``Annotated`` put around it."""
        return self.field_info.annotation

    def get_default(self) -> Any:
        """Return a copy of the default or what its factory makes, ``Undefined`` if there is neither."""
        return Undefined if self.required else self.field_info.get_default(call_default_factory=True)

    def validate(
        self,
        value: Any,
        values: dict[str, Any] = {},  # noqa: B006  # part of the interface, unused
        *,
        loc: tuple[int | str, ...] = (),
    ) -> tuple[Any, list[dict[str, Any]] | None]:
        """Validate ``value``.

        Returns:
            The validated value and ``None``, or ``None`` and the errors, located under ``loc``.
        """
        try:
            return self._type_adapter.validate_python(value, from_attributes=True), None
        except ValidationError as error:
            return None, _regenerate_error_with_loc(errors=error.errors(include_url=False), loc_prefix=loc)

    def serialize(
        self,
        value: Any,
        *,
        mode: Literal["json", "python"] = "json",
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Any:
        """Dump ``value``, which must be valid; the options are pydantic's."""
        return self._type_adapter.dump_python(
            value,
            mode=mode,
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )


def is_scalar_field(field: ModelField) -> bool:
    """Tell whether a single string outside the body carries the field."""
    # Only params.Body and what derives from it has a media type; that module builds on this one.
    return shared.field_annotation_is_scalar(field.type_) and not hasattr(field.field_info, "media_type")


def is_sequence_field(field: ModelField) -> bool:
    """Tell whether the field is a sequence."""
    return shared.field_annotation_is_sequence(field.type_)


def is_scalar_sequence_field(field: ModelField) -> bool:
    """Tell whether a repeated parameter carries the field."""
    return shared.field_annotation_is_scalar_sequence(field.type_)


def is_bytes_field(field: ModelField) -> bool:
    """Tell whether the field is bytes."""
    return shared.is_bytes_or_nonable_bytes_annotation(field.type_)


def is_bytes_sequence_field(field: ModelField) -> bool:
    """Tell whether the field is a sequence of bytes."""
    return shared.is_bytes_sequence_annotation(field.type_)


def copy_field_info(*, field_info: FieldInfo, annotation: Any) -> FieldInfo:
    """Copy a declaration and give it the type and the constraints of ``annotation``."""
    declared = FieldInfo.from_annotation(annotation)
    copied = copy(field_info)
    copied.annotation = declared.annotation
    copied.metadata = declared.metadata
    return copied


def serialize_sequence_value(*, field: ModelField, value: Any) -> Sequence[Any]:
    """Turn a list of received values into the kind of sequence that the field declares.

    In a union that is its first member besides ``None``.
    """
    annotation = field.type_
    origin = get_origin(annotation)
    if origin is Union or origin is UnionType:
        annotation = next(each for each in get_args(annotation) if each is not type(None))
        origin = get_origin(annotation)
    sequence = origin or annotation
    assert issubclass(sequence, shared.sequence_types)
    converted: Sequence[Any] = shared.sequence_annotation_to_type[sequence](value)
    return converted


def get_missing_field_error(loc: tuple[str, ...]) -> dict[str, Any]:
    """Return pydantic's error for a value that is required and missing at ``loc``."""
    missing = ValidationError.from_exception_data(
        "Field required", [{"type": "missing", "loc": loc, "input": {}}]
    )
    return {**missing.errors(include_url=False)[0], "input": None}


def create_body_model(*, fields: Sequence[ModelField], model_name: str) -> type[BaseModel]:
    """Make one model of several body parameters."""
    definitions: dict[str, Any] = {field.name: (field.type_, field.field_info) for field in fields}
    model: type[BaseModel] = create_model(model_name, **definitions)
    return model


def get_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return the fields of a model."""
    return [
        ModelField(
            field_info=info,
            name=name,
            config=None if _has_own_config(info.annotation) else model.model_config,
        )
        for name, info in model.model_fields.items()
    ]


def _has_own_config(annotation: Any) -> bool:
    """Tell whether pydantic would refuse a configuration beside the one of the type itself."""
    return shared.lenient_issubclass(annotation, (BaseModel, dict)) or is_dataclass(annotation)


@lru_cache
def get_cached_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return the fields of a model, the same ones every time."""
    return get_model_fields(model)
