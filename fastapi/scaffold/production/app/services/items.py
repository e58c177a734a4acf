"""What is done with items."""

import uuid
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.events import EventBus
from app.database.data_layer.items import ItemDAO, ItemFilter
from app.exceptions.custom_exceptions import Conflict, Forbidden, NotFound, UnprocessableValue
from app.models import Item, Status
from app.schemas.items import ItemChange, ItemCreation, ItemReplacement
from app.services.audit import AuditService
from app.utils.pagination import Page, PageRequest


class ItemService:
    """Reads items for everyone, changes them for their owners and for who may change any."""

    def __init__(self, session: AsyncSession, events: EventBus, audit: AuditService) -> None:
        self.session = session
        self.items = ItemDAO(session)
        self.events = events
        self.audit = audit

    async def statuses(self) -> Sequence[Status]:
        """The statuses that items can have."""
        return await self.items.statuses()

    async def page(self, request: PageRequest, which: ItemFilter) -> Page[Item]:
        """The items that fit."""
        return await self.items.page(request, *which.conditions())

    async def get(self, id: uuid.UUID) -> Item:
        """The item of that id.

        Raises:
            NotFound: where there is none.
        """
        item = await self.items.get(id)
        if item is None:
            raise NotFound("There is no such item.")
        return item

    async def get_for_change(self, id: uuid.UUID, actor_id: uuid.UUID, any_owner: bool) -> Item:
        """The item, where the actor may change it.

        Raises:
            NotFound: where there is none.
            Forbidden: where it is someone else's.
        """
        item = await self.get(id)
        if item.owner_id != actor_id and not any_owner:
            raise Forbidden("The item is someone else's.")
        return item

    async def create(self, data: ItemCreation, owner_id: uuid.UUID) -> Item:
        """Add an item.

        Raises:
            UnprocessableValue: there is no such status.
        """
        await self._check_status(data.status)
        try:
            item = await self.items.add(Item(**data.model_dump(), owner_id=owner_id))
            await self.session.commit()
        except IntegrityError as error:  # the owner or the status was deleted just now
            await self.session.rollback()
            raise Conflict from error
        await self.audit.record("item.created", owner_id, item.id)
        await self.events.publish("item.created", {"item_id": str(item.id), "owner_id": str(owner_id)})
        return item

    async def change(self, item: Item, change: ItemReplacement | ItemChange, actor_id: uuid.UUID) -> Item:
        """Change the fields that the client sent.

        Raises:
            Conflict: the item has changed meanwhile.
            UnprocessableValue: there is no such status.
        """
        fields = change.model_dump(exclude_unset=True)
        if "status" in fields:
            await self._check_status(fields["status"])
        for name, value in fields.items():
            setattr(item, name, value)
        try:
            await self.items.save(item)
            await self.session.commit()
        except (StaleDataError, IntegrityError) as error:
            await self.session.rollback()
            raise Conflict from error
        await self.audit.record("item.changed", actor_id, item.id, fields=sorted(fields))
        await self.events.publish("item.changed", {"item_id": str(item.id)})
        return item

    async def delete(self, item: Item, actor_id: uuid.UUID) -> None:
        """Delete an item.

        Raises:
            Conflict: the item has changed meanwhile.
        """
        try:
            await self.items.delete(item)
            await self.session.commit()
        except StaleDataError as error:
            await self.session.rollback()
            raise Conflict from error
        await self.audit.record("item.deleted", actor_id, item.id)
        await self.events.publish("item.deleted", {"item_id": str(item.id)})

    async def _check_status(self, code: str) -> None:
        if not await self.items.status_exists(code):
            raise UnprocessableValue("There is no such status.")
