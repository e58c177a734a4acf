"""From routes to the OpenAPI document."""

import warnings
from collections.abc import Iterable, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypedDict, cast

from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import Response as Response
from starlette.routing import BaseRoute

import fastapi.openapi.utils as utils
from fastapi import routing
from fastapi._compat import (
    ModelField,
    get_compat_model_name_map,
    get_definitions,
    get_schema_from_model_field,
)
from fastapi._compat import Undefined as Undefined
from fastapi._compat import lenient_issubclass as lenient_issubclass
from fastapi._public import on_demand
from fastapi.datastructures import DefaultPlaceholder as DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import _get_flat_fields_from_params as _get_flat_fields_from_params
from fastapi.dependencies.utils import get_flat_dependant, get_flat_params
from fastapi.dependencies.utils import get_validation_alias as get_validation_alias
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.openapi.constants import METHODS_WITH_BODY
from fastapi.openapi.constants import REF_PREFIX as REF_PREFIX
from fastapi.openapi.constants import status_code_ranges as status_code_ranges
from fastapi.openapi.constants import validation_error_definition as validation_error_definition
from fastapi.openapi.constants import (
    validation_error_response_definition as validation_error_response_definition,
)
from fastapi.openapi.parameters import describe_parameters, examples_of
from fastapi.openapi.responses import describe_responses, describe_validation_error
from fastapi.params import Body
from fastapi.params import ParamTypes as ParamTypes
from fastapi.types import ModelNameMap
from fastapi.utils import deep_dict_update, generate_operation_id_for_path
from fastapi.utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code

if TYPE_CHECKING:
    from fastapi.openapi.models import OpenAPI as OpenAPI
else:
    __getattr__ = on_demand(globals(), {"fastapi.openapi.models": "OpenAPI"})

FieldMapping: TypeAlias = dict[tuple[ModelField, Literal["validation", "serialization"]], dict[str, Any]]
"""The JSON schema of each field, for what comes in and for what goes out."""

PARAMS_SCHEMA: Final = "x-params-schema"
"""Says which schema file declares parameters: the version of its format and the digest of its bytes."""

_first_build = Lock()


class _Schemas(TypedDict):
    """What ``get_schema_from_model_field`` has to know beside the field."""

    model_name_map: ModelNameMap
    field_mapping: FieldMapping
    separate_input_output_schemas: bool


