"""The relational database: PostgreSQL, or SQLite where nothing is installed, from one code."""

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.core.config import Settings
from app.database.sqlite import connect

MIGRATIONS = pathlib.Path(__file__).parent / "migrations"


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for statement in (
        "PRAGMA journal_mode=WAL",  # readers and one writer do not wait for each other
        "PRAGMA synchronous=FULL",  # what was acknowledged survives the loss of power
        "PRAGMA foreign_keys=ON",
        "PRAGMA busy_timeout=5000",
    ):
        cursor.execute(statement)
    cursor.close()


class Database:
    """Connections to the database and sessions on them."""

    def __init__(self, settings: Settings) -> None:
        self.url = make_url(settings.async_database_url)
        # No overflow: what is opened beyond the pool is closed after one use, and opening costs more than waiting.
        options: dict[str, Any] = {
            "pool_size": settings.database_pool_size,
            "max_overflow": 0,
            "pool_timeout": 5,
            "pool_use_lifo": True,
        }
        if self.is_sqlite:
            options["async_creator"] = lambda: connect(self.url.database or "", 5)
        else:
            options |= {
                "pool_pre_ping": True,  # a file does not go away, a server may
                "connect_args": {"timeout": 5, "command_timeout": settings.request_timeout_seconds},
            }
        self.engine = create_async_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        readers = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._readers = async_sessionmaker(readers, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A unit of work; what was not committed at its end is undone."""
        async with self._sessions() as session:
            yield session

    @contextlib.asynccontextmanager
    async def reader(self) -> AsyncIterator[AsyncSession]:
        """A session for one reading statement; PostgreSQL is not asked to begin and end a transaction around it."""
        async with self._readers() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database something; raises where it does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self, revision: str = "head") -> None:
        """Bring the tables to a revision; in a thread, because Alembic runs a loop of its own."""
        await asyncio.to_thread(migrate, self.url.render_as_string(hide_password=False), revision)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the database at an address."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision: ``head`` upwards, ``base`` or an older one downwards."""
    if revision == "head":
        command.upgrade(alembic_config(url), revision)
    else:
        command.downgrade(alembic_config(url), revision)
