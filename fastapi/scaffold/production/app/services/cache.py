"""The cache: in Redis for all workers, in this process where there is none.

It holds what can be computed again: while Redis is out of reach everything is, and nothing fails.
"""

import functools
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

from cashews import Cache
from cashews.exceptions import CacheBackendInteractionError

from app.utils.circuit_breaker import CircuitBreaker, CircuitOpen, State

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = "mem://?size=10000&check_interval=10"
LOCK_SECONDS = 30
MISSING = object()
_cache = Cache(name="app")
_cache.setup(MEMORY)
cache_breaker = CircuitBreaker("cache", threshold=3, failures=(CacheBackendInteractionError,))


def configure_cache(redis_url: str | None) -> None:
    """Say where everything is cached from now on."""
    if redis_url is None:
        _cache.setup(MEMORY)
    else:
        # JSON and never pickle: whoever can write to Redis must not run code here.
        _cache.setup(redis_url, suppress=False, socket_timeout=1.0, pickle_type="json", client_side=False)


async def close_cache() -> None:
    """Close all connections."""
    await _cache.close()


async def _attempt(call: Callable[[], Awaitable[Any]], otherwise: Any) -> Any:
    try:
        return await cache_breaker.call(call)
    except (CacheBackendInteractionError, CircuitOpen):
        return otherwise


class CacheService:
    """Values by key, for a while. Values are what JSON can say."""

    def __init__(self, prefix: str = "value:") -> None:
        self._prefix = prefix

    async def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a value for ``ttl`` seconds, for ever where none are given."""
        text = json.dumps(value)
        await _attempt(lambda: _cache.set(self._prefix + key, text, expire=ttl), None)

    async def get(self, key: str, default: Any = None) -> Any:
        """The value, the default where there is none."""
        text = await _attempt(lambda: _cache.get(self._prefix + key), None)
        return default if text is None else json.loads(text)

    async def delete(self, key: str) -> bool:
        """Forget a value; ``False`` where there was none."""
        return bool(await _attempt(lambda: _cache.delete(self._prefix + key), False))

    async def ping(self) -> None:
        """Raise where the cache is out of reach."""
        await _cache.ping()


def cache_result(ttl: float) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Keep what a coroutine function returns for ``ttl`` seconds, by its arguments.

    Of many calls at once for something that is not kept, one computes and the others wait for it, across workers too:
    no stampede. Results and arguments are what JSON can say.
    """

    def decorate(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        name = f"{function.__module__}.{function.__qualname__}"
        service = CacheService(f"result:{name}:")

        @functools.wraps(function)
        async def cached(*args: P.args, **kwargs: P.kwargs) -> T:
            arguments = json.dumps([args, kwargs], sort_keys=True)
            key = hashlib.sha256(arguments.encode()).hexdigest()
            found = await service.get(key, MISSING)
            if found is not MISSING:
                return cast("T", found)
            if cache_breaker.state is State.OPEN:
                return await function(*args, **kwargs)
            try:
                async with _cache.lock(f"lock:{name}:{key}", expire=LOCK_SECONDS):
                    found = await service.get(key, MISSING)
                    if found is MISSING:
                        found = await function(*args, **kwargs)
                        await service.set(key, found, ttl)
            except CacheBackendInteractionError:  # of the lock, before or after
                if found is MISSING:
                    found = await function(*args, **kwargs)
            return cast("T", found)

        return cached

    return decorate
