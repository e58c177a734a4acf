"""The parameters of an operation."""

from collections.abc import Iterator
from typing import Any, Protocol

from pydantic import BaseModel

from fastapi._compat import ModelField, Undefined, lenient_issubclass
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import _get_flat_fields_from_params, get_validation_alias
from fastapi.encoders import jsonable_encoder
from fastapi.params import ParamTypes


class SchemaOf(Protocol):
    """How to get the JSON schema of a field."""

    def __call__(self, *, field: ModelField) -> dict[str, Any]: ...


def examples_of(field_info: Any) -> dict[str, Any]:
    """Get a declaration's examples as the keys that a parameter and a media type have in common."""
    if examples := getattr(field_info, "openapi_examples", None):
        return {"examples": jsonable_encoder(examples)}
    example = getattr(field_info, "example", None)
    return {} if example == Undefined else {"example": jsonable_encoder(example)}


def describe_parameters(flat_dependant: Dependant, schema_of: SchemaOf) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a flat dependant: those in the path, the query, headers and cookies."""
    headers = flat_dependant.header_params
    # The fields of a header model are renamed as the model's own declaration says.
    by_hyphens = True
    if len(headers) == 1 and lenient_issubclass(headers[0].type_, BaseModel):
        by_hyphens = getattr(headers[0].field_info, "convert_underscores", True)
    for place, declared in (
        (ParamTypes.path, flat_dependant.path_params),
        (ParamTypes.query, flat_dependant.query_params),
        (ParamTypes.header, headers),
        (ParamTypes.cookie, flat_dependant.cookie_params),
    ):
        for field in _get_flat_fields_from_params(declared):
            if getattr(field.field_info, "include_in_schema", True):
                yield _describe(field, place, by_hyphens, schema_of)


def _describe(field: ModelField, place: ParamTypes, by_hyphens: bool, schema_of: SchemaOf) -> dict[str, Any]:
    field_info = field.field_info
    schema = schema_of(field=field)
    name = get_validation_alias(field)
    if (
        place is ParamTypes.header
        and name == field.name
        and getattr(field_info, "convert_underscores", by_hyphens)
    ):
        name = name.replace("_", "-")
    parameter = {"name": name, "in": place.value, "required": field.required, "schema": schema}
    if field_info.description:
        parameter["description"] = field_info.description
    parameter |= examples_of(field_info)
    if getattr(field_info, "deprecated", None):
        parameter["deprecated"] = True
    return parameter
