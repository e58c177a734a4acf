"""Channels carry messages the same way, inside a process and between processes."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest

from app.database.redis import open_redis
from app.services.redis_service import QUEUE_LENGTH, Channels, MemoryChannels, RedisChannels
from tests.services import Redis

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "redis"])
async def two(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Channels, Channels]]:
    """The channels as two workers have them."""
    if request.param == "memory":
        channels = MemoryChannels()
        yield channels, channels
        await channels.close()
        return
    url = request.getfixturevalue("redis_url")
    clients = [open_redis(url), open_redis(url)]
    first, second = (RedisChannels(client) for client in clients)
    yield first, second
    for each in (first, second):
        await each.close()
    for client in clients:
        await client.aclose()


async def test_what_one_worker_says_subscribers_of_all_workers_hear(two: tuple[Channels, Channels]) -> None:
    first, second = two
    await first.ping()
    async with first.subscribe("a") as here, second.subscribe("a") as there, second.subscribe("b") as other:
        await first.publish("a", "one")
        await second.publish("a", "zwei €")
        await first.publish("b", "b")
        for messages in (here, there):
            heard = [await asyncio.wait_for(anext(messages), 5) for _ in range(2)]
            assert sorted(heard) == ["one", "zwei €"]
        assert await asyncio.wait_for(anext(other), 5) == "b"
    await first.publish("a", "to nobody")


async def test_who_does_not_keep_up_loses_the_oldest(two: tuple[Channels, Channels]) -> None:
    first, _ = two
    async with first.subscribe("a") as messages, first.subscribe("end") as ended:
        for number in range(QUEUE_LENGTH + 5):
            await first.publish("a", str(number))
        await first.publish("end", "")
        await asyncio.wait_for(anext(ended), 5)
        assert await asyncio.wait_for(anext(messages), 5) == "5"


async def test_channels_return_with_redis(redis_server: Redis, redis_url: str) -> None:
    client = open_redis(redis_url)
    channels = RedisChannels(client)
    async with channels.subscribe("a") as messages:
        redis_server.crash()
        await channels.publish("a", "inside")
        assert await asyncio.wait_for(anext(messages), 5) == "inside"
        redis_server.start()
        with anyio.fail_after(20):
            hearing = asyncio.ensure_future(anext(messages))
            while not hearing.done():  # the listener notices on its own
                await client.publish("channel:a", "outside")
                await asyncio.wait([hearing], timeout=0.1)
            assert hearing.result() == "outside"
    await channels.close()
    await client.aclose()


async def test_channels_close_as_soon_as_they_were_opened(redis_url: str) -> None:
    client = open_redis(redis_url)
    with anyio.fail_after(30):
        for _ in range(30):  # of which redis-py takes some cancellations for silence
            await RedisChannels(client).close()
            channels = RedisChannels(client)
            await client.ping()
            await channels.close()
    await client.aclose()
