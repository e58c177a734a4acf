"""Register, sign in, refresh, sign out; under ``/auth`` and, the same, under ``/security``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from app.dependencies.auth import CurrentAuthService, CurrentPrincipal, CurrentUser, limited
from app.dependencies.users import CurrentUserService
from app.models import User
from app.schemas.auth import Login, PasswordChange, Refresh, TokenPair
from app.schemas.users import ProfileChange, UserRegistration, UserView

router = APIRouter(tags=["auth"])
guarded = [Depends(limited("auth"))]


@router.post("/register", response_model=UserView, status_code=201, dependencies=guarded)
async def register(data: UserRegistration, service: CurrentAuthService) -> User:
    """Make yourself a user."""
    return await service.register(data)


@router.post("/login", dependencies=guarded)
async def login(data: Login, service: CurrentAuthService) -> TokenPair:
    """Sign in by name or address."""
    return await service.login(data.username, data.password.get_secret_value())


@router.post("/token", dependencies=guarded)
async def token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], service: CurrentAuthService
) -> TokenPair:
    """Sign in with a form, as OAuth 2 clients do (RFC 6749 §4.3)."""
    return await service.login(form.username, form.password)


@router.post("/refresh", dependencies=guarded)
async def refresh_token(data: Refresh, service: CurrentAuthService) -> TokenPair:
    """New tokens for a refresh token, which can be used once."""
    return await service.refresh(data.refresh_token)


@router.post("/logout", status_code=204)
async def logout(principal: CurrentPrincipal, service: CurrentAuthService) -> Response:
    """Sign out: the tokens of this login are refused from now on, everywhere."""
    await service.logout(principal.claims)
    return Response(status_code=204)


@router.post("/password", dependencies=guarded)
async def change_password(
    data: PasswordChange, principal: CurrentPrincipal, service: CurrentAuthService
) -> TokenPair:
    """Change the password; all logins but this one end."""
    return await service.change_password(
        principal.user.id, data.current_password.get_secret_value(), data.new_password.get_secret_value()
    )


@router.get("/profile", response_model=UserView)
async def read_profile(user: CurrentUser) -> User:
    """Who you are."""
    return user


@router.patch("/profile", response_model=UserView)
async def change_profile(data: ProfileChange, user: CurrentUser, service: CurrentUserService) -> User:
    """Change what is yours to change."""
    return await service.change(await service.get(user.id), data, user.id)
