"""Whether pydantic makes the same of JSON as of the objects that it stands for.

A body can then be validated in one pass over its bytes. pydantic has two modes that differ, for example, in
decimals (``1.0`` loses a digit) and in the choice among the members of a union.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pydantic_core import SchemaValidator

from fastapi._compat import PYDANTIC_VERSION_MINOR_TUPLE, ModelField
from fastapi.dependencies.description import validator

Schema = Mapping[str, Any]


def json_validator(field: ModelField) -> SchemaValidator | None:
    """Return the validator of a field if its ``validate_json`` certainly returns what its ``validate_python`` returns
    for the objects that the JSON stands for, and runs no code of the application's.

    Such code would run once more if the JSON were not valid. What it refuses, the other may still accept: of equal
    keys in an object, it can look at more than the last.
    """
    if PYDANTIC_VERSION_MINOR_TUPLE < _FIRST:
        return None
    direct = validator(field)
    return direct if direct is not None and _is_same(field._type_adapter.core_schema) else None


_FIRST: Final = (2, 11)
"""Before this version of pydantic, the first of three equal keys could win."""


class _Kind(NamedTuple):
    """What a kind of schema can hold.

    Args:
        keys: what is the same in both modes.
        inside: where there are other schemas.
        is_known: tells of what it holds there more than the keys do.
    """

    keys: frozenset[str] = frozenset()
    inside: tuple[str, ...] = ()
    is_known: Callable[[Schema], bool] | None = None


def _is_same(schema: Schema) -> bool:
    kind = _KINDS.get(schema["type"])
    return (
        kind is not None
        and _holds_only(schema, kind.keys.union(kind.inside))
        and _holds_only(schema.get("config") or {}, _SETTINGS)
        and (kind.is_known is None or kind.is_known(schema))
        and all(_is_same(inner) for place in kind.inside for inner in _schemas(schema.get(place)))
    )


def _holds_only(schema: Schema, keys: frozenset[str]) -> bool:
    return all(
        key in keys or key in _INSIGNIFICANT or (key in _SWITCHES and not value)
        for key, value in schema.items()
    )


def _schemas(inside: Any) -> list[Schema]:
    """Return the schemas in one place of another: one, a list, or fields by name."""
    if inside is None:
        return []
    if isinstance(inside, list):
        return inside
    return [inside] if isinstance(inside.get("type"), str) else list(inside.values())


def _has_plain_class(schema: Schema) -> bool:
    return schema["cls"].__new__ is object.__new__


def _has_plain_alias(schema: Schema) -> bool:
    return isinstance(schema.get("validation_alias", ""), str)


def _has_plain_default(schema: Schema) -> bool:
    if schema.get("copy_default") and type(schema.get("default")) not in _CONTAINERS:
        return False
    return schema.get("default_factory", list) in _CONTAINERS


def _has_plain_items(schema: Schema) -> bool:
    """Whether the hashes of items are no code of the application's."""
    return all(inner["type"] in _HASHED for inner in _schemas(schema.get("items_schema")))


def _has_texts_for_keys(schema: Schema) -> bool:
    return all(inner["type"] in ("any", "str") for inner in _schemas(schema.get("keys_schema")))


def _has_plain_members(schema: Schema) -> bool:
    return _are_plain([member.value for member in schema["members"]])


def _has_plain_values(schema: Schema) -> bool:
    return _are_plain(schema["expected"])


def _are_plain(values: list[Any]) -> bool:
    return all(type(value) in (int, str) for value in values)


def _is_email(schema: Schema) -> bool:
    function = schema["function"]["function"]
    of = (getattr(function, "__module__", None), getattr(function, "__qualname__", None))
    return of == ("pydantic.networks", "EmailStr._validate")


_CONTAINERS: Final = (dict, frozenset, list, set, tuple)

_HASHED: Final = frozenset(
    {"bool", "date", "datetime", "float", "int", "literal", "str", "time", "timedelta", "uuid"}
)

