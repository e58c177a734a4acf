"""Blocking code in threads."""

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from contextlib import asynccontextmanager as asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.concurrency import iterate_in_threadpool as iterate_in_threadpool
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.concurrency import run_until_first_complete as run_until_first_complete

_T = TypeVar("_T")
_C = TypeVar("_C", bound=Callable[..., Any])

_INLINE: Final = "__fastapi_run_inline__"


def run_inline(call: _C) -> _C:
    """Let a ``def`` endpoint or dependency run on the event loop instead of in a thread.

    For functions that never wait: no input or output, no locks, no sleep. While one runs, nothing else does. A
    dependency with ``yield`` is also left on the loop, and the result of an endpoint is validated there.

    Args:
        call: the function, class or ``functools.partial``; for an object that is called, its ``__call__``.

    Returns:
        The same object, marked.

    Raises:
        TypeError: it runs on the loop anyway, or cannot be marked, such as a builtin or a bound method.
    """
    if inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call):
        raise TypeError(
            f"run_inline is for def functions: {call!r} is asynchronous and runs on the loop anyway"
        )
    try:
        setattr(call, _INLINE, True)
    except AttributeError:
        raise TypeError(f"run_inline cannot mark {call!r}: mark a function that calls it") from None
    return call


def _runs_inline(call: Any) -> bool:
    while isinstance(call, partial):
        if _INLINE in vars(call):
            return True
        call = call.func
    if inspect.isclass(call):
        return _INLINE in vars(call)  # neither what is derived from it nor its instances
    if not inspect.isroutine(call):
        call = type(call).__call__
    return getattr(call, _INLINE, False) is True


@asynccontextmanager
async def contextmanager_in_threadpool(cm: AbstractContextManager[_T]) -> AsyncGenerator[_T, None]:
    """Enter and leave a blocking context manager in a thread.

    Args:
        cm: the context manager; when its exit returns true, the exception of the body is swallowed.

    Yields:
        What ``cm`` gives on entry.
    """
    value = await run_in_threadpool(cm.__enter__)
    async with _left_in_threadpool(cm):
        yield value


@asynccontextmanager
async def _left_in_threadpool(cm: AbstractContextManager[Any]) -> AsyncGenerator[None, None]:
    # Leaving must not wait for a thread of the common pool: those may all be held by requests that wait for
    # what this one is about to release.
    exit_limiter = CapacityLimiter(1)
    try:
        yield
    except Exception as error:
        if not await anyio.to_thread.run_sync(
            cm.__exit__, type(error), error, error.__traceback__, limiter=exit_limiter
        ):
            raise
    else:
        await anyio.to_thread.run_sync(cm.__exit__, None, None, None, limiter=exit_limiter)
