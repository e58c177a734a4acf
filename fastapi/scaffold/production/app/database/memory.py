"""A database in memory, for prototypes and tests: tables of records by id, safe for tasks and threads."""

import copy
import functools
import threading
import uuid
from typing import Any

Record = dict[str, Any]


class MemoryDatabase:
    """Create, read, update, delete, find. What goes in and out is copied: nobody changes a record by accident."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held for single steps that never wait
        self._tables: dict[str, dict[str, Record]] = {}

    async def create(self, table: str, data: Record) -> Record:
        """Keep a record under a new ``id`` and return it.

        Raises:
            ValueError: where the data has an ``id`` that exists.
        """
        record = {"id": str(uuid.uuid4()), **copy.deepcopy(data)}
        with self._lock:
            rows = self._tables.setdefault(table, {})
            if record["id"] in rows:
                raise ValueError(f"{table} has a record {record['id']!r} already")
            rows[record["id"]] = record
            return copy.deepcopy(record)

    async def read(self, table: str, id: str) -> Record | None:
        """The record of that id."""
        with self._lock:
            return copy.deepcopy(self._tables.get(table, {}).get(id))

    async def read_all(self, table: str, limit: int | None = None, offset: int = 0) -> list[Record]:
        """The records in the order they came."""
        with self._lock:
            rows = list(self._tables.get(table, {}).values())[offset:]
            return copy.deepcopy(rows if limit is None else rows[:limit])

    async def update(self, table: str, id: str, changes: Record) -> Record | None:
        """Change fields of a record, never its ``id``; ``None`` where there is no such record."""
        with self._lock:
            record = self._tables.get(table, {}).get(id)
            if record is None:
                return None
            record.update(copy.deepcopy({name: value for name, value in changes.items() if name != "id"}))
            return copy.deepcopy(record)

    async def delete(self, table: str, id: str) -> bool:
        """Remove a record; ``False`` where there was none."""
        with self._lock:
            return self._tables.get(table, {}).pop(id, None) is not None

    async def find_by_field(self, table: str, field: str, value: Any) -> list[Record]:
        """The records whose field has the value."""
        with self._lock:
            rows = self._tables.get(table, {}).values()
            return copy.deepcopy([row for row in rows if field in row and row[field] == value])


@functools.cache
def _database() -> MemoryDatabase:
    return MemoryDatabase()


async def get_db() -> MemoryDatabase:
    """The database of this process."""
    return _database()
