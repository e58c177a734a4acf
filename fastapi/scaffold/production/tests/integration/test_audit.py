"""The audit log."""

from collections.abc import Sequence

import pytest

from app.database.data_layer.audit import AuditRecord, SqlAuditStore
from app.services.audit import AuditService
from app.services.resources import Resources

pytestmark = pytest.mark.anyio


class BrokenStore:
    async def add(self, record: AuditRecord) -> None:
        raise ConnectionError

    async def latest(self, limit: int = 100, action: str | None = None) -> Sequence[AuditRecord]:
        raise ConnectionError

    async def ping(self) -> None:
        raise ConnectionError


async def test_records_go_elsewhere_while_the_store_is_out_of_reach(resources: Resources) -> None:
    service = AuditService(BrokenStore(), SqlAuditStore(resources.database))
    for number in range(5):
        await service.record("tested", None, number)
    assert [record.target for record in await service.latest(3)] == ["4", "3", "2"]
    assert service.breaker.state.value == "open"


async def test_a_record_that_can_be_kept_nowhere_fails_nothing() -> None:
    await AuditService(BrokenStore()).record("tested")
    await AuditService(BrokenStore(), BrokenStore()).record("tested")
    with pytest.raises(ConnectionError):
        await AuditService(BrokenStore()).latest()
