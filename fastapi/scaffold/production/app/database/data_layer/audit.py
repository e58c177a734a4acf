"""The audit log, in the relational database or in MongoDB."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from sqlalchemy import select

from app.core.context import request_id
from app.database.mongo import Mongo
from app.database.postgres import Database
from app.models import AuditEvent, utc_now

COLLECTION = "audit_events"


def _now() -> datetime.datetime:
    """The time in milliseconds, which is what MongoDB keeps."""
    now = utc_now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class AuditRecord:
    """Who did what to what."""

    action: str
    actor_id: uuid.UUID | None = None
    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    at: datetime.datetime = field(default_factory=_now)
    request_id: str = field(default_factory=request_id.get)


class AuditStore(Protocol):
    """Where records are kept: they are added and read, never changed."""

    async def add(self, record: AuditRecord) -> None:
        """Keep a record; twice the same is once."""

    async def latest(self, limit: int = 100, action: str | None = None) -> Sequence[AuditRecord]:
        """The newest records first, of one action or of all."""

    async def ping(self) -> None:
        """Raise where the store is out of reach."""


class SqlAuditStore:
    """Records in the relational database, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, record: AuditRecord) -> None:
        async with self._database.session() as session:
            await session.merge(AuditEvent(**asdict(record)))
            await session.commit()

    async def latest(self, limit: int = 100, action: str | None = None) -> Sequence[AuditRecord]:
        statement = select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.id).limit(limit)
        if action is not None:
            statement = statement.where(AuditEvent.action == action)
        async with self._database.session() as session:
            rows = (await session.scalars(statement)).all()
        names = AuditRecord.__dataclass_fields__
        return [AuditRecord(**{name: getattr(row, name) for name in names}) for row in rows]

    async def ping(self) -> None:
        await self._database.ping()


class MongoAuditStore:
    """Records in MongoDB."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def add(self, record: AuditRecord) -> None:
        document = asdict(record)
        document["_id"] = document.pop("id")
        await self._mongo.collection(COLLECTION).replace_one({"_id": document["_id"]}, document, upsert=True)

    async def latest(self, limit: int = 100, action: str | None = None) -> Sequence[AuditRecord]:
        where = {"action": action} if action is not None else {}
        cursor = self._mongo.collection(COLLECTION).find(where).sort([("at", -1), ("_id", 1)]).limit(limit)
        return [AuditRecord(id=document.pop("_id"), **document) async for document in cursor]

    async def ping(self) -> None:
        await self._mongo.ping()
