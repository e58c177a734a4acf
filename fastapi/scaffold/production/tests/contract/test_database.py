"""SQLite and PostgreSQL: the same tables, up and down, and the same decisions in races."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from app.core.config import Settings
from app.database.data_layer.items import ItemDAO, ItemFilter
from app.database.data_layer.tokens import TokenDAO
from app.database.postgres import Database
from app.models import Base, Item
from app.models.base import UtcDateTime
from app.services.resources import Resources, open_resources
from app.utils.pagination import PageRequest, SortKey
from tests.people import add_person

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgresql"])
async def settings(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Settings:
    if request.param == "sqlite":
        return make_settings()
    settings = make_settings(database_url=request.getfixturevalue("postgresql_url"))
    database = Database(settings)
    await database.migrate()
    await database.close()
    return settings


@pytest.fixture
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    async with open_resources(settings) as resources:
        yield resources


def differences(connection: Connection) -> list[object]:
    def same_type(*arguments: object) -> bool | None:
        return False if isinstance(arguments[4], UtcDateTime) else None

    context = MigrationContext.configure(connection, opts={"compare_type": same_type})
    return [found for found in compare_metadata(context, Base.metadata) if found]


async def test_migrations_make_the_tables_of_the_models_and_remove_them(settings: Settings) -> None:
    database = Database(settings)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.migrate("base")
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda inner: inspect(inner).get_table_names())
        assert set(names) <= {"alembic_version"}
    await database.migrate()
    await database.ping()
    await database.close()


async def test_of_racing_uses_of_a_refresh_token_one_wins(opened: Resources) -> None:
    person = await add_person(opened, "user")
    claims = opened.codec.read(person.refresh, "refresh")

    async def use() -> bool:
        async with opened.database.session() as session:
            won = await TokenDAO(session).use_refresh(claims.token_id)
            await session.commit()
            return won

    assert sorted(await asyncio.gather(*(use() for _ in range(6)))) == [False] * 5 + [True]


async def test_rows_are_filtered_sorted_and_paged_alike(opened: Resources) -> None:
    person = await add_person(opened, "user")
    async with opened.database.session() as session:
        items = ItemDAO(session)
        for title, price in [("Ä 100%", 2), ("b_c", 1), ("a", 2), ("\\", 3)]:
            await items.add(Item(title=title, price_cents=price, owner_id=person.id))
        await session.commit()
        for text, titles in [("100%", ["Ä 100%"]), ("_", ["b_c"]), ("B_", ["b_c"]), ("\\", ["\\"])]:
            page = await items.page(PageRequest((SortKey("title"),)), *ItemFilter(text=text).conditions())
            assert [row.title for row in page.rows] == titles
        request = PageRequest((SortKey("price_cents", True), SortKey("created_at")), limit=2)
        first = await items.page(request)
        rest = await items.page(PageRequest(request.sort, 2, cursor=first.next_cursor))
        assert [row.price_cents for row in (*first.rows, *rest.rows)] == [3, 2, 2, 1]
        assert rest.next_cursor is None
        assert all(row.created_at.tzinfo is not None for row in rest.rows)
