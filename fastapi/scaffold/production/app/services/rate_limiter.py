"""How often clients may call: counted in Redis for all workers, in this process where there is none."""

import math
import time
from collections.abc import Mapping

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from app.core.logger import get_logger
from app.exceptions.custom_exceptions import RateLimited
from app.utils.circuit_breaker import CircuitBreaker, CircuitOpen

logger = get_logger(__name__)


def open_storage(redis_url: str, pool: "ConnectionPool") -> Storage:
    """Where the calls of all workers are counted."""
    return RedisStorage(
        f"async+{redis_url}",
        wrap_exceptions=True,
        implementation="redispy",
        connection_pool=pool,  # type: ignore[arg-type]
    )


class RateLimiter:
    """Moving windows: of any span as long as the limit's, no more than so many calls.

    While Redis is out of reach every worker counts for itself: the limits get laxer by the number of workers, and
    never end.
    """

    def __init__(self, limits: Mapping[str, str], redis_url: str | None = None) -> None:
        self._limits: dict[str, RateLimitItem] = {name: parse(text) for name, text in limits.items()}
        self._local = self._shared = MovingWindowRateLimiter(MemoryStorage())
        self._pool: ConnectionPool | None = None
        if redis_url is not None:
            # Its own connections: the storage wants bytes where the rest of the application wants text.
            self._pool = ConnectionPool.from_url(redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
            self._shared = MovingWindowRateLimiter(open_storage(redis_url, self._pool))
        self.breaker = CircuitBreaker("rate limits", threshold=2, recovery=5.0, failures=(StorageError,))

    async def hit(self, limit: str, client: str) -> None:
        """Count a call.

        Raises:
            RateLimited: where it is one too many; tells the seconds after which one is allowed.
        """
        item = self._limits[limit]
        try:
            await self.breaker.call(lambda: self._hit(self._shared, item, limit, client))
        except (StorageError, CircuitOpen) as error:
            logger.warning("rate_limits_local", error=type(error).__name__)
            await self._hit(self._local, item, limit, client)

    async def _hit(
        self, limiter: MovingWindowRateLimiter, item: RateLimitItem, limit: str, client: str
    ) -> None:
        if not await limiter.hit(item, limit, client):
            window = await limiter.get_window_stats(item, limit, client)
            raise RateLimited(max(1, math.ceil(window.reset_time - time.time())))

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.aclose()
