"""The lifespan protocol, and what the log says about it."""

import asyncio
import logging
from typing import Any

import pytest

from fastapi.server.config import LifespanMode
from fastapi.server.lifespan import Lifespan


def live(app: Any, mode: LifespanMode = "auto") -> Lifespan:
    async def main() -> Lifespan:
        lifespan = Lifespan(app, mode)
        await lifespan.startup()
        if not lifespan.failed:
            await lifespan.shutdown()
        return lifespan

    return asyncio.run(main())


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "uvicorn.error")
    return caplog


def answering(startup: dict[str, Any], shutdown: dict[str, Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["seen"] = scope["type"]
        assert await receive() == {"type": "lifespan.startup"}
        await send({"type": "lifespan.startup.complete", **startup})
        assert await receive() == {"type": "lifespan.shutdown"}
        await send({"type": "lifespan.shutdown.complete", **shutdown})
        scope["state"]["after"] = True

    return app


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("no lifespan")


async def answers_twice(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.startup.complete"})


async def stops_first(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "lifespan.shutdown.complete"})


async def interrupted(scope: Any, receive: Any, send: Any) -> None:
    raise SystemExit


FAILED = {"type": "lifespan.startup.failed", "message": "no database"}
NOT_STOPPED = {"type": "lifespan.shutdown.failed", "message": "cannot write"}


def test_an_application_starts_stops_and_leaves_its_state(log: pytest.LogCaptureFixture) -> None:
    assert live(answering({}, {})).state == {"seen": "lifespan", "after": True}
    assert log.messages == [
        "Waiting for application startup.",
        "Application startup complete.",
        "Waiting for application shutdown.",
        "Application shutdown complete.",
    ]


@pytest.mark.parametrize(
    ("app", "mode", "failed", "lines"),
    [
        (answering(FAILED, {}), "auto", True, ["no database", "Application startup failed. Exiting."]),
        (answering({}, NOT_STOPPED), "auto", True, ["cannot write", "Application shutdown failed. Exiting."]),
        (
            answering({"type": "lifespan.startup.failed"}, {}),
            "on",
            True,
            ["Application startup failed. Exiting."],
        ),
        (
            raises,
            "auto",
            False,
            ["ASGI 'lifespan' protocol appears unsupported.", "Application startup complete."],
        ),
        (raises, "on", True, ["Exception in 'lifespan' protocol\n", "Application startup failed. Exiting."]),
        (interrupted, "auto", False, ["Exception in 'lifespan' protocol\n", "Application startup complete."]),
        (stops_first, "on", True, ["Application startup failed. Exiting."]),
        (answers_twice, "on", True, ["Application startup failed. Exiting."]),
    ],
)
def test_what_an_application_does_is_told(
    app: Any, mode: LifespanMode, failed: bool, lines: list[str], log: pytest.LogCaptureFixture
) -> None:
    assert live(app, mode).failed is failed
    assert [line for line in log.messages if line in lines] == lines


def test_a_failed_start_that_raises_too_is_told_once(log: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(FAILED)
        raise RuntimeError("and then this")

    assert live(app).failed
    assert log.messages[1:] == ["no database", "Application startup failed. Exiting."]


def test_nobody_is_asked_when_it_is_off(log: pytest.LogCaptureFixture) -> None:
    assert not live(raises, "off").failed
    assert log.messages == []
