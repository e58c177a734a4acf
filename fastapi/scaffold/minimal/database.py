"""The SQLite database: its tables, and a connection for each request."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

from fastapi import Depends

from config import Settings, get_settings

TABLES = """
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
"""


def create_tables(file: Path) -> None:
    """Creates what is missing in the database.

    Args:
        file: the file of the database; made when there is none.
    """
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
        connection.executescript(TABLES)


def connect(settings: Annotated[Settings, Depends(get_settings)]) -> Iterator[sqlite3.Connection]:
    """A connection for one request, whose changes are committed when its endpoint has returned.

    Yields:
        A connection whose rows are read by the names of their columns.
    """
    # One request uses it at a time, but the threads that run its parts may differ.
    with closing(sqlite3.connect(settings.database, check_same_thread=False)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            yield connection


Connection = Annotated[sqlite3.Connection, Depends(connect, scope="function")]
"""What an endpoint asks for. It commits before the response is sent: a client reads what it has written."""
