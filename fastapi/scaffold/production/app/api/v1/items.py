"""Items: everyone who signed in reads them, their owners change them."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.security import Permission
from app.database.data_layer.items import ItemDAO
from app.dependencies.auth import Principal, Require
from app.dependencies.items import CurrentItemFilter, CurrentItemService
from app.dependencies.paging import CurrentPreconditions, paging
from app.models import Item, Status
from app.schemas.common import PageView
from app.schemas.items import ItemChange, ItemCreation, ItemReplacement, ItemView
from app.schemas.status import StatusView
from app.services.items import ItemService
from app.utils.conditional import Preconditions, entity_tag, list_tag
from app.utils.pagination import PageRequest

router = APIRouter(tags=["items"])
Reader = Annotated[Principal, Depends(Require(Permission.ITEMS_READ))]
Writer = Annotated[Principal, Depends(Require(Permission.ITEMS_WRITE))]


@router.get("/statuses", response_model=list[StatusView])
async def list_statuses(reader: Reader, service: CurrentItemService) -> Sequence[Status]:
    """The statuses that items can have."""
    return await service.statuses()


@router.head("/items", response_model=PageView[ItemView], operation_id="head_items")
@router.get("/items", response_model=PageView[ItemView])
async def list_items(
    reader: Reader,
    response: Response,
    service: CurrentItemService,
    preconditions: CurrentPreconditions,
    which: CurrentItemFilter,
    page: Annotated[PageRequest, Depends(paging(ItemDAO.sortable))],
) -> object:
    """A page of items, filtered and sorted."""
    found = await service.page(page, which)
    response.headers.update(preconditions.check(list_tag(found), reading=True))
    return PageView[ItemView].of(found, page)


@router.options("/items", status_code=204)
async def items_options() -> Response:
    """What can be done with all items."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})


@router.post("/items", response_model=ItemView, status_code=201)
async def create_item(
    data: ItemCreation, writer: Writer, service: CurrentItemService, response: Response
) -> Item:
    """Add an item; it is yours."""
    item = await service.create(data, writer.user.id)
    response.headers["Location"] = f"/api/v1/items/{item.id}"
    response.headers["ETag"] = entity_tag(item)
    return item


@router.head("/items/{item_id}", response_model=ItemView, operation_id="head_item")
@router.get("/items/{item_id}", response_model=ItemView)
async def get_item(
    item_id: uuid.UUID,
    reader: Reader,
    service: CurrentItemService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> Item:
    """An item."""
    item = await service.get(item_id)
    response.headers.update(preconditions.check(entity_tag(item), item.updated_at, reading=True))
    return item


@router.options("/items/{item_id}", status_code=204)
async def item_options(item_id: uuid.UUID) -> Response:
    """What can be done with an item."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"})


@router.put("/items/{item_id}", response_model=ItemView)
async def update_item(
    item_id: uuid.UUID,
    data: ItemReplacement,
    writer: Writer,
    service: CurrentItemService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> Item:
    """Change all of an item."""
    return await _change(item_id, data, writer, service, preconditions, response)


@router.patch("/items/{item_id}", response_model=ItemView)
async def change_item(
    item_id: uuid.UUID,
    data: ItemChange,
    writer: Writer,
    service: CurrentItemService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> Item:
    """Change some of an item."""
    return await _change(item_id, data, writer, service, preconditions, response)


@router.delete("/items/{item_id}", status_code=204)
async def delete_item(
    item_id: uuid.UUID, writer: Writer, service: CurrentItemService, preconditions: CurrentPreconditions
) -> Response:
    """Delete an item."""
    item = await _for_change(item_id, writer, service, preconditions)
    await service.delete(item, writer.user.id)
    return Response(status_code=204)


async def _for_change(
    item_id: uuid.UUID, writer: Principal, service: ItemService, preconditions: Preconditions
) -> Item:
    any_owner = writer.may(Permission.ITEMS_WRITE_ANY)
    item = await service.get_for_change(item_id, writer.user.id, any_owner)
    preconditions.check(entity_tag(item), item.updated_at, reading=False)
    return item


async def _change(
    item_id: uuid.UUID,
    data: ItemReplacement | ItemChange,
    writer: Principal,
    service: ItemService,
    preconditions: Preconditions,
    response: Response,
) -> Item:
    item = await _for_change(item_id, writer, service, preconditions)
    item = await service.change(item, data, writer.user.id)
    response.headers.update(preconditions.headers(entity_tag(item), item.updated_at))
    return item
