"""Starlette's ``BaseHTTPMiddleware``, its own code, on a channel that costs less.

``@app.middleware("http")`` makes one. What it does is left to Starlette: its function runs unchanged, but where it asks
anyio for a stream it is given ``fastapi.plan.channel``, and for an event asyncio's own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any, Final

import anyio
from starlette.middleware import base
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import Receive, Scope, Send

from fastapi.plan import outgoing
from fastapi.plan.channel import Channel
from fastapi.plan.group import Group, runs_in_task
from fastapi.plan.sources import codes, has_known_names
from fastapi.plan.stock import Part

Way = Callable[[Any, Scope, Receive, Send], Awaitable[None] | None]
"""Serves a request in place of a middleware's ``__call__``; ``None``: it has to be asked itself."""

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


def sender() -> CodeType | None:
    """Return the code of the ``send`` that the applications behind a ``BaseHTTPMiddleware`` are given."""
    code = getattr(BaseHTTPMiddleware.__call__, "__code__", None)
    senders = [] if code is None else [one for one in codes(code) if one.co_name == "send_no_error"]
    return senders[0] if len(senders) == 1 else None


def _on_primitives(function: FunctionType) -> FunctionType:
    names: dict[str, Any] = {**function.__globals__}
    names["anyio"] = SimpleNamespace(
        **{
            **vars(anyio),
            "create_memory_object_stream": Channel,
            "create_task_group": Group,
            "Event": asyncio.Event,
        }
    )
    if "collapse_excgroups" in names:
        names["collapse_excgroups"] = _Collapsing
    collapsing = names.get("create_collapsing_task_group")
    # It stands in its own module, too.
    if collapsing is not None and collapsing.__wrapped__ is not function:
        names["create_collapsing_task_group"] = asynccontextmanager(_on_primitives(collapsing.__wrapped__))
    same = FunctionType(function.__code__, names, function.__name__)
    same.__qualname__ = function.__qualname__
    return same


class _Collapsing:
    """Does nothing where nothing is raised, and else what Starlette's ``collapse_excgroups`` does."""

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            with vars(base)["collapse_excgroups"]():
                raise error


def http_middleware() -> tuple[Way, list[Part]] | None:
    """Return what serves requests in place of ``BaseHTTPMiddleware``, and what must be as it was shipped.

    Returns:
        ``None`` if this Starlette is not known, or has been changed before it could be looked at.
    """
    shipped = BaseHTTPMiddleware.__call__
    namespace = vars(base)
    if not has_known_names(shipped, base, _KNOWN_NAMES) or shipped.__closure__ is not None:
        return None
    serve = _on_primitives(shipped)
    response = outgoing.known()

    def way(middleware: Any, scope: Scope, receive: Receive, send: Send) -> Awaitable[None] | None:
        if not runs_in_task():  # trio
            return None
        if response is not None:
            middleware = outgoing.Standing(middleware, response)
        served: Awaitable[None] = serve(middleware, scope, receive, send)
        return served

    parts: list[Part] = [(BaseHTTPMiddleware, "__call__", shipped)]
    if response is not None:
        parts.append((response.response, "__call__", response.response.__call__))
    parts += [(base, name, namespace[name]) for name in _TAKEN if name in namespace]
    parts += [
        (anyio, name, getattr(anyio, name))
        for name in ("create_memory_object_stream", "create_task_group", "Event")
    ]
    return way, parts
