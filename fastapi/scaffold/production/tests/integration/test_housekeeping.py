"""What the service cleans up by itself."""

import asyncio
import os
import uuid

import anyio
import pytest

from app.core.config import Settings
from app.services import resources
from app.services.files import FileService

pytestmark = pytest.mark.anyio


async def test_the_house_is_kept_and_a_failure_does_not_end_that(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "HOUSEKEEPING_SECONDS", 0)
    sweep, found = FileService.sweep, asyncio.Event()
    rounds = 0

    async def failing_at_first(service: FileService) -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ConnectionError
        count = await sweep(service)
        if count:
            found.set()
        return count

    monkeypatch.setattr(FileService, "sweep", failing_at_first)
    settings.upload_directory.mkdir()
    orphan = settings.upload_directory / uuid.uuid4().hex
    orphan.touch()
    os.utime(orphan, (0, 0))
    async with resources.open_resources(settings):
        with anyio.fail_after(20):
            await found.wait()
    assert rounds >= 2
    assert not orphan.exists()
