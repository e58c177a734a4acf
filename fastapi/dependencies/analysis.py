"""From the signature of a callable to its ``Dependant``: done once, when a route is registered."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from fastapi import params
from fastapi._compat import (
    ModelField,
    RequiredParam,
    Undefined,
    copy_field_info,
    field_annotation_is_scalar,
    is_scalar_field,
    is_scalar_sequence_field,
    is_uploadfile_or_nonable_uploadfile_annotation,
    is_uploadfile_sequence_annotation,
    lenient_issubclass,
)
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import DependencyScopeError
from fastapi.security.scopes import SecurityScopes

# The first that fits counts: a Request and a WebSocket are also an HTTPConnection.
_INJECTED: dict[type[Any], str] = {
    Request: "request_param_name",
    WebSocket: "websocket_param_name",
    HTTPConnection: "http_connection_param_name",
    Response: "response_param_name",
    BackgroundTasks: "background_tasks_param_name",
    SecurityScopes: "security_scopes_param_name",
}
_INJECTED_TYPES = tuple(_INJECTED)


@dataclass
class ParamDetails:
    """What one parameter of a signature asks for: a dependency, a field, or (neither) an injected object."""

    type_annotation: Any
    depends: params.Depends | None
    field: ModelField | None


def get_parameterless_sub_dependant(*, depends: params.Depends, path: str) -> Dependant:
    """Analyse a dependency whose result nobody receives, such as one in ``dependencies=[...]``."""
    assert callable(depends.dependency), "A parameter-less dependency must have a callable dependency"
    return utils.get_dependant(
        path=path, call=depends.dependency, scope=depends.scope, own_oauth_scopes=_scopes(depends)
    )


def _scopes(depends: params.Depends) -> list[str]:
    return list(depends.scopes or ()) if isinstance(depends, params.Security) else []


def get_dependant(
    *,
    path: str,
    call: Callable[..., Any],
    name: str | None = None,
    own_oauth_scopes: list[str] | None = None,
    parent_oauth_scopes: list[str] | None = None,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
) -> Dependant:
    """Analyse the signature of ``call`` and of all it depends on.

    Args:
        path: the path of the route, which says what parameters are path parameters.
        name: the parameter of the parent that receives the result.
        own_oauth_scopes, parent_oauth_scopes: the OAuth2 scopes declared for it, and above it.
        use_cache: whether one result may serve every use in a request.
        scope: when a generator exits; see ``Dependant``.

    Raises:
        DependencyScopeError: a generator that lives until the response is sent needs one that exits before.
        AssertionError: a parameter is declared in a way that cannot work.
        FastAPIError: the annotation of a parameter is no type that pydantic can validate.
    """
    dependant = Dependant(
        call=call,
        name=name,
        path=path,
        use_cache=use_cache,
        scope=scope,
        own_oauth_scopes=own_oauth_scopes,
        parent_oauth_scopes=parent_oauth_scopes,
    )
    scopes_so_far = [*(parent_oauth_scopes or ()), *(own_oauth_scopes or ())]
    path_params = utils.get_path_param_names(path)
    for param_name, parameter in utils.get_typed_signature(call).parameters.items():
        details = utils.analyze_param(
            param_name=param_name,
            annotation=parameter.annotation,
            value=parameter.default,
            is_path_param=param_name in path_params,
        )
        if details.depends is not None:
            dependant.dependencies.append(
                _sub_dependant(dependant, param_name, details.depends, path, scopes_so_far)
            )
        elif utils.add_non_field_param_to_dependency(
            param_name=param_name, type_annotation=details.type_annotation, dependant=dependant
        ):
            assert details.field is None, f"Cannot specify multiple FastAPI annotations for {param_name!r}"
        else:
            assert details.field is not None
            if isinstance(details.field.field_info, params.Body):
                dependant.body_params.append(details.field)
            else:
                utils.add_param_to_fields(field=details.field, dependant=dependant)
    return dependant


def _sub_dependant(
    dependant: Dependant, param_name: str, depends: params.Depends, path: str, scopes_so_far: list[str]
) -> Dependant:
    """Analyse the dependency declared by one parameter of ``dependant``."""
    assert dependant.call is not None
    assert depends.dependency is not None
    is_generator = dependant.is_gen_callable or dependant.is_async_gen_callable
    if is_generator and dependant.computed_scope == "request" and depends.scope == "function":
        raise DependencyScopeError(
            f'The dependency "{dependant.call.__name__}" has a scope of "request", '
            'it cannot depend on dependencies with scope "function".'
        )
    return utils.get_dependant(
        path=path,
        call=depends.dependency,
        name=param_name,
        own_oauth_scopes=_scopes(depends),
        parent_oauth_scopes=scopes_so_far,
        use_cache=depends.use_cache,
        scope=depends.scope,
    )


def add_non_field_param_to_dependency(
    *, param_name: str, type_annotation: Any, dependant: Dependant
) -> bool | None:
    """Note a parameter that receives the request, the response or the like.

    Returns:
        ``True``, or ``None`` if the annotation is not of such a type.
    """
    if not lenient_issubclass(type_annotation, _INJECTED_TYPES):
        return None
    setattr(
        dependant,
        next(name for kind, name in _INJECTED.items() if issubclass(type_annotation, kind)),
        param_name,
    )
    return True


def add_param_to_fields(*, field: ModelField, dependant: Dependant) -> None:
    """Add a path, query, header or cookie parameter to the list of its kind."""
    place = getattr(field.field_info, "in_", None)
    assert isinstance(place, params.ParamTypes), (
        f"non-body parameters must be in path, query, header or cookie: {field.name}"
    )
    getattr(dependant, f"{place.value}_params").append(field)


def analyze_param(*, param_name: str, annotation: Any, value: Any, is_path_param: bool) -> ParamDetails:
    """Find out what one parameter of a signature asks for.

    What it declares (``Query()``, ``Depends()``, …) may stand in ``Annotated`` or be its default. Without
    a declaration a path parameter is known by its name, an injected object, a file, a query parameter or
    a body by its type.

    Args:
        annotation, value: of the ``inspect.Parameter``; ``inspect.Parameter.empty`` where there is none.

    Raises:
        AssertionError: the declaration contradicts itself, the type or the path.
        FastAPIError: the annotation is no type that pydantic can validate.
        RuntimeError: it is a form parameter, and no parser for forms is installed.
        ParamsSchemaError: it is declared in the schema file, which contradicts the code.
    """
    annotation, value = _as_in_schema_file(param_name, annotation, value, is_path_param)
    use_annotation: Any = Any if annotation is inspect.Parameter.empty else annotation
    type_annotation: Any = use_annotation
    field_info: FieldInfo | None = None
    depends: params.Depends | None = None
    if get_origin(use_annotation) is Annotated:
        type_annotation, *metadata = get_args(use_annotation)
        match _last_declaration(metadata):
            case params.Depends() as depends:
                pass
            case FieldInfo() as shared:
                field_info = _with_default(shared, param_name, use_annotation, value, is_path_param)
    if isinstance(value, params.Depends):
        assert depends is None, (
            f"Cannot specify `Depends` in `Annotated` and default value together for {param_name!r}"
        )
        assert field_info is None, (
            "Cannot specify a FastAPI annotation in `Annotated` and `Depends` as a default value together for "
            f"{param_name!r}"
        )
        depends = value
    elif isinstance(value, FieldInfo):
        assert field_info is None, (
            f"Cannot specify FastAPI annotations in `Annotated` and default value together for {param_name!r}"
        )
        field_info = value
        field_info.annotation = type_annotation
    if depends is not None and depends.dependency is None:
        depends = replace(depends, dependency=type_annotation)
    if lenient_issubclass(type_annotation, _INJECTED_TYPES):
        assert depends is None, f"Cannot specify `Depends` for type {type_annotation!r}"
        assert field_info is None, f"Cannot specify FastAPI annotation for type {type_annotation!r}"
    elif field_info is None and depends is None:
        field_info = _implied_declaration(type_annotation, use_annotation, value, is_path_param)
    field = field_info and _field(param_name, use_annotation, field_info, is_path_param)
    return ParamDetails(type_annotation=type_annotation, depends=depends, field=field)


def _as_in_schema_file(param_name: str, annotation: Any, value: Any, is_path_param: bool) -> tuple[Any, Any]:
    """Return annotation and default as the schema file has them now, if it declares the parameter."""
    metadata = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    for declared in (value, _last_declaration(metadata)):
        if isinstance(declared, (params.Param, params.Body)) and declared.source is not None:
            from fastapi.params.schema.binding import bind  # few applications have such a file

            return bind(declared.source, param_name, annotation, value, is_path_param)
    return annotation, value


def _last_declaration(metadata: Sequence[Any]) -> FieldInfo | params.Depends | None:
    """Return the declaration that counts among the metadata of ``Annotated``: the last of ours."""
    ours = (params.Param, params.Body, params.Depends)
    return next((item for item in reversed(metadata) if isinstance(item, ours)), None)


def _with_default(
    shared: FieldInfo, param_name: str, annotation: Any, value: Any, is_path_param: bool
) -> FieldInfo:
    """Return a copy of a declaration, since one ``Annotated`` type may serve many, with a parameter's default."""
    field_info = copy_field_info(field_info=shared, annotation=annotation)
    assert field_info.default is Undefined or field_info.default is RequiredParam, (
        f"`{field_info.__class__.__name__}` default value cannot be set in `Annotated` for {param_name!r}. "
        "Set the default value with `=` instead."
    )
    if value is inspect.Parameter.empty:
        field_info.default = RequiredParam
    else:
        assert not is_path_param, "Path parameters cannot have default values"
        field_info.default = value
    return field_info


