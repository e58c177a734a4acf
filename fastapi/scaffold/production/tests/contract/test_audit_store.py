"""Every audit store keeps records the same way."""

import datetime
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from app.core.config import Settings
from app.database.data_layer.audit import AuditRecord, AuditStore, MongoAuditStore, SqlAuditStore
from app.database.mongo import Mongo
from app.database.postgres import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgresql", "mongo"])
async def store(
    request: pytest.FixtureRequest, make_settings: Callable[..., Settings]
) -> AsyncIterator[AuditStore]:
    if request.param == "mongo":
        mongo = Mongo(request.getfixturevalue("mongo_url"))
        yield MongoAuditStore(mongo)
        await mongo.close()
        return
    changes = {}
    if request.param == "postgresql":
        changes = {"database_url": request.getfixturevalue("postgresql_url")}
    database = Database(make_settings(**changes))
    if request.param == "postgresql":
        await database.migrate()
    yield SqlAuditStore(database)
    await database.close()


async def test_the_newest_records_come_first(store: AuditStore) -> None:
    await store.ping()
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    action = f"tested.{uuid.uuid4().hex}"
    records = [
        AuditRecord(
            action,
            uuid.uuid4(),
            f"target {number}",
            {"fields": ["a", {"b": None}], "number": number},
            at=begin + datetime.timedelta(milliseconds=number),
            request_id="r",
        )
        for number in range(3)
    ]
    for record in records:
        await store.add(record)
    await store.add(AuditRecord(f"{action}.other"))
    assert list(await store.latest(2, action)) == [records[2], records[1]]
    assert {record.action for record in await store.latest(4)} >= {action}


async def test_a_record_that_comes_twice_is_kept_once(store: AuditStore) -> None:
    record = AuditRecord(f"twice.{uuid.uuid4().hex}")
    await store.add(record)
    await store.add(record)
    assert list(await store.latest(10, record.action)) == [record]
