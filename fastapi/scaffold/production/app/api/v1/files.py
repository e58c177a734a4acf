"""Files: upload, list, download, delete."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Response, UploadFile
from fastapi.responses import FileResponse

from app.core.security import Permission
from app.database.data_layer.files import FileDAO
from app.dependencies.auth import Principal, Require, limited
from app.dependencies.files import CurrentFileService
from app.dependencies.paging import CurrentPreconditions, paging
from app.models import StoredFile
from app.schemas.common import PageView
from app.schemas.files import FileView
from app.services.files import CHUNK
from app.utils.pagination import PageRequest

router = APIRouter(prefix="/files", tags=["files"])
Reader = Annotated[Principal, Depends(Require(Permission.FILES_READ))]
Writer = Annotated[Principal, Depends(Require(Permission.FILES_WRITE))]


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk


@router.post("", response_model=FileView, status_code=201, dependencies=[Depends(limited("upload"))])
async def upload(
    file: UploadFile, writer: Writer, service: CurrentFileService, response: Response
) -> StoredFile:
    """Keep a file; what it is its bytes say."""
    stored = await service.store(file.filename, _chunks(file), writer.user.id)
    response.headers["Location"] = f"/api/v1/files/{stored.id}"
    return stored


@router.head("", response_model=PageView[FileView], operation_id="head_files")
@router.get("", response_model=PageView[FileView])
async def list_files(
    reader: Reader,
    service: CurrentFileService,
    page: Annotated[PageRequest, Depends(paging(FileDAO.sortable))],
) -> object:
    """A page of your files."""
    found = await service.page(page, reader.user.id)
    return PageView[FileView].of(found, page)


@router.head("/{file_id}", response_model=FileView, operation_id="head_file")
@router.get("/{file_id}", response_model=FileView)
async def get_file(file_id: uuid.UUID, reader: Reader, service: CurrentFileService) -> StoredFile:
    """What is known of a file."""
    return await service.get(file_id, reader.user.id, reader.may(Permission.FILES_READ_ANY))


@router.head("/{file_id}/content", response_class=FileResponse, operation_id="head_content")
@router.get("/{file_id}/content", response_class=FileResponse)
async def download(
    file_id: uuid.UUID, reader: Reader, service: CurrentFileService, preconditions: CurrentPreconditions
) -> FileResponse:
    """The bytes of a file, or the ranges of them that are asked for; browsers save them and show nothing."""
    file = await service.get(file_id, reader.user.id, reader.may(Permission.FILES_READ_ANY))
    headers = preconditions.check(f'"{file.sha256}"', file.created_at, reading=True)
    return FileResponse(
        service.path(file.id), headers=headers, media_type=file.media_type, filename=file.name
    )


@router.delete("/{file_id}", status_code=204)
async def delete_file(file_id: uuid.UUID, writer: Writer, service: CurrentFileService) -> Response:
    """Delete a file of yours."""
    file = await service.get(file_id, writer.user.id, any_owner=False)
    await service.delete(file, writer.user.id)
    return Response(status_code=204)
