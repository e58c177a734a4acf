"""Starlette's ``GZipMiddleware``, which is entered only for a response that it may change."""

from collections.abc import Generator
from copy import copy
from typing import Any, Final

from starlette.middleware import gzip
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.types import Message, Receive, Scope, Send

from fastapi import _rust
from fastapi.plan.coroutines import run_through
from fastapi.plan.sources import has_known_names
from fastapi.plan.stock import Part

_KNOWN_NAMES: Final = frozenset(
    """
    DEFAULT_EXCLUDED_CONTENT_TYPES GZipResponder Headers IdentityResponder MutableHeaders add add_vary_header app
    apply_compression compresslevel content_encoding content_encoding_set content_type_is_excluded exclude_content_types
    get initial_message isdisjoint len lower minimum_size partial_response partition send send_with_compression
    setdefault started startswith str strip thread_minimum_size
    """.split()
)
"""All that Starlette 0.50 to 1.10 names there: small whole responses pass."""

_METHODS: Final = (
    (GZipMiddleware, "__call__"),
    (IdentityResponder, "__call__"),
    (IdentityResponder, "send_with_compression"),
)


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


def enter(
    middleware: Any, scope: Scope, receive: Receive, send: Send, past: tuple[Message, ...]
) -> tuple[Any, Send]:
    """Enter a middleware after the application behind it has begun to respond.

    Args:
        middleware: what would have been called.
        scope: what it would have been called with, as the next two are.
        receive: see above.
        send: see above.
        past: messages that have passed it already.

    Returns:
        What keeps it entered, and the ``send`` that it hands inwards.
    """
    entered: list[Send] = []
    is_past = bool(past)

    async def outward(message: Message) -> None:
        if not is_past:
            await send(message)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        entered.append(send)
        await _Pause()

    alike = copy(middleware)
    alike.app = application
    served = alike(scope, receive, outward)
    served.send(None)
    inward = entered.pop()
    for message in past:
        run_through(inward(message))
    is_past = False
    return served, inward


def gzip_way() -> "_rust.GzipWay | None":
    """Return what serves requests in place of one middleware."""
    return _rust.GzipWay(enter)


def gzip_parts() -> list[Part] | None:
    """Return what must be as it was shipped; ``None`` if this Starlette is not known or was changed."""
    functions = [vars(cls).get(name) for cls, name in _METHODS]
    if not all(has_known_names(function, gzip, _KNOWN_NAMES) for function in functions):
        return None
    parts: list[Part] = [(cls, name, getattr(cls, name)) for cls, name in _METHODS]
    parts += [(GZipResponder, name, getattr(GZipResponder, name)) for name in ("__init__", "__call__")]
    parts += [
        (gzip, "GZipResponder", GZipResponder),
        (gzip, "IdentityResponder", IdentityResponder),
        (gzip, "Headers", vars(gzip)["Headers"]),
    ]
    return parts
