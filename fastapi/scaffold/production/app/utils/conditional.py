"""Conditional requests (RFC 9110 §13): do nothing twice, overwrite nothing unseen."""

import datetime
import email.utils
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol

from app.exceptions.custom_exceptions import NotModified, PreconditionFailed
from app.utils.pagination import Page


def parse_date(text: str | None) -> datetime.datetime | None:
    """The time that a header tells, ``None`` where it is no time."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(datetime.timezone.utc) if text else None
    except (ValueError, TypeError, OverflowError):
        return None


def format_date(at: datetime.datetime) -> str:
    """The time as headers tell it, in whole seconds."""
    return email.utils.format_datetime(at.astimezone(datetime.timezone.utc), usegmt=True)


def _tags(text: str) -> set[str]:
    return {part.strip() for part in text.split(",")}


@dataclass(frozen=True)
class Preconditions:
    """What a request asks to be true before it is carried out."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None

    def headers(self, etag: str, modified: datetime.datetime | None) -> dict[str, str]:
        """The headers that name this state."""
        named = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if modified:
            named["Last-Modified"] = format_date(modified)
        return named

    def check(self, etag: str, modified: datetime.datetime | None = None, *, reading: bool) -> dict[str, str]:
        """The headers that name this state, where the conditions hold; in the order of RFC 9110 §13.2.2.

        Raises:
            PreconditionFailed: the state is not the one that the client has seen.
            NotModified: the client has this state already (of a reading request only).
        """
        second = modified.replace(microsecond=0) if modified else None
        if self.if_match is not None:
            # Weak tags never match strongly (§8.8.3.2).
            if self.if_match.strip() != "*" and (etag.startswith("W/") or etag not in _tags(self.if_match)):
                raise PreconditionFailed
        elif second and (limit := parse_date(self.if_unmodified_since)) and second > limit:
            raise PreconditionFailed
        headers = self.headers(etag, modified)
        if self.if_none_match is not None:
            weak = {tag.removeprefix("W/") for tag in _tags(self.if_none_match)}
            if self.if_none_match.strip() == "*" or etag.removeprefix("W/") in weak:
                if reading:
                    raise NotModified(headers)
                raise PreconditionFailed
        elif reading and second and (since := parse_date(self.if_modified_since)) and second <= since:
            raise NotModified(headers)
        return headers


class Versioned(Protocol):
    """What changes its version with every change."""

    id: Any
    version: Any


def entity_tag(entity: Versioned) -> str:
    """The strong tag of an entity."""
    return f'"{entity.id.hex}-{entity.version}"'


def list_tag(page: Page[Any]) -> str:
    """The weak tag of a page: it changes with the rows, their order, their versions and their number."""
    state = [[entity_tag(row) for row in page.rows], page.total, page.next_cursor]
    return f'W/"{hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]}"'
