"""The audit log as the application uses it: it never fails a request."""

import heapq
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

from app.core.logger import get_logger
from app.database.data_layer.audit import AuditRecord, AuditStore
from app.utils.circuit_breaker import CircuitBreaker

logger = get_logger(__name__)


class AuditService:
    """Records go to the store; while that is out of reach, to its stand-in, and always to the log."""

    def __init__(self, store: AuditStore, stand_in: AuditStore | None = None) -> None:
        self.store = store
        self.stand_in = stand_in
        self.breaker = CircuitBreaker("audit store", threshold=3)

    async def record(
        self, action: str, actor_id: uuid.UUID | None = None, target: object = "", **details: Any
    ) -> None:
        """Keep who did what to what."""
        record = AuditRecord(action, actor_id, str(target), details)
        logger.info("audit", action=action, actor_id=str(actor_id), target=record.target, **details)
        try:
            await self.breaker.call(lambda: self.store.add(record))
        except Exception as error:
            logger.warning("audit_store_failed", error=type(error).__name__)
            await self._record_elsewhere(record)

    async def _record_elsewhere(self, record: AuditRecord) -> None:
        if self.stand_in is None:
            return
        try:
            await self.stand_in.add(record)
        except Exception as error:
            logger.error("audit_record_only_in_log", error=type(error).__name__)

    async def latest(self, limit: int = 100, action: str | None = None) -> Sequence[AuditRecord]:
        """The newest records of the store and of its stand-in, as far as they are in reach."""
        found: list[Sequence[AuditRecord]] = []
        try:
            found.append(await self.breaker.call(lambda: self.store.latest(limit, action)))
        except Exception as error:
            if self.stand_in is None:
                raise
            logger.warning("audit_store_failed", error=type(error).__name__)
        if self.stand_in is not None:
            found.append(await self.stand_in.latest(limit, action))
        merged = heapq.merge(*found, key=lambda record: record.at, reverse=True)
        return list(itertools.islice(merged, limit))
