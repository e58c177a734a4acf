"""Uploaded files, and as what pydantic sees them."""

from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any

import anyio
import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile as StarletteUploadFile

from fastapi import UploadFile
from fastapi.datastructures import Headers


def test_a_file_is_written_read_moved_in_and_closed() -> None:
    async def use() -> tuple[bytes, bytes, bool]:
        upload = UploadFile(SpooledTemporaryFile(), filename="a.txt", size=0)  # type: ignore[arg-type]  # noqa: SIM115
        await upload.write(b"hello")
        await upload.seek(1)
        some, rest = await upload.read(2), await upload.read()
        await upload.close()
        assert upload.size == 5
        return some, rest, upload.file.closed

    assert anyio.run(use) == (b"el", b"lo", True)


def test_what_the_client_said_of_it_is_kept() -> None:
    upload = UploadFile(BytesIO(), filename="a", headers=Headers({"content-type": "text/x"}))
    assert (upload.filename, upload.content_type) == ("a", "text/x")


@pytest.mark.parametrize("kind", [UploadFile, StarletteUploadFile])
def test_pydantic_accepts_uploads_as_they_are(kind: Any) -> None:
    upload = kind(BytesIO())
    assert TypeAdapter(UploadFile).validate_python(upload) is upload


def test_pydantic_refuses_anything_else() -> None:
    with pytest.raises(ValidationError, match="Value error, Expected UploadFile, received: <class 'str'>"):
        TypeAdapter(UploadFile).validate_python("a")


def test_the_documentation_shows_a_binary_string() -> None:
    assert TypeAdapter(UploadFile).json_schema() == {"type": "string", "format": "binary"}
