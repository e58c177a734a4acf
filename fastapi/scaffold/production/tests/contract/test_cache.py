"""The cache keeps values the same way, in this process and in Redis."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest
from cashews.exceptions import CacheBackendInteractionError

from app.services.cache import CacheService, cache_breaker, cache_result, close_cache, configure_cache
from app.utils.circuit_breaker import State

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[CacheService]:
    configure_cache(request.getfixturevalue("redis_url") if request.param == "redis" else None)
    yield CacheService("test:")
    await close_cache()
    configure_cache(None)


async def test_values_are_kept_found_and_forgotten(cache: CacheService) -> None:
    await cache.ping()
    for value in ["text", 0, 1.5, None, False, {"a": [1, {"b": "ü"}]}, "123"]:
        await cache.set("key", value, ttl=300)
        assert await cache.get("key", "nothing") == value
    assert await cache.delete("key")
    assert not await cache.delete("key")
    assert await cache.get("key") is None
    assert await cache.get("key", "nothing") == "nothing"


async def test_a_value_ends_after_its_time(cache: CacheService) -> None:
    await cache.set("brief", 1, ttl=0.05)
    with anyio.fail_after(5):
        while await cache.get("brief") is not None:  # noqa: ASYNC110
            await anyio.sleep(0.01)


async def test_of_many_calls_at_once_one_computes(cache: CacheService) -> None:
    calls = []

    @cache_result(ttl=60)
    async def compute(a: int, *, b: str = "") -> dict[str, int]:
        calls.append((a, b))
        await asyncio.sleep(0.05)
        return {"value": a}

    results = await asyncio.gather(*(compute(number % 2, b="x") for number in range(40)))
    assert results == [{"value": number % 2} for number in range(40)]
    assert sorted(calls) == [(0, "x"), (1, "x")]
    assert await compute(0) == {"value": 0}
    assert len(calls) == 3


async def test_a_failure_is_not_kept_and_holds_nobody_up(cache: CacheService) -> None:
    attempts = []

    @cache_result(ttl=60)
    async def compute() -> str | None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ZeroDivisionError
        return None

    with pytest.raises(ZeroDivisionError):
        await compute()
    assert await asyncio.wait_for(compute(), 5) is None
    assert await compute() is None
    assert len(attempts) == 2


async def test_without_redis_everything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_cache("redis://127.0.0.1:1/0")
    monkeypatch.setattr(cache_breaker, "_opened_at", None)
    calls = []

    @cache_result(ttl=60)
    async def compute() -> int:
        calls.append(1)
        return 7

    assert [await asyncio.wait_for(compute(), 10) for _ in range(2)] == [7, 7]
    service = CacheService()
    await service.set("a", 1)
    assert await service.get("a", 2) == 2
    assert not await service.delete("a")
    assert cache_breaker.state is State.OPEN
    assert await compute() == 7
    with pytest.raises(CacheBackendInteractionError):
        await service.ping()
    await close_cache()
    configure_cache(None)
