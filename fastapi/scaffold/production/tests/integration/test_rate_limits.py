"""Limits."""

from collections.abc import Callable

import httpx
import pytest

from app.core.config import Settings
from app.exceptions.custom_exceptions import RateLimited
from app.services.rate_limiter import RateLimiter
from app.utils.circuit_breaker import State
from tests.conftest import serve

pytestmark = pytest.mark.anyio
LOGIN = {"username": "nobody", "password": "not a password"}


async def test_whoever_tries_too_often_waits(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(rate_limit_auth="2 per 5 minutes")) as (client, _):
        for _ in range(2):
            assert (await client.post("/api/v1/auth/login", json=LOGIN)).status_code == 401
        for path in ("auth/login", "security/login", "auth/register", "auth/token"):
            refused = await client.post(f"/api/v1/{path}", json=LOGIN)
            assert refused.status_code == 429
            assert refused.json()["code"] == "rate_limited"
            assert 0 < int(refused.headers["retry-after"]) <= 300
            assert refused.headers["ratelimit-policy"] == '"auth";q=2;w=300'
            assert refused.headers["ratelimit"] == f'"auth";r=0;t={refused.headers["retry-after"]}'
        assert (await client.get("/api/v1/auth/profile")).status_code == 401


async def test_the_general_limit_counts_everything_but_probes(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(rate_limit_general="3 per minute")) as (client, _):
        codes = [(await client.get(path)).status_code for path in ["/nowhere", "/openapi.json", "/x", "/x"]]
        assert codes == [404, 200, 404, 429]
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/x")).headers["x-frame-options"] == "DENY"


async def test_clients_behind_a_trusted_proxy_are_told_apart(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(rate_limit_general="1 per minute", trusted_proxies="203.0.113.0/24")

    async def get(client: httpx.AsyncClient, forwarded: str) -> int:
        return (await client.get("/x", headers={"X-Forwarded-For": forwarded})).status_code

    async with serve(settings) as (client, _):
        assert [await get(client, "1.1.1.1"), await get(client, "2.2.2.2")] == [404, 404]
        assert await get(client, "9.9.9.9, 2.2.2.2") == 429


async def test_without_redis_each_worker_counts_for_itself() -> None:
    limiter = RateLimiter({"auth": "2 per minute"}, "redis://127.0.0.1:1/0")
    for _ in range(2):
        await limiter.hit("auth", "client")
    with pytest.raises(RateLimited):
        await limiter.hit("auth", "client")
    assert limiter.breaker.state is State.OPEN
    await limiter.close()
