"""What is done with items, in this request's unit of work."""

import uuid
from typing import Annotated

from fastapi import Depends, Query

from app.database.data_layer.items import ItemFilter
from app.dependencies.resources import CurrentResources, CurrentSession
from app.schemas.common import Count, Moment, Text
from app.services.items import ItemService


async def get_item_service(resources: CurrentResources, session: CurrentSession) -> ItemService:
    """The service of items."""
    return ItemService(session, resources.events, resources.audit)


async def get_item_filter(
    q: Annotated[Text | None, Query(max_length=200, description="part of title or description")] = None,
    status: Annotated[Text | None, Query(max_length=16)] = None,
    owner_id: uuid.UUID | None = None,
    min_price_cents: Count | None = None,
    max_price_cents: Count | None = None,
    created_after: Moment | None = None,
    created_before: Moment | None = None,
) -> ItemFilter:
    """Which items the query asks for."""
    return ItemFilter(q, status, owner_id, min_price_cents, max_price_cents, created_after, created_before)


CurrentItemService = Annotated[ItemService, Depends(get_item_service)]
CurrentItemFilter = Annotated[ItemFilter, Depends(get_item_filter)]
