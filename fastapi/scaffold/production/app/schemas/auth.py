"""What clients send and get to sign in."""

from typing import Literal

from pydantic import Field

from app.schemas.common import Body, Text, View
from app.schemas.users import Password


class Login(Body):
    """A name and a password."""

    username: Text = Field(max_length=320, description="the username or the email address")
    password: Password


class Refresh(Body):
    """A refresh token."""

    refresh_token: str = Field(max_length=4096)


class PasswordChange(Body):
    """The password until now and the one from now on."""

    current_password: Password
    new_password: Password


class TokenPair(View):
    """Tokens; the access token lasts ``expires_in`` seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
