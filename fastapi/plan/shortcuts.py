"""The middleware that is known, and what serves requests in its place.

A middleware stays where it is: whatever is in front of it calls a ``Shortcut``, which calls past it where nobody could
tell. Slow twin of each way: the middleware's own ``__call__``.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from fastapi._rust import Shortcut
from fastapi.plan.http_middleware import Way, http_middleware
from fastapi.plan.stock import Part

if TYPE_CHECKING:
    from fastapi._rust import Front


class Known(NamedTuple):
    """A class of middleware.

    Args:
        cls: the class.
        takes_subclasses: whether the way serves any class that inherits ``__call__``.
        make: returns what serves requests in place of one of them.
        parts: what must be as it was shipped.
    """

    cls: type
    takes_subclasses: bool
    make: Callable[[], Way | None]
    parts: list[Part]


@cache
def known() -> list[Known]:
    """Return the table, made when the first application with middleware is."""
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.gzip import GZipMiddleware

    from fastapi.plan.cors_middleware import cors_parts, cors_way
    from fastapi.plan.gzip_middleware import gzip_parts, gzip_way

    table = []
    if (http := http_middleware()) is not None:
        way, parts = http
        table.append(Known(BaseHTTPMiddleware, True, lambda: way, parts))
    if (cors := cors_parts()) is not None:
        table.append(Known(CORSMiddleware, False, cors_way, cors))
    if (gzip := gzip_parts()) is not None:
        table.append(Known(GZipMiddleware, False, gzip_way, gzip))
    return table


def shortcut(middleware: ASGIApp, front: "Front | None") -> ASGIApp:
    """Return what to call instead of a middleware: itself, if it is not known.

    Args:
        middleware: where requests go.
        front: leads from the ``ExceptionMiddleware`` of an application to its routes.
    """
    cls = type(middleware)
    if front is not None and cls is ExceptionMiddleware:
        return Shortcut(middleware, front.enter_within, []) or middleware
    for row in known():
        if cls is row.cls or (row.takes_subclasses and issubclass(cls, row.cls)):
            own: Part = (cls, "__call__", row.cls.__call__)
            way = row.make()
            return (way and Shortcut(middleware, way, [own, *row.parts])) or middleware
    return middleware
