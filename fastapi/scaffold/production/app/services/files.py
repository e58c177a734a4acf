"""Uploaded files: streamed to disk, named by us, of the type that their bytes say."""

import asyncio
import contextlib
import hashlib
import pathlib
import time
import unicodedata
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import BinaryIO

import puremagic
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.data_layer.files import FileDAO
from app.exceptions.custom_exceptions import Forbidden, NotFound, UnsupportedMediaType
from app.models import StoredFile
from app.services.audit import AuditService
from app.utils.pagination import Page, PageRequest

CHUNK = 64 * 1024
SNIFFED_BYTES = 8192
ORPHAN_SECONDS = 3600  # far longer than a request lasts: an upload has its bytes before its row
ACCEPTED = frozenset(
    {"application/pdf", "application/zip", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain"}
)


def sniff(head: bytes) -> str:
    """The media type that the first bytes say.

    Raises:
        UnsupportedMediaType: for a type that is not accepted. HTML and SVG are not: they are programs.
    """
    try:
        media_type = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        media_type = ""
    if media_type in ACCEPTED - {"text/plain"}:
        return media_type
    if _is_text(head):
        return "text/plain"
    raise UnsupportedMediaType


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) - error.start > 3 or error.reason != "unexpected end of data":
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character in "\t\n\r\f" for character in text)


def safe_name(name: str | None) -> str:
    """The last part of a name, without what confuses terminals, headers or file systems."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in unicodedata.normalize("NFC", last) if character.isprintable())
    return kept.strip(". ")[:100] or "file"


class FileService:
    """Keeps files for their owners."""

    def __init__(self, session: AsyncSession, directory: pathlib.Path, audit: AuditService) -> None:
        self.session = session
        self.files = FileDAO(session)
        self.directory = directory
        self.audit = audit

    def path(self, id: uuid.UUID) -> pathlib.Path:
        """Where the bytes of a file are."""
        return self.directory / id.hex

    async def store(self, name: str | None, chunks: AsyncIterator[bytes], owner_id: uuid.UUID) -> StoredFile:
        """Keep a file. Its bytes are on disk before it is known, and gone where it does not become known.

        Raises:
            UnsupportedMediaType: for a type that is not accepted.
        """
        file = StoredFile(id=uuid.uuid4(), owner_id=owner_id, name=safe_name(name), size=0)
        path = self.path(file.id)
        await asyncio.to_thread(self.directory.mkdir, parents=True, exist_ok=True)
        try:
            await self._write(file, path, chunks)
            await self.files.add(file)
            await self.session.commit()
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        await self.audit.record("file.stored", owner_id, file.id, size=file.size)
        return file

    async def _write(self, file: StoredFile, path: pathlib.Path, chunks: AsyncIterator[bytes]) -> None:
        digest = hashlib.sha256()
        head = b""
        target: BinaryIO = await asyncio.to_thread(path.open, "xb")
        try:
            async for chunk in chunks:
                if len(head) < SNIFFED_BYTES:
                    head += chunk[: SNIFFED_BYTES - len(head)]
                    if len(head) == SNIFFED_BYTES:
                        sniff(head)  # refuse early
                file.size += len(chunk)
                digest.update(chunk)
                await asyncio.to_thread(target.write, chunk)
        finally:
            await asyncio.to_thread(target.close)
        file.media_type = sniff(head)
        file.sha256 = digest.hexdigest()

    async def get(self, id: uuid.UUID, reader_id: uuid.UUID, any_owner: bool) -> StoredFile:
        """A file.

        Raises:
            NotFound: there is none.
            Forbidden: it is someone else's.
        """
        file = await self.files.get(id)
        if file is None:
            raise NotFound("There is no such file.")
        if file.owner_id != reader_id and not any_owner:
            raise Forbidden("The file is someone else's.")
        return file

    async def page(self, request: PageRequest, owner_id: uuid.UUID) -> Page[StoredFile]:
        """The files of an owner."""
        return await self.files.page(request, StoredFile.owner_id == owner_id)

    async def owned(self, owner_id: uuid.UUID) -> Sequence[uuid.UUID]:
        """The ids of all files of an owner."""
        return await self.files.owned(owner_id)

    async def delete(self, file: StoredFile, actor_id: uuid.UUID) -> None:
        """Forget a file, then remove its bytes."""
        await self.files.delete(file)
        await self.session.commit()
        await self.discard([file.id])
        await self.audit.record("file.deleted", actor_id, file.id)

    async def discard(self, ids: Iterable[uuid.UUID]) -> None:
        """Remove the bytes of files whose rows are gone; what cannot be removed now is left to `sweep`."""
        for id in ids:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self.path(id).unlink, missing_ok=True)

    async def sweep(self, older_than: float = ORPHAN_SECONDS) -> int:
        """Remove bytes without a row: left by a crash, or by rows that were deleted past this service.

        Args:
            older_than: seconds since the last write; what is younger may be an upload that goes on.

        Returns:
            How many files were found.
        """
        ids = await asyncio.to_thread(_unchanged_since, self.directory, time.time() - older_than)
        orphans = set(ids) - await self.files.known(ids)
        await self.discard(orphans)
        return len(orphans)


def _unchanged_since(directory: pathlib.Path, moment: float) -> list[uuid.UUID]:
    """The files in the folder that are named as ours are, and were last written before that moment."""
    found = []
    for path in directory.glob("?" * 32):
        with contextlib.suppress(OSError, ValueError):  # another process was faster; the name is no id
            if path.stat().st_mtime < moment:
                found.append(uuid.UUID(hex=path.name))
    return found