def _implied_declaration(
    type_annotation: Any, annotation: Any, value: Any, is_path_param: bool
) -> params.Param | params.Body:
    """Return the declaration that the path and the type imply where a parameter has none."""
    if is_path_param:
        # A default is ignored: the same callable may serve paths with and without the parameter.
        return params.Path(annotation=annotation)
    kind: type[params.Param | params.Body]
    if field_annotation_is_scalar(annotation=type_annotation):
        kind = params.Query
    elif is_uploadfile_or_nonable_uploadfile_annotation(type_annotation) or is_uploadfile_sequence_annotation(
        type_annotation
    ):
        kind = params.File
    else:
        kind = params.Body
    return kind(annotation=annotation, default=RequiredParam if value is inspect.Parameter.empty else value)


def _field(param_name: str, annotation: Any, field_info: FieldInfo, is_path_param: bool) -> ModelField:
    """Make the field that validates one parameter, and check that its place can carry its type."""
    if is_path_param:
        assert isinstance(field_info, params.Path), (
            f"Cannot use `{field_info.__class__.__name__}` for path param {param_name!r}"
        )
    elif isinstance(field_info, params.Param) and getattr(field_info, "in_", None) is None:
        field_info.in_ = params.ParamTypes.query
    if isinstance(field_info, params.Form):
        utils.ensure_multipart_is_installed()
    if not field_info.alias:
        converts = getattr(field_info, "convert_underscores", False)
        field_info.alias = param_name.replace("_", "-") if converts else param_name
    field: ModelField = utils.create_model_field(
        name=param_name,
        type_=annotation,
        default=field_info.default,
        alias=field_info.alias,
        required=field_info.default is RequiredParam or field_info.default is Undefined,
        field_info=field_info,
    )
    if is_path_param:
        assert is_scalar_field(field), "Path params must be of one of the supported types"
    elif isinstance(field_info, params.Query):
        assert (
            is_scalar_field(field)
            or is_scalar_sequence_field(field)
            or lenient_issubclass(field.type_, BaseModel)
        )
    return field
