"""APIRouter: path operations collected under a prefix, with defaults that they share."""

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import Any, Protocol

from starlette import routing as starlette_routing
from starlette.datastructures import URL, URLPath
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, NoMatchFound
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send
from typing_extensions import Unpack
from typing_extensions import deprecated as deprecated_function

from fastapi import params
from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.exceptions import FastAPIError
from fastapi.plan.files import with_static_files
from fastapi.routing.changes import RouteList
from fastapi.routing.lifespan import (
    ON_EVENT_DEPRECATED,
    EventHandler,
    EventLifespan,
    _merge_lifespan_context,
    run_event_handlers,
    warn_of_event_parameters,
)
from fastapi.routing.options import AddRouteOptions, OperationOptions, OptionSet, RouterMethodsOptions
from fastapi.routing.route import APIRoute, APIWebSocketRoute
from fastapi.routing.schema_file import check_places
from fastapi.routing.table import route_table
from fastapi.types import DecoratedCallable
from fastapi.utils import generate_unique_id, get_value_or_default


class Decorator(Protocol):
    """Registers what it decorates and returns it as it is."""

    def __call__(self, func: DecoratedCallable, /) -> DecoratedCallable: ...


_HEAD = "response_model status_code tags dependencies summary description response_description responses deprecated"
_MODEL = (
    "operation_id response_model_include response_model_exclude response_model_by_alias"
    " response_model_exclude_unset response_model_exclude_defaults response_model_exclude_none"
    " include_in_schema response_class name"
)
_TAIL = "openapi_extra generate_unique_id_function"

OPERATION = OptionSet(APIRoute.__init__, f"{_HEAD} {_MODEL} callbacks {_TAIL}")
ROUTER_METHODS = OptionSet(APIRoute.__init__, f"{_HEAD} methods {_MODEL} callbacks {_TAIL}")
APP_METHODS = OptionSet(APIRoute.__init__, f"{_HEAD} methods {_MODEL} {_TAIL}")
ADD_ROUTE = OptionSet(
    APIRoute.__init__,
    f"{_HEAD} methods {_MODEL} route_class_override callbacks {_TAIL}",
    route_class_override=None,
)


def _check_prefix(prefix: str) -> None:
    assert prefix.startswith("/"), "A path prefix must start with '/'"
    assert not prefix.endswith("/"), "A path prefix must not end with '/', as the routes will start with '/'"


