"""Work off the event loop, in bounded pools: a full pool refuses, it does not queue without end."""

import asyncio
import concurrent.futures
import functools
import multiprocessing
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from app.exceptions.custom_exceptions import Busy

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE_SECONDS = 0.5


class BoundedPool:
    """An executor that takes ``workers`` calls at once and lets ``queue`` more wait."""

    def __init__(self, make: Callable[[int], concurrent.futures.Executor], workers: int, queue: int) -> None:
        self._make = functools.partial(make, workers)
        self._executor: concurrent.futures.Executor | None = None
        self._capacity = workers + queue
        self._taken = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function in the pool.

        Raises:
            Busy: where too many calls wait already.
        """
        if self._taken >= self._capacity:
            raise Busy
        if self._executor is None:
            self._executor = self._make()
        self._taken += 1
        call = functools.partial(function, *args, **kwargs)
        try:
            future = self._executor.submit(call)
        except concurrent.futures.BrokenExecutor as error:
            self._taken -= 1
            self._executor = None  # a worker was killed; the next call starts others
            raise Busy from error
        loop = asyncio.get_running_loop()
        # The place is free when the work has ended, not when a caller stopped to wait for it.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free))
        try:
            return await asyncio.wrap_future(future)
        except concurrent.futures.BrokenExecutor as error:
            self._executor = None
            raise Busy from error

    def _free(self) -> None:
        self._taken -= 1

    async def close(self) -> None:
        """Wait for what runs; drop what waits."""
        if self._executor is not None:
            executor, self._executor = self._executor, None
            await asyncio.to_thread(executor.shutdown, cancel_futures=True)


def thread_pool(workers: int, queue: int, name: str) -> BoundedPool:
    """Threads, for calls that wait or that release the interpreter lock."""
    return BoundedPool(
        lambda count: concurrent.futures.ThreadPoolExecutor(count, thread_name_prefix=name), workers, queue
    )


def process_pool(workers: int, queue: int) -> BoundedPool:
    """Processes, for calls that compute. They are spawned: a fork would inherit locks and sockets."""
    context = multiprocessing.get_context("spawn")
    return BoundedPool(
        lambda count: concurrent.futures.ProcessPoolExecutor(count, mp_context=context), workers, queue
    )


async def end(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task, if there is one, and wait for its end.

    Libraries sometimes take a cancellation for a timeout of their own, so that it is lost; then it comes again.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)


_threads = thread_pool(8, 64, "blocking")
_processes = process_pool(2, 8)


def configure_pools(threads: BoundedPool, processes: BoundedPool) -> None:
    """Say where everything runs from now on."""
    global _threads, _processes
    _threads, _processes = threads, processes


async def run_in_thread_pool(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that waits, in a thread.

    Raises:
        Busy: where too many calls wait already.
    """
    return await _threads.run(function, *args, **kwargs)


async def run_in_process_pool(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that computes, in another process; function, arguments and result are pickled.

    Raises:
        Busy: where too many calls wait already.
    """
    return await _processes.run(function, *args, **kwargs)
