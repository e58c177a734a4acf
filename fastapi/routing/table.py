"""What the compiled route table may know of each route, and what it has to ask."""

from collections.abc import Sequence
from contextlib import suppress
from types import FunctionType
from typing import Any, Final, NamedTuple

from starlette import routing as starlette_routing
from starlette.routing import BaseRoute, Match, Mount, Route, Router, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from fastapi._rust import RouteTable
from fastapi.routing.changes import announce
from fastapi.routing.path import path_source
from fastapi.routing.route import APIRoute, APIWebSocketRoute

Description = tuple[list[str], str, bool, bool, bool, dict[str, Any] | None]
"""Of a route: the scope types it serves, the source of its expression, whether the table itself may match
it, whether it puts itself into the scope, whether it builds URLs for its own name only, and its attributes
unless its class announces their changes."""

ClassAttribute = tuple[type[BaseRoute], str, Any]

OURS: Final = (APIRoute, APIWebSocketRoute)

SERVED: Final[dict[type[BaseRoute], list[str]]] = {
    Route: ["http"],
    APIRoute: ["http"],
    WebSocketRoute: ["websocket"],
    APIWebSocketRoute: ["websocket"],
    Mount: ["http", "websocket"],
}
"""The classes whose ``matches`` is known, and the scope types that they look at."""


def _implementations(cls: type, method: str) -> tuple[Any, ...]:
    """Every implementation of a method along the MRO; the first is the one that is called."""
    return tuple(vars(base)[method] for base in cls.__mro__ if method in vars(base))


def _as_written(function: Any) -> bool:
    """Whether a method is the one in its module, not one that a tracing tool has put in its place."""
    homes = (vars(starlette_routing), APIRoute.matches.__globals__)
    return type(function) is FunctionType and any(function.__globals__ is home for home in homes)


def _known(method: str) -> dict[tuple[Any, ...], type[BaseRoute]]:
    """The known classes by their implementations of ``method``."""
    chains = {_implementations(cls, method): cls for cls in reversed(SERVED)}
    return {chain: cls for chain, cls in chains.items() if all(map(_as_written, chain))}


MATCHES: Final = _known("matches")

URL_PATH_FOR: Final = {chain for chain, cls in _known("url_path_for").items() if cls is not Mount}
"""The implementations of ``url_path_for`` that refuse every name but the route's own."""


class _Traits(NamedTuple):
    """What is known of all routes of a class."""

    matches_as: type[BaseRoute]
    named: bool
    announces: bool


def _traits(cls: type[BaseRoute]) -> _Traits | None:
    matches_as = MATCHES.get(_implementations(cls, "matches"))
    if matches_as is None or cls.__getattribute__ is not object.__getattribute__:
        return None
    return _Traits(
        matches_as,
        named=_implementations(cls, "url_path_for") in URL_PATH_FOR,
        announces=cls.__setattr__ is announce,
    )


def _describe(route: BaseRoute, traits: _Traits | None) -> Description | None:
    if traits is None:
        return None
    attributes = vars(route)
    source = path_source(route)
    if source is None or "matches" in attributes:
        return None
    return (
        SERVED[traits.matches_as],
        source,
        traits.matches_as is not Mount,
        traits.matches_as in OURS,
        traits.named and "url_path_for" not in attributes,
        None if traits.announces else attributes,
    )


def describe(
    routes: Sequence[BaseRoute],
) -> tuple[list[Description | None], list[ClassAttribute], list[ClassAttribute]]:
    """Describe routes to the compiled table.

    A route without a description is asked through its own ``matches`` whenever the scan comes to it: hosts,
    classes that match in their own way, instances that somebody has patched.

    Returns:
        A description or ``None`` for each route; then the ``matches`` and the ``url_path_for`` of all their
        classes, which have to be the same when the descriptions are used.
    """
    traits = {cls: _traits(cls) for cls in {type(route) for route in routes}}
    bases = {base for cls in traits for base in cls.__mro__}
    classes: list[Any] = [cls for cls in bases if issubclass(cls, BaseRoute) and cls is not BaseRoute]
    return (
        [_describe(route, traits[type(route)]) for route in routes],
        [(cls, "matches", cls.matches) for cls in classes],
        [(cls, "url_path_for", cls.url_path_for) for cls in classes],
    )


class _Everywhere(BaseRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def _router_sets_route() -> bool:
    """Whether Starlette's router puts the matched route into the scope, as it does since 1.0."""

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        raise NotImplementedError

    scope: Scope = {"type": "http"}
    with suppress(StopIteration):
        Router(routes=[_Everywhere()]).app(scope, receive, send).send(None)
    return "route" in scope


SETS_ROUTE: Final = _router_sets_route()


def route_table() -> "RouteTable | None":
    """Make a table for one router; ``None`` where everything runs on the reference path."""
    return RouteTable(describe, SETS_ROUTE)
