"""What is done with users."""

import uuid

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.events import EventBus
from app.database.data_layer.tokens import TokenDAO
from app.database.data_layer.users import UserDAO, UserFilter
from app.exceptions.custom_exceptions import Conflict, NotFound
from app.models import User
from app.schemas.users import ProfileChange, UserChange, UserReplacement
from app.services.audit import AuditService
from app.services.files import FileService
from app.utils.pagination import Page, PageRequest


class UserService:
    """Reads, changes and deletes users."""

    def __init__(
        self, session: AsyncSession, events: EventBus, audit: AuditService, files: FileService
    ) -> None:
        self.session = session
        self.users = UserDAO(session)
        self.tokens = TokenDAO(session)
        self.events = events
        self.audit = audit
        self.files = files

    async def page(self, request: PageRequest, which: UserFilter) -> Page[User]:
        """The users that fit."""
        return await self.users.page(request, *which.conditions())

    async def get(self, id: uuid.UUID) -> User:
        """The user of that id.

        Raises:
            NotFound: where there is none.
        """
        user = await self.users.get(id)
        if user is None:
            raise NotFound("There is no such user.")
        return user

    async def change(
        self, user: User, change: UserReplacement | UserChange | ProfileChange, actor_id: uuid.UUID
    ) -> User:
        """Change the fields that the client sent.

        Raises:
            Conflict: the address or the name is taken, or the user has changed meanwhile.
        """
        fields = change.model_dump(mode="json", exclude_unset=True)
        ends_tokens = fields.get("is_active") is False and user.is_active
        for name, value in fields.items():
            setattr(user, name, value)
        if ends_tokens:
            user.token_version += 1
            await self.tokens.revoke_user(user.id)
        try:
            await self.users.save(user)
            await self.session.commit()
        except (IntegrityError, StaleDataError) as error:
            await self.session.rollback()
            raise Conflict("The address or the name is taken, or the user has changed meanwhile.") from error
        await self.audit.record("user.changed", actor_id, user.id, fields=sorted(fields))
        await self.events.publish("user.changed", {"user_id": str(user.id)})
        return user

    async def delete(self, user: User, actor_id: uuid.UUID) -> None:
        """Delete a user and what they own, the bytes of their files too.

        Raises:
            Conflict: users do not delete themselves, so that an administrator is always left.
        """
        if user.id == actor_id:
            raise Conflict("You cannot delete yourself.")
        files = await self.files.owned(user.id)  # their rows go with the user's
        try:
            await self.users.delete(user)
            await self.session.commit()
        except StaleDataError as error:
            await self.session.rollback()
            raise Conflict from error
        await self.files.discard(files)
        await self.audit.record("user.deleted", actor_id, user.id)
        await self.events.publish("user.deleted", {"user_id": str(user.id)})
