"""Bounded pools."""

import asyncio
import os
import threading

import pytest

from app.exceptions.custom_exceptions import Busy
from app.utils.concurrency import process_pool, run_in_thread, thread_pool
from app.utils.data_processing import count_primes, summarise

pytestmark = pytest.mark.anyio


async def test_a_full_pool_refuses_until_work_has_ended() -> None:
    pool = thread_pool(1, 1, "test")
    gate = threading.Event()
    waiting = [asyncio.create_task(pool.run(gate.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await pool.run(len, "x")
    waiting[0].cancel()
    await asyncio.wait([waiting[0]])
    with pytest.raises(Busy):  # nobody waits for it, but it runs
        await pool.run(len, "x")
    gate.set()
    assert await waiting[1]
    assert await pool.run(len, "four") == 4
    await pool.close()


async def test_errors_reach_the_caller() -> None:
    pool = thread_pool(1, 0, "test")
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)
    await pool.close()
    await pool.close()


async def test_a_pool_survives_the_death_of_its_processes() -> None:
    pool = process_pool(1, 1)
    assert await pool.run(count_primes, 100) == 25
    with pytest.raises(Busy):
        await pool.run(os._exit, 1)
    assert await pool.run(count_primes, 10) == 4
    await pool.close()


async def test_waiting_is_done_in_a_thread() -> None:
    assert await run_in_thread(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize(("below", "count"), [(0, 0), (2, 0), (3, 1), (4, 2), (5, 2), (26, 9), (1000, 168)])
def test_primes_are_counted(below: int, count: int) -> None:
    assert count_primes(below) == count


def test_values_are_summarised() -> None:
    summary = summarise([1, 2, 3, 10])
    assert (summary["count"], summary["mean"], summary["median"]) == (4, 4, 2.5)
