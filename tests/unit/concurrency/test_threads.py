"""Blocking context managers and background tasks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.to_thread
import pytest

from fastapi import BackgroundTasks
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool


class Recorder:
    """A context manager that records how it is entered and left."""

    def __init__(self, swallow: bool = False, failure: Exception | None = None) -> None:
        self.swallow, self.failure = swallow, failure
        self.seen: list[Any] = []
        self.threads: set[int] = set()

    def __enter__(self) -> str:
        self.threads.add(threading.get_ident())
        if self.failure:
            raise self.failure
        self.seen.append("enter")
        return "value"

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        self.threads.add(threading.get_ident())
        self.seen.append(error)
        return self.swallow


async def body(recorder: Recorder, error: BaseException | None = None) -> str:
    async with contextmanager_in_threadpool(recorder) as value:
        if error:
            raise error
        return value
    return "after"


def test_it_is_entered_and_left_in_threads() -> None:
    recorder = Recorder()
    assert anyio.run(body, recorder) == "value"
    assert recorder.seen == ["enter", None]
    assert threading.get_ident() not in recorder.threads


def test_an_error_of_the_body_goes_through_it_and_on() -> None:
    recorder, error = Recorder(), ValueError("x")
    with pytest.raises(ValueError, match="x") as caught:
        anyio.run(body, recorder, error)
    assert caught.value is error
    assert recorder.seen == ["enter", error]


def test_an_error_may_be_swallowed() -> None:
    assert anyio.run(body, Recorder(swallow=True), ValueError()) == "after"


def test_what_fails_to_enter_is_not_left() -> None:
    recorder = Recorder(failure=OSError("closed"))
    with pytest.raises(OSError, match="closed"):
        anyio.run(body, recorder)
    assert recorder.seen == []


def test_an_error_raised_on_the_way_out_replaces_that_of_the_body() -> None:
    @contextmanager
    def translate() -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise KeyError("y") from error

    async def run() -> None:
        async with contextmanager_in_threadpool(translate()):
            raise ValueError("x")

    with pytest.raises(KeyError):
        anyio.run(run)


def test_leaving_does_not_wait_for_the_common_threads() -> None:
    async def run() -> list[Any]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        recorder = Recorder()
        async with contextmanager_in_threadpool(recorder):
            limiter.total_tokens = 1
            await limiter.acquire_on_behalf_of(recorder)  # all threads are taken
        limiter.release_on_behalf_of(recorder)
        return recorder.seen

    assert anyio.run(run) == ["enter", None]


def test_background_tasks_run_in_order() -> None:
    done: list[Any] = []

    async def later(value: int) -> None:
        done.append(value)

    async def run() -> None:
        tasks = BackgroundTasks()
        tasks.add_task(later, 1)
        tasks.add_task(done.append, 2)
        tasks.add_task(later, value=3)
        await tasks()

    anyio.run(run)
    assert done == [1, 2, 3]


def test_a_function_runs_in_a_thread() -> None:
    assert anyio.run(run_in_threadpool, threading.get_ident) != threading.get_ident()
