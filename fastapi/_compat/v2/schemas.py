"""JSON schemas of models, straight from their core schemas.

Slow twin: pydantic's ``GenerateJsonSchema``, which takes most of the time that a document takes. Whatever is not
certain here is left to it, and so are types without models, each of which it describes once.
"""

import inspect
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from fastapi._compat.v2.adapters import is_plain_model
from fastapi.openapi.constants import REF_PREFIX, REF_TEMPLATE

Mode = Literal["validation", "serialization"]

_NAME: Final = r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*"
"""The names that pydantic takes as they are and that stand out where it joins names by two underscores."""

_UNSORTED: Final = frozenset({"default", "properties"})
"""The keys below which pydantic leaves the order as it is."""

_ANNOTATIONS: Final = frozenset({"deprecated", "description", "examples", "title"})
"""What the declaration of a model's field may add to its schema."""

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "model": frozenset("cls config custom_init metadata post_init ref root_model schema type".split()),
    "model-fields": frozenset("computed_fields fields model_name type".split()),
    "model-field": frozenset("metadata schema serialization_alias type validation_alias".split()),
    "nullable": frozenset("metadata schema type".split()),
    "default": frozenset("default default_factory default_factory_takes_data metadata schema type".split()),
    "list": frozenset("items_schema metadata type".split()),
    "dict": frozenset("keys_schema metadata type values_schema".split()),
    "definition-ref": frozenset("metadata schema_ref type".split()),
    "definitions": frozenset("definitions metadata schema type".split()),
}
"""The kinds of core schemas that are described here, each with all keys that one may have for that."""

_JSON_SCHEMA: Final = BaseModel.__get_pydantic_json_schema__.__func__  # type: ignore[attr-defined]

_MOST: Final = 4096

_described: dict[tuple[str, Mode], JsonSchemaValue] = {}


class UncertainError(Exception):
    """pydantic has to describe this."""


class Described(NamedTuple):
    """A type as a document describes it.

    Args:
        schema: a reference where the type is a model.
        models: those in it, at any depth.
        depth: how many models lie in one another.
    """

    schema: JsonSchemaValue
    models: frozenset[type[BaseModel]]
    depth: int


class ModelSchemas:
    """The schemas of models in one mode, each made when it is first asked for."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.generator = GenerateJsonSchema(ref_template=REF_TEMPLATE)
        self._definitions: dict[type[BaseModel], Described | None] = {}

    def describe(self, schema: Mapping[str, Any]) -> Described:
        """Describe the core schema of a field.

        Raises:
            UncertainError: it is left to pydantic.
        """
        schema, definitions = _unpacked(schema)
        description = _Description(self, definitions)
        return description.summed_up(description.of(schema))

    def definition(self, model: type[BaseModel]) -> Described:
        """Describe a model under its own name.

        Raises:
            UncertainError: it is left to pydantic.
        """
        if model not in self._definitions:
            self._definitions[model] = None  # meanwhile: a model that contains itself is left to pydantic
            schema, definitions = _own_schema(model)
            description = _Description(self, definitions)
            definition = description.summed_up(description.of_model(model, schema))
            self._definitions[model] = Described(
                definition.schema, definition.models | {model}, definition.depth + 1
            )
        described = self._definitions[model]
        if described is None:
            raise UncertainError
        return described


def _unpacked(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Separate a core schema from the definitions that it refers to."""
    definitions: dict[str, Any] = {}
    if schema["type"] == "definitions":
        _check(schema)
        definitions = {each["ref"]: each for each in schema["definitions"]}
        schema = schema["schema"]
    return schema, definitions


