"""One path operation, or one websocket endpoint, as a Starlette route."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

from starlette import routing as starlette_routing
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, compile_path, get_name
from starlette.types import Scope

import fastapi.routing as routing
from fastapi import params
from fastapi._compat import ModelField, annotation_is_pydantic_v1, lenient_issubclass
from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import (
    _should_embed_body_fields,
    get_body_field,
    get_dependant,
    get_flat_dependant,
    get_parameterless_sub_dependant,
    get_typed_return_annotation,
)
from fastapi.exceptions import PydanticV1NotSupportedError
from fastapi.routing.changes import announce
from fastapi.routing.path import LatePattern, read_path
from fastapi.routing.renewal import RenewableRoute
from fastapi.types import IncEx
from fastapi.utils import (
    create_cloned_field,
    create_model_field,
    generate_unique_id,
    is_body_allowed_for_status_code,
)


def _route_dependant(
    path: str, endpoint: Callable[..., Any], dependencies: list[params.Depends]
) -> Dependant:
    """Analyse an endpoint; the route's own parameterless dependencies come before the declared ones."""
    dependant = get_dependant(path=path, call=endpoint, scope="function")
    dependant.dependencies[:0] = [
        get_parameterless_sub_dependant(depends=depends, path=path) for depends in dependencies
    ]
    return dependant


