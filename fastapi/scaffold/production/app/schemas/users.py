"""What clients send and get of users."""

import datetime
import uuid
from typing import Annotated

from pydantic import AfterValidator, EmailStr, Field, SecretStr, StringConstraints

from app.core.security import Role
from app.schemas.common import Body, Text, View

Email = Annotated[EmailStr, AfterValidator(str.lower)]
Username = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$", max_length=32),
    AfterValidator(str.lower),
]
FullName = Annotated[Text, Field(max_length=100)]
# Longer and shorter ones are refused with a reason by the rules for passwords.
Password = Annotated[SecretStr, Field(max_length=1024)]


class UserRegistration(Body):
    """Someone who wants to sign in; the role is not theirs to choose."""

    email: Email
    username: Username
    password: Password
    full_name: FullName = ""


class UserCreation(UserRegistration):
    """A user as an administrator adds one."""

    role: Role = Role.USER


class UserReplacement(Body):
    """All of a user that can be changed."""

    email: Email
    username: Username
    full_name: FullName
    role: Role
    is_active: bool


class UserChange(Body):
    """Some of a user: only fields that are there are changed."""

    email: Email = ""
    username: Username = ""
    full_name: FullName = ""
    role: Role = Role.USER
    is_active: bool = True


class ProfileChange(Body):
    """What users change of themselves: only fields that are there."""

    email: Email = ""
    username: Username = ""
    full_name: FullName = ""


class UserView(View):
    """A user as those see them who may."""

    id: uuid.UUID
    email: str
    username: str
    full_name: str
    role: Role
    is_active: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime
