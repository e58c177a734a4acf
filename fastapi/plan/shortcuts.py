"""The middleware that is known, and what serves requests in its place.

A middleware stays where it is: whatever is in front of it calls a ``Shortcut``, which calls past it where nobody could
tell. Slow twin of each way: the middleware's own ``__call__``.
"""

from functools import cache
from typing import NamedTuple

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp

from fastapi._rust import Shortcut
from fastapi.plan.http_middleware import Part, Way, http_middleware


class Known(NamedTuple):
    """A class of middleware.

    Args:
        cls: the class.
        takes_subclasses: whether the way serves any class that inherits ``__call__``.
        way: serves requests in its place.
        parts: what must be as it was shipped.
    """

    cls: type
    takes_subclasses: bool
    way: Way
    parts: list[Part]


@cache
def known() -> list[Known]:
    """Return the table, made when the first application with middleware is."""
    table = []
    if (http := http_middleware()) is not None:
        table.append(Known(BaseHTTPMiddleware, True, *http))
    return table


def shortcut(middleware: ASGIApp) -> ASGIApp:
    """Return what to call instead of a middleware: itself, if it is not known."""
    cls = type(middleware)
    for row in known():
        if cls is row.cls or (row.takes_subclasses and issubclass(cls, row.cls)):
            own: Part = (cls, "__call__", row.cls.__call__)
            return Shortcut(middleware, row.way, [own, *row.parts]) or middleware
    return middleware
