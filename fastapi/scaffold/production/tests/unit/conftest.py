"""Pools of a test's own."""

from collections.abc import AsyncIterator

import pytest

from app.utils.concurrency import configure_pools, process_pool, thread_pool


@pytest.fixture
async def pools() -> AsyncIterator[None]:
    """Small pools in the place of those of this process."""
    threads, processes = thread_pool(1, 0, "test"), process_pool(1, 0)
    configure_pools(threads, processes)
    yield
    await threads.close()
    await processes.close()
