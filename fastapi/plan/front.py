"""From an application straight to the plan of a route."""

from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

from starlette import routing as starlette_routing
from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import exceptions
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route, Router, WebSocketRoute

from fastapi import exception_handlers
from fastapi._rendering import json_parts
from fastapi._rust import Front, Shortcut
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.plan.channel import Sending
from fastapi.plan.http_middleware import sender
from fastapi.plan.recovery import recover_outside
from fastapi.plan.stock import Part
from fastapi.utils import is_body_allowed_for_status_code


class Refusals(NamedTuple):
    """What refuses requests that no route takes if nobody has put anything else there."""

    parts: list[Part]
    not_found: Any = Router.not_found
    http_error: Any = HTTPException
    on_http_error: Any = exception_handlers.http_exception_handler


class Classes(NamedTuple):
    """What stands between an application and its routes if nobody has put anything else there."""

    call: Callable[..., Any]
    router: type[Router]
    scan: Callable[..., Any]
    session: type[Any]
    server_errors: Any = ServerErrorMiddleware
    exceptions: Any = ExceptionMiddleware
    exit_stack: Any = AsyncExitStackMiddleware
    handle: Any = Route.handle
    handle_websocket: Any = WebSocketRoute.handle
    shortcut: Any = Shortcut
    sending: Any = Sending
    sender: CodeType | None = None
    recover_outside: Any = recover_outside
    refusals: Refusals | None = None


def _refusals() -> Refusals | None:
    rendering = json_parts()
    if rendering is None:
        return None
    return Refusals(
        [
            *rendering,
            (Router, "not_found", Router.not_found),
            (starlette_routing, "HTTPException", HTTPException),
            (HTTPException, "__init__", HTTPException.__init__),
            (exception_handlers, "JSONResponse", JSONResponse),
            (exception_handlers, "is_body_allowed_for_status_code", is_body_allowed_for_status_code),
        ]
    )


def front(application: type[Starlette], router: type[Router], session: type[Any]) -> "Front | None":
    """Return what serves applications of a class whose router is of another.

    Routes of WebSockets have a ``session`` that can do what is called past.
    It calls past Starlette's application, the middleware that every application has, and the router, as
    long as all of them are as they were shipped.
    """
    classes = Classes(
        vars(application)["__call__"],
        router,
        scan=vars(router)["app"],
        session=session,
        sender=sender(),
        refusals=_refusals(),
    )
    parts: list[Part] = [
        (Starlette, "__call__", Starlette.__call__),
        (ServerErrorMiddleware, "__call__", ServerErrorMiddleware.__call__),
        (ExceptionMiddleware, "__call__", ExceptionMiddleware.__call__),
        (AsyncExitStackMiddleware, "__call__", AsyncExitStackMiddleware.__call__),
        (exceptions, "wrap_app_handling_exceptions", wrap_app_handling_exceptions),
        (router, "__call__", Router.__call__),
        (router, "app", classes.scan),
        (Route, "handle", classes.handle),
        (WebSocketRoute, "handle", classes.handle_websocket),
        (session, "__call__", vars(session)["__call__"]),
    ]
    return Front(parts, classes)
