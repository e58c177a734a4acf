"""Which event loop a server runs on."""

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

from fastapi.server.application import import_name
from fastapi.server.config import Config, ConfigError

Result = TypeVar("Result")
LoopFactory: TypeAlias = Callable[[], asyncio.AbstractEventLoop]


def loop_factory(config: Config) -> LoopFactory:
    """What makes the event loop of a configuration.

    Raises:
        ConfigError: uvloop was asked for and is not installed, or the name leads nowhere.
    """
    installed = importlib.util.find_spec("uvloop") is not None
    if config.loop == "uvloop" and not installed:
        raise ConfigError("--loop uvloop: is not installed. pip install uvloop, or take --loop asyncio.")
    if config.loop == "uvloop" or (config.loop == "auto" and installed):
        import uvloop

        return uvloop.new_event_loop
    if config.loop in ("auto", "asyncio"):
        return asyncio.new_event_loop
    if ":" not in config.loop:
        raise ConfigError(
            f"--loop {config.loop}: there is no such choice. Take auto, asyncio, uvloop or module:factory."
        )
    factory: LoopFactory = import_name(config.loop)
    return factory


def run(main: Coroutine[Any, Any, Result], factory: LoopFactory) -> Result:
    """Runs a coroutine on a loop of its own, then ends whatever it left behind, as ``asyncio.Runner`` does."""
    event_loop = factory()
    try:
        asyncio.set_event_loop(event_loop)
        return event_loop.run_until_complete(main)
    finally:
        try:
            _cancel_rest(event_loop)
            event_loop.run_until_complete(event_loop.shutdown_asyncgens())
            event_loop.run_until_complete(event_loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            event_loop.close()


def _cancel_rest(event_loop: asyncio.AbstractEventLoop) -> None:
    rest = asyncio.all_tasks(event_loop)
    for task in rest:
        task.cancel()
    if rest:
        event_loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
