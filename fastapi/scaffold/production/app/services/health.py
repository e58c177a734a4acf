"""Whether everything that this process depends on answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Check = Callable[[], Awaitable[None]]
State = Literal["ok", "degraded", "unavailable"]
TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True)
class Component:
    """One thing depended on. Without a ``vital`` one nothing works; without another something is missing."""

    name: str
    vital: bool
    check: Check


@dataclass(frozen=True)
class Finding:
    """How a component answered; ``error`` is the kind of failure, no more."""

    name: str
    vital: bool
    healthy: bool
    milliseconds: float
    error: str | None = None


async def _examine(component: Component) -> Finding:
    began = time.perf_counter()
    error = None
    try:
        await asyncio.wait_for(component.check(), TIMEOUT_SECONDS)
    except Exception as raised:
        error = type(raised).__name__
    spent = round((time.perf_counter() - began) * 1000, 2)
    return Finding(component.name, component.vital, error is None, spent, error)


class HealthService:
    """Asks all components at once."""

    def __init__(self, components: list[Component]) -> None:
        self.components = components

    async def examine(self) -> tuple[State, list[Finding]]:
        """The state of the whole and of each part."""
        findings = list(await asyncio.gather(*map(_examine, self.components)))
        if any(each.vital and not each.healthy for each in findings):
            return "unavailable", findings
        return ("ok" if all(each.healthy for each in findings) else "degraded"), findings
