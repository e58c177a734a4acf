"""SQLite: statements over one change of threads."""

import pathlib
from collections.abc import AsyncIterator

import pytest

from app.database.sqlite import Connection, connect

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connection(tmp_path: pathlib.Path) -> AsyncIterator[Connection]:
    opened = await connect(str(tmp_path / "x.db"), 1)
    await (await opened.cursor()).execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    yield opened  # type: ignore[misc]
    await opened.close()


async def test_rows_come_with_their_statement(connection: Connection) -> None:
    cursor = await connection.cursor()
    await cursor.executemany("INSERT INTO t (name) VALUES (?)", [["a"], ["b"]])
    assert cursor.rowcount == 2
    await cursor.execute("INSERT INTO t (name) VALUES (?)", ["c"])
    assert (cursor.lastrowid, cursor.rowcount) == (3, 1)
    await connection.commit()
    await cursor.execute("SELECT name FROM t ORDER BY id")
    assert cursor.description[0][0] == "name"
    assert await cursor.fetchall() == [("a",), ("b",), ("c",)]
    await cursor.close()
    assert await cursor.fetchall() == []


async def test_what_was_written_is_undone(connection: Connection) -> None:
    cursor = await connection.cursor()
    await connection.rollback()
    await cursor.execute("INSERT INTO t (name) VALUES ('a')")
    assert connection.in_transaction
    await connection.rollback()
    await cursor.execute("SELECT count(*) FROM t")
    assert await cursor.fetchall() == [(0,)]
