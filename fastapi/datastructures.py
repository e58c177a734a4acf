"""Uploaded files, placeholders for default values, and Starlette's data structures."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeVar, cast

from pydantic import GetJsonSchemaHandler
from pydantic_core.core_schema import with_info_plain_validator_function
from starlette.datastructures import URL as URL
from starlette.datastructures import Address as Address
from starlette.datastructures import FormData as FormData
from starlette.datastructures import Headers as Headers
from starlette.datastructures import QueryParams as QueryParams
from starlette.datastructures import State as State
from starlette.datastructures import UploadFile as StarletteUploadFile


class UploadFile(StarletteUploadFile):
    """A file that a client uploaded in a form.

    It is spooled: small files stay in memory, larger ones go to disk. The methods are those of the file
    behind it, run in a thread where they could block.

    Attributes:
        file: the file object itself, for code that is not async.
        filename: the name the client gave it.
        size: length in bytes.
        headers: the headers of its part of the form.
        content_type: the media type the client gave it.
    """

    file: BinaryIO
    filename: str | None
    size: int | None
    headers: Headers
    content_type: str | None

    async def write(self, data: bytes) -> None:
        """Write ``data`` at the current position."""
        await super().write(data)

    async def read(self, size: int = -1) -> bytes:
        """Read ``size`` bytes from the current position, or all that follows it when negative."""
        return await super().read(size)

    async def seek(self, offset: int) -> None:
        """Set the current position, counted in bytes from the start of the file."""
        await super().seek(offset)

    async def close(self) -> None:
        """Close the file; a spooled one is deleted."""
        await super().close()

    @classmethod
    def _validate(cls, value: Any, _: Any) -> "UploadFile":
        if not isinstance(value, StarletteUploadFile):
            raise ValueError(f"Expected UploadFile, received: {type(value)}")
        return cast(UploadFile, value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Mapping[str, Any], handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: Callable[[Any], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        return with_info_plain_validator_function(cls._validate)


class DefaultPlaceholder:
    """A default value that can be told from the same value given by a user.

    Routers and applications use it to find, from the inside out, the first value that someone chose.

    Args:
        value: the default itself; the placeholder is true and equal to another where the value is.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and bool(other.value == self.value)


DefaultType = TypeVar("DefaultType")


def Default(value: DefaultType) -> DefaultType:
    """Mark ``value`` as a default; to type checkers it stays what it is.

    Returns:
        A ``DefaultPlaceholder`` around the value.
    """
    return cast(DefaultType, DefaultPlaceholder(value))
