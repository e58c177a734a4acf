"""Files."""

import gc
import hashlib
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from app.core.config import Settings
from app.models import StoredFile
from app.services.files import ORPHAN_SECONDS, FileService, safe_name, sniff
from app.services.resources import Resources
from tests.conftest import serve
from tests.people import Person, add_person

pytestmark = pytest.mark.anyio
URL = "/api/v1/files"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 100
TEXT = "Straße €\n".encode() * 20_000


async def upload(client: httpx.AsyncClient, owner: Person, name: str, data: bytes) -> httpx.Response:
    return await client.post(URL, files={"file": (name, data, "text/html")}, headers=owner.headers)


async def test_a_file_is_kept_listed_downloaded_and_deleted(
    client: httpx.AsyncClient, user: Person, settings: Settings
) -> None:
    created = await upload(client, user, "../../Straße.txt", TEXT)
    assert created.status_code == 201, created.text
    file = created.json()
    assert (file["name"], file["media_type"], file["size"]) == ("Straße.txt", "text/plain", len(TEXT))
    assert file["sha256"] == hashlib.sha256(TEXT).hexdigest()
    place = created.headers["location"]
    assert (await client.get(place, headers=user.headers)).json() == file
    assert (await client.get(URL, headers=user.headers)).json()["items"] == [file]
    for path in (place, URL):
        known = await client.head(path, headers=user.headers)
        assert (known.status_code, known.headers["content-type"]) == (200, "application/json")
    got = await client.get(f"{place}/content", headers=user.headers)
    assert got.content == TEXT
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["x-content-type-options"] == "nosniff"
    same = user.headers | {"If-None-Match": got.headers["etag"]}
    assert (await client.get(f"{place}/content", headers=same)).status_code == 304
    part = await client.get(f"{place}/content", headers=user.headers | {"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, TEXT[1:4])
    head = await client.head(f"{place}/content", headers=user.headers)
    assert head.headers["content-length"] == str(len(TEXT))
    assert [path.name for path in settings.upload_directory.iterdir()] == [uuid.UUID(file["id"]).hex]
    assert (await client.delete(place, headers=user.headers)).status_code == 204
    assert (await client.get(place, headers=user.headers)).status_code == 404
    assert list(settings.upload_directory.iterdir()) == []


async def test_the_bytes_of_a_user_go_with_the_user(
    client: httpx.AsyncClient, user: Person, admin: Person, settings: Settings
) -> None:
    for name in ("a", "b"):
        assert (await upload(client, user, name, PNG)).status_code == 201
    kept = (await upload(client, admin, "c", PNG)).json()
    answer = await client.delete(f"/api/v1/users/{user.id}", headers=admin.headers)
    assert answer.status_code == 204
    assert [path.name for path in settings.upload_directory.iterdir()] == [uuid.UUID(kept["id"]).hex]


async def test_bytes_without_a_row_are_swept_once_no_upload_can_be_writing_them(
    client: httpx.AsyncClient, user: Person, settings: Settings, resources: Resources
) -> None:
    places = [(await upload(client, user, name, PNG)).json() for name in ("kept", "forgotten")]
    kept, forgotten = (settings.upload_directory / uuid.UUID(file["id"]).hex for file in places)
    strangers = [settings.upload_directory / name for name in ("README", "x" * 32)]
    for stranger in strangers:
        stranger.touch()
    async with resources.database.session() as session:
        await session.execute(delete(StoredFile).where(StoredFile.id == uuid.UUID(forgotten.name)))
        await session.commit()
        service = FileService(session, settings.upload_directory, resources.audit)
        assert await service.sweep() == 0
        long_ago = time.time() - ORPHAN_SECONDS - 60
        for path in (kept, forgotten, *strangers):
            os.utime(path, (long_ago, long_ago))
        assert await service.sweep() == 1
        assert await service.sweep() == 0
    assert set(settings.upload_directory.iterdir()) == {kept, *strangers}


async def test_a_file_whose_bytes_cannot_be_removed_is_deleted_all_the_same(
    client: httpx.AsyncClient, user: Person, settings: Settings
) -> None:
    created = await upload(client, user, "a", PNG)
    path = settings.upload_directory / uuid.UUID(created.json()["id"]).hex
    path.unlink()
    path.mkdir()
    assert (await client.delete(created.headers["location"], headers=user.headers)).status_code == 204


async def test_files_are_their_owners(
    client: httpx.AsyncClient, user: Person, moderator: Person, admin: Person
) -> None:
    place = (await upload(client, admin, "a.png", PNG)).headers["location"]
    assert (await client.get(f"{place}/content", headers=user.headers)).status_code == 403
    assert (await client.delete(place, headers=moderator.headers)).status_code == 403
    assert (await client.get(f"{place}/content", headers=moderator.headers)).content == PNG


@pytest.mark.parametrize(
    "data", [b"<html><script>", b"MZ\x90\0\x03", b"\x7fELF\x02\x01\x01" + b"\0" * 60, b"\0\1\2" * 10_000]
)
async def test_other_types_are_refused_and_leave_nothing(
    client: httpx.AsyncClient, user: Person, settings: Settings, data: bytes
) -> None:
    answer = await upload(client, user, "innocent.png", data)
    if answer.status_code == 201:  # markup is text, and is never shown as anything else
        assert answer.json()["media_type"] == "text/plain"
        return
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert list(settings.upload_directory.iterdir()) == []


# Starlette leaves the temporary file of a form that broke off to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_too_large_a_file_is_refused_while_it_comes(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(max_upload_bytes=100_000)
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            sent += 10_000
            yield b"a" * 10_000
        yield b"\r\n--x--\r\n"

    async with serve(settings) as (client, app):
        user = await add_person(app.state.resources, "user")
        headers = user.headers | {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post(URL, content=body(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        assert sent < 300_000
        told = await upload(client, user, "a", b"a" * 200_000)
        assert told.status_code == 413
    assert not settings.upload_directory.exists()
    gc.collect()


async def test_uploads_are_limited(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(rate_limit_upload="1 per 5 minutes")) as (client, app):
        user = await add_person(app.state.resources, "user")
        assert [(await upload(client, user, "a", b"a")).status_code for _ in range(2)] == [201, 429]


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"GIF89a" + b"\0" * 20, "image/gif"),
        (b"", "text/plain"),
        ("ab€".encode()[:-1], "text/plain"),
    ],
)
def test_bytes_say_what_they_are(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (None, "file"),
        ("", "file"),
        ("...", "file"),
        ("/etc/passwd", "passwd"),
        ("C:\\a\\b.txt", "b.txt"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_are_made_harmless(name: Any, kept: str) -> None:
    assert safe_name(name) == kept
