"""Messages between the workers: over Redis, inside this process where there is none."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.logger import get_logger
from app.utils.concurrency import end

QUEUE_LENGTH = 100
RETRY_SECONDS = 0.5
POLL_SECONDS = 1.0
logger = get_logger(__name__)


class Channels(Protocol):
    """Whatever is published on a channel reaches everyone who subscribed to it by then, on every worker."""

    async def publish(self, channel: str, message: str) -> None:
        """Tell all subscribers."""

    def subscribe(self, channel: str) -> contextlib.AbstractAsyncContextManager[AsyncIterator[str]]:
        """What is published from now on, until the context is left."""

    async def ping(self) -> None:
        """Raise where other workers are out of reach."""

    async def close(self) -> None:
        """End."""


class MemoryChannels:
    """Channels inside this process."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str]]] = {}

    async def publish(self, channel: str, message: str) -> None:
        self.deliver(channel, message)

    def deliver(self, channel: str, message: str) -> None:
        """Tell the subscribers of this process; who does not keep up loses the oldest messages."""
        for queue in self._queues.get(channel, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)

    @contextlib.asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE_LENGTH)
        self._queues.setdefault(channel, set()).add(queue)
        try:
            yield _read(queue)
        finally:
            self._queues[channel].discard(queue)
            if not self._queues[channel]:
                del self._queues[channel]

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        return


async def _read(queue: asyncio.Queue[str]) -> AsyncIterator[str]:
    while True:
        yield await queue.get()


class RedisChannels:
    """Channels over Redis: one connection listens for all of this process.

    While Redis is out of reach, messages reach the subscribers of this process only; the listener returns by itself.
    """

    def __init__(self, redis: "Redis", prefix: str = "channel:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._local = MemoryChannels()
        self._listening = asyncio.Event()
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(f"{self._prefix}*")
                    while True:
                        message = await pubsub.get_message(timeout=POLL_SECONDS)
                        if message is None:
                            await pubsub.ping()  # or a silent loss of the connection stays unnoticed
                        elif message["type"] == "psubscribe":
                            self._listening.set()
                        elif message["type"] == "pmessage":
                            channel = message["channel"].removeprefix(self._prefix)
                            self._local.deliver(channel, message["data"])
            except (RedisError, OSError) as error:
                self._listening.clear()
                logger.warning("channels_local", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def publish(self, channel: str, message: str) -> None:
        try:
            await self._redis.publish(self._prefix + channel, message)
        except (RedisError, OSError):
            await self._local.publish(channel, message)

    @contextlib.asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._listening.wait(), POLL_SECONDS)
        async with self._local.subscribe(channel) as messages:
            yield messages

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await end(self._listener)
