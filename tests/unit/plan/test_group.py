"""The group of tasks does what anyio's does, for all that ``BaseHTTPMiddleware`` asks of it."""

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from fastapi import _rust
from fastapi.plan import group as group_module
from fastapi.plan.group import Group, start_now

Events = list[Any]
Play = Callable[[Any, Events], Awaitable[None]]


class Stop(BaseException):
    """No ``Exception``."""


async def a_task_runs_in_a_copy_of_the_context(make: Any, events: Events) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="outside")
    outer = asyncio.current_task()

    async def task() -> None:
        events.append((variable.get(), asyncio.current_task() is outer))
        variable.set("inside")
        await asyncio.sleep(0)
        events.append((variable.get(), asyncio.current_task() is outer))

    variable.set("block")
    async with make() as group:
        group.start_soon(task)
    events.append((variable.get(), asyncio.current_task() is outer))


async def a_failed_block_cancels_its_tasks(make: Any, events: Events) -> None:
    async def task() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.sleep(0)
                events.append("shielded")
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                events.append("cancelled again")
                raise

    await _failing(_failing_with(make, task), events)


async def _failing_with(make: Any, task: Any, turns: int = 1) -> None:
    async with make() as group:
        group.start_soon(task)
        for _ in range(turns):
            await asyncio.sleep(0)
        raise LookupError("block")


async def _failing(block: Awaitable[None], events: Events) -> None:
    try:
        await block
    except BaseException as group:
        events.append((type(group).__name__, str(group), repr(getattr(group, "exceptions", None))))


async def a_block_waits_for_its_tasks(make: Any, events: Events) -> None:
    async def task(name: str) -> None:
        await asyncio.sleep(0.001)
        events.append(name)

    async def first() -> None:
        await task("first")

    async def second() -> None:
        await task("second")

    async with make() as group:
        group.start_soon(first)
        group.start_soon(second)
    events.append("left")


async def a_block_that_is_cancelled_cancels_its_tasks(make: Any, events: Events) -> None:
    async def task() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            events.append("task left")

    async def block() -> None:
        async with make() as group:
            group.start_soon(task)
            await asyncio.sleep(10)

    running = asyncio.ensure_future(block())
    await anyio.wait_all_tasks_blocked()
    running.cancel()
    events.extend(map(repr, await asyncio.gather(running, return_exceptions=True)))


async def waiting_that_is_cancelled_cancels_the_tasks(make: Any, events: Events) -> None:
    async def task() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            events.append("task left")

    async def block() -> None:
        async with make() as group:
            group.start_soon(task)

    running = asyncio.ensure_future(block())
    await anyio.wait_all_tasks_blocked()
    running.cancel()
    events.extend(map(repr, await asyncio.gather(running, return_exceptions=True)))


async def a_scope_around_the_block_ends_it(make: Any, events: Events) -> None:
    async def task() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            events.append("task left")

    with anyio.move_on_after(0.01) as scope:
        async with make() as group:
            group.start_soon(task)
            await asyncio.sleep(10)
    events.append(scope.cancelled_caught)


async def what_a_task_raises_is_raised(make: Any, events: Events) -> None:
    async def task() -> None:
        raise Stop("task")

    async def block() -> None:
        async with make() as group:
            group.start_soon(task)

    await _failing(block(), events)


async def _race(make: Any, one: Any, other: Any) -> Any:
    """As ``receive_or_disconnect`` does it."""
    async with make() as group:

        async def first_wins(function: Any) -> Any:
            result = await function()
            group.cancel_scope.cancel()
            return result

        group.start_soon(first_wins, other)
        return await first_wins(one)


async def the_block_wins_at_once(make: Any, events: Events) -> None:
    async def one() -> str:
        return "one"

    async def other() -> None:
        await asyncio.sleep(10)

    events.append(await _race(make, one, other))


async def the_block_wins_later(make: Any, events: Events) -> None:
    async def one() -> str:
        await asyncio.sleep(0.001)
        return "one"

    async def other() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            events.append("other left")

    events.append(await _race(make, one, other))


async def the_other_wins(make: Any, events: Events) -> None:
    async def one() -> str:
        try:
            await asyncio.sleep(10)
        finally:
            events.append("one left")
        return "one"

    async def other() -> None:
        await asyncio.sleep(0.001)

    task = asyncio.current_task()
    events.append(await _race(make, one, other))
    await asyncio.sleep(0)
    assert task is not None
    events.append(getattr(task, "cancelling", int)())


async def the_block_of_a_race_fails(make: Any, events: Events) -> None:
    async def one() -> str:
        await asyncio.sleep(0.001)
        raise LookupError("one")

    async def other() -> None:
        await asyncio.sleep(10)

    await _failing(_race(make, one, other), events)


