"""Statements about items."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import ColumnElement, or_, select

from app.database.data_layer.base_dao import BaseDAO, contains
from app.models import Item, Status


@dataclass(frozen=True)
class ItemFilter:
    """Which items; ``None`` is whichever."""

    text: str | None = None
    status: str | None = None
    owner_id: uuid.UUID | None = None
    min_price_cents: int | None = None
    max_price_cents: int | None = None
    created_after: datetime.datetime | None = None
    created_before: datetime.datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.text is not None:
            found.append(or_(contains(Item.title, self.text), contains(Item.description, self.text)))
        if self.status is not None:
            found.append(Item.status == self.status)
        if self.owner_id is not None:
            found.append(Item.owner_id == self.owner_id)
        if self.min_price_cents is not None:
            found.append(Item.price_cents >= self.min_price_cents)
        if self.max_price_cents is not None:
            found.append(Item.price_cents <= self.max_price_cents)
        if self.created_after is not None:
            found.append(Item.created_at > self.created_after)
        if self.created_before is not None:
            found.append(Item.created_at < self.created_before)
        return found


class ItemDAO(BaseDAO[Item]):
    """The tables of items and of their statuses."""

    model = Item
    sortable: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "title", "price_cents", "status")

    async def statuses(self) -> Sequence[Status]:
        """All statuses, in their order."""
        return (await self.session.scalars(select(Status).order_by(Status.position))).all()

    async def status_exists(self, code: str) -> bool:
        """Whether there is such a status."""
        return await self.session.get(Status, code) is not None