class APIRouter(starlette_routing.Router):
    """A group of path operations, to be served by itself or included in an application.

    Args:
        prefix: path in front of every route, such as ``/items``.
        tags, dependencies, responses, callbacks: put in front of, or under, those of each route.
        default_response_class, route_class, generate_unique_id_function: used where a route names none.
        deprecated, include_in_schema: what the documentation says of all routes.
        routes, redirect_slashes, default, lifespan: as in Starlette's router.
        on_startup, on_shutdown: event handlers; a ``lifespan`` replaces them.
        dependency_overrides_provider: an object with a ``dependency_overrides`` dict, usually the application.

    Raises:
        AssertionError: the prefix does not start, or ends, with a slash.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        default_response_class: type[Response] | DefaultPlaceholder = Default(JSONResponse),
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        routes: list[BaseRoute] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        dependency_overrides_provider: Any | None = None,
        route_class: type[APIRoute] = APIRoute,
        on_startup: Sequence[EventHandler] | None = None,
        on_shutdown: Sequence[EventHandler] | None = None,
        lifespan: Lifespan[Any] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        generate_unique_id_function: Callable[[APIRoute], str] | DefaultPlaceholder = Default(
            generate_unique_id
        ),
    ) -> None:
        super().__init__(routes=routes, redirect_slashes=redirect_slashes, default=default, lifespan=lifespan)
        self.routes = RouteList(self.routes)
        self._table = route_table()
        if on_startup or on_shutdown:
            warn_of_event_parameters(ignored=lifespan is not None)
        self.on_startup = list(on_startup or [])
        self.on_shutdown = list(on_shutdown or [])
        if lifespan is None:
            self.lifespan_context: Lifespan[Any] = EventLifespan(self)
        if prefix:
            _check_prefix(prefix)
        self.prefix = prefix
        self.tags = tags or []
        self.dependencies = list(dependencies or [])
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.responses = responses or {}
        self.callbacks = callbacks or []
        self.dependency_overrides_provider = dependency_overrides_provider
        self.route_class = route_class
        self.default_response_class = default_response_class
        self.generate_unique_id_function = generate_unique_id_function

    def _destination(self, scope: Scope) -> ASGIApp | None:
        """What serves a scope: a route, a redirect or the default; ``None`` if that is not certain."""
        table = self._table
        if table is None or scope["type"] == "lifespan":
            return None
        scope.setdefault("router", self)
        route = table.resolve(self.routes, scope)
        if route is None:
            return None
        if route is not False:
            handle: ASGIApp = route.handle
            return handle
        redirect = table.redirect(self.routes, scope) if self.redirect_slashes else False
        if redirect is None:
            return None
        return self.default if redirect is False else RedirectResponse(url=str(URL(scope=redirect)))

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a scope by the first route that matches it. Slow twin: Starlette's scan over all routes."""
        destination = self._destination(scope)
        if destination is None:
            destination = super().app
        elif (files := with_static_files(destination, scope, send)) is not None:
            scope, send = files
        await destination(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of the first route that has this name and exactly these parameters.

        Raises:
            NoMatchFound: there is no such route.
        """
        routes = None if self._table is None else self._table.named(self.routes, name)
        if routes is None:  # The slow twin asks all of them.
            return super().url_path_for(name, **path_params)
        for route in routes:
            try:
                path: URLPath = route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
            return path
        raise NoMatchFound(name, path_params)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start and stop the application, unless its paths contradict the schema file."""
        try:
            check_places(self.routes)
        except FastAPIError as error:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await super().lifespan(scope, receive, send)

    async def startup(self) -> None:
        """Run the start-up handlers."""
        await run_event_handlers(self.on_startup)

    async def shutdown(self) -> None:
        """Run the shutdown handlers."""
        await run_event_handlers(self.on_shutdown)

    def add_event_handler(self, event_type: str, func: EventHandler) -> None:
        """Add a handler for ``startup`` or ``shutdown``."""
        assert event_type in ("startup", "shutdown")
        (self.on_startup if event_type == "startup" else self.on_shutdown).append(func)

    @deprecated_function(ON_EVENT_DEPRECATED)
    def on_event(self, event_type: str) -> Decorator:
        """Add the decorated function as a handler for ``startup`` or ``shutdown``."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_event_handler(event_type, func)
            return func

        return decorator

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Decorator:
        """Register the decorated ``function(request)`` as a plain Starlette route."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_route(path, func, methods=methods, name=name, include_in_schema=include_in_schema)
            return func

        return decorator

    def websocket_route(self, path: str, name: str | None = None) -> Decorator:
        """Register the decorated ``function(websocket)`` as a plain Starlette websocket route."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_websocket_route(path, func, name=name)
            return func

        return decorator

    @ADD_ROUTE.declare
    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[AddRouteOptions]
    ) -> None:
        """Register ``endpoint`` as a path operation under this router's prefix and defaults."""
        route = ADD_ROUTE.fill("APIRouter.add_api_route", options)
        route_class: type[APIRoute] = route.pop("route_class_override") or self.route_class
        route.update(
            tags=self.tags + list(route["tags"] or []),
            dependencies=self.dependencies + list(route["dependencies"] or []),
            callbacks=self.callbacks + list(route["callbacks"] or []),
            responses={**self.responses, **(route["responses"] or {})},
            deprecated=route["deprecated"] or self.deprecated,
            include_in_schema=route["include_in_schema"] and self.include_in_schema,
            response_class=get_value_or_default(route["response_class"], self.default_response_class),
            generate_unique_id_function=get_value_or_default(
                route["generate_unique_id_function"], self.generate_unique_id_function
            ),
            dependency_overrides_provider=self.dependency_overrides_provider,
        )
        self.routes.append(route_class(self.prefix + path, endpoint=endpoint, **route))

    @ROUTER_METHODS.declare
    def api_route(self, path: str, **options: Unpack[RouterMethodsOptions]) -> Decorator:
        """Register the decorated function as a path operation for ``methods``, ``GET`` if none are given."""
        filled = ROUTER_METHODS.fill("APIRouter.api_route", options)

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_api_route(path, func, **filled)
            return func

        return decorator

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[params.Depends] | None = None,
    ) -> None:
        """Register ``endpoint`` as a websocket endpoint under this router's prefix and dependencies."""
        route = APIWebSocketRoute(
            self.prefix + path,
            endpoint=endpoint,
            name=name,
            dependencies=self.dependencies + list(dependencies or []),
            dependency_overrides_provider=self.dependency_overrides_provider,
        )
        self.routes.append(route)

    def websocket(
        self, path: str, name: str | None = None, *, dependencies: Sequence[params.Depends] | None = None
    ) -> Decorator:
        """Register the decorated function as a websocket endpoint."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_api_websocket_route(path, func, name=name, dependencies=dependencies)
            return func

        return decorator

    def include_router(
        self,
        router: "APIRouter",
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        default_response_class: type[Response] | DefaultPlaceholder = Default(JSONResponse),
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        generate_unique_id_function: Callable[[APIRoute], str] | DefaultPlaceholder = Default(
            generate_unique_id
        ),
    ) -> None:
        """Register every route of ``router`` here as well, and run its lifespan within this one's.

        The options are put in front of, or under, those of each route; what a route itself says wins.

        Raises:
            AssertionError: the prefix does not start, or ends, with a slash.
            FastAPIError: neither the prefix nor a route's path says where to serve.
        """
        if prefix:
            _check_prefix(prefix)
        else:
            for unplaced in router.routes:
                path: str | None = unplaced.path  # type: ignore[attr-defined]
                if path is not None and not path:
                    name = getattr(unplaced, "name", "unknown")
                    raise FastAPIError(f"Prefix and path cannot be both empty (path operation: {name})")
        for route in router.routes:
            if isinstance(route, APIRoute):
                merged: dict[str, Any] = {option: getattr(route, option) for option in OPERATION.defaults}
                merged.update(
                    methods=route.methods,
                    tags=[*(tags or []), *route.tags],
                    dependencies=[*(dependencies or []), *route.dependencies],
                    callbacks=[*(callbacks or []), *(route.callbacks or [])],
                    responses={**(responses or {}), **route.responses},
                    deprecated=route.deprecated or deprecated or self.deprecated,
                    include_in_schema=route.include_in_schema
                    and self.include_in_schema
                    and include_in_schema,
                    response_class=get_value_or_default(
                        route.response_class,
                        router.default_response_class,
                        default_response_class,
                        self.default_response_class,
                    ),
                    generate_unique_id_function=get_value_or_default(
                        route.generate_unique_id_function,
                        router.generate_unique_id_function,
                        generate_unique_id_function,
                        self.generate_unique_id_function,
                    ),
                    route_class_override=type(route),
                )
                self.add_api_route(prefix + route.path, route.endpoint, **merged)
            elif isinstance(route, starlette_routing.Route):
                self.add_route(
                    prefix + route.path,
                    route.endpoint,
                    methods=list(route.methods or []),
                    include_in_schema=route.include_in_schema,
                    name=route.name,
                )
            elif isinstance(route, APIWebSocketRoute):
                self.add_api_websocket_route(
                    prefix + route.path,
                    route.endpoint,
                    dependencies=[*(dependencies or []), *route.dependencies],
                    name=route.name,
                )
            elif isinstance(route, starlette_routing.WebSocketRoute):
                self.add_websocket_route(prefix + route.path, route.endpoint, name=route.name)
        for handler in router.on_startup:
            self.add_event_handler("startup", handler)
        for handler in router.on_shutdown:
            self.add_event_handler("shutdown", handler)
        self.lifespan_context = _merge_lifespan_context(self.lifespan_context, router.lifespan_context)

    def _operation(self, method: str, path: str, options: Any) -> Decorator:
        return self.api_route(
            path=path, methods=[method], **OPERATION.fill(f"APIRouter.{method.lower()}", options)
        )

    @OPERATION.declare
    def get(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``GET`` path operation: read a resource."""
        return self._operation("GET", path, options)

    @OPERATION.declare
    def put(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``PUT`` path operation: replace a resource."""
        return self._operation("PUT", path, options)

    @OPERATION.declare
    def post(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``POST`` path operation: create a resource or start an action."""
        return self._operation("POST", path, options)

    @OPERATION.declare
    def delete(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``DELETE`` path operation: remove a resource."""
        return self._operation("DELETE", path, options)

    @OPERATION.declare
    def options(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``OPTIONS`` path operation: say what a resource allows."""
        return self._operation("OPTIONS", path, options)

    @OPERATION.declare
    def head(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``HEAD`` path operation: read a resource's headers only."""
        return self._operation("HEAD", path, options)

    @OPERATION.declare
    def patch(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``PATCH`` path operation: change a part of a resource."""
        return self._operation("PATCH", path, options)

    @OPERATION.declare
    def trace(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``TRACE`` path operation: echo the request for diagnosis."""
        return self._operation("TRACE", path, options)


APP_INCLUDE = OptionSet(
    APIRouter.include_router,
    "prefix tags dependencies responses deprecated include_in_schema default_response_class callbacks"
    " generate_unique_id_function",
)