class APIWebSocketRoute(RenewableRoute, starlette_routing.WebSocketRoute):
    """A websocket endpoint with parameters and dependencies."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        dependency_overrides_provider: Any | None = None,
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.name = get_name(endpoint) if name is None else name
        self.dependencies = list(dependencies or [])
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.dependency_overrides_provider = dependency_overrides_provider
        self.dependant = _route_dependant(self.path_format, endpoint, self.dependencies)
        self._compile()
        self._follow_schema()

    def _compile(self) -> None:
        self._flat_dependant = get_flat_dependant(self.dependant)
        self._embed_body_fields = _should_embed_body_fields(self._flat_dependant.body_params)
        self.app = routing.websocket_session(
            routing.get_websocket_app(
                dependant=self.dependant,
                dependency_overrides_provider=self.dependency_overrides_provider,
                embed_body_fields=self._embed_body_fields,
            )
        )
        self._heed_schema()

    __setattr__ = announce

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as Starlette does and put this route into the scope."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope


class APIRoute(RenewableRoute, starlette_routing.Route):
    """A path operation: an endpoint, the methods it answers, and what the documentation says of it.

    Raises:
        AssertionError: a status code that allows no body has a response model; a response is no dict.
        FastAPIError: a parameter or response type is not one that pydantic can validate.
        DependencyScopeError: a dependency needs one that exits before it.
    """

    if not TYPE_CHECKING:
        path_regex = LatePattern()

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        response_model: Any = Default(None),
        status_code: int | None = None,
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        summary: str | None = None,
        description: str | None = None,
        response_description: str = "Successful Response",
        responses: dict[int | str, dict[str, Any]] | None = None,
        deprecated: bool | None = None,
        name: str | None = None,
        methods: set[str] | list[str] | None = None,
        operation_id: str | None = None,
        response_model_include: IncEx | None = None,
        response_model_exclude: IncEx | None = None,
        response_model_by_alias: bool = True,
        response_model_exclude_unset: bool = False,
        response_model_exclude_defaults: bool = False,
        response_model_exclude_none: bool = False,
        include_in_schema: bool = True,
        response_class: type[Response] | DefaultPlaceholder = Default(JSONResponse),
        dependency_overrides_provider: Any | None = None,
        callbacks: list[BaseRoute] | None = None,
        openapi_extra: dict[str, Any] | None = None,
        generate_unique_id_function: Callable[["APIRoute"], str] | DefaultPlaceholder = Default(
            generate_unique_id
        ),
    ) -> None:
        assert callable(endpoint), "An endpoint must be a callable"
        self.path = path
        self.endpoint = endpoint
        self.name = get_name(endpoint) if name is None else name
        known = read_path(path)
        if known is None:
            self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        else:
            self._path_source, self.path_format, self.param_convertors = known
        self.methods = {method.upper() for method in (["GET"] if methods is None else methods)}

        self.tags = tags or []
        self.summary = summary
        # Text after a form feed is for readers of the source only.
        self.description = (description or inspect.cleandoc(endpoint.__doc__ or "")).split("\f")[0].strip()
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.openapi_extra = openapi_extra
        self.callbacks = callbacks
        self.operation_id = operation_id
        self.generate_unique_id_function = generate_unique_id_function
        self.unique_id: str = operation_id or self._generate_unique_id()

        self.status_code = int(status_code) if isinstance(status_code, IntEnum) else status_code
        self.response_class = response_class
        self.response_description = response_description
        self.response_model_include = response_model_include
        self.response_model_exclude = response_model_exclude
        self.response_model_by_alias = response_model_by_alias
        self.response_model_exclude_unset = response_model_exclude_unset
        self.response_model_exclude_defaults = response_model_exclude_defaults
        self.response_model_exclude_none = response_model_exclude_none
        self.response_model = self._response_model(response_model)
        self.response_field: ModelField | None = None
        self.secure_cloned_response_field: ModelField | None = None
        if self.response_model:
            self.response_field = self._response_field(
                self.response_model,
                self.status_code,
                f"Response_{self.unique_id}",
                "Please update the response model {!r}.",
            )
            self.secure_cloned_response_field = create_cloned_field(self.response_field)
        self.responses = responses or {}
        self.response_fields = self._additional_response_fields()

        self.dependencies = list(dependencies or [])
        self.dependency_overrides_provider = dependency_overrides_provider
        self.dependant = _route_dependant(self.path_format, endpoint, self.dependencies)
        self._compile()
        self._follow_schema()

    def _compile(self) -> None:
        self._flat_dependant = get_flat_dependant(self.dependant)
        self._embed_body_fields = _should_embed_body_fields(self._flat_dependant.body_params)
        self.body_field = get_body_field(
            flat_dependant=self._flat_dependant,
            name=self.unique_id,
            embed_body_fields=self._embed_body_fields,
        )
        self.app = routing.request_response(self.get_route_handler())
        self._heed_schema()

    def _generate_unique_id(self) -> str:
        function = self.generate_unique_id_function
        generate: Callable[[APIRoute], str] = (
            function.value if isinstance(function, DefaultPlaceholder) else function
        )
        return generate(self)

    def _response_model(self, declared: Any) -> Any:
        """The declared model; else the endpoint's return annotation, unless that is a response."""
        if not isinstance(declared, DefaultPlaceholder):
            return declared
        annotation = get_typed_return_annotation(self.endpoint)
        return None if lenient_issubclass(annotation, Response) else annotation

    @staticmethod
    def _response_field(model: Any, status_code: int | str | None, name: str, way_out: str) -> ModelField:
        assert is_body_allowed_for_status_code(status_code), (
            f"Status code {status_code} must not have a response body"
        )
        if annotation_is_pydantic_v1(model):
            raise PydanticV1NotSupportedError(
                f"pydantic.v1 models are no longer supported by FastAPI. {way_out.format(model)}"
            )
        return create_model_field(name=name, type_=model, mode="serialization")

    def _additional_response_fields(self) -> dict[int | str, ModelField]:
        fields = {}
        for status_code, response in self.responses.items():
            assert isinstance(response, dict), "An additional response must be a dict"
            if model := response.get("model"):
                fields[status_code] = self._response_field(
                    model,
                    status_code,
                    f"Response_{status_code}_{self.unique_id}",
                    "In responses={{}}, please update {}.",
                )
        return fields

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the coroutine function that answers requests; subclasses wrap or replace it."""
        return routing.get_request_handler(
            dependant=self.dependant,
            body_field=self.body_field,
            status_code=self.status_code,
            response_class=self.response_class,
            response_field=self.secure_cloned_response_field,
            response_model_include=self.response_model_include,
            response_model_exclude=self.response_model_exclude,
            response_model_by_alias=self.response_model_by_alias,
            response_model_exclude_unset=self.response_model_exclude_unset,
            response_model_exclude_defaults=self.response_model_exclude_defaults,
            response_model_exclude_none=self.response_model_exclude_none,
            dependency_overrides_provider=self.dependency_overrides_provider,
            embed_body_fields=self._embed_body_fields,
        )

    __setattr__ = announce

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as Starlette does and put this route into the scope."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope
