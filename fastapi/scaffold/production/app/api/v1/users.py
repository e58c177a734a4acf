"""Users, for those who may see and change them."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.security import Permission
from app.database.data_layer.users import UserDAO
from app.dependencies.auth import CurrentAuthService, Principal, Require
from app.dependencies.paging import CurrentPreconditions, paging
from app.dependencies.users import CurrentUserFilter, CurrentUserService
from app.models import User
from app.schemas.common import PageView
from app.schemas.users import UserChange, UserCreation, UserReplacement, UserView
from app.services.users import UserService
from app.utils.conditional import Preconditions, entity_tag, list_tag
from app.utils.pagination import PageRequest

router = APIRouter(prefix="/users", tags=["users"])
Reader = Annotated[Principal, Depends(Require(Permission.USERS_READ))]
Writer = Annotated[Principal, Depends(Require(Permission.USERS_WRITE))]


@router.head("", response_model=PageView[UserView], operation_id="head_users")
@router.get("", response_model=PageView[UserView])
async def list_users(
    reader: Reader,
    response: Response,
    service: CurrentUserService,
    preconditions: CurrentPreconditions,
    which: CurrentUserFilter,
    page: Annotated[PageRequest, Depends(paging(UserDAO.sortable))],
) -> object:
    """A page of users, filtered and sorted."""
    found = await service.page(page, which)
    response.headers.update(preconditions.check(list_tag(found), reading=True))
    return PageView[UserView].of(found, page)


@router.options("", status_code=204)
async def users_options() -> Response:
    """What can be done with all users."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})


@router.post("", response_model=UserView, status_code=201)
async def create_user(
    data: UserCreation, writer: Writer, service: CurrentAuthService, response: Response
) -> User:
    """Add a user of any role."""
    user = await service.register(data, writer.user.id)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    response.headers["ETag"] = entity_tag(user)
    return user


@router.head("/{user_id}", response_model=UserView, operation_id="head_user")
@router.get("/{user_id}", response_model=UserView)
async def get_user(
    user_id: uuid.UUID,
    reader: Reader,
    service: CurrentUserService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> User:
    """A user."""
    user = await service.get(user_id)
    response.headers.update(preconditions.check(entity_tag(user), user.updated_at, reading=True))
    return user


@router.options("/{user_id}", status_code=204)
async def user_options(user_id: uuid.UUID) -> Response:
    """What can be done with a user."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"})


@router.put("/{user_id}", response_model=UserView)
async def update_user(
    user_id: uuid.UUID,
    data: UserReplacement,
    writer: Writer,
    service: CurrentUserService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> User:
    """Change all of a user."""
    return await _change(user_id, data, writer, service, preconditions, response)


@router.patch("/{user_id}", response_model=UserView)
async def change_user(
    user_id: uuid.UUID,
    data: UserChange,
    writer: Writer,
    service: CurrentUserService,
    preconditions: CurrentPreconditions,
    response: Response,
) -> User:
    """Change some of a user."""
    return await _change(user_id, data, writer, service, preconditions, response)


@router.delete("/{user_id}", status_code=204)
async def delete_user(
    user_id: uuid.UUID, writer: Writer, service: CurrentUserService, preconditions: CurrentPreconditions
) -> Response:
    """Delete a user and what they own."""
    user = await service.get(user_id)
    preconditions.check(entity_tag(user), user.updated_at, reading=False)
    await service.delete(user, writer.user.id)
    return Response(status_code=204)


async def _change(
    user_id: uuid.UUID,
    data: UserReplacement | UserChange,
    writer: Principal,
    service: UserService,
    preconditions: Preconditions,
    response: Response,
) -> User:
    user = await service.get(user_id)
    preconditions.check(entity_tag(user), user.updated_at, reading=False)
    user = await service.change(user, data, writer.user.id)
    response.headers.update(preconditions.headers(entity_tag(user), user.updated_at))
    return user
