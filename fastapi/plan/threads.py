"""Worker threads for plans: one pool for each event loop, made when the loop first needs it.

anyio's limiter, cancel scopes and ``from_thread`` are not replaced: the pool works with them, and where anyio is
not built the way it is known to be, there is no pool and plans leave threads to anyio.
"""

import os
import threading
from asyncio import AbstractEventLoop, _get_running_loop, current_task
from contextvars import Context, ContextVar
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from anyio import WouldBlock

from fastapi import _rust
from fastapi.plan.group import Child, starting

if TYPE_CHECKING:
    from anyio._backends._asyncio import CapacityLimiter

_NAME: Final = "AnyIO worker thread"
"""As anyio's threads are called: people know it from their logs."""

_PATIENCE: Final = timedelta(seconds=10)
"""How long a thread waits for something to do before it ends, as anyio's do."""


class Anyio(NamedTuple):
    """What a pool needs of anyio."""

    task_states: Any
    cancel_scope: Any
    run_vars: dict[Any, Any]
    limiter_key: Any
    current_limiter: Any
    threadlocals: Any
    would_block: type[Exception]
    limiter_class: Any
    library: "ContextVar[str | None] | None"


_pools: "dict[AbstractEventLoop, _rust.WorkerPool]" = {}


def open_pool(loop: AbstractEventLoop) -> "_rust.WorkerPool | None":
    """Make the pool of the running loop; ``None`` if anyio is not as it is known.

    Its threads end with the task with which the loop was started, as anyio's do, and when the interpreter exits.
    """
    try:
        from anyio._backends._asyncio import (
            AsyncIOBackend,
            CancelScope,
            _root_task,
            _task_states,
            find_root_task,
        )
        from anyio._core._eventloop import claim_worker_thread, threadlocals
        from anyio.lowlevel import _run_vars
    except ImportError:
        return None
    limiter = AsyncIOBackend.current_default_thread_limiter()
    run_vars = _run_vars[loop]
    anyio = Anyio(
        task_states=_task_states,
        cancel_scope=CancelScope,
        run_vars=run_vars,
        limiter_key=next((key for key, value in run_vars.items() if value is limiter), None),
        current_limiter=AsyncIOBackend.current_default_thread_limiter,
        threadlocals=threadlocals,
        would_block=WouldBlock,
        limiter_class=_limiter_class(),
        library=_library(),
    )

    def work(pool: "_rust.WorkerPool") -> None:
        with claim_worker_thread(AsyncIOBackend, loop):
            threadlocals.current_cancel_scope = None
            pool.work()

    def start(pool: "_rust.WorkerPool") -> None:
        threading.Thread(target=work, args=(pool,), name=_NAME).start()

    pool = _rust.WorkerPool(loop, start, _pools, _PATIENCE, anyio)
    root = find_root_task()
    # Of a loop that was started without a task this may be any one: there the threads end when nothing comes.
    if _root_task.get(None) is root:
        root.add_done_callback(pool.close, context=Context())
    _pools[loop] = pool
    return pool


@cache
def _limiter_class() -> "type[CapacityLimiter] | None":
    """Return the class of limiters, if those who wait in its queue get a token as they are known to."""
    from anyio._backends._asyncio import CapacityLimiter

    class Probe:
        is_set = False

        def set(self) -> None:
            self.is_set = True

    limiter, first, probe = CapacityLimiter(1), object(), Probe()
    queue: Any = limiter._wait_queue
    try:
        limiter.acquire_on_behalf_of_nowait(first)
        queue[probe] = probe
        limiter.release_on_behalf_of(first)
        limiter._borrowers.add(probe)
        limiter._notify_next_waiter()
        limiter.release_on_behalf_of(probe)
    except Exception:
        return None
    return CapacityLimiter if probe.is_set and not limiter.borrowed_tokens else None


def _library() -> "ContextVar[str | None] | None":
    try:
        from sniffio import current_async_library_cvar
    except ImportError:
        return None
    return current_async_library_cvar


def _close_all() -> None:
    for pool in list(_pools.values()):
        pool.close()


# Threads that wait would be waited for in turn. Code registered with atexit runs too late, after that.
getattr(threading, "_register_atexit", lambda function: None)(_close_all)

# The threads stay with the parent.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)


class Threads(NamedTuple):
    """Where plans find the way into threads."""

    pools: "dict[AbstractEventLoop, _rust.WorkerPool]" = _pools
    open_pool: Any = open_pool
    running_loop: Any = _get_running_loop
    current_task: Any = current_task
    starting: list[Child] = starting
