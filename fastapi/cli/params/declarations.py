"""From parameters in code to what a file would say of them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from pydantic_core import to_jsonable_python

from fastapi import params
from fastapi._compat import ModelField, Undefined, is_sequence_field
from fastapi.params.schema.allowed import Allowed
from fastapi.params.schema.arguments import CLASSES, NO_ARGUMENTS, fields
from fastapi.params.schema.document import DECLARATIONS
from fastapi.params.schema.kinds import KINDS

_TYPES: Final = {
    "str": "string",
    "bytes": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "uuid": "uuid",
    "date": "date",
    "datetime": "datetime",
    "decimal": "decimal",
    "model": "object",
    "dict": "object",
    "typed-dict": "object",
    "dataclass": "object",
    "list": "array",
    "set": "array",
    "frozenset": "array",
    "tuple": "array",
}
"""The types of pydantic's core schemas, and those of the file."""

_CONSTRAINED: Final = frozenset().union(*(kind.constraints for kind in KINDS.values()))


class Undeclarable(Exception):
    """No declaration of the file stands for a parameter; the text says why."""


def declaration(field: ModelField) -> dict[str, Any]:
    """Write down what a parameter is.

    Raises:
        Undeclarable: the format cannot hold it.
    """
    info = field.field_info
    place = next((name for name, cls in CLASSES.items() if type(info) is cls), None)
    if place is None:
        raise Undeclarable(f"it is a {type(info).__name__}, a class of its own")
    declared = {"in": place, **_values(field, place)}
    if not field.required:
        declared["default"] = _default(field)
    model = DECLARATIONS[place]
    for name in fields(model):
        value = getattr(info, name, None)
        if (
            name not in declared
            and name not in NO_ARGUMENTS | _CONSTRAINED
            and _was_given(name, value, field)
        ):
            declared[name] = to_jsonable_python(value, fallback=str)
    return declared


def _was_given(name: str, value: Any, field: ModelField) -> bool:
    info = field.field_info
    if name in ("alias", "validation_alias", "serialization_alias"):
        converts = getattr(info, "convert_underscores", False)
        own = {field.name.replace("_", "-") if converts else field.name}
        is_alias = name != "alias" and value == info.alias
        return isinstance(value, str) and value not in own and not is_alias
    if value is None or value is Undefined or value == {}:
        return False
    if name == "alias_priority" and value == 2:  # pydantic's own, of every alias
        return False
    if name == "discriminator" and not isinstance(value, str):
        return False
    default = DECLARATIONS[next(place for place, cls in CLASSES.items() if type(info) is cls)].model_fields[
        name
    ]
    return bool(value != default.default) and not callable(value)


def _values(field: ModelField, place: str) -> dict[str, Any]:
    if place == "file":
        return (
            {"type": "array", "items": {"type": "string"}} if is_sequence_field(field) else {"type": "string"}
        )
    return _of_schema(field._type_adapter.core_schema, {})


def _of_schema(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a core schema; what only code can check stays in the code."""
    kind = schema["type"]
    if kind == "definitions":
        known = {each["ref"]: each for each in schema["definitions"]}
        return _of_schema(schema["schema"], {**definitions, **known})
    if kind == "definition-ref":
        return _of_schema(definitions[schema["schema_ref"]], definitions)
    if kind == "literal":
        return _enum([value.value if isinstance(value, Enum) else value for value in schema["expected"]])
    if kind == "enum":
        return _enum([member.value for member in schema["members"]])
    function = schema.get("function", {})
    if isinstance(function, dict) and isinstance(function.get("function"), Allowed):
        return _enum(list(function["function"].values))
    if kind not in _TYPES:
        if "schema" not in schema:
            raise Undeclarable(f"no type of the file stands for what pydantic calls {kind}")
        return _of_schema(schema["schema"], definitions)
    name = _TYPES[kind]
    declared: dict[str, Any] = {"type": name}
    if name == "array":
        declared["items"] = _items(schema, definitions)
    for constraint in sorted(KINDS[name].constraints & schema.keys()):
        declared[constraint] = _written(schema[constraint])
    return declared


def _items(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    of_items = schema.get("items_schema")
    if schema["type"] == "tuple":
        of_items = of_items[0] if len(of_items) == 1 and schema.get("variadic_item_index") == 0 else None
    if of_items is None:
        raise Undeclarable("the type of its items is not one")
    items = _of_schema(of_items, definitions)
    if items["type"] in ("array", "object"):
        raise Undeclarable(f"its items are of the type {items['type']}")
    return items


def _enum(values: list[Any]) -> dict[str, Any]:
    if {type(value) for value in values} not in ({str}, {int}, {float}):
        raise Undeclarable("its allowed values are neither all text nor all numbers of a kind")
    return {"type": "enum", "values": values}


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _default(field: ModelField) -> Any:
    info = field.field_info
    if info.default_factory is not None:
        raise Undeclarable("its default comes from a function")
    default = info.default
    if default is None or isinstance(info, params.File):
        return default
    return to_jsonable_python(default.value if isinstance(default, Enum) else default, fallback=str)
