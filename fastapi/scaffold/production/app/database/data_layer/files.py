"""Statements about uploaded files."""

import uuid
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import select

from app.database.data_layer.base_dao import BaseDAO
from app.models import StoredFile

IDS_OF_A_STATEMENT = 500  # databases limit the parameters of one


class FileDAO(BaseDAO[StoredFile]):
    """The table of files."""

    model = StoredFile
    sortable: ClassVar[tuple[str, ...]] = ("created_at", "name", "size")

    async def owned(self, owner_id: uuid.UUID) -> Sequence[uuid.UUID]:
        """The ids of an owner's files."""
        return (
            await self.session.scalars(select(StoredFile.id).where(StoredFile.owner_id == owner_id))
        ).all()

    async def known(self, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the ids that have a row."""
        found: set[uuid.UUID] = set()
        for start in range(0, len(ids), IDS_OF_A_STATEMENT):
            some = ids[start : start + IDS_OF_A_STATEMENT]
            found.update(await self.session.scalars(select(StoredFile.id).where(StoredFile.id.in_(some))))
        return found
