"""Dependencies are solved in order, once per key, and left behind in the right place."""

import functools
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Annotated, Any

import anyio
import pytest
from starlette.requests import HTTPConnection

from fastapi import (
    BackgroundTasks,
    Body,
    Depends,
    HTTPException,
    Query,
    Request,
    Response,
    Security,
    WebSocket,
)
from fastapi.dependencies.utils import SolvedDependency, get_dependant, solve_dependencies
from fastapi.security import SecurityScopes


def connection(kind: str = "http", query: str = "") -> Request | WebSocket:
    scope = {"type": kind, "path_params": {}, "query_string": query.encode(), "headers": []}
    if kind == "http":
        return Request(scope)
    return WebSocket(scope, receive=anyio.sleep_forever, send=anyio.sleep_forever)  # type: ignore[arg-type]


def solve(
    endpoint: Callable[..., Any],
    query: str = "",
    *,
    kind: str = "http",
    overrides: dict[Any, Any] | None = None,
    events: list[str] | None = None,
    dependant=None,
    **options: Any,
) -> SolvedDependency:
    """Solve what ``endpoint`` needs; ``events`` gets a note when each exit stack begins to close."""
    notes = events if events is not None else []
    request = connection(kind, query)

    async def run() -> SolvedDependency:
        async with AsyncExitStack() as request_stack:
            request.scope["fastapi_inner_astack"] = request_stack
            async with AsyncExitStack() as function_stack:
                request.scope["fastapi_function_astack"] = function_stack
                solved = await solve_dependencies(
                    request=request,
                    dependant=dependant or get_dependant(path="/", call=endpoint),
                    dependency_overrides_provider=SimpleNamespace(dependency_overrides=overrides or {}),
                    async_exit_stack=request_stack,
                    embed_body_fields=False,
                    **options,
                )
                notes.append("endpoint")
            notes.append("response")
        return solved

    return anyio.run(run)


def base(q: int = 1) -> int:
    return q


async def async_base(q: int = 1) -> int:
    return q * 10


class Point:
    def __init__(self, x: int = 2) -> None:
        self.x = x


class Adder:
    def __init__(self, amount: int) -> None:
        self.amount = amount

    async def __call__(self, q: int = 1) -> int:
        return q + self.amount


def keyword(a: int, b: int = 5) -> list[int]:
    return [a, b]


def test_every_kind_of_callable_is_called() -> None:
    def endpoint(
        a: Annotated[int, Depends(base)],
        b: Annotated[int, Depends(async_base)],
        c: Annotated[Point, Depends()],
        d: Annotated[int, Depends(Adder(100))],
        e: Annotated[list[int], Depends(functools.partial(keyword, b=6))],
        f: Annotated[str, Depends(lambda q: q * 2)],
    ): ...

    solved = solve(endpoint, "q=3&x=4&a=7")
    assert solved.errors == []
    point = solved.values.pop("c")
    assert solved.values == {"a": 3, "b": 30, "d": 103, "e": [7, 6], "f": "33"}
    assert point.x == 4


def test_plain_functions_run_in_a_worker_thread() -> None:
    def worker() -> bool:
        return threading.current_thread() is threading.main_thread()

    async def loop() -> bool:
        return threading.current_thread() is threading.main_thread()

    def endpoint(worker: Annotated[bool, Depends(worker)], loop: Annotated[bool, Depends(loop)]): ...

    assert solve(endpoint).values == {"worker": False, "loop": True}


def test_generators_exit_after_the_response_or_after_the_endpoint() -> None:
    events: list[str] = []

    def note(name: str):
        def generator():
            events.append(f"{name} enters")
            yield name
            events.append(f"{name} exits")

        async def async_generator():
            for _ in generator():
                yield name

        return async_generator if name.startswith("async") else generator

    def endpoint(
        a: Annotated[str, Depends(note("plain"))],
        b: Annotated[str, Depends(note("async"))],
        c: Annotated[str, Depends(note("short"), scope="function")],
        d: Annotated[str, Depends(note("async short"), scope="function")],
    ): ...

    assert solve(endpoint, events=events).values == {
        "a": "plain",
        "b": "async",
        "c": "short",
        "d": "async short",
    }
    assert events == [
        "plain enters",
        "async enters",
        "short enters",
        "async short enters",
        "endpoint",
        "async short exits",
        "short exits",
        "response",
        "async exits",
        "plain exits",
    ]


