"""The JSON schemas of fields, and the models that they share."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from fastapi._compat.shared import lenient_issubclass
from fastapi._compat.v2.field import ModelField
from fastapi._compat.v2.schemas import Described, Mode, ModelSchemas, UncertainError
from fastapi.openapi.constants import REF_TEMPLATE
from fastapi.types import ModelNameMap

TypeModelOrEnum = type[BaseModel] | type[Enum]
TypeModelSet = set[TypeModelOrEnum]
FieldSchemas = dict[tuple[ModelField, Mode], JsonSchemaValue]

_MODES: tuple[Mode, Mode] = ("validation", "serialization")


def _has_computed_fields(field: ModelField) -> bool:
    return bool(_core_schema(field).get("schema", {}).get("computed_fields"))


def _schema_mode(field: ModelField, separate_input_output_schemas: bool) -> Mode:
    """The mode of the field's schema: without separate schemas an output is described like an input.

    Except where computed fields are only in the output.
    """
    return field.mode if separate_input_output_schemas or _has_computed_fields(field) else "validation"


def get_schema_from_model_field(
    *,
    field: ModelField,
    model_name_map: ModelNameMap,
    field_mapping: FieldSchemas,
    separate_input_output_schemas: bool = True,
) -> dict[str, Any]:
    """Look up the schema of a field and, unless it is a reference, give it a title.

    Args:
        field: one of those that the mapping was made for.
        model_name_map: unused.
        field_mapping: the first result of ``get_definitions``.
        separate_input_output_schemas: as given there.
    """
    schema = field_mapping[field, _schema_mode(field, separate_input_output_schemas)]
    if "$ref" not in schema:
        own = field.validation_alias if field.mode == "validation" else field.serialization_alias
        schema["title"] = field.field_info.title or (own or field.alias).title().replace("_", " ")
    return schema


def get_definitions(
    *,
    fields: Sequence[ModelField],
    model_name_map: ModelNameMap,
    separate_input_output_schemas: bool = True,
) -> tuple[FieldSchemas, dict[str, dict[str, Any]]]:
    """Generate the JSON schemas of fields.

    Args:
        fields: all that one document describes.
        model_name_map: the name that each model has in the document.
        separate_input_output_schemas: whether a model may have one schema for each mode.

    Returns:
        The schema of each field and mode, and the definitions that these refer to.
    """
    modes = {field: _schema_mode(field, separate_input_output_schemas) for field in fields}
    direct = _Direct(modes, model_name_map)
    others = [field for field in fields if field not in direct.fields]
    schemas, definitions = _left_to_pydantic(others, model_name_map, separate_input_output_schemas)
    if direct.may_share_a_name_with(definitions):
        schemas, definitions = _left_to_pydantic(fields, model_name_map, separate_input_output_schemas)
    else:
        schemas.update(direct.schemas())
        definitions.update(direct.definitions())
    for definition in definitions.values():
        if "description" in definition:
            # What follows a form feed in a docstring is not for the document.
            definition["description"] = definition["description"].split("\f")[0]
    return schemas, definitions


class _Direct:
    """The fields that are described without pydantic, because nothing that they share with others depends on it.

    Args:
        modes: the fields of a document, and the mode of each.
        names: the name that each model has in the document.
    """

    def __init__(self, modes: Mapping[ModelField, Mode], names: ModelNameMap) -> None:
        self._modes = modes
        self._models = {mode: ModelSchemas(mode) for mode in _MODES}
        self.fields: dict[ModelField, Described] = {}
        others = []
        for field, mode in modes.items():
            try:
                self.fields[field] = self._models[mode].describe(_core_schema(field))
            except UncertainError:
                others.append(field)
        left = get_flat_models_from_fields(others, known_models=set())
        for field in others:
            _add_models(_core_schema(field), left)
        self._leave(left | self._ambiguous(names))

    def _leave(self, models: TypeModelSet) -> None:
        """Leave models to pydantic, and so all fields with one of them, with all their models, and so on."""
        while leaving := [field for field, each in self.fields.items() if not models.isdisjoint(each.models)]:
            models = models.union(*(self.fields.pop(field).models for field in leaving))

    def _ambiguous(self, names: ModelNameMap) -> TypeModelSet:
        """The models whose name in the document is not just that of the class."""
        used: dict[Mode, set[type[BaseModel]]] = {
            mode: set().union(
                *(each.models for field, each in self.fields.items() if self._modes[field] == mode)
            )
            for mode in _MODES
        }
        ambiguous: TypeModelSet = {
            model for model in set().union(*used.values()) if names.get(model) != model.__name__
        }
        for model in set.intersection(*used.values()):
            one, other = (self._models[mode].definition(model) for mode in _MODES)
            # Up to pydantic 2.12, models three deep differ even where they are the same.
            if one.schema != other.schema or one.depth > 2:
                ambiguous.add(model)
        return ambiguous

    def may_share_a_name_with(self, definitions: Iterable[str]) -> bool:
        """Whether pydantic would name a model of these fields otherwise if it knew them together with others."""
        names = {model.__name__ for each in self.fields.values() for model in each.models}
        parts = {part for name in definitions for part in re.split(r"_{2,}|-", name)}
        return not names.isdisjoint(parts)

    def schemas(self) -> FieldSchemas:
        """The schema of each field, with its mode."""
        return {(field, self._modes[field]): each.schema for field, each in self.fields.items()}

    def definitions(self) -> dict[str, JsonSchemaValue]:
        """What the schemas refer to."""
        return {
            model.__name__: self._models[self._modes[field]].definition(model).schema
            for field, each in self.fields.items()
            for model in each.models
        }


def _core_schema(field: ModelField) -> dict[str, Any]:
    schema: Any = field._type_adapter.core_schema
    return schema  # type: ignore[no-any-return]


def _add_models(schema: Any, known_models: TypeModelSet) -> None:
    """Add the models in a core schema."""
    if isinstance(schema, dict):
        if lenient_issubclass(schema.get("cls"), BaseModel):
            known_models.add(schema["cls"])
        for part in schema.values():
            _add_models(part, known_models)
    elif isinstance(schema, list):
        for part in schema:
            _add_models(part, known_models)


def _left_to_pydantic(
    fields: Sequence[ModelField], model_name_map: ModelNameMap, separate_input_output_schemas: bool
) -> tuple[FieldSchemas, dict[str, JsonSchemaValue]]:
    inputs = [*fields, *_fields_of_inner_models(fields)]
    schemas, definitions = GenerateJsonSchema(ref_template=REF_TEMPLATE).generate_definitions(
        [(field, _schema_mode(field, separate_input_output_schemas), _core_schema(field)) for field in inputs]
    )
    renamed = _renamed_definitions(schemas, model_name_map)
    if not renamed:
        return schemas, {str(name): definition for name, definition in definitions.items()}
    return (
        {key: _rename_refs(schema, renamed) for key, schema in schemas.items()},
        {renamed.get(name, name): _rename_refs(schema, renamed) for name, schema in definitions.items()},
    )


def _fields_of_inner_models(fields: Sequence[ModelField]) -> Iterable[ModelField]:
    """A field for each model that only occurs within another: so its name in the document is found, too."""
    outer = {field.type_ for field in fields if isinstance(field.type_, type)}
    for mode in _MODES:
        of_mode = [field for field in fields if field.mode == mode]
        for model in get_flat_models_from_fields(of_mode, known_models=set()) - outer:
            yield ModelField(field_info=FieldInfo(annotation=model), name=model.__name__, mode=mode)


def _renamed_definitions(schemas: FieldSchemas, model_name_map: ModelNameMap) -> dict[str, str]:
    """Which of pydantic's names, long ones where models share one, the document replaces."""
    renamed = {}
    for (field, _), schema in schemas.items():
        if "$ref" not in schema or not isinstance(field.type_, type) or field.type_ not in model_name_map:
            continue
        name = model_name_map[field.type_]
        generated = schema["$ref"].split("/")[-1]
        if generated not in (name, f"{name}-Input", f"{name}-Output"):
            renamed[generated] = name
    return renamed


