"""FastAPI: the application class."""

import warnings
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler, Lifespan, Receive, Scope, Send
from typing_extensions import Self, Unpack
from typing_extensions import deprecated as deprecated_function

from fastapi import routing
from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.logger import logger
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.openapi.utils import PARAMS_SCHEMA, get_openapi
from fastapi.params import Depends, renewal
from fastapi.plan import front, shortcut
from fastapi.routing.lifespan import ON_EVENT_DEPRECATED, EventHandler
from fastapi.routing.options import IncludeOptions, MethodsOptions, OperationOptions
from fastapi.routing.router import APP_INCLUDE, APP_METHODS, OPERATION, Decorator
from fastapi.routing.session import WebSocketSession
from fastapi.types import DecoratedCallable
from fastapi.utils import generate_unique_id

AppType = TypeVar("AppType", bound="FastAPI")

Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def _root_path(request: Request) -> str:
    root_path: str = request.scope.get("root_path", "")
    return root_path.rstrip("/")


class FastAPI(Starlette):
    """An application: its routes, middleware, exception handlers and documentation.

    Args:
        debug: show tracebacks in responses to unhandled exceptions.
        title, summary, description, version, terms_of_service, contact, license_info, servers,
            openapi_tags, openapi_external_docs: what the OpenAPI document says of the application.
        openapi_url: where the document is served; ``None`` turns it and all pages off.
        docs_url, redoc_url, swagger_ui_oauth2_redirect_url: where the pages are; ``None`` turns one off.
        swagger_ui_init_oauth, swagger_ui_parameters: settings handed to Swagger UI.
        dependencies, default_response_class, responses, callbacks, deprecated, include_in_schema,
            generate_unique_id_function: defaults that all routes share, as in ``APIRouter``.
        webhooks: a router whose routes are documented as webhooks and not served.
        separate_input_output_schemas: document a model that differs in requests and responses twice.
        root_path: the path under which a proxy serves the application; ``root_path_in_servers``
            adds it to the document's servers. ``openapi_prefix`` is its old name.
        middleware, exception_handlers, routes, redirect_slashes, lifespan: as in Starlette.
        on_startup, on_shutdown: event handlers; a ``lifespan`` replaces them.
        extra: kept as ``app.extra``.

    Raises:
        AssertionError: the document would have no title or no version.
    """

    def __init__(
        self,
        *,
        debug: bool = False,
        routes: list[BaseRoute] | None = None,
        title: str = "FastAPI",
        summary: str | None = None,
        description: str = "",
        version: str = "0.1.0",
        openapi_url: str | None = "/openapi.json",
        openapi_tags: list[dict[str, Any]] | None = None,
        servers: list[dict[str, str | Any]] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] | DefaultPlaceholder = Default(JSONResponse),
        redirect_slashes: bool = True,
        docs_url: str | None = "/docs",
        redoc_url: str | None = "/redoc",
        swagger_ui_oauth2_redirect_url: str | None = "/docs/oauth2-redirect",
        swagger_ui_init_oauth: dict[str, Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: dict[
            int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]
        ]
        | None = None,
        on_startup: Sequence[EventHandler] | None = None,
        on_shutdown: Sequence[EventHandler] | None = None,
        lifespan: Lifespan[Self] | None = None,
        terms_of_service: str | None = None,
        contact: dict[str, str | Any] | None = None,
        license_info: dict[str, str | Any] | None = None,
        openapi_prefix: str = "",
        root_path: str = "",
        root_path_in_servers: bool = True,
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        webhooks: routing.APIRouter | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        swagger_ui_parameters: dict[str, Any] | None = None,
        generate_unique_id_function: Callable[[routing.APIRoute], str] | DefaultPlaceholder = Default(
            generate_unique_id
        ),
        separate_input_output_schemas: bool = True,
        openapi_external_docs: dict[str, Any] | None = None,
        **extra: Any,
    ) -> None:
        self.debug = debug
        self.title = title
        self.summary = summary
        self.description = description
        self.version = version
        self.terms_of_service = terms_of_service
        self.contact = contact
        self.license_info = license_info
        self.openapi_url = openapi_url
        self.openapi_tags = openapi_tags
        self.root_path_in_servers = root_path_in_servers
        self.docs_url = docs_url
        self.redoc_url = redoc_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.swagger_ui_init_oauth = swagger_ui_init_oauth
        self.swagger_ui_parameters = swagger_ui_parameters
        self.servers = servers or []
        self.separate_input_output_schemas = separate_input_output_schemas
        self.openapi_external_docs = openapi_external_docs
        self.extra = extra
        self.openapi_version = "3.1.0"
        self.openapi_schema: dict[str, Any] | None = None
        if openapi_url:
            assert title, "A title must be provided for OpenAPI, e.g.: 'My API'"
            assert version, "A version must be provided for OpenAPI, e.g.: '2.1.0'"
        if openapi_prefix:
            logger.warning(
                '"openapi_prefix" has been deprecated in favor of "root_path", which '
                "follows more closely the ASGI standard, is simpler, and more "
                "automatic. Check the docs at "
                "https://fastapi.tiangolo.com/advanced/sub-applications/"
            )
        self.root_path = root_path or openapi_prefix
        self.webhooks = webhooks or routing.APIRouter()
        self.state = State()
        self.dependency_overrides: dict[Callable[..., Any], Callable[..., Any]] = {}
        self.router: routing.APIRouter = routing.APIRouter(
            routes=routes,
            redirect_slashes=redirect_slashes,
            dependency_overrides_provider=self,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            default_response_class=default_response_class,
            dependencies=dependencies,
            callbacks=callbacks,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
            responses=responses,
            generate_unique_id_function=generate_unique_id_function,
        )
        self.exception_handlers: dict[Any, Handler] = {
            HTTPException: http_exception_handler,
            RequestValidationError: request_validation_exception_handler,
            WebSocketRequestValidationError: websocket_request_validation_exception_handler,  # type: ignore[dict-item]
            **(exception_handlers or {}),
        }
        self.user_middleware = list(middleware or [])
        self.middleware_stack: ASGIApp | None = None
        self.setup()
        renewal.follow(self)

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the router: server errors, the user's middleware, exception handlers, the files' exit stack."""
        server_error_handler: Any = None
        exception_handlers: dict[Any, ExceptionHandler] = {}
        for key, handler in self.exception_handlers.items():
            if key in (500, Exception):
                server_error_handler = handler
            else:
                exception_handlers[key] = handler
        stack = [
            Middleware(ServerErrorMiddleware, handler=server_error_handler, debug=self.debug),
            *self.user_middleware,
            Middleware(ExceptionMiddleware, handlers=exception_handlers, debug=self.debug),
            # Innermost: uploaded files are closed in the context of the request that read them.
            Middleware(AsyncExitStackMiddleware),
        ]
        app: ASGIApp = self.router
        for cls, args, kwargs in reversed(stack):
            # Without middleware of the user's there is nothing that would not be gone past as a whole.
            inner = shortcut(app, _FRONT) if self.user_middleware else app
            app = cls(inner, *args, **kwargs)
        return app

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made at the first call and kept in ``openapi_schema``."""
        with renewal.lock:
            if not self.openapi_schema:
                self.openapi_schema = get_openapi(
                    title=self.title,
                    version=self.version,
                    openapi_version=self.openapi_version,
                    summary=self.summary,
                    description=self.description,
                    terms_of_service=self.terms_of_service,
                    contact=self.contact,
                    license_info=self.license_info,
                    routes=self.routes,
                    webhooks=self.webhooks.routes,
                    tags=self.openapi_tags,
                    servers=self.servers,
                    separate_input_output_schemas=self.separate_input_output_schemas,
                    external_docs=self.openapi_external_docs,
                )
            return self.openapi_schema

    def renewed(self) -> dict[str, Any]:
        """Forget a document that shows the schema file as it was."""
        return {"openapi_schema": None} if PARAMS_SCHEMA in (self.openapi_schema or {}) else {}

    def setup(self) -> None:
        """Add the routes of the OpenAPI document and of its pages."""
        if not self.openapi_url:
            return
        document_url = self.openapi_url
        known_servers = {server["url"] for server in self.servers if server.get("url")}

        async def openapi(request: Request) -> JSONResponse:
            root_path = _root_path(request)
            if root_path and self.root_path_in_servers and root_path not in known_servers:
                self.servers.insert(0, {"url": root_path})
                known_servers.add(root_path)
            with renewal.lock:  # somebody may have put a function in the place of the method
                document = self.openapi()
            return JSONResponse(document)

        self.add_route(document_url, openapi, include_in_schema=False)

        if self.docs_url:

            async def swagger_ui_html(request: Request) -> HTMLResponse:
                root_path = _root_path(request)
                redirect_url = self.swagger_ui_oauth2_redirect_url
                return get_swagger_ui_html(
                    openapi_url=root_path + document_url,
                    title=f"{self.title} - Swagger UI",
                    oauth2_redirect_url=root_path + redirect_url if redirect_url else redirect_url,
                    init_oauth=self.swagger_ui_init_oauth,
                    swagger_ui_parameters=self.swagger_ui_parameters,
                )

            self.add_route(self.docs_url, swagger_ui_html, include_in_schema=False)

            if self.swagger_ui_oauth2_redirect_url:

                async def swagger_ui_redirect(request: Request) -> HTMLResponse:
                    return get_swagger_ui_oauth2_redirect_html()

                self.add_route(
                    self.swagger_ui_oauth2_redirect_url, swagger_ui_redirect, include_in_schema=False
                )

        if self.redoc_url:

            async def redoc_html(request: Request) -> HTMLResponse:
                return get_redoc_html(
                    openapi_url=_root_path(request) + document_url, title=f"{self.title} - ReDoc"
                )

            self.add_route(self.redoc_url, redoc_html, include_in_schema=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if self.root_path:
            scope["root_path"] = self.root_path
        # Slow twin: Starlette, which calls the middleware, which calls the router, which calls the route.
        direct = None if _FRONT is None else _FRONT.enter(self, scope, receive, send)
        await (super().__call__(scope, receive, send) if direct is None else direct)

    @APP_METHODS.declare
    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[MethodsOptions]
    ) -> None:
        """Register ``endpoint`` as a path operation."""
        self.router.add_api_route(
            path, endpoint=endpoint, **APP_METHODS.fill("FastAPI.add_api_route", options)
        )

    @APP_METHODS.declare
    def api_route(self, path: str, **options: Unpack[MethodsOptions]) -> Decorator:
        """Register the decorated function as a path operation for ``methods``, ``GET`` if none are given."""
        filled = APP_METHODS.fill("FastAPI.api_route", options)

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.router.add_api_route(path, func, **filled)
            return func

        return decorator

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Register ``endpoint`` as a websocket endpoint."""
        self.router.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies)

    def websocket(
        self, path: str, name: str | None = None, *, dependencies: Sequence[Depends] | None = None
    ) -> Decorator:
        """Register the decorated function as a websocket endpoint."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_api_websocket_route(path, func, name=name, dependencies=dependencies)
            return func

        return decorator

    @APP_INCLUDE.declare
    def include_router(self, router: routing.APIRouter, **options: Unpack[IncludeOptions]) -> None:
        """Serve every route of ``router`` too; see ``APIRouter.include_router``."""
        self.router.include_router(router, **APP_INCLUDE.fill("FastAPI.include_router", options))

    @OPERATION.declare
    def get(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``GET`` path operation: read a resource."""
        return self.router.get(path, **OPERATION.fill("FastAPI.get", options))

    @OPERATION.declare
    def put(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``PUT`` path operation: replace a resource."""
        return self.router.put(path, **OPERATION.fill("FastAPI.put", options))

    @OPERATION.declare
    def post(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``POST`` path operation: create a resource or start an action."""
        return self.router.post(path, **OPERATION.fill("FastAPI.post", options))

    @OPERATION.declare
    def delete(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``DELETE`` path operation: remove a resource."""
        return self.router.delete(path, **OPERATION.fill("FastAPI.delete", options))

    @OPERATION.declare
    def options(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``OPTIONS`` path operation: say what a resource allows."""
        return self.router.options(path, **OPERATION.fill("FastAPI.options", options))

    @OPERATION.declare
    def head(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``HEAD`` path operation: read a resource's headers only."""
        return self.router.head(path, **OPERATION.fill("FastAPI.head", options))

    @OPERATION.declare
    def patch(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``PATCH`` path operation: change a part of a resource."""
        return self.router.patch(path, **OPERATION.fill("FastAPI.patch", options))

    @OPERATION.declare
    def trace(self, path: str, **options: Unpack[OperationOptions]) -> Decorator:
        """Register the decorated function as a ``TRACE`` path operation: echo the request for diagnosis."""
        return self.router.trace(path, **OPERATION.fill("FastAPI.trace", options))

    def add_websocket_route(self, path: str, route: Callable[..., Any], name: str | None = None) -> None:
        """Register ``route(websocket)`` as a plain Starlette websocket route."""
        self.router.add_websocket_route(path, route, name=name)

    def websocket_route(self, path: str, name: str | None = None) -> Decorator:
        """Register the decorated ``function(websocket)`` as a plain Starlette websocket route."""
        return self.router.websocket_route(path, name=name)

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Decorator:
        """Register the decorated ``function(request)`` as a plain Starlette route. Deprecated by Starlette."""
        warnings.warn(
            "The `route` decorator is deprecated, and will be removed in version 1.0.0. "
            "Refer to https://starlette.dev/routing/ for the recommended approach.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.router.route(path, methods=methods, name=name, include_in_schema=include_in_schema)

    def add_event_handler(self, event_type: str, func: EventHandler) -> None:
        """Add a handler for ``startup`` or ``shutdown``."""
        self.router.add_event_handler(event_type, func)

    @deprecated_function(ON_EVENT_DEPRECATED)
    def on_event(self, event_type: str) -> Decorator:
        """Add the decorated function as a handler for ``startup`` or ``shutdown``."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_event_handler(event_type, func)
            return func

        return decorator

    def middleware(self, middleware_type: str) -> Decorator:
        """Wrap every request in the decorated ``async function(request, call_next)``; the type is ``http``."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_middleware(BaseHTTPMiddleware, dispatch=func)
            return func

        return decorator

    def exception_handler(self, exc_class_or_status_code: int | type[Exception]) -> Decorator:
        """Answer exceptions of a class, or of a status, by the decorated ``function(request, exc)``."""

        def decorator(func: DecoratedCallable) -> DecoratedCallable:
            self.add_exception_handler(exc_class_or_status_code, func)
            return func

        return decorator


_FRONT = front(FastAPI, routing.APIRouter, WebSocketSession)
"""What serves requests past middleware that would only pass them on; ``None`` on the reference path."""
