"""MongoDB, through pymongo's asynchronous interface."""

from typing import Any

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.uri_parser import parse_uri

Document = dict[str, Any]
TIMEOUT_MILLISECONDS = 2000


class Mongo:
    """A client of the database that the address names (``app`` where it names none)."""

    def __init__(self, url: str) -> None:
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            url, serverSelectionTimeoutMS=TIMEOUT_MILLISECONDS, timeoutMS=TIMEOUT_MILLISECONDS
        )
        self._name = parse_uri(url).get("database") or "app"

    def collection(self, name: str) -> AsyncCollection[Document]:
        """A collection, whose times have zones."""
        options: CodecOptions[Document] = CodecOptions(
            tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
        )
        return self._client[self._name].get_collection(name, codec_options=options)

    async def ping(self) -> None:
        """Raise where the server is out of reach."""
        await self._client.admin.command("ping")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()
