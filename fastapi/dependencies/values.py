"""The values of path, query, header and cookie parameters, taken from a request and validated."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers, ImmutableMultiDict
from starlette.requests import HTTPConnection

from fastapi import params
from fastapi._compat import (
    ModelField,
    _regenerate_error_with_loc,
    get_cached_model_fields,
    get_missing_field_error,
    is_sequence_field,
    lenient_issubclass,
)
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant


def request_values(dependant: Dependant, request: HTTPConnection) -> tuple[dict[str, Any], list[Any]]:
    """Return the arguments that ``dependant`` itself takes from path, query, headers and cookies.

    Returns:
        The values by parameter name, and the errors in the order path, query, header, cookie.
    """
    values: dict[str, Any] = {}
    errors: list[Any] = []
    # Each property of the request parses something: none is touched without a parameter that asks for it.
    for fields, source in (
        (dependant.path_params, "path_params"),
        (dependant.query_params, "query_params"),
        (dependant.header_params, "headers"),
        (dependant.cookie_params, "cookies"),
    ):
        if fields:
            accepted, refused = utils.request_params_to_args(fields, getattr(request, source))
            values |= accepted
            errors += refused
    return values, errors


def get_validation_alias(field: ModelField) -> str:
    """Return the name under which the value of ``field`` arrives."""
    return field.validation_alias or field.alias


def _get_multidict_value(field: ModelField, values: Mapping[str, Any], alias: str | None = None) -> Any:
    """Return what arrived for ``field``: all values for a sequence, else the one that counts.

    An empty sequence and an empty form text count as absent; then it is a copy of the default, or
    ``None`` if the field is required.
    """
    key = alias or utils.get_validation_alias(field)
    is_sequence = is_sequence_field(field)
    if is_sequence and isinstance(values, (ImmutableMultiDict, Headers)):
        value: Any = values.getlist(key)
    else:
        value = values.get(key)
    absent = (
        value is None
        or (is_sequence and len(value) == 0)
        or (isinstance(value, str) and value == "" and isinstance(field.field_info, params.Form))
    )
    if not absent:
        return value
    return None if field.required else deepcopy(field.default)


def _validate_value_with_model_field(
    *, field: ModelField, value: Any, values: dict[str, Any], loc: tuple[str, ...]
) -> tuple[Any, list[Any]]:
    """Validate ``value``; ``None`` is an absent value. Return the result and the errors at ``loc``."""
    if value is None:
        if field.required:
            return None, [get_missing_field_error(loc=loc)]
        return deepcopy(field.default), []
    validated, errors = field.validate(value, values, loc=loc)
    return (None, errors) if errors else (validated, [])


def _place(field: ModelField) -> str:
    """Return where a parameter stands, as it is named in the location of its errors."""
    field_info = field.field_info
    assert isinstance(field_info, params.Param), "Params must be subclasses of Param"
    return field_info.in_.value


def _model_input(field: ModelField, received_params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input for a parameter model: its fields by alias, and all else that arrived.

    Whether the rest is ignored, kept or forbidden is for the model to say.
    """
    values: dict[str, Any] = {}
    taken: set[str] = set()
    for model_field in get_cached_model_fields(field.type_):
        alias = key = utils.get_validation_alias(model_field)
        if isinstance(received_params, Headers):
            key = model_key(model_field, field)
        value = utils._get_multidict_value(model_field, received_params, alias=key)
        if value is not None:
            values[alias] = value
        taken.add(key)
    getlist = getattr(received_params, "getlist", None)
    for key in received_params:
        if key not in taken:
            all_values = getlist(key) if getlist else [received_params[key]]
            values[key] = all_values[0] if len(all_values) == 1 else all_values
    return values


def model_key(model_field: ModelField, field: ModelField) -> str:
    """Return the name of the header for one field of ``field``, a model of headers."""
    alias = utils.get_validation_alias(model_field)
    by_default = getattr(field.field_info, "convert_underscores", True)
    converts = getattr(model_field.field_info, "convert_underscores", by_default)
    return alias.replace("_", "-") if alias == model_field.name and converts else alias


def located(error: ValidationError, field: ModelField, *, is_whole: bool) -> list[dict[str, Any]]:
    """Return the errors of a validation as ``field.validate`` does, located where the parameter stands.

    Args:
        error: what pydantic raised.
        field: a parameter in path, query, headers or cookies.
        is_whole: whether it takes all that there is in its place.
    """
    loc = (_place(field),) if is_whole else (_place(field), utils.get_validation_alias(field))
    return _regenerate_error_with_loc(errors=error.errors(include_url=False), loc_prefix=loc)


def request_params_to_args(
    fields: Sequence[ModelField], received_params: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Take the values of ``fields`` from what a request carries in one place, and validate them.

    Args:
        fields: parameters of one kind: path, query, header or cookie. One that stands alone and is a
            pydantic model takes everything in that place as its fields.
        received_params: the path parameters, ``QueryParams``, ``Headers`` or cookies of the request.

    Returns:
        The values by parameter name and the errors, as in a 422 response.
    """
    if len(fields) == 1 and lenient_issubclass(fields[0].type_, BaseModel):
        field = fields[0]
        value, errors = utils._validate_value_with_model_field(
            field=field, value=_model_input(field, received_params), values={}, loc=(_place(field),)
        )
        return {field.name: value}, errors
    values: dict[str, Any] = {}
    errors = []
    for field in fields:
        value, field_errors = field_value(field, received_params, values)
        if field_errors:
            errors += field_errors
        else:
            values[field.name] = value
    return values, errors


def field_value(
    field: ModelField, received_params: Mapping[str, Any], values: dict[str, Any]
) -> tuple[Any, list[Any]]:
    """Take the value of one field, validate it, and return the result and the errors.

    ``values`` are those of the fields before it.
    """
    return _validated(field, utils._get_multidict_value(field, received_params), values)


def absent_value(field: ModelField, values: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Do the same where nothing has arrived."""
    return _validated(field, None if field.required else deepcopy(field.default), values)


def _validated(field: ModelField, value: Any, values: dict[str, Any]) -> tuple[Any, list[Any]]:
    return utils._validate_value_with_model_field(
        field=field,
        value=value,
        values=values,
        loc=(_place(field), utils.get_validation_alias(field)),
    )
