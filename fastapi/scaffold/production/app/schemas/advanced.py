"""What clients send and get where answers are more than one body."""

import datetime
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from app.schemas.common import Body, Text, View

EventName = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z_]+)+$", max_length=64)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e100, le=1e100)]


class Done(View):
    """What was done, and in which way."""

    result: str
    type: Literal["async", "blocking", "cached", "background"]


class Computation(Body):
    """How much is computed: the primes below ``iterations`` are counted."""

    iterations: int = Field(ge=0, le=5_000_000)


class Computed(View):
    """What was computed."""

    result: int
    type: Literal["cpu"] = "cpu"


class Sample(Body):
    """Numbers to be summarised, and the group of each where they are of groups."""

    values: list[Number] = Field(min_length=1, max_length=100_000)
    groups: list[Annotated[str, Field(max_length=64)]] | None = None

    @model_validator(mode="after")
    def _name_a_group_for_each(self) -> Self:
        if self.groups is not None and len(self.groups) != len(self.values):
            raise ValueError("there must be as many groups as values")
        return self


class Summary(View):
    """Numbers in short."""

    count: int
    min: float
    max: float
    mean: float
    median: float
    deviation: float


class SampleSummary(Summary):
    """Numbers in short, and those of each group."""

    groups: dict[str, Summary] = {}


class Publication(Body):
    """An event for the bus."""

    name: EventName
    data: dict[str, Any] = {}


class Published(View):
    """How many subscribers of this process took an event."""

    delivered: int


class ChatMessage(Body):
    """What clients send to the chat: something to say, or the access token of who says it."""

    type: Literal["message", "auth"]
    content: Text = Field(min_length=1, max_length=4096)


class FetchedView(View):
    """What another service answered."""

    url: str
    status: int
    media_type: str
    size: int


class AuditView(View):
    """An entry of the audit log."""

    id: uuid.UUID
    at: datetime.datetime
    action: str
    actor_id: uuid.UUID | None
    target: str
    request_id: str
    details: dict[str, Any]
