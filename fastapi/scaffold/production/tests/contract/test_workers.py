"""Two workers with everything elsewhere: PostgreSQL, Redis, MongoDB (a double, or the one of MONGO_URL), RabbitMQ."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from app.core.config import Settings
from app.database.postgres import Database
from app.services.resources import Resources
from tests.conftest import serve
from tests.people import add_person
from tests.services import PostgreSQL, Redis

pytestmark = pytest.mark.anyio
Worker = tuple[httpx.AsyncClient, FastAPI]


@pytest.fixture
async def workers(
    make_settings: Callable[..., Settings],
    postgresql_url: str,
    redis_url: str,
    mongo_url: str,
    rabbitmq_url: str,
) -> AsyncIterator[tuple[Worker, Worker]]:
    settings = make_settings(
        database_url=postgresql_url,
        redis_url=redis_url,
        mongo_url=mongo_url,
        broker_url=rabbitmq_url,
        rate_limit_auth="3 per 5 minutes",
    )
    database = Database(settings)
    await database.migrate()
    await database.close()
    async with contextlib.AsyncExitStack() as stack:
        yield (
            await stack.enter_async_context(serve(settings)),
            await stack.enter_async_context(serve(settings)),
        )


async def test_workers_share_what_must_be_shared(workers: tuple[Worker, Worker]) -> None:
    (one, first), (two, second) = workers
    here: Resources = first.state.resources
    there: Resources = second.state.resources
    admin = await add_person(here, "admin")
    assert (await two.get("/api/v1/auth/profile", headers=admin.headers)).status_code == 200

    # Health of all components, and the audit log in its own store.
    detailed = (await one.get("/api/v1/health/detailed", headers=admin.headers)).json()
    assert {each["name"] for each in detailed["components"]} == {"database", "redis", "mongo", "broker"}
    created = await one.post("/api/v1/items", json={"title": "x"}, headers=admin.headers)
    log = await two.get("/api/v1/audit", params={"action": "item.created"}, headers=admin.headers)
    assert [entry["target"] for entry in log.json()] == [created.json()["id"]]

    # Limits.
    login = {"username": "nobody", "password": "not a password"}
    codes = [
        (await client.post("/api/v1/auth/login", json=login)).status_code for client in (one, two, one, two)
    ]
    assert codes == [401, 401, 401, 429]

    # The chat and the cache.
    async with there.chat.hear("lobby") as messages:
        await here.chat.say("lobby", "ada", "hello")
        assert json.loads(await asyncio.wait_for(anext(messages), 10))["content"] == "hello"
    await here.cache.set("key", [1], ttl=60)
    assert await there.cache.get("key") == [1]

    # A logout.
    assert (await one.post("/api/v1/auth/logout", headers=admin.headers)).status_code == 204
    assert (await two.get("/api/v1/auth/profile", headers=admin.headers)).status_code == 401
    refused = await two.post("/api/v1/security/refresh", json={"refresh_token": admin.refresh})
    assert refused.status_code in (401, 429)


async def test_without_redis_it_is_degraded_and_without_its_database_not_ready(
    workers: tuple[Worker, Worker], redis_server: Redis, postgresql: PostgreSQL
) -> None:
    (client, app), _ = workers
    person = await add_person(app.state.resources, "user")

    async def until_ready(status: str) -> None:
        while (await client.get("/health/ready")).json()["status"] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    redis_server.crash()
    try:
        await asyncio.wait_for(until_ready("degraded"), 20)
        assert (await client.get("/api/v1/items", headers=person.headers)).status_code == 200
    finally:
        redis_server.start()
    postgresql.crash()
    try:
        await asyncio.wait_for(until_ready("unavailable"), 20)
        assert (await client.get("/health/live")).status_code == 200
        refused = await client.get("/api/v1/items", headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    finally:
        postgresql.start()
    await asyncio.wait_for(until_ready("ok"), 30)
    assert (await client.get("/api/v1/items", headers=person.headers)).status_code == 200
