"""What is done with users, in this request's unit of work."""

from typing import Annotated

from fastapi import Depends

from app.dependencies.files import CurrentFileService
from app.dependencies.resources import CurrentResources, CurrentSession
from app.services.users import UserService


def get_user_service(
    resources: CurrentResources, session: CurrentSession, files: CurrentFileService
) -> UserService:
    """The service of users."""
    return UserService(session, resources.events, resources.audit, files)


CurrentUserService = Annotated[UserService, Depends(get_user_service)]
