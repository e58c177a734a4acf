"""Which loop runs, and what happens to what it leaves."""

import asyncio
import importlib.util

import pytest

from fastapi.server import Config, ConfigError
from fastapi.server.event_loop import loop_factory, run


def test_uvloop_is_taken_where_it_is_installed() -> None:
    uvloop = pytest.importorskip("uvloop")
    assert loop_factory(Config(app="")) is uvloop.new_event_loop
    assert loop_factory(Config(app="", loop="uvloop")) is uvloop.new_event_loop


def test_asyncio_is_taken_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert loop_factory(Config(app="")) is asyncio.new_event_loop
    with pytest.raises(ConfigError, match="--loop uvloop: is not installed"):
        loop_factory(Config(app="", loop="uvloop"))


def test_a_loop_of_ones_own_is_imported() -> None:
    assert loop_factory(Config(app="", loop="asyncio:SelectorEventLoop")) is asyncio.SelectorEventLoop
    with pytest.raises(ConfigError, match="--loop trio: there is no such choice"):
        loop_factory(Config(app="", loop="trio"))


def test_what_runs_on_is_cancelled() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("cancelled")

    async def main() -> str:
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        assert not task.done()
        return "result"

    assert run(main(), asyncio.new_event_loop) == "result"
    assert ended == ["cancelled"]


def test_nothing_is_left_after_a_failure() -> None:
    async def main() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        run(main(), asyncio.new_event_loop)
