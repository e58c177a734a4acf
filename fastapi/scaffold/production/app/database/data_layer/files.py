"""Statements about uploaded files."""

from typing import ClassVar

from app.database.data_layer.base_dao import BaseDAO
from app.models import StoredFile


class FileDAO(BaseDAO[StoredFile]):
    """The table of files."""

    model = StoredFile
    sortable: ClassVar[tuple[str, ...]] = ("created_at", "name", "size")
