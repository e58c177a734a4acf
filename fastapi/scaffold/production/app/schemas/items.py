"""What clients send and get of items."""

import datetime
import uuid
from typing import Annotated

from pydantic import Field

from app.schemas.common import Body, Count, Text, View

Title = Annotated[Text, Field(min_length=1, max_length=200)]
Description = Annotated[Text, Field(max_length=10_000)]
StatusCode = Annotated[Text, Field(min_length=1, max_length=16)]


class ItemCreation(Body):
    """A new item; its owner is who sends it."""

    title: Title
    description: Description = ""
    price_cents: Count = 0
    status: StatusCode = "draft"


class ItemReplacement(Body):
    """All of an item that can be changed."""

    title: Title
    description: Description
    price_cents: Count
    status: StatusCode


class ItemChange(Body):
    """Some of an item: only fields that are there are changed."""

    title: Title = "-"
    description: Description = ""
    price_cents: Count = 0
    status: StatusCode = "draft"


class ItemView(View):
    """An item."""

    id: uuid.UUID
    title: str
    description: str
    price_cents: int
    status: str
    owner_id: uuid.UUID
    created_at: datetime.datetime
    updated_at: datetime.datetime
