"""Limits count the same way, in this process and in Redis."""

import pytest

from app.exceptions.custom_exceptions import RateLimited
from app.services.rate_limiter import RateLimiter

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
        assert 0 < int(caught.value.headers["Retry-After"]) <= 60
    await limiter.hit("a", "y")
    await limiter.close()


async def test_workers_share_their_limits(redis_url: str) -> None:
    first, second = RateLimiter(LIMITS, redis_url), RateLimiter(LIMITS, redis_url)
    await first.hit("a", "x")
    await second.hit("a", "x")
    for limiter in (first, second):
        with pytest.raises(RateLimited):
            await limiter.hit("a", "x")
        await limiter.close()