def get_openapi_security_definitions(
    flat_dependant: Dependant,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Describe the security schemes among the dependencies of a flat dependant.

    Returns:
        The schemes by name, and what the operation requires: each scheme with its scopes.
    """
    definitions: dict[str, Any] = {}
    scopes: dict[str, list[str]] = {}
    for dependency in flat_dependant._security_dependencies:
        scheme = dependency._security_scheme
        definitions[scheme.scheme_name] = jsonable_encoder(scheme.model, by_alias=True, exclude_none=True)
        required = scopes.setdefault(scheme.scheme_name, [])
        for scope in dependency.oauth_scopes or ():
            if scope not in required:
                required.append(scope)
    return definitions, [{name: required} for name, required in scopes.items()]


def _get_openapi_operation_parameters(
    *,
    dependant: Dependant,
    model_name_map: ModelNameMap,
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> list[dict[str, Any]]:
    schema_of = partial(
        get_schema_from_model_field,
        model_name_map=model_name_map,
        field_mapping=field_mapping,
        separate_input_output_schemas=separate_input_output_schemas,
    )
    return list(describe_parameters(get_flat_dependant(dependant, skip_repeats=True), schema_of))


def get_openapi_operation_request_body(
    *,
    body_field: ModelField | None,
    model_name_map: ModelNameMap,
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> dict[str, Any] | None:
    """Describe the request body of an operation; ``None`` where it takes none."""
    if not body_field:
        return None
    assert isinstance(body_field, ModelField)
    schema = get_schema_from_model_field(
        field=body_field,
        model_name_map=model_name_map,
        field_mapping=field_mapping,
        separate_input_output_schemas=separate_input_output_schemas,
    )
    field_info = cast(Body, body_field.field_info)
    content = {field_info.media_type: {"schema": schema} | examples_of(field_info)}
    return {"required": True, "content": content} if body_field.required else {"content": content}


def generate_operation_id(*, route: routing.APIRoute, method: str) -> str:
    """Make an operation id as early releases did. Deprecated: ``APIRoute.unique_id`` took its place."""
    warnings.warn(
        message="fastapi.openapi.utils.generate_operation_id() was deprecated, "
        "it is not used internally, and will be removed soon",
        category=FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return route.operation_id or generate_operation_id_for_path(
        name=route.name, path=route.path_format, method=method
    )


def generate_operation_summary(*, route: routing.APIRoute, method: str) -> str:
    """Get a route's summary, or make one from its name."""
    return route.summary or route.name.replace("_", " ").title()


def get_openapi_operation_metadata(
    *, route: routing.APIRoute, method: str, operation_ids: set[str]
) -> dict[str, Any]:
    """Describe what an operation is called.

    Args:
        operation_ids: the ids used so far, to which this operation's is added; a second use warns.
    """
    operation: dict[str, Any] = {"tags": route.tags} if route.tags else {}
    operation["summary"] = generate_operation_summary(route=route, method=method)
    if route.description:
        operation["description"] = route.description
    operation_id = route.operation_id or route.unique_id
    if operation_id in operation_ids:
        message = f"Duplicate Operation ID {operation_id} for function {route.endpoint.__name__}"
        if file_name := getattr(route.endpoint, "__globals__", {}).get("__file__"):
            message += f" at {file_name}"
        warnings.warn(message, stacklevel=1)
    operation_ids.add(operation_id)
    operation["operationId"] = operation_id
    if route.deprecated:
        operation["deprecated"] = route.deprecated
    return operation


def get_openapi_path(
    *,
    route: routing.APIRoute,
    operation_ids: set[str],
    model_name_map: ModelNameMap,
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Describe the operations of a route.

    Returns:
        The operations by method in lower case, the security schemes that they name, and the schemas
        that they need beside those of their models. All empty for a route that is not shown.
    """
    assert route.methods is not None, "Methods must be a list"
    path: dict[str, Any] = {}
    security_schemes: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    schemas: _Schemas = {
        "model_name_map": model_name_map,
        "field_mapping": field_mapping,
        "separate_input_output_schemas": separate_input_output_schemas,
    }
    for method in route.methods if route.include_in_schema else ():
        operation = get_openapi_operation_metadata(route=route, method=method, operation_ids=operation_ids)
        flat_dependant = get_flat_dependant(route.dependant, skip_repeats=True)
        schemes, requirements = get_openapi_security_definitions(flat_dependant=flat_dependant)
        security_schemes |= schemes
        if requirements:
            operation["security"] = requirements
        if parameters := _get_openapi_operation_parameters(dependant=route.dependant, **schemas):
            # Of parameters with one name in one place the last is shown, and a required one rather than others.
            by_preference = (*parameters, *(parameter for parameter in parameters if parameter["required"]))
            shown = {(parameter["in"], parameter["name"]): parameter for parameter in by_preference}
            operation["parameters"] = list(shown.values())
        if method in METHODS_WITH_BODY:
            body = get_openapi_operation_request_body(body_field=route.body_field, **schemas)
            if body:
                operation["requestBody"] = body
        if route.callbacks:
            operation["callbacks"] = {
                callback.name: {
                    callback.path: get_openapi_path(route=callback, operation_ids=operation_ids, **schemas)[0]
                }
                for callback in route.callbacks
                if isinstance(callback, routing.APIRoute)
            }
        responses = describe_responses(route, partial(get_schema_from_model_field, **schemas))
        operation["responses"] = responses
        takes_anything = get_flat_params(route.dependant) or route.body_field
        if takes_anything and responses.keys().isdisjoint({"422", "4XX", "default"}):
            responses["422"] = describe_validation_error()
            definitions = {
                "ValidationError": validation_error_definition,
                "HTTPValidationError": validation_error_response_definition,
            }
        if route.openapi_extra:
            deep_dict_update(operation, route.openapi_extra)
        path[method.lower()] = operation
    return path, security_schemes, definitions


def get_fields_from_routes(routes: Sequence[BaseRoute]) -> list[ModelField]:
    """Collect the fields of all routes that are shown: of callbacks, bodies, responses and parameters.

    The order decides which of two models of one name keeps the short one.
    """
    callbacks: list[ModelField] = []
    bodies: list[ModelField] = []
    responses: list[ModelField] = []
    parameters: list[ModelField] = []
    for route in _shown(routes):
        if route.body_field:
            assert isinstance(route.body_field, ModelField), "A request body must be a Pydantic Field"
            bodies.append(route.body_field)
        if route.response_field:
            responses.append(route.response_field)
        responses += route.response_fields.values()
        if route.callbacks:
            callbacks += get_fields_from_routes(route.callbacks)
        parameters += get_flat_params(route.dependant)
    return callbacks + bodies + responses + parameters


def _shown(routes: Iterable[BaseRoute]) -> Iterable[routing.APIRoute]:
    return (route for route in routes if isinstance(route, routing.APIRoute) and route.include_in_schema)


def _schema_in_use(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Describe the schema file that declares parameters of these routes, if there is one."""
    for route in _shown(routes):
        if route.params_schema is not None:
            schema = route.params_schema
            return {PARAMS_SCHEMA: {"version": schema.version, "digest": schema.digest}}
        if found := _schema_in_use(route.callbacks or ()):
            return found
    return {}


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Sequence[BaseRoute],
    webhooks: Sequence[BaseRoute] | None = None,
    tags: list[dict[str, Any]] | None = None,
    servers: list[dict[str, str | Any]] | None = None,
    terms_of_service: str | None = None,
    contact: dict[str, str | Any] | None = None,
    license_info: dict[str, str | Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the OpenAPI document of routes and webhooks.

    Args:
        routes, webhooks: those that are no ``APIRoute`` are passed over.
        separate_input_output_schemas: whether a model that is validated otherwise than it is serialized
            has two schemas.
        title, version, openapi_version, summary, description, terms_of_service, contact, license_info,
            tags, servers, external_docs: what the document says under the keys of these names.

    Returns:
        The document, ready to be written as JSON.

    Raises:
        pydantic.ValidationError: an argument, or what a route adds, is not what OpenAPI 3.1 allows there.
    """
    fields = get_fields_from_routes([*(routes or ()), *(webhooks or ())])
    model_name_map = get_compat_model_name_map(fields)
    field_mapping, definitions = get_definitions(
        fields=fields,
        model_name_map=model_name_map,
        separate_input_output_schemas=separate_input_output_schemas,
    )
    security_schemes: dict[str, Any] = {}
    operation_ids: set[str] = set()

    def describe(section: Iterable[BaseRoute]) -> dict[str, dict[str, Any]]:
        paths: dict[str, dict[str, Any]] = {}
        for route in _shown(section):
            path, schemes, path_definitions = get_openapi_path(
                route=route,
                operation_ids=operation_ids,
                model_name_map=model_name_map,
                field_mapping=field_mapping,
                separate_input_output_schemas=separate_input_output_schemas,
            )
            if path:
                paths.setdefault(route.path_format, {}).update(path)
            security_schemes.update(schemes)
            definitions.update(path_definitions)
        return paths

    info = {
        "summary": summary,
        "description": description,
        "termsOfService": terms_of_service,
        "contact": contact,
        "license": license_info,
    }
    paths, webhook_paths = describe(routes or ()), describe(webhooks or ())
    components = {"schemas": dict(sorted(definitions.items())), "securitySchemes": security_schemes}
    return _document(
        openapi=openapi_version,
        info={"title": title, "version": version, **_given(info)},
        paths=paths,
        **_given(
            {
                "servers": servers,
                "components": _given(components),
                "webhooks": webhook_paths,
                "tags": tags,
                "externalDocs": external_docs,
            }
        ),
        **_schema_in_use([*(routes or ()), *(webhooks or ())]),
    )


def _given(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


def _document(**parts: Any) -> dict[str, Any]:
    """Validate a document and put its keys into the order of the specification."""
    model = utils.OpenAPI
    with _first_build:  # pydantic builds a deferred model safely in one thread only
        model.model_rebuild()
    document: dict[str, Any] = jsonable_encoder(model(**parts), by_alias=True, exclude_none=True)
    return document
