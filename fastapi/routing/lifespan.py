"""Lifespans: start-up and shutdown events, and the joining of two routers' lifespans.

Starlette 1.0 dropped the events, so they live here for every Starlette version.
"""

import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol

import starlette.routing
from starlette._utils import is_async_callable
from starlette.types import Lifespan

EventHandler = Callable[[], Any]

ON_EVENT_DEPRECATED = """
        on_event is deprecated, use lifespan event handlers instead.

        Read more about it in the
        [FastAPI docs for Lifespan Events](https://fastapi.tiangolo.com/advanced/events/).
        """


def warn_of_event_parameters(*, ignored: bool) -> None:
    """Say that ``on_startup`` and ``on_shutdown`` are deprecated, or even without effect.

    Filters know these warnings as those of ``starlette.routing``, which raised them before Starlette 1.0.
    """
    warn = partial(
        warnings.warn_explicit,
        filename=str(starlette.routing.__file__),
        lineno=0,
        module=starlette.routing.__name__,
        registry=vars(starlette.routing).setdefault("__warningregistry__", {}),
    )
    warn(
        "The on_startup and on_shutdown parameters are deprecated, and they "
        "will be removed on version 1.0. Use the lifespan parameter instead. "
        "See more about it on https://starlette.dev/lifespan/.",
        DeprecationWarning,
    )
    if ignored:
        warn(
            "The `lifespan` parameter cannot be used with `on_startup` or "
            "`on_shutdown`. Both `on_startup` and `on_shutdown` will be "
            "ignored.",
            UserWarning,
        )


class HasEvents(Protocol):
    """A router with start-up and shutdown handlers."""

    async def startup(self) -> None: ...
    async def shutdown(self) -> None: ...


class EventLifespan:
    """The lifespan of a router that was given none: it runs the router's event handlers."""

    def __init__(self, router: HasEvents) -> None:
        self.router = router

    def __call__(self, app: object) -> "EventLifespan":
        return self

    async def __aenter__(self) -> None:
        await self.router.startup()

    async def __aexit__(self, *exc_info: object) -> None:
        await self.router.shutdown()


async def run_event_handlers(handlers: Sequence[EventHandler]) -> None:
    """Call the handlers in order and await those that are async."""
    for handler in handlers:
        if is_async_callable(handler):
            await handler()
        else:
            handler()


def _merge_lifespan_context(original_context: Lifespan[Any], nested_context: Lifespan[Any]) -> Lifespan[Any]:
    """Run ``nested_context`` inside ``original_context``; the states are joined, the original's keys win."""

    @asynccontextmanager
    async def merged_lifespan(app: Any) -> AsyncIterator[Any]:
        async with original_context(app) as outer, nested_context(app) as inner:
            yield None if outer is None and inner is None else {**(inner or {}), **(outer or {})}

    return merged_lifespan
