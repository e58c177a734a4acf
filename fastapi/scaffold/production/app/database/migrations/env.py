"""Alembic's entry: which database, which tables."""

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.core.config import get_settings
from app.models import Base
from app.models.base import UtcDateTime

MIGRATION_LOCK = 7_166_112
url: str = context.config.attributes.get("url") or get_settings().async_database_url


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write times as SQLAlchemy's own type, so that migrations do not depend on the code of today."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection | None) -> None:
    """Run the migrations, or write them as SQL where there is no connection (``--sql``)."""
    context.configure(
        connection=connection,
        url=None if connection else url,
        target_metadata=Base.metadata,
        literal_binds=connection is None,
        render_as_batch=url.startswith("sqlite"),  # SQLite cannot alter columns in place
        compare_type=True,
        render_item=render_item,
    )
    if connection is not None and connection.dialect.name == "postgresql":
        # Of several that start at once one migrates, and the others find it done.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Run the migrations on the database."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    run(None)
else:
    asyncio.run(run_online())
