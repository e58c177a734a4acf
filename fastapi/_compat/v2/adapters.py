"""The adapters of fields: what validates and serializes a type as it was declared.

Making one takes pydantic longer than all else that a route needs. So declarations of builtin types that look
the same share one, and models bring theirs along.
"""

import types
import warnings
from collections.abc import Hashable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin
from uuid import UUID

import pydantic.warnings
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, Strict, TypeAdapter
from pydantic_core import SchemaSerializer, SchemaValidator

Shape: TypeAlias = Hashable
"""Equal for two declarations only if pydantic makes equal adapters for them."""

_BUILTIN: Final = frozenset(
    {bool, bytes, date, datetime, Decimal, dict, float, frozenset, int, list}
    | {set, str, time, timedelta, tuple, types.NoneType, UUID}
)

_CONTAINERS: Final = frozenset({dict, frozenset, list, set, tuple})

_CONSTRAINTS: Final[Mapping[type, str]] = {
    Ge: "ge",
    Gt: "gt",
    Le: "le",
    Lt: "lt",
    MaxLen: "max_length",
    MinLen: "min_length",
    MultipleOf: "multiple_of",
    Strict: "strict",
}
"""The classes of constraints, each with the attribute that holds its value."""

_ALIASES: Final = frozenset({"alias", "alias_priority", "serialization_alias", "validation_alias"})
"""The attributes that this package puts to use itself: an adapter has no name."""

_ALIAS_TYPES: Final = (str, int, types.NoneType, AliasPath, AliasChoices)

_LOCAL: Final = frozenset(
    {"alias_generator", "arbitrary_types_allowed", "extra", "from_attributes", "frozen", "json_schema_extra"}
    | {"populate_by_name", "protected_namespaces", "str_strip_whitespace", "title", "validate_assignment"}
    | {"validate_by_alias", "validate_by_name"}
)
"""The settings of a model that are about nothing but its own fields. Others are lost where the model is not
the outermost type, which in a field it never is."""

_UNSUPPORTED_ATTRIBUTE: type[Warning] | None = getattr(
    pydantic.warnings, "UnsupportedFieldAttributeWarning", None
)
"""Since pydantic 2.12: said of attributes without effect on a bare type, such as an alias, which this
package itself puts to use."""

_MOST: Final = 4096

_CORE_SCHEMA: Final = BaseModel.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]

_shared: dict[Shape, TypeAdapter[Any]] = {}


def adapter(declared: Mapping[str, Any], config: ConfigDict | None) -> TypeAdapter[Any]:
    """Make the adapter of a field, or find one that serves.

    Args:
        declared: the field's declaration, taken apart by ``asdict``.
        config: the pydantic configuration of the model that the field belongs to.

    Raises:
        PydanticSchemaGenerationError: pydantic cannot validate the type.
    """
    if config is not None:
        return _made(declared, config)
    shape = _shape_of(declared)
    if shape is None:
        stands_alone = _says_only_type(declared) and _stands_alone(declared["annotation"])
        return TypeAdapter(declared["annotation"]) if stands_alone else _made(declared, None)
    shared = _shared.get(shape)
    if shared is None:
        shared = _made(declared, None)
        if len(_shared) < _MOST:
            # Of two threads it does not matter which comes first: their adapters are equal.
            _shared[shape] = shared
    return shared


def _made(declared: Mapping[str, Any], config: ConfigDict | None) -> TypeAdapter[Any]:
    """Make an adapter of everything that was declared: the slow twin of sharing one, and of a model's own."""
    # Subscripting with a tuple, as Annotated[*declared] is not written before Python 3.11.
    annotation: Any = Annotated[
        (declared["annotation"], *declared["metadata"], Field(**declared["attributes"]))
    ]
    with warnings.catch_warnings():
        if _UNSUPPORTED_ATTRIBUTE is not None:
            warnings.simplefilter("ignore", category=_UNSUPPORTED_ATTRIBUTE)
        return TypeAdapter(annotation, config=config)


