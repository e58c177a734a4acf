"""What is done with users, in this request's unit of work."""

from typing import Annotated

from fastapi import Depends, Query

from app.core.security import Role
from app.database.data_layer.users import UserFilter
from app.dependencies.files import CurrentFileService
from app.dependencies.resources import CurrentResources, CurrentSession
from app.schemas.common import Text
from app.services.users import UserService


async def get_user_service(
    resources: CurrentResources, session: CurrentSession, files: CurrentFileService
) -> UserService:
    """The service of users."""
    return UserService(session, resources.events, resources.audit, files)


async def get_user_filter(
    q: Annotated[
        Text | None, Query(max_length=200, description="part of username, address or full name")
    ] = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> UserFilter:
    """Which users the query asks for."""
    return UserFilter(q, role.value if role else None, is_active)


CurrentUserService = Annotated[UserService, Depends(get_user_service)]
CurrentUserFilter = Annotated[UserFilter, Depends(get_user_filter)]
