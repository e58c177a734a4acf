"""Starlette's ``BaseHTTPMiddleware``, its own code, on a channel that costs less.

``@app.middleware("http")`` makes one. What it does is left to Starlette: its function runs unchanged, but where it asks
anyio for a stream it is given ``fastapi.plan.channel``, and for an event asyncio's own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any, Final

import anyio
from starlette.middleware import base
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import Receive, Scope, Send

from fastapi.plan.channel import Channel

Way = Callable[[Any, Scope, Receive, Send], Awaitable[None] | None]
"""Serves a request in place of a middleware's ``__call__``; ``None``: it has to be asked itself."""

Part = tuple[Any, str, Any]

_KNOWN_NAMES: Final = frozenset(
    """
    BrokenResourceError EndOfStream Event Exception Message RuntimeError _CachedRequest _StreamingResponse __cause__
    __context__ anyio app cancel cancel_scope close collapse_excgroups create_collapsing_task_group
    create_memory_object_stream create_task_group dispatch_func get is_set raw_headers receive send set start_soon wait
    wrapped_receive
    """.split()
)
"""All that Starlette 0.50 to 1.10 names there: code that names anything else may need more than a channel can do."""

_TAKEN: Final = (
    "anyio",
    "_CachedRequest",
    "_StreamingResponse",
    "collapse_excgroups",
    "create_collapsing_task_group",
)
"""The names of its module that are looked up once; a tool may replace them."""


def _names(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def http_middleware() -> tuple[Way, list[Part]] | None:
    """Return what serves requests in place of ``BaseHTTPMiddleware``, and what must be as it was shipped.

    Returns:
        ``None`` if this Starlette is not known, or has been changed before it could be looked at.
    """
    shipped = BaseHTTPMiddleware.__call__
    namespace = vars(base)
    if type(shipped) is not FunctionType or shipped.__globals__ is not namespace:
        return None
    if shipped.__closure__ is not None or not _names(shipped.__code__) <= _KNOWN_NAMES:
        return None
    primitives = SimpleNamespace(
        **{**vars(anyio), "create_memory_object_stream": Channel, "Event": asyncio.Event}
    )
    serve = FunctionType(shipped.__code__, {**namespace, "anyio": primitives}, shipped.__name__)
    serve.__qualname__ = shipped.__qualname__
    current_task = asyncio.current_task

    def way(middleware: Any, scope: Scope, receive: Receive, send: Send) -> Awaitable[None] | None:
        try:
            if current_task() is None:
                return None
        except RuntimeError:  # trio
            return None
        served: Awaitable[None] = serve(middleware, scope, receive, send)
        return served

    parts: list[Part] = [(BaseHTTPMiddleware, "__call__", shipped)]
    parts += [(base, name, namespace[name]) for name in _TAKEN if name in namespace]
    parts += [(anyio, name, getattr(anyio, name)) for name in ("create_memory_object_stream", "Event")]
    return way, parts
