"""Statements about users."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from app.database.data_layer.base_dao import BaseDAO, contains
from app.models import RevokedToken, User

# Made once: to make it costs as much as to ask it.
BY_TOKEN = select(User, exists().where(RevokedToken.id.in_(bindparam("names", expanding=True)))).where(
    User.id == bindparam("user_id")
)


@dataclass(frozen=True)
class UserFilter:
    """Which users; ``None`` is whichever."""

    text: str | None = None
    role: str | None = None
    is_active: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.text is not None:
            columns = (User.username, User.email, User.full_name)
            found.append(or_(*(contains(column, self.text) for column in columns)))
        if self.role is not None:
            found.append(User.role == self.role)
        if self.is_active is not None:
            found.append(User.is_active.is_(self.is_active))
        return found


class UserDAO(BaseDAO[User]):
    """The table of users."""

    model = User
    sortable: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "username", "email", "role")

    async def by_login(self, name: str) -> User | None:
        """The user with that address or that name."""
        lowered = name.lower()
        column = User.email if "@" in lowered else User.username
        found: User | None = await self.session.scalar(select(User).where(column == lowered))
        return found

    async def taken(self, email: str, username: str, but: uuid.UUID | None = None) -> bool:
        """Whether another user has the address or the name."""
        statement = select(User.id).where(or_(User.email == email.lower(), User.username == username.lower()))
        if but is not None:
            statement = statement.where(User.id != but)
        return await self.session.scalar(statement.limit(1)) is not None

    async def by_token(self, user_id: uuid.UUID, *names: uuid.UUID) -> tuple[User, bool] | None:
        """The user of a token, and whether one of its names, its id or its family, was taken back.

        One statement, as every request asks.
        """
        row = (await self.session.execute(BY_TOKEN, {"user_id": user_id, "names": names})).one_or_none()
        return (row[0], bool(row[1])) if row else None
