"""Generators as dependencies, by way of contextlib."""

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Literal

from fastapi.concurrency import _left_in_threadpool
from fastapi.dependencies import utils

GeneratorKind = Literal["async generator", "generator", "inline generator"]
"""Run on the loop as coroutines are, in worker threads, or on the loop because its author wishes so."""


async def enter_generator(stack: AsyncExitStack, kind: GeneratorKind, generator: Any) -> Any:
    """Run a generator up to its ``yield`` and leave the rest to ``stack``.

    Returns:
        What it yields.

    Raises:
        RuntimeError: it yields nothing.
    """
    if kind == "async generator":
        return await stack.enter_async_context(asynccontextmanager(lambda: generator)())
    context = contextmanager(lambda: generator)()
    if kind == "inline generator":
        return stack.enter_context(context)
    return await stack.enter_async_context(utils.contextmanager_in_threadpool(context))


async def push_generator(stack: AsyncExitStack, kind: GeneratorKind, generator: Any) -> None:
    """Leave to ``stack`` what comes after the ``yield`` that a generator has reached."""
    if kind == "async generator":
        stack.push_async_exit(asynccontextmanager(lambda: generator)())
        return
    context = contextmanager(lambda: generator)()
    if kind == "inline generator":
        stack.push(context)
    else:
        await stack.enter_async_context(_left_in_threadpool(context))