_INSIGNIFICANT: Final = frozenset({"metadata", "ref", "serialization", "type"})
"""What has no part in validation."""

_SWITCHES: Final = frozenset(
    {"coerce_numbers_to_str", "collect_init_only", "custom_init", "default_factory_takes_data"}
    | {"post_init", "root_model", "strict", "validate_default"}
)
"""What has none while it is off."""

_SETTINGS: Final = frozenset(
    {"allow_inf_nan", "cache_strings", "extra_fields_behavior", "from_attributes", "frozen"}
    | {"hide_input_in_errors", "loc_by_alias", "populate_by_name", "regex_engine", "revalidate_instances"}
    | {"serialize_by_alias", "str_max_length", "str_min_length", "str_strip_whitespace", "str_to_lower"}
    | {"str_to_upper", "title", "validate_by_alias", "validate_by_name", "validation_error_cause"}
)
"""The configuration of models that is the same in both modes."""

_BOUNDS: Final = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
_LENGTHS: Final = frozenset({"fail_fast", "max_length", "min_length"})
_TIMES: Final = _BOUNDS | {"microseconds_precision", "now_op", "now_utc_offset", "tz_constraint"}
_FIELD: Final = frozenset({"frozen", "serialization_alias", "serialization_exclude", "validation_alias"})
_FIELDS: Final = frozenset({"computed_fields", "config", "extra_behavior", "from_attributes"})
_CLASS: Final = frozenset({"cls", "config", "frozen", "generic_origin"})

_KINDS: Final[Mapping[str, _Kind]] = {
    "any": _Kind(),
    "bool": _Kind(),
    "dataclass": _Kind(_CLASS | {"cls_name", "fields", "slots"}, ("schema",), _has_plain_class),
    "dataclass-args": _Kind(_FIELDS | {"dataclass_name"}, ("fields",)),
    "dataclass-field": _Kind(_FIELD | {"init", "kw_only", "name"}, ("schema",), _has_plain_alias),
    "date": _Kind(_TIMES),
    "datetime": _Kind(_TIMES),
    "default": _Kind(
        frozenset({"copy_default", "default", "default_factory"}), ("schema",), _has_plain_default
    ),
    "definition-ref": _Kind(frozenset({"schema_ref"})),
    "definitions": _Kind(inside=("definitions", "schema")),
    "dict": _Kind(_LENGTHS, ("keys_schema", "values_schema"), _has_texts_for_keys),
    "enum": _Kind(frozenset({"cls", "members", "sub_type"}), is_known=_has_plain_members),
    "float": _Kind(_BOUNDS | {"allow_inf_nan"}),
    "frozenset": _Kind(_LENGTHS, ("items_schema",), _has_plain_items),
    "function-after": _Kind(frozenset({"function"}), ("schema",), _is_email),
    "int": _Kind(_BOUNDS),
    "list": _Kind(_LENGTHS, ("items_schema",)),
    "literal": _Kind(frozenset({"expected"}), is_known=_has_plain_values),
    "model": _Kind(_CLASS | {"extra_behavior"}, ("schema",), _has_plain_class),
    "model-field": _Kind(_FIELD, ("schema",), _has_plain_alias),
    "model-fields": _Kind(_FIELDS | {"model_name"}, ("fields",)),
    "none": _Kind(),
    "nullable": _Kind(inside=("schema",)),
    "set": _Kind(_LENGTHS, ("items_schema",), _has_plain_items),
    "str": _Kind(_LENGTHS | {"pattern", "regex_engine", "strip_whitespace", "to_lower", "to_upper"}),
    "time": _Kind(_TIMES),
    "timedelta": _Kind(_TIMES),
    "tuple": _Kind(_LENGTHS | {"variadic_item_index"}, ("items_schema",)),
    "typed-dict": _Kind(_FIELDS | {"cls", "cls_name", "total"}, ("fields",)),
    "typed-dict-field": _Kind(_FIELD | {"required"}, ("schema",), _has_plain_alias),
    "uuid": _Kind(frozenset({"version"})),
}