def _shape_of(declared: Mapping[str, Any]) -> Shape | None:
    """Say what the adapter of a declaration depends on; ``None`` if that is not certain.

    It is for builtin types, alone and in builtin containers, with numbers and texts for constraints.
    """
    annotation = _type_shape(declared["annotation"])
    if annotation is None:
        return None
    parts: list[Hashable] = [annotation]
    for item in declared["metadata"]:
        constraint = _CONSTRAINTS.get(type(item))
        values = _general(item) if constraint is None else {constraint: getattr(item, constraint)}
        if values is None or not _add(parts, type(item), values):
            return None
    return tuple(parts) if _add(parts, "attributes", declared["attributes"]) else None


def _general(item: Any) -> Mapping[str, Any] | None:
    """The constraints that pydantic has no class of their own for, such as patterns."""
    is_general = type(item).__qualname__.endswith("_PydanticGeneralMetadata")
    return vars(item) if is_general else None


def _add(parts: list[Hashable], kind: Any, values: Mapping[str, Any]) -> bool:
    """Add what is said besides the type to the parts of a shape; ``False`` if that is not certain."""
    parts.append(kind)
    for name, value in values.items():
        if name in _ALIASES:
            if not isinstance(value, _ALIAS_TYPES):
                return False
        elif value is None or type(value) in (bool, bytes, int, str):
            parts.append((name, type(value), value))
        elif type(value) is float:
            parts.append((name, float, repr(value)))  # zero has two signs, and NaN is not itself
        elif type(value) is not dict or value:
            return False
    return True


def _type_shape(annotation: Any) -> Shape | None:
    if annotation is Any or (type(annotation) is type and annotation in _BUILTIN):
        return annotation  # type: ignore[no-any-return]
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if not arguments:  # typing.Tuple and tuple[()] look the same
        return None
    if origin is Literal:
        known = all(type(value) in (bool, int, str) for value in arguments)
        return (Literal, *((type(value), value) for value in arguments)) if known else None
    if origin is types.UnionType:
        origin = Union
    if origin is not Union and origin not in _CONTAINERS:
        return None
    # In order, unlike what equality of unions says.
    shapes = [... if argument is ... else _type_shape(argument) for argument in arguments]
    return None if None in shapes else (origin, *shapes)


def _says_only_type(declared: Mapping[str, Any]) -> bool:
    """Whether a declaration says nothing of a value but its type and what it is called."""
    return (
        not declared["metadata"]
        and all(
            isinstance(value, _ALIAS_TYPES)
            if name in _ALIASES
            else value is None or (value is True if name == "repr" else type(value) is dict and not value)
            for name, value in declared["attributes"].items()
            if name != "default"
        )
        and "default" not in declared["attributes"]
    )


def _stands_alone(annotation: Any) -> bool:
    """Whether pydantic makes the same of a type as of that type with an empty declaration: of models, and of
    builtin types with models in them."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return (type(annotation) is type and annotation in _BUILTIN) or is_plain_model(annotation)
    origin = get_origin(annotation)
    if origin is not Union and origin is not types.UnionType and origin not in _CONTAINERS:
        return False
    return all(argument is ... or _stands_alone(argument) for argument in get_args(annotation))


def is_plain_model(kind: type) -> bool:
    """Whether a class is a model that is complete and built as pydantic builds models by itself."""
    if not issubclass(kind, BaseModel) or not kind.__pydantic_complete__:
        return False
    own = vars(kind)
    return (
        getattr(kind.__get_pydantic_core_schema__, "__func__", None) is _CORE_SCHEMA
        and _LOCAL.issuperset(kind.model_config)
        and kind.model_config.get("validate_by_alias", True)
        # Those of plugins, and those of incomplete models, are of other types.
        and type(own.get("__pydantic_validator__")) is SchemaValidator
        and type(own.get("__pydantic_serializer__")) is SchemaSerializer
        and type(own.get("__pydantic_core_schema__")) is dict
    )


def complete(adapter: TypeAdapter[Any]) -> None:
    """Have pydantic make now what it has put off until the first value comes, if it can.

    It does so for models with ``defer_build``, and for names in annotations that were defined later.
    """
    if not getattr(adapter, "pydantic_complete", True):  # there are both since pydantic 2.10
        # What fails here fails again in the request whose value is validated.
        with suppress(Exception):
            adapter.rebuild(raise_errors=False)
