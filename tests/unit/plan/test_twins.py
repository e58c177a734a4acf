"""A plan does what the reference path does, over random trees of dependencies."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi.exceptions import DependencyScopeError
from fastapi.routing import APIRoute
from tests.unit.plan.requests import Handing, exchange, on_reference_path
from tests.unit.plan.trees import OVERRIDES, REQUESTS, TREES, Node, application


class Passing:
    """A middleware of the user's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


Overrides = list[tuple[int, int]]


def _run(
    nodes: tuple[Node, ...],
    request: dict,
    overrides: Overrides,
    sees_scope: bool,
    behind_middleware: bool,
    route_class: type[APIRoute],
    reference: bool,
) -> tuple:
    log: list[str] = []
    app = application(nodes, log, sees_scope, route_class)
    if behind_middleware:
        app.add_middleware(Passing)
    if reference:
        on_reference_path(app)

    calls = app.state.calls
    stand_ins = {calls[of]: calls[by] for of, by in overrides if of < len(calls)}

    async def requests() -> list:
        outcomes = []
        # The second time the plan is there already.
        for app.dependency_overrides in ({}, {}, stand_ins, stand_ins, {}):
            outcomes.append(await exchange(app, "/", **request))
        return outcomes

    return asyncio.run(requests()), log


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    nodes=TREES,
    request=REQUESTS,
    overrides=OVERRIDES,
    sees_scope=st.booleans(),
    behind_middleware=st.booleans(),
    route_class=st.sampled_from([APIRoute, Handing]),
)
def test_a_tree_of_dependencies_runs_as_on_the_reference_path(
    nodes: tuple[Node, ...],
    request: dict,
    overrides: Overrides,
    sees_scope: bool,
    behind_middleware: bool,
    route_class: type[APIRoute],
) -> None:
    case = (nodes, request, overrides, sees_scope, behind_middleware, route_class)
    try:
        expected = _run(*case, reference=True)
    except DependencyScopeError:
        with pytest.raises(DependencyScopeError):
            _run(*case, reference=False)
        return
    assert _run(*case, reference=False) == expected
