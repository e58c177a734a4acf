"""Responses that are streamed by a task of their own, as ``StreamingResponse`` has it.

Slow twin: ``StreamingResponse.__call__``, which starts the task and listens for the client to go away. Here the task
runs at once, and nobody listens before it waits for something.
"""

import sys
from collections.abc import Coroutine
from typing import Any, Final

from anyio import CancelScope
from starlette.types import Receive

from fastapi.plan.group import Group

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup  # type: ignore[import-not-found, unused-ignore]

_NAME: Final = "starlette.responses.StreamingResponse.__call__.<locals>.wrap"
"""What anyio calls the task."""


class Streaming:
    """A response under way.

    Args:
        sending: sends all of it.
    """

    __slots__ = ("_ended", "_group", "_listening", "_sending")

    def __init__(self, sending: Coroutine[Any, Any, None]) -> None:
        self._sending = sending
        self._ended = False
        self._listening: CancelScope | None = None
        self._group = Group()

    def start(self) -> bool:
        """Begin to send; return whether that was all."""
        self._group.start_soon(self._send, name=_NAME)
        return self._ended and not self._group.has_failed

    async def _send(self) -> None:
        try:
            await self._sending
        finally:
            self._ended = True
            if self._listening is not None:
                self._listening.cancel()

    async def finish(self, receive: Receive) -> None:
        """Wait for the end, or for the client to go away: then what is left is not sent.

        Raises:
            Exception: what was raised while it was sent.
        """
        try:
            async with self._group as group:
                if not self._ended:
                    with CancelScope() as self._listening:
                        while (await receive())["type"] != "http.disconnect":
                            pass
                    group.cancel()
        except BaseExceptionGroup as failed:
            if len(failed.exceptions) == 1:
                raise failed.exceptions[0]  # noqa: B904  # as Starlette does
            raise


def stream(sending: Coroutine[Any, Any, None]) -> Streaming | None:
    """Send a response; return what is left to wait for."""
    streaming = Streaming(sending)
    return None if streaming.start() else streaming
