"""What of a route runs in the extension, and why the rest does not."""

from collections.abc import Iterator
from typing import Any

from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute

from fastapi import _rust
from fastapi.dependencies.models import Dependant
from fastapi.plan import lower
from fastapi.plan.lowering import kind_of
from fastapi.routing import APIRoute, APIWebSocketRoute


def steps(route: BaseRoute) -> dict[str, Any]:
    """Describes the plan of a route.

    Returns:
        ``native``: whether it has a plan that the extension runs; ``reasons``: why not, or what of body and response
        is left to Python; ``steps``: dependencies in the order in which they run, then the endpoint, each with
        ``name``, ``kind``, ``native`` and ``reasons``. A mounted application has routes of its own.
    """
    operation, in_front = _operation(route)
    if operation is None:
        called = _called(route.dependant) if isinstance(route, APIWebSocketRoute) else ()
        return {"native": False, "reasons": [_without_plan(route)], "steps": list(called)}
    plan = lower(operation)
    if plan is None:
        return {"native": False, "reasons": ["no plan stands for its dependencies"], "steps": []}
    return {
        "native": True,
        "reasons": [*in_front, *plan.reasons],
        "steps": [
            {"name": step.name, "kind": step.kind, "native": not step.reasons, "reasons": list(step.reasons)}
            for step in plan.steps
        ],
    }


def _operation(route: BaseRoute) -> tuple[Any | None, list[str]]:
    """What a plan is made from, if there is one, and what a handler in front of it takes."""
    app = getattr(route, "app", None)
    if _rust.PURE:
        return None, []
    if isinstance(app, _rust.PlannedApp):
        return app.operation, []
    if isinstance(route, APIRoute) and type(route).get_route_handler is not APIRoute.get_route_handler:
        operation = getattr(APIRoute.get_route_handler(route), "__self__", None)
        return operation, ["a response object, for the handler of its class"]
    return None, []


def _called(dependant: Dependant, *, is_endpoint: bool = True) -> Iterator[dict[str, Any]]:
    """The steps of a route without a plan."""
    for dependency in dependant.dependencies:
        yield from _called(dependency, is_endpoint=False)
    call: Any = dependant.call
    yield {
        "name": getattr(call, "__name__", type(call).__name__),
        "kind": kind_of(dependant, is_endpoint),
        "native": False,
        "reasons": ["called from Python"],
    }


def _without_plan(route: BaseRoute) -> str:
    if _rust.PURE:
        return "FASTAPI_RS_PURE=1 leaves the extension out"
    if isinstance(route, APIWebSocketRoute):
        return "dependencies of WebSockets are resolved in Python; frames are the server's"
    if isinstance(route, (Mount, Host)):
        return "hands its requests to another application"
    if isinstance(route, (Route, WebSocketRoute)) and not isinstance(route, APIRoute):
        return "a route of Starlette calls its endpoint itself"
    if not isinstance(route, APIRoute):
        return "is no route of FastAPI"
    return "its handler, or a function that handlers call, was replaced"
