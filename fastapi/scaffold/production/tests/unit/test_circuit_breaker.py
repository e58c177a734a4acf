"""The circuit breaker does what its table says."""

import asyncio

import pytest

from app.utils.circuit_breaker import CircuitBreaker, CircuitOpen, State

pytestmark = pytest.mark.anyio


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def good() -> str:
    return "good"


async def bad() -> str:
    raise ConnectionError


async def open_breaker(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker("x", threshold=2, recovery=10, failures=(ConnectionError,), clock=clock)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await breaker.call(bad)
    return breaker


async def test_success_sets_the_count_to_0() -> None:
    breaker = CircuitBreaker("x", threshold=2, failures=(ConnectionError,))
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await breaker.call(bad)
        assert await breaker.call(good) == "good"
    assert breaker.state is State.CLOSED


async def test_an_open_one_refuses_and_says_for_how_long() -> None:
    clock = Clock()
    breaker = await open_breaker(clock)
    clock.now = 4
    assert breaker.state is State.OPEN
    with pytest.raises(CircuitOpen) as caught:
        await breaker.call(good)
    assert caught.value.headers == {"Retry-After": "6"}


@pytest.mark.parametrize(("trial", "state"), [(good, State.CLOSED), (bad, State.OPEN)])
async def test_the_trial_decides(trial: object, state: State) -> None:
    clock = Clock()
    breaker = await open_breaker(clock)
    clock.now = 10
    assert breaker.state is State.HALF_OPEN
    await asyncio.gather(breaker.call(trial), return_exceptions=True)  # type: ignore[arg-type]
    assert breaker.state is state


async def test_a_half_open_one_lets_one_call_through_and_a_cancelled_one_decides_nothing() -> None:
    clock = Clock()
    breaker = await open_breaker(clock)
    clock.now = 10
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    trial = asyncio.create_task(breaker.call(wait))
    await begun.wait()
    with pytest.raises(CircuitOpen):
        await breaker.call(good)
    trial.cancel()
    await asyncio.wait([trial])
    assert breaker.state.value == "half_open"
    assert await breaker.call(good) == "good"
    assert breaker.state.value == "closed"


async def test_errors_of_other_kinds_do_not_count() -> None:
    breaker = CircuitBreaker("x", threshold=1, failures=(ConnectionError,))

    async def wrong() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaker.call(wrong)
    assert breaker.state is State.CLOSED
