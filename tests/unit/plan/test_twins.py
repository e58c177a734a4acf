"""A plan does what the reference path does, over random trees of dependencies."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings

from fastapi.exceptions import DependencyScopeError
from tests.unit.plan.requests import exchange, on_reference_path
from tests.unit.plan.trees import REQUESTS, TREES, Node, application


def _run(nodes: tuple[Node, ...], request: dict, reference: bool) -> tuple:
    log: list[str] = []
    app = application(nodes, log)
    if reference:
        on_reference_path(app)

    async def twice() -> list:
        # The second time the plan is there already.
        return [await exchange(app, "/", **request) for _ in range(2)]

    return asyncio.run(twice()), log


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(nodes=TREES, request=REQUESTS)
def test_a_tree_of_dependencies_runs_as_on_the_reference_path(nodes: tuple[Node, ...], request: dict) -> None:
    try:
        expected = _run(nodes, request, reference=True)
    except DependencyScopeError:
        with pytest.raises(DependencyScopeError):
            _run(nodes, request, reference=False)
        return
    assert _run(nodes, request, reference=False) == expected
