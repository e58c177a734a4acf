"""Starlette's ``CORSMiddleware``: what it adds to a response, found out by its own code and remembered."""

from copy import copy
from typing import Any, Final

from starlette.middleware import cors
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Receive, Scope, Send

from fastapi import _rust
from fastapi.plan.coroutines import run_through
from fastapi.plan.sources import has_known_names
from fastapi.plan.stock import Part

_KNOWN_NAMES: Final = frozenset(
    """
    Headers MutableHeaders add_vary_header allow_all_origins allow_credentials allow_explicit_origin allow_origin_regex
    allow_origins app fullmatch functools get getlist is_allowed_origin join partial preflight_response send setdefault
    simple_headers simple_response update
    """.split()
)
"""All that Starlette 0.50 to 1.10 names there: origin and cookie are what it looks at in a request."""

_METHODS: Final = ("__call__", "simple_response", "send", "is_allowed_origin", "allow_explicit_origin")
_TAKEN: Final = ("Headers", "MutableHeaders", "functools")


def added(middleware: Any, scope: Scope) -> list[tuple[bytes, bytes]] | None:
    """Return the headers that a middleware adds to a response that has none.

    Returns:
        ``None`` if it answers a request by itself.
    """
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    alike = copy(middleware)
    alike.app = application
    run_through(alike({**scope}, receive, send))
    return list(sent[0]["headers"]) if len(sent) == 1 else None


def cors_way() -> "_rust.CorsWay | None":
    """Return what serves requests in place of one middleware."""
    return _rust.CorsWay(added)


def cors_parts() -> list[Part] | None:
    """Return what must be as it was shipped; ``None`` if this Starlette is not known or was changed."""
    functions = [vars(CORSMiddleware).get(name) for name in _METHODS]
    functions = [getattr(function, "__func__", function) for function in functions]
    if not all(has_known_names(function, cors, _KNOWN_NAMES) for function in functions):
        return None
    methods: list[Part] = [(CORSMiddleware, name, getattr(CORSMiddleware, name)) for name in _METHODS]
    return methods + [(cors, name, vars(cors)[name]) for name in _TAKEN]
