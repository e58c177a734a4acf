"""What every data access object does: create, read, list, count, delete."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Entity
from app.utils.pagination import Page, PageRequest, SortKey, decode_cursor, encode_cursor

ModelT = TypeVar("ModelT", bound=Entity)


class BaseDAO(Generic[ModelT]):
    """Statements about one table, in the caller's unit of work; nothing here commits."""

    model: ClassVar[type[Any]]
    sortable: ClassVar[tuple[str, ...]] = ("created_at",)

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, entity: ModelT) -> ModelT:
        """Insert a row."""
        self.session.add(entity)
        await self.session.flush()
        return entity

    async def get(self, id: uuid.UUID) -> ModelT | None:
        """The row of that id."""
        found: ModelT | None = await self.session.get(self.model, id)
        return found

    async def save(self, entity: ModelT) -> ModelT:
        """Write what was changed of a row."""
        await self.session.flush()
        return entity

    async def delete(self, entity: ModelT) -> None:
        """Delete a row."""
        await self.session.delete(entity)
        await self.session.flush()

    async def count(self, *where: ColumnElement[bool]) -> int:
        """How many rows fit."""
        return await self.session.scalar(select(func.count()).select_from(self.model).where(*where)) or 0

    async def page(self, request: PageRequest, *where: ColumnElement[bool]) -> Page[ModelT]:
        """The rows that fit, by offset or by cursor.

        Raises:
            InvalidCursor: where the cursor is not of this order.
        """
        # The id makes every order total, so that no row is seen twice or never.
        sort = (*request.sort, SortKey("id"))
        statement = select(self.model).where(*where)
        for key in sort:
            column = getattr(self.model, key.field)
            statement = statement.order_by(column.desc() if key.descending else column.asc())
        total = None
        if request.cursor is not None:
            statement = statement.where(self._after(sort, decode_cursor(sort, request.cursor)))
        else:
            total = await self.count(*where)
            statement = statement.offset(request.offset)
        found = (await self.session.scalars(statement.limit(request.limit + 1))).all()
        rows: Sequence[ModelT] = found[: request.limit]
        following = None
        if len(found) > request.limit:
            following = encode_cursor(sort, [getattr(rows[-1], key.field) for key in sort])
        return Page(rows, total, following)

    def _after(self, sort: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
        """Rows behind these values: (a > x) or (a = x and b > y) or …, because directions differ."""
        alternatives = []
        for index, key in enumerate(sort):
            column = getattr(self.model, key.field)
            beyond = column < values[index] if key.descending else column > values[index]
            equal = [getattr(self.model, sort[i].field) == values[i] for i in range(index)]
            alternatives.append(and_(*equal, beyond))
        return or_(*alternatives)


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """The column contains the text, whatever its case; ``%`` and ``_`` are only themselves."""
    found: ColumnElement[bool] = column.icontains(text, autoescape=True)
    return found
