"""Files, in this request's unit of work."""

from typing import Annotated

from fastapi import Depends

from app.dependencies.resources import CurrentResources, CurrentSession
from app.services.files import FileService


async def get_file_service(resources: CurrentResources, session: CurrentSession) -> FileService:
    """The service of files."""
    return FileService(session, resources.settings.upload_directory, resources.audit)


CurrentFileService = Annotated[FileService, Depends(get_file_service)]