def _own_schema(model: type[BaseModel]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    if not is_plain_model(model):
        raise UncertainError
    schema, definitions = _unpacked(model.__pydantic_core_schema__)
    return definitions.get(schema.get("schema_ref", ""), schema), definitions


def _check(schema: Mapping[str, Any], *, metadata: bool = False) -> None:
    """Check that nothing changes how a core schema of its kind is described, leaving out its metadata if asked."""
    if not _KEYS.get(schema["type"], frozenset()).issuperset(schema):
        raise UncertainError
    if not metadata and any((schema.get("metadata") or {}).values()):
        raise UncertainError


class _Description:
    """The description of one core schema, which gathers the models in it."""

    def __init__(self, schemas: ModelSchemas, definitions: Mapping[str, Any]) -> None:
        self.schemas = schemas
        self.definitions = definitions
        self.inner: list[Described] = []

    def summed_up(self, schema: JsonSchemaValue) -> Described:
        models = frozenset[type[BaseModel]]().union(*(each.models for each in self.inner))
        return Described(schema, models, max((each.depth for each in self.inner), default=0))

    def of(self, schema: Mapping[str, Any]) -> JsonSchemaValue:
        """Describe the type of a field, of the items of a list, and so on."""
        if _is_plain(schema):
            return _plain_schema(schema, self.schemas.mode)
        kind = schema["type"]
        if kind == "model":
            return self.reference(schema)
        _check(schema)
        if kind == "definition-ref":
            return self.reference(self.definitions.get(schema["schema_ref"], {}))
        if kind == "list":
            return {"type": "array", "items": self.of(schema["items_schema"])}
        if kind == "dict" and schema.get("keys_schema") == {"type": "str"}:
            return {"type": "object", "additionalProperties": self.of(schema["values_schema"])}
        if kind == "nullable":
            inner = self.of(schema["schema"])
            if "anyOf" not in inner:  # pydantic joins two of them
                return {"anyOf": [inner, {"type": "null"}]}
        elif kind == "default":
            inner = self.of(schema["schema"])
            if "default" not in schema:
                return inner
            default = schema["default"]
            is_empty = default is None or (type(default) in (dict, list) and not default)
            if is_empty and "$ref" not in inner:
                return {**inner, "default": deepcopy(default)}
        raise UncertainError

    def reference(self, schema: Mapping[str, Any]) -> JsonSchemaValue:
        """Refer to a model."""
        model = schema.get("cls")
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            raise UncertainError
        own, _ = _own_schema(model)
        # Another object, if the model was rebuilt after pydantic had put it into this one.
        if own["schema"] is not schema["schema"]:
            raise UncertainError
        self.inner.append(self.schemas.definition(model))
        return {"$ref": REF_PREFIX + model.__name__}

    def of_model(self, model: type[BaseModel], schema: Mapping[str, Any]) -> JsonSchemaValue:
        """Describe the model itself."""
        _check(schema, metadata=True)
        fields = schema["schema"]
        if (
            not re.fullmatch(_NAME, model.__name__)
            or model.__name__ in _UNSORTED
            or schema.get("ref") != f"{model.__module__}.{model.__qualname__}:{id(model)}"
            or schema["cls"] is not model
            or schema.get("root_model")
            or schema.get("metadata") != {"pydantic_js_functions": [model.__get_pydantic_json_schema__]}
            or getattr(model.__get_pydantic_json_schema__, "__func__", None) is not _JSON_SCHEMA
            or fields["type"] != "model-fields"
            or fields.get("computed_fields")
            or hasattr(model, "__deprecated__")
            or hasattr(model, "__dataclass_fields__")
        ):
            raise UncertainError
        _check(fields)
        described = self.of_fields(fields["fields"])
        described["title"] = model.model_config.get("title", model.__name__)
        if model.__doc__:
            described["description"] = inspect.cleandoc(model.__doc__)
        extra = model.model_config.get("extra")
        if extra in ("allow", "forbid"):
            described["additionalProperties"] = extra == "allow"
        more = model.model_config.get("json_schema_extra", {})
        if type(more) is not dict or "$ref" in more or not isinstance(described["title"], str):
            raise UncertainError
        described.update(more)
        return self.schemas.generator.sort(described, parent_key=model.__name__)

    def of_fields(self, fields: Mapping[str, Any]) -> JsonSchemaValue:
        properties: JsonSchemaValue = {}
        required = []
        for name, field in fields.items():
            _check(field, metadata=True)
            alias = field.get(f"{self.schemas.mode}_alias", name)
            if type(alias) is not str:
                raise UncertainError
            inner = field["schema"]
            described = {**self.of(inner), **self.annotations(field)}
            while inner["type"] in ("default", "nullable"):
                inner = inner["schema"]
            # A model has a title of its own.
            if "title" not in described and inner["type"] not in ("model", "definition-ref"):
                described["title"] = self.schemas.generator.get_title_from_name(alias)
            elif "$ref" in described and len(described) > 1:
                raise UncertainError
            properties[alias] = described
            if field["schema"]["type"] != "default":
                required.append(alias)
        described = {"type": "object", "properties": properties}
        return described | {"required": required} if required else described

    def annotations(self, field: Mapping[str, Any]) -> JsonSchemaValue:
        metadata = dict(field.get("metadata") or {})
        added = metadata.pop("pydantic_js_updates", None) or {}
        if any(metadata.values()) or not _ANNOTATIONS.issuperset(added) or not _is_plain(added):
            raise UncertainError
        return deepcopy(added) if added else {}


def _is_plain(value: Any) -> bool:
    """Whether a core schema is made of words and numbers only, and so about no classes or functions."""
    if type(value) is dict:
        return "ref" not in value and "schema_ref" not in value and all(map(_is_plain, value.values()))
    if type(value) is list:
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, float, int, str)


def _plain_schema(schema: Mapping[str, Any], mode: Mode) -> JsonSchemaValue:
    """Ask pydantic to describe a core schema that is made of words and numbers."""
    key = repr(schema), mode
    described = _described.get(key)
    if described is None:
        generator = GenerateJsonSchema(ref_template=REF_TEMPLATE)
        try:
            schemas, _ = generator.generate_definitions([(key, mode, cast(Any, schema))])
        except PydanticInvalidForJsonSchema:
            raise UncertainError from None
        described = schemas[key, mode]
        if len(_described) < _MOST:
            _described[key] = described
    return deepcopy(described)
