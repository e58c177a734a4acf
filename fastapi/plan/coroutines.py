"""Coroutines without a loop."""

from collections.abc import Awaitable, Generator
from typing import Any, cast


def run_through(coroutine: Awaitable[None]) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        cast(Generator[Any, None, None], coroutine).send(None)
    except StopIteration:
        return
    raise RuntimeError("the coroutine waits")
