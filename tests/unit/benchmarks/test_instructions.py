"""Instruction counts: from figures to a verdict. And the driver that callgrind runs."""

import asyncio
from typing import Any

import pytest

from benchmarks import instructions, startup
from benchmarks.growth import SERIES
from benchmarks.instructions_driver import Request, nothing


def test_shares_are_of_the_reference() -> None:
    assert instructions.shares({"reference": {"S1": 300}, "ours": {"S1": 100}}) == {"S1": 0.3333}


@pytest.mark.parametrize(("now", "fails"), [(0.5, False), (0.55, False), (0.551, True), (0.3, False)])
def test_more_than_a_tenth_over_the_baseline_is_a_regression(now: float, fails: bool) -> None:
    assert bool(instructions.regressions({"S1": 0.5, "S2": 0.5}, {"S1": now})) is fails


def test_the_table_shows_counts_ratio_and_change() -> None:
    shown = instructions.counts_table(
        {"reference": {"S1": 3000, "S2": 10}, "ours": {"S1": 1000, "S2": 5}}, {"S1": 0.25}
    )
    assert "| S1       |     3,000 | 1,000 | ×3.00 |           +33.3% |" in shown
    assert "new" in shown


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    gone = (await receive())["type"]
    await send({"type": "told", "scope": scope, "body": body, "then": gone})


def test_the_driver_sends_what_a_scenario_says() -> None:
    request = Request(
        {
            "path": "/items/1?q=a",
            "method": "POST",
            "headers": [["X-Token", "t"]],
            "body": "\xff",
            "app": "core",
        }
    )
    (told,) = asyncio.run(request.send_to(echo))
    scope = told["scope"]
    assert (scope["path"], scope["query_string"], scope["method"]) == ("/items/1", b"q=a", "POST")
    assert (b"x-token", b"t") in scope["headers"]
    assert (told["body"], told["then"]) == (b"\xff", "http.disconnect")


def test_the_empty_application_sends_nothing() -> None:
    assert asyncio.run(Request(instructions.EMPTY).send_to(nothing)) == []


def test_start_up_figures_are_medians() -> None:
    assert startup.middle([{"a": 1.0}, {"a": 5.0}, {"a": 2.0}]) == {"a": 2.0}


@pytest.mark.parametrize("series", SERIES, ids=lambda series: series.title)
def test_a_growing_series_asks_for_its_last_and_largest_size(series: Any) -> None:
    scenario = series.scenario(series.sizes[-1])
    assert scenario.path.startswith("/")
    assert all(value.isdigit() for value in series.variables(series.sizes[-1]).values())
    assert series.connections(series.sizes[0]) >= 1
    assert series.workers(series.sizes[0]) == 1
