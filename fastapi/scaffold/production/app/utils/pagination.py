"""Pages: by offset, or by cursor, which stays right and fast while rows come and go."""

import base64
import binascii
import datetime
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_READERS: dict[str, Callable[[str], Any]] = {
    "d": datetime.datetime.fromisoformat,
    "u": uuid.UUID,
    "i": int,
    "s": str,
}


class InvalidCursor(ValueError):
    """The cursor was not made here, or for another order."""


@dataclass(frozen=True)
class SortKey:
    """One field of an order."""

    field: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True)
class PageRequest:
    """Which rows: their order, how many, and from where."""

    sort: tuple[SortKey, ...]
    limit: int = 20
    offset: int = 0
    cursor: str | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows, how many there are in all (by offset only), and where the next page begins."""

    rows: Sequence[T]
    total: int | None
    next_cursor: str | None


def parse_sort(text: str, allowed: Sequence[str]) -> tuple[SortKey, ...]:
    """Read ``-created_at,title``.

    Raises:
        ValueError: for fields that are not allowed, or twice the same.
    """
    keys = [SortKey(part.removeprefix("-"), part.startswith("-")) for part in text.split(",") if part]
    fields = [key.field for key in keys]
    if not keys or len(set(fields)) != len(fields) or not set(fields) <= set(allowed):
        raise ValueError(f"sort takes {', '.join(allowed)}, each once, with - before it for descending")
    return tuple(keys)


def _pack(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return "d" + value.isoformat()
    if isinstance(value, uuid.UUID):
        return "u" + str(value)
    if isinstance(value, int):
        return "i" + str(value)
    return "s" + str(value)


def encode_cursor(sort: Sequence[SortKey], values: Sequence[Any]) -> str:
    """A text that names the row with these values as the last one seen."""
    text = json.dumps([",".join(map(str, sort)), *map(_pack, values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(sort: Sequence[SortKey], cursor: str) -> list[Any]:
    """The values of the last row seen.

    Raises:
        InvalidCursor: where the cursor does not belong to this order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        order, *packed = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        values = [_READERS[text[0]](text[1:]) for text in packed]
    except (binascii.Error, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise InvalidCursor("the cursor is not one of ours") from error
    if order != ",".join(map(str, sort)) or len(values) != len(sort):
        raise InvalidCursor("the cursor belongs to another order")
    return values
