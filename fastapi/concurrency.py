"""Blocking code in threads."""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from contextlib import asynccontextmanager as asynccontextmanager
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.concurrency import iterate_in_threadpool as iterate_in_threadpool
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.concurrency import run_until_first_complete as run_until_first_complete

_T = TypeVar("_T")


@asynccontextmanager
async def contextmanager_in_threadpool(cm: AbstractContextManager[_T]) -> AsyncGenerator[_T, None]:
    """Enter and leave a blocking context manager in a thread.

    Args:
        cm: the context manager; when its exit returns true, the exception of the body is swallowed.

    Yields:
        What ``cm`` gives on entry.
    """
    # Leaving must not wait for a thread of the common pool: those may all be held by requests that wait for
    # what this one is about to release.
    exit_limiter = CapacityLimiter(1)
    value = await run_in_threadpool(cm.__enter__)
    try:
        yield value
    except Exception as error:
        if not await anyio.to_thread.run_sync(
            cm.__exit__, type(error), error, error.__traceback__, limiter=exit_limiter
        ):
            raise
    else:
        await anyio.to_thread.run_sync(cm.__exit__, None, None, None, limiter=exit_limiter)
