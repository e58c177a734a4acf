"""Bounded pools."""

import asyncio
import os
import threading

import pytest

from app.exceptions.custom_exceptions import Busy
from app.utils.concurrency import (
    end,
    process_pool,
    run_in_process_pool,
    run_in_thread_pool,
    thread_pool,
)
from app.utils.data_processing import cpu_intensive_calculation

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
    assert await pool.run(cpu_intensive_calculation, 100) == 25
    with pytest.raises(Busy):
        await pool.run(os._exit, 1)
    assert await pool.run(cpu_intensive_calculation, 10) == 4
    await pool.close()


async def test_waiting_is_done_in_a_thread_and_computing_in_another_process(pools: None) -> None:
    assert await run_in_thread_pool(threading.get_ident) != threading.get_ident()
    assert await run_in_thread_pool(os.getpid) == os.getpid()
    assert await run_in_process_pool(os.getpid) != os.getpid()
    assert await run_in_process_pool(int, "ff", base=16) == 255


async def test_the_pools_of_the_process_are_bounded(pools: None) -> None:
    gate = threading.Event()
    waiting = asyncio.create_task(run_in_thread_pool(gate.wait, 10))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await run_in_thread_pool(len, "x")
    gate.set()
    assert await waiting


async def test_a_task_that_takes_a_cancellation_for_something_else_ends_nevertheless() -> None:
    waiting = asyncio.Event()
    lost = 0

    async def listen() -> None:
        nonlocal lost
        while True:
            try:
                waiting.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost == 2:
                    raise
                lost += 1

    task = asyncio.create_task(listen())
    await waiting.wait()
    async with asyncio.timeout(10):
        await end(task)
    assert (task.cancelled(), lost) == (True, 2)
    await end(task)
    await end(None)
