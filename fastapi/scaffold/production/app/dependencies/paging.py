"""Pages and conditions, as query and headers ask for them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import Depends, Header, Query

from app.exceptions.custom_exceptions import UnprocessableValue
from app.utils.conditional import Preconditions
from app.utils.pagination import InvalidCursor, PageRequest, SortKey, decode_cursor, parse_sort


def paging(sortable: Sequence[str]) -> Callable[..., Awaitable[PageRequest]]:
    """Reads ``sort``, ``limit``, ``offset`` and ``cursor`` for rows that can be sorted by these fields."""

    async def read(
        sort: Annotated[
            str, Query(max_length=200, description=f"of {', '.join(sortable)}; - for descending")
        ] = "-created_at",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        cursor: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> PageRequest:
        if cursor is not None and offset:
            raise UnprocessableValue("A page begins at an offset or at a cursor, not at both.")
        try:
            keys = parse_sort(sort, sortable)
            if cursor is not None:
                decode_cursor((*keys, SortKey("id")), cursor)
        except (ValueError, InvalidCursor) as error:
            raise UnprocessableValue(str(error)) from error
        return PageRequest(keys, limit, offset, cursor)

    return read


async def read_preconditions(
    if_match: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
    if_modified_since: Annotated[str | None, Header()] = None,
    if_unmodified_since: Annotated[str | None, Header()] = None,
) -> Preconditions:
    """What the headers ask to be true."""
    return Preconditions(if_match, if_none_match, if_modified_since, if_unmodified_since)


CurrentPreconditions = Annotated[Preconditions, Depends(read_preconditions)]
