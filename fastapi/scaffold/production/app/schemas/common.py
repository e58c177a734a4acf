"""What several schemas are made of."""

import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import Self

from app.utils.pagination import Page, PageRequest

T = TypeVar("T")


def _without_nul(text: str) -> str:
    if "\0" in text:  # PostgreSQL keeps none
        raise ValueError("the character NUL is not allowed")
    return text


def _in_utc(moment: datetime.datetime) -> datetime.datetime:
    try:
        return moment.astimezone(datetime.timezone.utc)
    except OverflowError:
        raise ValueError("the time is out of range") from None


Text = Annotated[str, AfterValidator(_without_nul)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Body(BaseModel):
    """What clients send: fields that are not named here are refused, so that nobody sets what is not theirs."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class View(BaseModel):
    """What clients are sent: only the fields that are named here."""

    model_config = ConfigDict(from_attributes=True)


class PageView(BaseModel, Generic[T]):
    """A page. ``total`` is counted for pages by offset; ``next_cursor`` is absent on the last page."""

    items: list[T]
    total: int | None = None
    limit: int
    offset: int | None = None
    next_cursor: str | None = None

    @classmethod
    def of(cls, found: Page[Any], asked: PageRequest) -> Self:
        """What was found, as it was asked for."""
        return cls.model_validate(
            {
                "items": list(found.rows),
                "total": found.total,
                "limit": asked.limit,
                "offset": None if asked.cursor else asked.offset,
                "next_cursor": found.next_cursor,
            }
        )