def counter() -> Callable[[], int]:
    calls: list[None] = []

    def count() -> int:
        calls.append(None)
        return len(calls)

    return count


def test_one_result_serves_all_unless_it_must_be_fresh() -> None:
    count = counter()

    def below(n: Annotated[int, Depends(count)]) -> int:
        return n

    def endpoint(
        a: Annotated[int, Depends(count)],
        b: Annotated[int, Depends(below)],
        c: Annotated[int, Depends(count, use_cache=False)],
        d: Annotated[int, Depends(count)],
    ): ...

    assert solve(endpoint).values == {"a": 1, "b": 1, "c": 2, "d": 1}


def test_results_may_come_from_outside() -> None:
    def endpoint(a: Annotated[int, Depends(base)]): ...

    cache = {(base, (), ""): "known"}
    solved = solve(endpoint, dependency_cache=cache)
    assert solved.values == {"a": "known"}
    assert solved.dependency_cache is cache


def test_a_generator_is_shared_only_within_its_scope() -> None:
    count = counter()

    def generator():
        yield count()

    def endpoint(
        a: Annotated[int, Depends(generator)],
        b: Annotated[int, Depends(generator, scope="function")],
        c: Annotated[int, Depends(generator)],
    ): ...

    assert solve(endpoint).values == {"a": 1, "b": 2, "c": 1}


def test_what_has_errors_below_does_not_run_and_all_errors_are_told() -> None:
    ran: list[str] = []

    def needs_q(q: int) -> None:
        ran.append("needs_q")

    def above(x: Annotated[None, Depends(needs_q)]) -> None:
        ran.append("above")

    def fine() -> None:
        ran.append("fine")

    def endpoint(
        a: Annotated[None, Depends(above)],
        b: Annotated[None, Depends(fine)],
        c: Annotated[None, Depends(needs_q)],
        own: int,
        body: Annotated[int, Body()],
    ): ...

    solved = solve(endpoint, "own=x", body="no number")
    assert [error["loc"] for error in solved.errors] == [
        ("query", "q"),
        ("query", "q"),
        ("query", "own"),
        ("body",),
    ]
    assert ran == ["fine"]


def test_the_body_is_taken() -> None:
    def endpoint(item: Annotated[dict[str, int], Body()]): ...

    assert solve(endpoint, body={"a": "1"}).values == {"item": {"a": 1}}


def test_a_result_that_nobody_receives_is_no_argument() -> None:
    dependant = get_dependant(path="/", call=lambda: None)
    dependant.dependencies = [get_dependant(path="/", call=base)]
    solved = solve(base, dependant=dependant)
    assert solved.values == {}
    assert solved.dependency_cache == {(base, (), ""): 1}


def test_errors_of_dependencies_are_those_of_the_request() -> None:
    def refuse() -> None:
        raise HTTPException(status_code=418)

    def endpoint(x: Annotated[None, Depends(refuse)]): ...

    with pytest.raises(HTTPException) as refusal:
        solve(endpoint)
    assert refusal.value.status_code == 418


def test_objects_of_the_request_are_shared_by_all() -> None:
    def below(response: Response, tasks: BackgroundTasks) -> None:
        response.headers["x-below"] = "1"
        response.status_code = 201
        tasks.add_task(print)

    def endpoint(
        x: Annotated[None, Depends(below)],
        response: Response,
        tasks: BackgroundTasks,
        r: Request,
        c: HTTPConnection,
    ): ...

    solved = solve(endpoint)
    assert solved.values["response"] is solved.response
    assert solved.response.raw_headers == [(b"x-below", b"1")]
    assert solved.response.status_code == 201
    assert solved.values["tasks"] is solved.background_tasks
    assert solved.background_tasks is not None
    assert len(solved.background_tasks.tasks) == 1
    assert solved.values["r"] is solved.values["c"]


