"""What declarations of routes are turned into: ids, names, fields and merged options."""

import re
import warnings
from collections.abc import MutableMapping
from email.message import Message
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fastapi._compat import (
    BaseConfig,
    ModelField,
    PydanticSchemaGenerationError,
    Undefined,
    UndefinedType,
    Validator,
    annotation_is_pydantic_v1,
)
from fastapi._rust import parse_content_type, unique_id
from fastapi.datastructures import DefaultPlaceholder, DefaultType
from fastapi.exceptions import FastAPIDeprecationWarning, FastAPIError, PydanticV1NotSupportedError

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

_STATUS_RANGES = frozenset(("default", "1XX", "2XX", "3XX", "4XX", "5XX"))

_invalid_args_message = (
    "Invalid args for response field! Hint: "
    "check that {type_} is a valid Pydantic field type. "
    "If you are using a return type annotation that is not a valid Pydantic "
    "field (e.g. Union[Response, dict, None]) you can disable generating the "
    "response model from the type annotation with the path operation decorator "
    "parameter response_model=None. Read more: "
    "https://fastapi.tiangolo.com/tutorial/response-model/"
)


def is_body_allowed_for_status_code(status_code: int | str | None) -> bool:
    """Tell whether a response with this status, or range of OpenAPI, may have a body (RFC 9110 §6.4.1).

    Raises:
        ValueError: it is neither a number nor a range.
    """
    if status_code is None or status_code in _STATUS_RANGES:
        return True
    status = int(status_code)
    return status >= 200 and status not in (204, 205, 304)


def is_json_content_type(content_type: str | None) -> bool:
    """Tell whether a body is JSON: ``application/json``, ``application/*+json``, or of no declared type."""
    if not content_type:
        return True
    accepted = parse_content_type(content_type)
    if accepted is None:
        # The slow twin.
        message = Message()
        message["content-type"] = content_type
        accepted = message.get_content_maintype(), message.get_content_subtype()
    maintype, subtype = accepted
    return maintype == "application" and (subtype == "json" or subtype.endswith("+json"))


def get_path_param_names(path: str) -> set[str]:
    """Return what stands between braces in a path."""
    return set(re.findall("{(.*?)}", path))


def create_model_field(
    name: str,
    type_: Any,
    class_validators: dict[str, Validator] | None = None,
    default: Any | None = Undefined,
    required: bool | UndefinedType = Undefined,
    model_config: type[BaseConfig] | None = None,
    field_info: FieldInfo | None = None,
    alias: str | None = None,
    mode: Literal["validation", "serialization"] = "validation",
    version: Literal["1", "auto"] = "auto",
) -> ModelField:
    """Make a field.

    Args:
        name: its name in Python.
        type_, default, alias: what makes its ``field_info``, if that is not given.
        field_info: what pydantic is told about it.
        mode: whether values are read or written.
        class_validators, required, model_config, version: unused.

    Raises:
        PydanticV1NotSupportedError: the type is, or contains, a model of ``pydantic.v1``.
        FastAPIError: pydantic cannot validate the type.
    """
    if annotation_is_pydantic_v1(type_):
        raise PydanticV1NotSupportedError(
            "pydantic.v1 models are no longer supported by FastAPI."
            f" Please update the response model {type_!r}."
        )
    info = field_info or FieldInfo(annotation=type_, default=default, alias=alias)
    try:
        return ModelField(field_info=info, name=name, mode=mode)
    except PydanticSchemaGenerationError:
        raise FastAPIError(_invalid_args_message.format(type_=type_)) from None


def create_cloned_field(
    field: ModelField, *, cloned_types: MutableMapping[type[BaseModel], type[BaseModel]] | None = None
) -> ModelField:
    """Return ``field``, as pydantic 2 filters subclasses by itself."""
    return field


def _identifier(name: str, path: str, method: str) -> str:
    accepted = unique_id(name, path, method)
    if accepted is not None:
        return accepted
    # The slow twin.
    return re.sub(r"\W", "_", f"{name}{path}") + f"_{method.lower()}"


def generate_operation_id_for_path(*, name: str, path: str, method: str) -> str:
    """Return the operation id of a path operation; deprecated and unused."""
    warnings.warn(
        message="fastapi.utils.generate_operation_id_for_path() was deprecated, "
        "it is not used internally, and will be removed soon",
        category=FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return _identifier(name, path, method)


def generate_unique_id(route: "APIRoute") -> str:
    """Return the default operation id: name, path and one of the methods, such as ``read_items__get``."""
    assert route.methods
    return _identifier(route.name, route.path_format, next(iter(route.methods)))


def deep_dict_update(main_dict: dict[Any, Any], update_dict: dict[Any, Any]) -> None:
    """Merge ``update_dict`` into ``main_dict``: dicts are merged, lists joined, all else is replaced."""
    for key, value in update_dict.items():
        current = main_dict.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            deep_dict_update(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            main_dict[key] = current + value
        else:
            main_dict[key] = value


def get_value_or_default(
    first_item: DefaultPlaceholder | DefaultType, *extra_items: DefaultPlaceholder | DefaultType
) -> DefaultPlaceholder | DefaultType:
    """Return the first item that someone chose, or the first default if all are."""
    items = (first_item, *extra_items)
    return next((item for item in items if not isinstance(item, DefaultPlaceholder)), first_item)
