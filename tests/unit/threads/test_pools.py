"""Where there is a pool of worker threads, and how much is known of anyio."""

import asyncio
import sys
import threading

import pytest
from anyio._backends._asyncio import CapacityLimiter

from fastapi import FastAPI
from fastapi._rust import PURE
from fastapi.plan import threads
from tests.unit.plan.requests import exchange

pytestmark = pytest.mark.skipif(PURE, reason="the reference path has no pool")


async def _answer_and_pools() -> tuple[bytes, int]:
    app = FastAPI(openapi_url=None)
    app.get("/")(lambda: threading.current_thread().name)
    outcome = await exchange(app, "/")
    return outcome.messages[-1]["body"], len(threads._pools)


def test_a_loop_has_one_pool() -> None:
    async def main() -> bool:
        first = await _answer_and_pools()
        return first == await _answer_and_pools() == (b'"AnyIO worker thread"', 1)

    assert asyncio.run(main())
    assert threads._pools == {}


def test_where_anyio_is_another_its_own_threads_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("anyio._core._eventloop.claim_worker_thread")
    assert asyncio.run(_answer_and_pools()) == (b'"AnyIO worker thread"', 0)


def test_a_task_of_another_make_is_left_to_anyio() -> None:
    class Task(asyncio.tasks._PyTask):  # type: ignore[name-defined, misc]
        def __getattribute__(self, name: str) -> object:
            # Its own methods see it.
            if name == "_must_cancel" and sys._getframe(1).f_globals["__name__"] != "asyncio.tasks":
                raise AttributeError(name)
            return super().__getattribute__(name)

    async def main() -> tuple[bytes, int]:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coroutine, **options: Task(coroutine, loop=loop, **options))
        return await asyncio.create_task(_answer_and_pools())

    body, _ = asyncio.run(main())
    assert body == b'"AnyIO worker thread"'


def test_it_is_certain_how_limiters_keep_their_queue() -> None:
    assert threads._limiter_class.__wrapped__() is CapacityLimiter


@pytest.mark.parametrize("change", ["raises", "forgets"])
def test_or_it_is_not(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def notify(self: CapacityLimiter) -> None:
        if change == "raises":
            raise TypeError

    monkeypatch.setattr(CapacityLimiter, "_notify_next_waiter", notify)
    assert threads._limiter_class.__wrapped__() is None


def test_sniffio_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads._library() is not None
    monkeypatch.setitem(sys.modules, "sniffio", None)
    assert threads._library() is None
