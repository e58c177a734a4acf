"""What lives as long as the process: opened at its start, closed at its end, in one place."""

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from opentelemetry.sdk.trace import TracerProvider

from app.core.config import Settings
from app.core.events import EventBus, event_bus
from app.core.keys import open_key_ring
from app.core.logger import get_logger
from app.core.security import TokenCodec
from app.core.telemetry import trace_database, trace_redis, trace_requests
from app.database.data_layer.audit import MongoAuditStore, SqlAuditStore
from app.database.data_layer.tokens import TokenDAO
from app.database.mongo import Mongo
from app.database.postgres import Database
from app.database.redis import open_redis
from app.models import utc_now
from app.services.audit import AuditService
from app.services.broker_service import FastStreamBroker, InProcessBroker, connect, open_broker
from app.services.cache import CacheService, cache_breaker, close_cache, configure_cache
from app.services.chat import ChatService
from app.services.files import FileService
from app.services.health import Component, HealthService
from app.services.rate_limiter import RateLimiter
from app.services.redis_service import Channels, MemoryChannels, RedisChannels
from app.services.request_service import RequestService
from app.utils.circuit_breaker import CircuitBreaker
from app.utils.concurrency import configure_pools, end, process_pool, thread_pool
from app.utils.hashing import PasswordHasher

HOUSEKEEPING_SECONDS = 3600
logger = get_logger(__name__)


@dataclass
class Resources:
    """Everything that services are made of."""

    settings: Settings
    database: Database
    codec: TokenCodec
    hasher: PasswordHasher
    events: EventBus
    broker: InProcessBroker | FastStreamBroker
    audit: AuditService
    limiter: RateLimiter
    cache: CacheService
    channels: Channels
    chat: ChatService
    requests: RequestService
    health: HealthService

    @property
    def breakers(self) -> list[CircuitBreaker]:
        """The breakers of this process."""
        found = [self.audit.breaker, self.limiter.breaker, cache_breaker]
        if isinstance(self.broker, FastStreamBroker):
            found.append(self.broker.breaker)
        return found


async def _keep_house(database: Database, uploads: pathlib.Path, audit: AuditService) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            async with database.session() as session:
                await TokenDAO(session).forget_ended(utc_now())
                await session.commit()
                await FileService(session, uploads, audit).sweep()
        except Exception as error:
            logger.warning("housekeeping_failed", error=type(error).__name__)


@contextlib.asynccontextmanager
async def open_resources(
    settings: Settings, tracing: TracerProvider | None = None
) -> AsyncIterator[Resources]:
    """Open everything that the settings name; closes it in reverse order."""
    async with contextlib.AsyncExitStack() as stack:
        codec = TokenCodec(settings, open_key_ring(settings))
        database = Database(settings)
        stack.push_async_callback(database.close)
        if settings.migrates_on_start:
            await database.migrate()
        hasher = PasswordHasher(
            settings.hash_memory_kib, settings.hash_iterations, settings.hash_workers, settings.hash_queue
        )
        stack.push_async_callback(hasher.close)

        components = [Component("database", True, database.ping)]
        channels: Channels = MemoryChannels()
        if settings.redis_url:
            redis = open_redis(settings.redis_url)
            stack.push_async_callback(redis.aclose)
            channels = RedisChannels(redis)
            components.append(Component("redis", False, channels.ping))
        stack.push_async_callback(channels.close)
        configure_cache(settings.redis_url)
        stack.push_async_callback(close_cache)

        sql = SqlAuditStore(database)
        audit = AuditService(sql)
        if settings.mongo_url:
            mongo = Mongo(settings.mongo_url)
            stack.push_async_callback(mongo.close)
            audit = AuditService(MongoAuditStore(mongo), sql)
            components.append(Component("mongo", False, mongo.ping))

        housekeeping = asyncio.create_task(_keep_house(database, settings.upload_directory, audit))
        stack.push_async_callback(end, housekeeping)

        broker = open_broker(settings.broker_url, f"{settings.app_name}.events")
        stack.push_async_callback(broker.close)
        await connect(event_bus, broker)
        stack.callback(event_bus.disconnect)
        if settings.broker_url:
            components.append(Component("broker", False, broker.ping))

        limiter = RateLimiter(settings.limits, settings.redis_url)
        stack.push_async_callback(limiter.close)
        requests = RequestService()
        stack.push_async_callback(requests.close)
        threads = thread_pool(settings.thread_workers, settings.thread_queue, "blocking")
        stack.push_async_callback(threads.close)
        processes = process_pool(settings.process_workers, settings.process_queue)
        stack.push_async_callback(processes.close)
        configure_pools(threads, processes)
        if tracing is not None:
            stack.callback(trace_database(database.engine, tracing))
            if settings.redis_url:
                stack.callback(trace_redis(tracing))
            trace_requests(requests.client, tracing)
        yield Resources(
            settings=settings,
            database=database,
            codec=codec,
            hasher=hasher,
            events=event_bus,
            broker=broker,
            audit=audit,
            limiter=limiter,
            cache=CacheService(),
            channels=channels,
            chat=ChatService(channels),
            requests=requests,
            health=HealthService(components),
        )
