"""Limits count the same way, in this process and in Redis."""

import pytest
from limits import parse

from app.exceptions.custom_exceptions import RateLimited
from app.services.rate_limiter import LocalWindows, RateLimiter

pytestmark = pytest.mark.anyio
LIMITS = {"a": "2 per minute", "b": "1 per minute"}


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    return str(request.getfixturevalue("redis_url")) if request.param == "redis" else None


async def test_clients_and_limits_are_counted_apart(url: str | None) -> None:
    limiter = RateLimiter(LIMITS, url)
    for limit, client in [("a", "x"), ("a", "x"), ("a", "y"), ("b", "x")]:
        await limiter.hit(limit, client)
    for limit in LIMITS:
        with pytest.raises(RateLimited) as caught:
            await limiter.hit(limit, "x")
        assert caught.value.headers is not None
        seconds = caught.value.headers["Retry-After"]
        assert 0 < int(seconds) <= 60
        quota = {"a": 2, "b": 1}[limit]
        assert caught.value.headers["RateLimit-Policy"] == f'"{limit}";q={quota};w=60'
        assert caught.value.headers["RateLimit"] == f'"{limit}";r=0;t={seconds}'
    await limiter.hit("a", "y")
    await limiter.close()


def test_windows_move_and_clients_who_left_are_forgotten() -> None:
    now = 0.0
    windows = LocalWindows(lambda: now)
    item = parse("2 per minute")
    assert [windows.hit(item, "a", "x") for _ in range(3)] == [0, 0, 60]
    now = 59.0
    assert windows.hit(item, "a", "x") == 1
    assert windows.hit(item, "a", "y") == 0
    now = 60.0
    assert [windows.hit(item, "a", "x") for _ in range(3)] == [0, 0, 60]
    now = 119.5
    windows.sweep(60)
    assert len(windows) == 1
    windows.sweep(60)
    now = 180.0
    windows.sweep(60)
    assert len(windows) == 0


async def test_workers_share_their_limits(redis_url: str) -> None:
    first, second = RateLimiter(LIMITS, redis_url), RateLimiter(LIMITS, redis_url)
    await first.hit("a", "x")
    await second.hit("a", "x")
    for limiter in (first, second):
        with pytest.raises(RateLimited):
            await limiter.hit("a", "x")
        await limiter.close()
