"""A circuit breaker: what keeps failing is left alone for a while, so that waiting for it harms nobody."""

import enum
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.exceptions.custom_exceptions import Unavailable

T = TypeVar("T")


class State(str, enum.Enum):
    """Where a breaker is."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitOpen(Unavailable):
    """The call was not made."""

    code = "circuit_open"


class CircuitBreaker:
    """Calls through it are counted; too many failures in a row open it.

    ========= ======================================= ==========================================
    state     a call                                  becomes
    ========= ======================================= ==========================================
    closed    is made; success sets the count to 0    open, at ``threshold`` failures in a row
    open      is refused: CircuitOpen                 half_open, ``recovery`` seconds later
    half_open one is made, others are refused         closed after success, open after failure
    ========= ======================================= ==========================================

    A call that is cancelled says nothing of the other side: the trial goes to the next call.
    """

    def __init__(
        self,
        name: str,
        threshold: int = 5,
        recovery: float = 10.0,
        failures: tuple[type[BaseException], ...] = (Exception,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.threshold = threshold
        self.recovery = recovery
        self.failures = failures
        self._clock = clock
        self._count = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        """Where the breaker is now."""
        if self._opened_at is None:
            return State.CLOSED
        if self._clock() - self._opened_at < self.recovery:
            return State.OPEN
        return State.HALF_OPEN

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Make the call.

        Raises:
            CircuitOpen: where it is not made.
        """
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._trying):
            raise CircuitOpen(f"{self.name} is left alone for a while.", self._seconds_left())
        trial = state is State.HALF_OPEN
        self._trying = trial
        try:
            result = await function()
        except self.failures:
            self._fail(trial)
            raise
        else:
            self._count, self._opened_at = 0, None
            return result
        finally:
            if trial:
                self._trying = False

    def _fail(self, trial: bool) -> None:
        self._count += 1
        if trial or self._count >= self.threshold:
            self._opened_at = self._clock()

    def _seconds_left(self) -> int:
        opened = self._opened_at if self._opened_at is not None else self._clock()
        return max(1, round(opened + self.recovery - self._clock()))
