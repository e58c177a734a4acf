"""How often clients may call: counted in Redis for all workers, in this process where there is none."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from app.core.logger import get_logger
from app.exceptions.custom_exceptions import RateLimited
from app.utils.circuit_breaker import CircuitBreaker, CircuitOpen

logger = get_logger(__name__)


class LocalWindows:
    """The calls of this process. (The memory of `limits` starts a task for each call, which visits every client in
    turn, each in a thread.)"""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._swept = clock()

    def __len__(self) -> int:
        return len(self._calls)

    def hit(self, item: RateLimitItem, limit: str, client: str) -> float:
        """Count a call, unless it is one too many; returns the seconds until one is allowed, 0 where this one was."""
        now, span = self._clock(), item.get_expiry()
        calls = self._calls.setdefault((limit, client), deque())
        while calls and calls[0] <= now - span:
            calls.popleft()
        if len(calls) >= item.amount:
            return calls[0] + span - now
        calls.append(now)
        return 0.0

    def sweep(self, longest: float) -> None:
        """Forget the clients who have not called for the longest span, once in that time."""
        now = self._clock()
        if now - self._swept > longest:
            self._swept = now
            self._calls = {key: calls for key, calls in self._calls.items() if calls[-1] > now - longest}


class SharedWindows:
    """The calls of all workers, in Redis."""

    def __init__(self, redis_url: str) -> None:
        # Its own connections: the storage wants bytes where the rest of the application wants text.
        self._pool = ConnectionPool.from_url(redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
        self._limiter = MovingWindowRateLimiter(
            RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                connection_pool=self._pool,  # type: ignore[arg-type]
            )
        )

    async def hit(self, item: RateLimitItem, limit: str, client: str) -> float:
        """Count a call, unless it is one too many; returns the seconds until one is allowed, 0 where this one was.

        Raises:
            StorageError: Redis is out of reach.
        """
        if await self._limiter.hit(item, limit, client):
            return 0.0
        window = await self._limiter.get_window_stats(item, limit, client)
        return max(1.0, window.reset_time - time.time())

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class RateLimiter:
    """Moving windows: of any span as long as the limit's, no more than so many calls.

    While Redis is out of reach every worker counts for itself: the limits get laxer by the number of workers, and
    never end.
    """

    def __init__(self, limits: Mapping[str, str], redis_url: str | None = None) -> None:
        self._limits: dict[str, RateLimitItem] = {name: parse(text) for name, text in limits.items()}
        self._longest = max(item.get_expiry() for item in self._limits.values())
        self._local = LocalWindows()
        self._shared = None if redis_url is None else SharedWindows(redis_url)
        self.breaker = CircuitBreaker("rate limits", threshold=2, recovery=5.0, failures=(StorageError,))

    async def hit(self, limit: str, client: str) -> None:
        """Count a call.

        Raises:
            RateLimited: where it is one too many; tells the seconds after which one is allowed.
        """
        item = self._limits[limit]
        seconds = await self._wait(item, limit, client)
        if seconds:
            raise RateLimited(limit, item.amount, item.get_expiry(), math.ceil(seconds))

    async def _wait(self, item: RateLimitItem, limit: str, client: str) -> float:
        shared = self._shared
        if shared is not None:
            try:
                return await self.breaker.call(lambda: shared.hit(item, limit, client))
            except (StorageError, CircuitOpen) as error:
                logger.warning("rate_limits_local", error=type(error).__name__)
        self._local.sweep(self._longest)
        return self._local.hit(item, limit, client)

    async def close(self) -> None:
        """Close all connections."""
        if self._shared is not None:
            await self._shared.close()