def _rename_refs(schema: Any, renamed: dict[str, str]) -> Any:
    """Copy a schema with its references renamed."""
    if isinstance(schema, list):
        return [_rename_refs(item, renamed) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {key: _rename_refs(value, renamed) for key, value in schema.items()}
    ref = schema.get("$ref")
    if isinstance(ref, str) and (name := ref.split("/")[-1]) in renamed:
        copied["$ref"] = REF_TEMPLATE.format(model=renamed[name])
    return copied


def normalize_name(name: str) -> str:
    """Replace what a name in an OpenAPI document may not contain by underscores."""
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", name)


def get_model_name_map(unique_models: TypeModelSet) -> dict[TypeModelOrEnum, str]:
    """Name the models; of several with one name, one is named and pydantic names the others."""
    models = {normalize_name(model.__name__): model for model in unique_models}
    return {model: name for name, model in models.items()}


def get_compat_model_name_map(fields: Collection[ModelField]) -> ModelNameMap:
    """Name the models in fields, at any depth."""
    own = [field for field in fields if isinstance(field, ModelField)]
    return get_model_name_map(get_flat_models_from_fields(own, known_models=set()))


def _collect_models(annotation: Any, known_models: TypeModelSet) -> None:
    """Add the models and enumerations in an annotation, at any depth."""
    if not lenient_issubclass(annotation, (BaseModel, Enum)):
        for argument in get_args(annotation):
            _collect_models(argument, known_models)
    elif annotation not in known_models:
        known_models.add(annotation)
        if issubclass(annotation, BaseModel):
            get_flat_models_from_model(annotation, known_models)


def get_flat_models_from_model(
    model: type[BaseModel], known_models: TypeModelSet | None = None
) -> TypeModelSet:
    """Add the models in the fields of ``model`` to ``known_models``, which is returned."""
    known = set() if known_models is None else known_models
    for info in model.model_fields.values():
        _collect_models(info.annotation, known)
    return known


def get_flat_models_from_annotation(annotation: Any, known_models: TypeModelSet) -> TypeModelSet:
    """Add the models in the arguments of an annotation to ``known_models``, which is returned."""
    for argument in get_args(annotation):
        _collect_models(argument, known_models)
    return known_models


def get_flat_models_from_field(field: ModelField, known_models: TypeModelSet) -> TypeModelSet:
    """Add the models in a field to ``known_models``, which is returned."""
    _collect_models(field.type_, known_models)
    return known_models


def get_flat_models_from_fields(fields: Sequence[ModelField], known_models: TypeModelSet) -> TypeModelSet:
    """Add the models in fields to ``known_models``, which is returned."""
    for field in fields:
        _collect_models(field.type_, known_models)
    return known_models