def test_nobody_who_asks_for_background_tasks_no_background_tasks() -> None:
    solved = solve(lambda: None)
    assert solved.background_tasks is None
    assert solved.response.status_code is None
    assert solved.response.raw_headers == []


def test_what_is_given_is_used() -> None:
    def endpoint(response: Response, tasks: BackgroundTasks): ...

    response, tasks = Response(), BackgroundTasks()
    assert solve(endpoint, response=response, background_tasks=tasks).values == {
        "response": response,
        "tasks": tasks,
    }


@pytest.mark.parametrize(("kind", "received"), [("http", {"r", "c"}), ("websocket", {"w", "c"})])
def test_a_request_and_a_websocket_go_where_they_fit(kind, received) -> None:
    def endpoint(r: Request = None, w: WebSocket = None, c: HTTPConnection = None): ...  # type: ignore[assignment]

    assert solve(endpoint, kind=kind).values.keys() == received


def test_scopes_from_above_are_received() -> None:
    def scopes(scopes: SecurityScopes) -> list[str]:
        return scopes.scopes

    def middle(found: Annotated[list[str], Security(scopes, scopes=["b"])]) -> list[str]:
        return found

    def endpoint(
        one: Annotated[list[str], Security(middle, scopes=["a"])],
        two: Annotated[list[str], Security(middle, scopes=["c"])],
        again: Annotated[list[str], Security(middle, scopes=["a"])],
    ): ...

    assert solve(endpoint).values == {"one": ["a", "b"], "two": ["c", "b"], "again": ["a", "b"]}


def test_overrides_take_the_place_and_the_key_of_what_they_replace() -> None:
    def middle(x: Annotated[int, Depends(base)]) -> int:
        return x

    def endpoint(a: Annotated[int, Depends(middle)], b: Annotated[int, Depends(base)]): ...

    async def replacement(z: Annotated[int, Query()]) -> int:
        return z

    overrides = {base: replacement}
    dependant = get_dependant(path="/", call=endpoint)
    solved = solve(endpoint, "z=4", overrides=overrides, dependant=dependant)
    assert solved.values == {"a": 4, "b": 4}
    assert solved.dependency_cache == {(base, (), ""): 4, (middle, (), ""): 4}
    assert [error["loc"] for error in solve(endpoint, "z=x", overrides=overrides).errors] == [
        ("query", "z")
    ] * 2
    assert solve(endpoint, overrides={base: lambda: 5}, dependant=dependant).values == {"a": 5, "b": 5}
    assert solve(endpoint, dependant=dependant).values == {"a": 1, "b": 1}


def test_an_override_may_be_a_generator() -> None:
    events: list[str] = []

    def replacement():
        yield 7
        events.append("exit")

    def endpoint(a: Annotated[int, Depends(base, scope="function")]): ...

    assert solve(endpoint, overrides={base: replacement}, events=events).values == {"a": 7}
    assert events == ["endpoint", "exit", "response"]


def test_overrides_are_analysed_once(monkeypatch) -> None:
    analysed: list[Any] = []

    def note(**options: Any):
        analysed.append(options["call"])
        return get_dependant(**options)

    def endpoint(a: Annotated[int, Depends(base)]): ...

    def replacement() -> int:
        return 2

    dependant = get_dependant(path="/", call=endpoint)
    monkeypatch.setattr("fastapi.dependencies.utils.get_dependant", note)
    for _ in range(3):
        assert solve(endpoint, overrides={base: replacement}, dependant=dependant).values == {"a": 2}
    assert analysed == [replacement]


@pytest.mark.parametrize("missing", ["fastapi_inner_astack", "fastapi_function_astack"])
def test_the_exit_stacks_must_be_in_the_scope(missing) -> None:
    request = connection()
    request.scope |= {"fastapi_inner_astack": AsyncExitStack(), "fastapi_function_astack": AsyncExitStack()}
    del request.scope[missing]

    async def run() -> None:
        await solve_dependencies(
            request=request,
            dependant=get_dependant(path="/", call=base),
            async_exit_stack=AsyncExitStack(),
            embed_body_fields=False,
        )

    with pytest.raises(AssertionError, match=f"{missing} not found in request scope"):
        anyio.run(run)
