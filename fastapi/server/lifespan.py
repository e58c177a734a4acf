"""The ASGI lifespan of an application: https://asgi.readthedocs.io/en/latest/specs/lifespan.html."""

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any

from fastapi.server.config import LifespanMode

_logger = logging.getLogger("uvicorn.error")
_DISORDER = "Got invalid state transition on lifespan protocol."


class Lifespan:
    """Tells an application that the server starts and stops, and hears whether it can.

    With ``"auto"``, an application that raises instead of answering has no lifespan, and is served; with ``"on"``
    it fails; with ``"off"`` it is not asked. The log reads as uvicorn's.

    Attributes:
        state: what the application puts here is copied into the scope of every request.
        failed: the application could not start, or not stop.
    """

    def __init__(self, app: Any, mode: LifespanMode) -> None:
        self.state: dict[str, Any] = {}
        self.failed = False
        self._app = app
        self._mode = mode
        self._events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._answers: dict[str, asyncio.Event] = {"startup": asyncio.Event(), "shutdown": asyncio.Event()}
        self._refused = False
        self._raised = False
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Lets the application start."""
        if self._mode == "off":
            return
        _logger.info("Waiting for application startup.")
        self._task = asyncio.get_running_loop().create_task(self._run())
        await self._ask("startup")

    async def shutdown(self) -> None:
        """Lets the application stop, if it had started."""
        if self._mode == "off" or self._raised or self._task is None:
            return
        _logger.info("Waiting for application shutdown.")
        await self._ask("shutdown")

    async def _ask(self, phase: str) -> None:
        self._events.put_nowait({"type": f"lifespan.{phase}"})
        await self._answers[phase].wait()
        if self._refused or (self._raised and self._mode == "on"):
            _logger.error("Application %s failed. Exiting.", phase)
            self.failed = True
        else:
            _logger.info("Application %s complete.", phase)

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._events.get, self._send)
        except BaseException as error:
            self._raised = True
            if self._refused:
                return
            if self._mode == "auto" and not isinstance(error, (KeyboardInterrupt, SystemExit)):
                _logger.info("ASGI 'lifespan' protocol appears unsupported.")
            else:
                _logger.error("Exception in 'lifespan' protocol\n", exc_info=error)
        finally:
            for answer in self._answers.values():
                answer.set()

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        protocol, _, rest = message["type"].partition(".")
        phase, _, outcome = rest.partition(".")
        assert protocol == "lifespan"
        assert phase in self._answers
        assert outcome in ("complete", "failed")
        assert phase == "startup" or self._answers["startup"].is_set(), _DISORDER
        assert not self._answers[phase].is_set(), _DISORDER
        if outcome == "failed":
            self._refused = True
            if message.get("message"):
                _logger.error(message["message"])
        self._answers[phase].set()
