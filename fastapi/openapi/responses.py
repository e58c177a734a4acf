"""The responses of an operation."""

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from starlette.responses import JSONResponse, Response

from fastapi import routing
from fastapi._compat import lenient_issubclass
from fastapi.datastructures import DefaultPlaceholder
from fastapi.openapi.constants import REF_PREFIX, status_code_ranges
from fastapi.openapi.parameters import SchemaOf
from fastapi.utils import deep_dict_update, is_body_allowed_for_status_code


def describe_validation_error() -> dict[str, Any]:
    """Describe the 422 of an operation that takes anything from the request."""
    return {
        "description": "Validation Error",
        "content": {"application/json": {"schema": {"$ref": REF_PREFIX + "HTTPValidationError"}}},
    }


def describe_responses(route: routing.APIRoute, schema_of: SchemaOf) -> dict[str, Any]:
    """Describe what a route answers, by status code: its own response, then those declared beside it.

    Raises:
        ValueError: a declared status code is neither a number nor a range such as ``4XX``.
    """
    response_class: type[Response] = (
        route.response_class.value
        if isinstance(route.response_class, DefaultPlaceholder)
        else route.response_class
    )
    assert response_class, "A response class is needed to generate OpenAPI"
    media_type = response_class.media_type

    own: dict[str, Any] = {"description": route.response_description}
    if media_type and is_body_allowed_for_status_code(route.status_code):
        schema: dict[str, Any] = {"type": "string"}
        if lenient_issubclass(response_class, JSONResponse):
            schema = schema_of(field=route.response_field) if route.response_field else {}
        own["content"] = {media_type: {"schema": schema}}
    responses = {_status_code(route, response_class): own}

    for status_code, declared in route.responses.items():
        additional = declared.copy()
        additional.pop("model", None)
        if field := route.response_fields.get(status_code):
            content = additional.setdefault("content", {})
            schema = content.setdefault(media_type or "application/json", {}).setdefault("schema", {})
            deep_dict_update(schema, schema_of(field=field))
        key = str(status_code).upper()
        response = responses.setdefault("default" if key == "DEFAULT" else key, {})
        phrase = status_code_ranges.get(key) or _phrase(int(status_code))
        description = (
            additional.get("description") or response.get("description") or phrase or "Additional Response"
        )
        deep_dict_update(response, additional)
        response["description"] = description
    return responses


def _phrase(status_code: int) -> str | None:
    import http.client  # not worth its milliseconds where no document is made

    return http.client.responses.get(status_code)


def _status_code(route: routing.APIRoute, response_class: type[Response]) -> str:
    """The route's own status code; else the one that its response class sends by default."""
    if route.status_code is not None:
        return str(route.status_code)
    return _default_status_code(response_class.__init__)


@lru_cache
def _default_status_code(init: Callable[..., None]) -> str:
    parameter = inspect.signature(init).parameters.get("status_code")
    return str(parameter.default) if parameter and isinstance(parameter.default, int) else "200"
