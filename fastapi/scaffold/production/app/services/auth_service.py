"""Signing in and out."""

import uuid
from typing import NoReturn

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.events import EventBus
from app.core.security import Claims, InvalidToken, TokenCodec
from app.database.data_layer.tokens import TokenDAO
from app.database.data_layer.users import UserDAO
from app.exceptions.custom_exceptions import Conflict, InvalidCredentials, Unauthenticated, UnprocessableValue
from app.models import User, utc_now
from app.schemas.auth import TokenPair
from app.schemas.users import UserCreation, UserRegistration
from app.services.audit import AuditService
from app.utils.hashing import PasswordHasher, password_problem


class AuthService:
    """Users prove who they are; tokens carry that on, and can be taken back."""

    def __init__(
        self,
        session: AsyncSession,
        codec: TokenCodec,
        hasher: PasswordHasher,
        events: EventBus,
        audit: AuditService,
    ) -> None:
        self.session = session
        self.users = UserDAO(session)
        self.tokens = TokenDAO(session)
        self.codec = codec
        self.hasher = hasher
        self.events = events
        self.audit = audit

    async def register(self, data: UserRegistration, actor_id: uuid.UUID | None = None) -> User:
        """Add a user.

        Raises:
            Conflict: the address or the name is taken.
            UnprocessableValue: the password is not accepted.
        """
        self._accept(data.password.get_secret_value(), data.email, data.username, data.full_name)
        if await self.users.taken(data.email, data.username):
            raise Conflict("The address or the name is taken.")
        await self.session.commit()  # hold no connection while hashing
        user = User(
            email=data.email,
            username=data.username,
            full_name=data.full_name,
            password_hash=await self.hasher.hash(data.password.get_secret_value()),
            role=data.role.value if isinstance(data, UserCreation) else "user",
        )
        try:
            await self.users.add(user)
            await self.session.commit()
        except IntegrityError as error:  # someone was faster
            await self.session.rollback()
            raise Conflict("The address or the name is taken.") from error
        await self.audit.record("user.created", actor_id or user.id, user.id)
        await self.events.publish("user.created", {"user_id": str(user.id), "username": user.username})
        return user

    async def login(self, name: str, password: str) -> TokenPair:
        """Tokens for who knows the password.

        Raises:
            InvalidCredentials: the same, after the same time, for unknown names, wrong passwords, disabled users.
        """
        user = await self.users.by_login(name) if "\0" not in name else None
        await self.session.commit()  # hold no connection while hashing
        valid, renewed = await self.hasher.verify(password, user.password_hash if user else None)
        if user is None or not valid or not user.is_active:
            await self.audit.record("login.failed", user.id if user else None)
            raise InvalidCredentials
        if renewed:
            user.password_hash = renewed
        pair = await self._issue(user, uuid.uuid4())
        await self.session.commit()
        await self.audit.record("login.succeeded", user.id, user.id)
        return pair

    async def refresh(self, token: str) -> TokenPair:
        """New tokens for a refresh token, which is used up.

        A token that comes twice was copied: whoever holds any token of that login is signed out. Of two that come at
        the same time one wins.

        Raises:
            InvalidCredentials: the token has ended, was used, or was taken back.
        """
        try:
            claims = self.codec.read(token, "refresh")
        except InvalidToken:
            raise InvalidCredentials("Sign in again.") from None
        family = claims.family or uuid.uuid4()
        # A refresh that ran beside the logout may have left a row that the logout did not see.
        if await self.tokens.is_revoked(family) or not await self.tokens.use_refresh(claims.token_id):
            await self._refuse_family(claims, family, "token.reused")
        user = await self.users.get(claims.subject)
        if user is None or not user.is_active or user.token_version != claims.version:
            await self._refuse_family(claims, family, "token.refused")
        pair = await self._issue(user, family)
        await self.session.commit()
        return pair

    async def _refuse_family(self, claims: Claims, family: uuid.UUID, action: str) -> NoReturn:
        await self._revoke_family(family)
        await self.session.commit()
        await self.audit.record(action, claims.subject, claims.subject)
        raise InvalidCredentials("Sign in again.")

    async def logout(self, claims: Claims) -> None:
        """Take back every token of the same login."""
        await self.tokens.revoke_access(claims.token_id, claims.expires_at)
        if claims.family:
            await self._revoke_family(claims.family)
        await self.session.commit()
        await self.audit.record("logout", claims.subject, claims.subject)

    async def _revoke_family(self, family: uuid.UUID) -> None:
        await self.tokens.revoke_family(family, utc_now() + max(self.codec.lifetimes.values()))

    async def change_password(self, user_id: uuid.UUID, current: str, new: str) -> TokenPair:
        """Set a new password; every token from before ends.

        Raises:
            InvalidCredentials: the current password is wrong.
            UnprocessableValue: the new password is not accepted.
        """
        user = await self.users.get(user_id)
        if user is None:
            raise Unauthenticated
        await self.session.commit()
        valid, _ = await self.hasher.verify(current, user.password_hash)
        if not valid:
            await self.audit.record("password.refused", user.id, user.id)
            raise InvalidCredentials("The current password is wrong.")
        self._accept(new, user.email, user.username, user.full_name)
        user.password_hash = await self.hasher.hash(new)
        user.token_version += 1
        await self.tokens.revoke_user(user.id)
        pair = await self._issue(user, uuid.uuid4())
        await self.session.commit()
        await self.audit.record("password.changed", user.id, user.id)
        return pair

    def _accept(self, password: str, *known: str) -> None:
        if reason := password_problem(password, *known):
            raise UnprocessableValue(reason)

    async def _issue(self, user: User, family: uuid.UUID) -> TokenPair:
        access, _ = self.codec.issue("access", user.id, user.token_version, family)
        refresh, claims = self.codec.issue("refresh", user.id, user.token_version, family)
        await self.tokens.add_refresh(claims.token_id, family, user.id, claims.expires_at)
        return TokenPair(
            access_token=access,
            refresh_token=refresh,
            expires_in=int(self.codec.lifetimes["access"].total_seconds()),
        )
