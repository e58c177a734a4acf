"""Who asks, and whether they may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from app.core.security import PERMISSIONS, Claims, InvalidToken, Permission, Role
from app.database.data_layer.users import UserDAO
from app.dependencies.resources import CurrentResources, CurrentSession
from app.exceptions.custom_exceptions import Forbidden, Unauthenticated
from app.models import User
from app.services.auth_service import AuthService
from app.services.resources import Resources
from app.utils.client import client_address

# Relative to the document, so that it is right behind a proxy that adds a path.
oauth2 = OAuth2PasswordBearer(
    "api/v1/auth/token", auto_error=False, description="the access token of a login"
)


@dataclass(frozen=True)
class Principal:
    """Who asks: the user as the database knows them now, and the token that they came with."""

    user: User
    claims: Claims

    def may(self, permission: Permission) -> bool:
        """Whether their role allows it."""
        return permission in PERMISSIONS[Role(self.user.role)]


async def authenticate(resources: Resources, token: str) -> Principal:
    """Who holds the token. Every request asks the database: a logout, a new role or a disabled user counts at once,
    on every worker; where the database does not answer nobody is let in.

    Raises:
        Unauthenticated: for whatever reason.
    """
    try:
        claims = resources.codec.read(token, "access")
    except InvalidToken:
        raise Unauthenticated("The token is not valid.") from None
    names = [claims.token_id] if claims.family is None else [claims.token_id, claims.family]
    async with resources.database.reader() as session:
        found = await UserDAO(session).by_token(claims.subject, *names)
    if found is None:
        raise Unauthenticated("The token is not valid.")
    user, revoked = found
    if revoked or not user.is_active or user.token_version != claims.version:
        raise Unauthenticated("The token is not valid.")
    return Principal(user, claims)


async def current_principal(
    resources: CurrentResources, token: Annotated[str | None, Depends(oauth2)]
) -> Principal:
    """Who asks.

    Raises:
        Unauthenticated: nobody whom we know.
    """
    if token is None:
        raise Unauthenticated
    return await authenticate(resources, token)


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


async def get_current_user(principal: CurrentPrincipal) -> User:
    """The user who asks, where nothing else of them matters."""
    return principal.user


CurrentUser = Annotated[User, Depends(get_current_user)]


@dataclass(frozen=True)
class Require:
    """Lets in who has a permission: ``Depends(Require(Permission.ITEMS_READ))``."""

    permission: Permission

    async def __call__(self, principal: CurrentPrincipal) -> Principal:
        if not principal.may(self.permission):
            raise Forbidden
        return principal


def limited(limit: str) -> Callable[[Request, Resources], Awaitable[None]]:
    """Counts calls against a limit of that name."""

    async def count(request: Request, resources: CurrentResources) -> None:
        await resources.limiter.hit(limit, client_address(request.scope, resources.settings.proxies))

    return count


async def get_auth_service(resources: CurrentResources, session: CurrentSession) -> AuthService:
    """Signing in and out, in this request's unit of work."""
    return AuthService(session, resources.codec, resources.hasher, resources.events, resources.audit)


CurrentAuthService = Annotated[AuthService, Depends(get_auth_service)]
