"""What of a route runs in the extension, and why the rest does not."""

from typing import Any

from starlette.routing import BaseRoute

from fastapi import _rust
from fastapi.plan import lower
from fastapi.routing import APIRoute, APIWebSocketRoute


def steps(route: BaseRoute) -> dict[str, Any]:
    """Describes the plan of a route.

    Returns:
        ``native``: whether it has a plan that the extension runs; ``reasons``: why not, or what of body and response
        is left to Python; ``steps``: dependencies in the order in which they run, then the endpoint, each with
        ``name``, ``kind``, ``native`` and ``reasons``.
    """
    app = getattr(route, "app", None)
    if _rust.PURE or not isinstance(app, _rust.PlannedApp):
        return {"native": False, "reasons": [_without_plan(route)], "steps": []}
    plan = lower(app.operation)
    if plan is None:
        return {"native": False, "reasons": ["no plan stands for its dependencies"], "steps": []}
    return {
        "native": True,
        "reasons": list(plan.reasons),
        "steps": [
            {"name": step.name, "kind": step.kind, "native": not step.reasons, "reasons": list(step.reasons)}
            for step in plan.steps
        ],
    }


def _without_plan(route: BaseRoute) -> str:
    if _rust.PURE:
        return "FASTAPI_RS_PURE=1 leaves the extension out"
    if isinstance(route, APIWebSocketRoute):
        return "WebSocket routes run in Python"
    if not isinstance(route, APIRoute):
        return "is no route of FastAPI"
    return "its handler, or a function that handlers call, was replaced"
