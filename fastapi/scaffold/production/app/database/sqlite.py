"""SQLite with one change of threads for each statement: aiosqlite makes one to open the cursor, one to execute, one to
fetch and one to close, and each costs more than the statement itself."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import aiosqlite


class Cursor(aiosqlite.Cursor):
    """A cursor that fetches all rows where it executes, in the thread of its connection."""

    _cursor: sqlite3.Cursor

    def __init__(self, connection: "Connection") -> None:
        self._conn = connection
        self._in_thread: Any = connection._execute
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        await self._in_thread(self._run, sql, tuple(parameters or ()))
        return self

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self._cursor = self._conn._conn.execute(sql, parameters)
        self._rows = self._cursor.fetchall()

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        self._cursor = await self._in_thread(self._conn._conn.executemany, sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []  # the statement has ended with its last row


class Connection(aiosqlite.Connection):
    """A connection whose cursors are those, and which has nothing to undo where nothing was written."""

    async def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()


def connect(path: str, wait: float) -> Connection:
    """A connection to a file, to be awaited; ``wait`` is how many seconds it waits for another one that writes."""
    connection = Connection(lambda: sqlite3.connect(path, timeout=wait), iter_chunk_size=64)
    connection._thread.daemon = True  # a connection that nobody closed must not keep the process
    return connection
