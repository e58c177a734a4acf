"""What lives as long as the process: opened at its start, closed at its end, in one place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.core.config import Settings
from app.core.events import EventBus
from app.core.keys import open_key_ring
from app.core.logger import get_logger
from app.core.security import TokenCodec
from app.database.data_layer.audit import SqlAuditStore
from app.database.data_layer.tokens import TokenDAO
from app.database.postgres import Database
from app.models import utc_now
from app.services.audit import AuditService
from app.services.health import Component, HealthService
from app.services.rate_limiter import RateLimiter
from app.utils.circuit_breaker import CircuitBreaker
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
    audit: AuditService
    limiter: RateLimiter
    health: HealthService

    @property
    def breakers(self) -> list[CircuitBreaker]:
        """The breakers of this process."""
        return [self.audit.breaker, self.limiter.breaker]


async def _forget_ended_tokens(database: Database) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            async with database.session() as session:
                await TokenDAO(session).forget_ended(utc_now())
                await session.commit()
        except Exception as error:
            logger.warning("housekeeping_failed", error=type(error).__name__)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


@contextlib.asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
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
        stack.push_async_callback(_stop, asyncio.create_task(_forget_ended_tokens(database)))
        yield Resources(
            settings=settings,
            database=database,
            codec=codec,
            hasher=hasher,
            events=EventBus(),
            audit=AuditService(SqlAuditStore(database)),
            limiter=RateLimiter(settings.limits, settings.redis_url),
            health=HealthService([Component("database", True, database.ping)]),
        )
