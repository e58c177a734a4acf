"""From an application straight to the plan of a route."""

from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.applications import Starlette
from starlette.middleware import exceptions
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Route, Router

from fastapi._rust import Front, Shortcut
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.plan.channel import Sending
from fastapi.plan.http_middleware import sender
from fastapi.plan.recovery import recover_outside
from fastapi.plan.stock import Part


class Classes(NamedTuple):
    """What stands between an application and its routes if nobody has put anything else there."""

    call: Callable[..., Any]
    router: type[Router]
    scan: Callable[..., Any]
    server_errors: Any = ServerErrorMiddleware
    exceptions: Any = ExceptionMiddleware
    exit_stack: Any = AsyncExitStackMiddleware
    handle: Any = Route.handle
    shortcut: Any = Shortcut
    sending: Any = Sending
    sender: CodeType | None = None
    recover_outside: Any = recover_outside


def front(application: type[Starlette], router: type[Router]) -> "Front | None":
    """Return what serves applications of a class whose router is of another.

    It calls past Starlette's application, the middleware that every application has, and the router, as
    long as all of them are as they were shipped.
    """
    classes = Classes(vars(application)["__call__"], router, scan=vars(router)["app"], sender=sender())
    parts: list[Part] = [
        (Starlette, "__call__", Starlette.__call__),
        (ServerErrorMiddleware, "__call__", ServerErrorMiddleware.__call__),
        (ExceptionMiddleware, "__call__", ExceptionMiddleware.__call__),
        (AsyncExitStackMiddleware, "__call__", AsyncExitStackMiddleware.__call__),
        (exceptions, "wrap_app_handling_exceptions", wrap_app_handling_exceptions),
        (router, "__call__", Router.__call__),
        (router, "app", classes.scan),
        (Route, "handle", classes.handle),
    ]
    return Front(parts, classes)