def _that_waits_in(scope: Callable[[], Any]) -> Play:
    """A play whose task enters a scope of its own before it first waits, and is cancelled by its block."""

    async def play(make: Any, events: Events) -> None:
        async def task() -> None:
            try:
                with scope() as own:
                    await asyncio.sleep(0.01)
                    events.append("goes on in its scope")
                events.append(("out of its scope", own.cancelled_caught))
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                events.append("cancelled")
                with anyio.CancelScope(shield=True):
                    await anyio.sleep(0.001)
                    events.append("shielded")
                events.append(anyio.current_effective_deadline())
                raise

        await _failing(_failing_with(make, task), events)
        events.append(anyio.current_effective_deadline() < float("inf"))

    return play


def _scopes_within_each_other() -> Any:
    outer = anyio.CancelScope(shield=True)
    outer.__enter__()
    stack = contextlib.ExitStack()
    stack.push(outer.__exit__)
    stack.enter_context(anyio.CancelScope())
    # What is yielded is the outer one.
    stack.cancelled_caught = False  # type: ignore[attr-defined]
    return stack


async def a_task_in_a_thread_is_waited_for(make: Any, events: Events) -> None:
    async def task() -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.02)
        events.append("thread over")
        await asyncio.sleep(0)
        events.append("never")

    await _failing(_failing_with(make, task, turns=3), events)


async def a_group_in_a_task_is_cancelled_with_it(make: Any, events: Events) -> None:
    async def inner(name: str) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            events.append(name)

    async def task() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(inner, "one")
            await inner("other")

    await _failing(_failing_with(make, task, turns=3), events)
    events.sort(key=str)


PLAYS: list[Play] = [
    _that_waits_in(anyio.CancelScope),
    _that_waits_in(lambda: anyio.CancelScope(shield=True)),
    _that_waits_in(lambda: anyio.move_on_after(0.001)),
    _that_waits_in(_scopes_within_each_other),
    a_task_in_a_thread_is_waited_for,
    a_group_in_a_task_is_cancelled_with_it,
    a_task_runs_in_a_copy_of_the_context,
    a_failed_block_cancels_its_tasks,
    a_block_waits_for_its_tasks,
    a_block_that_is_cancelled_cancels_its_tasks,
    waiting_that_is_cancelled_cancels_the_tasks,
    a_scope_around_the_block_ends_it,
    what_a_task_raises_is_raised,
    the_block_wins_at_once,
    the_block_wins_later,
    the_other_wins,
    the_block_of_a_race_fails,
]


def _events(play: Play, make: Any) -> Events:
    events: Events = []

    async def run() -> None:
        # A deadline of anyio's would have the tasks enter their scopes at once.
        await asyncio.wait_for(play(make, events), 10)

    asyncio.run(run())
    return events


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__)
def test_a_group_does_what_the_one_of_anyio_does(play: Play) -> None:
    told = _events(play, Group)
    assert told == _events(play, anyio.create_task_group)
    assert told


def test_scopes_of_the_installed_anyio_are_as_they_are_known() -> None:
    """Otherwise each task pays for a scope; the tests here hold the two ways equal."""
    assert group_module._IS_KNOWN


async def _told(events: Events) -> None:
    task = asyncio.current_task()
    assert task is not None
    events.append(task.get_name())


def test_so_does_one_where_scopes_are_not_as_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_module, "_IS_KNOWN", False)
    for play in PLAYS:
        assert _events(play, Group) == _events(play, anyio.create_task_group)


@pytest.mark.skipif(_rust.PURE, reason="on the reference path tasks are left to the loop")
def test_a_task_takes_its_first_step_at_once() -> None:
    events: Events = []

    async def run() -> None:
        outer = asyncio.current_task()
        task = start_now(_told(events), "named")
        assert events == ["named"]
        assert asyncio.current_task() is outer
        assert await task is None

    asyncio.run(run())


@pytest.mark.skipif(_rust.PURE, reason="on the reference path tasks are left to the loop")
def test_outside_of_a_task_it_does_so_too() -> None:
    events: Events = []

    async def run() -> None:
        done = asyncio.get_running_loop().create_future()

        def callback() -> None:
            start_now(_told(events), "named").add_done_callback(done.set_result)
            assert events == ["named"]
            assert asyncio.current_task() is None

        asyncio.get_running_loop().call_soon(callback)
        await done

    asyncio.run(run())


@pytest.mark.parametrize("way", ["task factory", "call_soon"])
def test_a_loop_with_tasks_of_its_own_makes_them(way: str) -> None:
    events: Events = []
    calls: Events = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        shipped = loop.call_soon

        def call_soon(*args: Any, **options: Any) -> Any:
            calls.append("call_soon")
            return shipped(*args, **options)

        def factory(loop: Any, coroutine: Any, **options: Any) -> Any:
            calls.append("factory")
            return asyncio.Task(coroutine, loop=loop, **options)

        if way == "call_soon":
            loop.call_soon = call_soon  # type: ignore[method-assign]
        else:
            loop.set_task_factory(factory)
        await start_now(_told(events), "named")

    asyncio.run(run())
    assert events == ["named"]
    assert calls
