"""The body of a request: as one field for validation and the schema, and as arguments."""

from collections.abc import Awaitable, Callable, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

import anyio
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from fastapi import params
from fastapi._compat import (
    ModelField,
    create_body_model,
    get_cached_model_fields,
    get_missing_field_error,
    is_bytes_field,
    is_bytes_sequence_field,
    lenient_issubclass,
    serialize_sequence_value,
    value_is_sequence,
)
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant


def is_union_of_base_models(field_type: Any) -> bool:
    """Tell whether ``field_type`` is a union of pydantic models only."""
    if get_origin(field_type) not in (Union, UnionType):
        return False
    return all(lenient_issubclass(member, BaseModel) for member in get_args(field_type))


def _should_embed_body_fields(fields: list[ModelField]) -> bool:
    """Tell whether the body is an object with one key per field, not the value of its only field."""
    if not fields:
        return False
    if len({field.name for field in fields}) > 1:
        return True
    type_, field_info = fields[0].type_, fields[0].field_info
    if getattr(field_info, "embed", None):
        return True
    # A form is made of keys, so that only a model can stand for the whole of it.
    return isinstance(field_info, params.Form) and not (
        lenient_issubclass(type_, BaseModel) or utils.is_union_of_base_models(type_)
    )


def get_body_field(*, flat_dependant: Dependant, name: str, embed_body_fields: bool) -> ModelField | None:
    """Return one field for the whole body, or ``None`` if nothing asks for a body.

    Args:
        flat_dependant: the endpoint with the body parameters of all its dependencies.
        name: names the model that is made for several parameters: ``Body_<name>``.
        embed_body_fields: see ``_should_embed_body_fields``; if not, the only parameter is the body.
    """
    fields = flat_dependant.body_params
    if not fields:
        return None
    if not embed_body_fields:
        return fields[0]
    model = create_body_model(fields=fields, model_name=f"Body_{name}")
    required = any(field.required for field in fields)
    options: dict[str, Any] = {"annotation": model, "alias": "body"}
    if not required:
        options["default"] = None
    kind = next(
        (kind for kind in (params.File, params.Form) if any(isinstance(f.field_info, kind) for f in fields)),
        params.Body,
    )
    if kind is params.Body:
        media_types = {f.field_info.media_type for f in fields if isinstance(f.field_info, params.Body)}
        if len(media_types) == 1:
            options["media_type"] = media_types.pop()
    return utils.create_model_field(
        name="body", type_=model, required=required, alias="body", field_info=kind(**options)
    )


async def _read_files(files: Sequence[UploadFile]) -> list[bytes]:
    """Read uploaded files side by side and return their contents in the order of the files."""
    contents = [b""] * len(files)

    async def keep(position: int, read: Callable[[], Awaitable[bytes]]) -> None:
        contents[position] = await read()

    async with anyio.create_task_group() as group:
        for position, file in enumerate(files):
            # A text in a file's place fails here, once, and not in every task.
            group.start_soon(keep, position, file.read)
    return contents


async def _extract_form_body(body_fields: list[ModelField], received_body: FormData) -> dict[str, Any]:
    """Return the content of a form by key: what the fields ask for, and all else that arrived.

    Files for parameters of type ``bytes`` are read.
    """
    values: dict[str, Any] = {}
    for field in body_fields:
        value = utils._get_multidict_value(field, received_body)
        if isinstance(field.field_info, params.File):
            if is_bytes_field(field) and isinstance(value, UploadFile):
                value = await value.read()
            elif is_bytes_sequence_field(field) and value_is_sequence(value):
                value = serialize_sequence_value(field=field, value=await _read_files(value))
        if value is not None:
            values[utils.get_validation_alias(field)] = value
    aliases = {utils.get_validation_alias(field) for field in body_fields}
    for key in received_body:
        if key not in aliases:
            all_values = received_body.getlist(key)
            values[key] = all_values[0] if len(all_values) == 1 else all_values
    return values


async def request_body_to_args(
    body_fields: list[ModelField], received_body: Any, embed_body_fields: bool
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Take the values of ``body_fields`` from the body of a request, and validate them.

    Args:
        body_fields: the body parameters; at least one.
        received_body: the decoded JSON, a form, the bytes of a body of another type, or ``None``.
        embed_body_fields: whether the fields are keys of the body; if not, the first one is the body.

    Returns:
        The values by parameter name and the errors, as in a 422 response.
    """
    assert body_fields, "request_body_to_args() should be called with fields"
    first = body_fields[0]
    is_whole_body = len(body_fields) == 1 and not embed_body_fields
    body = received_body
    if isinstance(received_body, FormData):
        is_form_model = is_whole_body and lenient_issubclass(first.type_, BaseModel)
        form_fields = get_cached_model_fields(first.type_) if is_form_model else body_fields
        body = await utils._extract_form_body(form_fields, received_body)
    if is_whole_body:
        value, errors = utils._validate_value_with_model_field(
            field=first, value=body, values={}, loc=("body",)
        )
        return {first.name: value}, errors
    values: dict[str, Any] = {}
    errors = []
    get: Any = {}.get if body is None else getattr(body, "get", None)
    for field in body_fields:
        alias = utils.get_validation_alias(field)
        loc = ("body", alias)
        if get is None:  # a list, a text or a number has no keys at all, not even for optional fields
            errors.append(get_missing_field_error(loc))
            continue
        value, field_errors = utils._validate_value_with_model_field(
            field=field, value=get(alias), values=values, loc=loc
        )
        if field_errors:
            errors += field_errors
        else:
            values[field.name] = value
    return values, errors
