"""Statements about tokens. They decide races: each is one statement that only one caller can win."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Base, RefreshToken, RevokedToken, utc_now

INSERTS: dict[str, Callable[[type[Base]], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


class TokenDAO:
    """The tables of refresh tokens and of access tokens that were taken back."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add_refresh(
        self, id: uuid.UUID, family: uuid.UUID, user_id: uuid.UUID, expires_at: datetime.datetime
    ) -> None:
        """Remember a refresh token."""
        self.session.add(RefreshToken(id=id, family=family, user_id=user_id, expires_at=expires_at))
        await self.session.flush()

    async def use_refresh(self, id: uuid.UUID) -> bool:
        """Use a refresh token up; ``False`` where it was used or revoked before."""
        unused = (RefreshToken.id == id, RefreshToken.used_at.is_(None), RefreshToken.revoked_at.is_(None))
        result = await self.session.execute(update(RefreshToken).where(*unused).values(used_at=utc_now()))
        return cast("CursorResult[Any]", result).rowcount == 1

    async def revoke_family(self, family: uuid.UUID, expires_at: datetime.datetime) -> None:
        """Refuse every token that came from one login; the last of them ends at ``expires_at``."""
        members = (RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        await self.session.execute(update(RefreshToken).where(*members).values(revoked_at=utc_now()))
        await self.revoke_access(family, expires_at)

    async def revoke_user(self, user_id: uuid.UUID) -> None:
        """Refuse every refresh token of a user."""
        owned = (RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        await self.session.execute(update(RefreshToken).where(*owned).values(revoked_at=utc_now()))

    async def revoke_access(self, id: uuid.UUID, expires_at: datetime.datetime) -> None:
        """Take an access token back, or all of a family; twice is once."""
        insert = INSERTS[self.session.get_bind().dialect.name](RevokedToken)
        await self.session.execute(insert.values(id=id, expires_at=expires_at).on_conflict_do_nothing())

    async def is_revoked(self, id: uuid.UUID) -> bool:
        """Whether an access token or a family was taken back."""
        return await self.session.get(RevokedToken, id) is not None

    async def forget_ended(self, now: datetime.datetime) -> None:
        """Delete what has ended by itself."""
        await self.session.execute(delete(RevokedToken).where(RevokedToken.expires_at < now))
        await self.session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now))
