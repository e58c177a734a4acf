"""The event bus: parts of the application tell each other what happened.

``event_bus.subscribe("user.created", handler)`` at import time hears what every request does.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from app.core.logger import get_logger

Event = dict[str, Any]
Handler = Callable[[Event], Awaitable[None] | None]
Forwarder = Callable[[str, Event], Awaitable[None]]

logger = get_logger(__name__)


class EventBus:
    """Hands events to whoever subscribed. One handler's failure is logged and harms nobody else."""

    def __init__(self, forward: Forwarder | None = None) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self.forward = forward

    def subscribe(self, name: str, handler: Handler) -> Callable[[], None]:
        """Call the handler for every event of that name, ``*`` for all; returns what ends it."""
        handlers = self._handlers.setdefault(name, [])
        handlers.append(handler)

        def unsubscribe() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unsubscribe

    def disconnect(self) -> None:
        """Tell this process only from now on."""
        self.forward = None

    async def publish(self, name: str, event: Event) -> int:
        """Tell this process's subscribers, then the broker; returns how many subscribers took it."""
        delivered = await self.deliver(name, event)
        if self.forward is not None:
            try:
                await self.forward(name, event)
            except Exception:
                logger.exception("event_not_forwarded", event_name=name)
        return delivered

    async def deliver(self, name: str, event: Event) -> int:
        """Tell this process's subscribers only."""
        delivered = 0
        for handler in [*self._handlers.get(name, ()), *self._handlers.get("*", ())]:
            try:
                result = handler(event)
                if inspect.isawaitable(result):
                    await result
            except Exception:
                logger.exception("event_handler_failed", event_name=name)
            else:
                delivered += 1
        return delivered


event_bus = EventBus()  # of this process
