"""What clients may send, and what they are sent."""

import datetime
import uuid
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.schemas.advanced import ChatMessage, Computation, Publication, Sample
from app.schemas.auth import Login, PasswordChange, Refresh
from app.schemas.common import PageView
from app.schemas.items import ItemChange, ItemCreation, ItemReplacement
from app.schemas.users import (
    ProfileChange,
    UserChange,
    UserCreation,
    UserRegistration,
    UserReplacement,
    UserView,
)
from app.utils.pagination import Page, PageRequest, SortKey

PERSON = {"email": "ada@example.com", "username": "ada", "password": "correct horse battery"}
ITEM = {"title": "A title", "description": "", "price_cents": 1, "status": "draft"}
SENT: dict[type[BaseModel], dict[str, Any]] = {
    UserRegistration: PERSON,
    UserCreation: {**PERSON, "role": "moderator"},
    UserReplacement: {
        "email": "a@example.com",
        "username": "ada",
        "full_name": "",
        "role": "user",
        "is_active": True,
    },
    UserChange: {"role": "admin"},
    ProfileChange: {"full_name": "Ada"},
    ItemCreation: ITEM,
    ItemReplacement: ITEM,
    ItemChange: {},
    Login: {"username": "ada", "password": "x"},
    Refresh: {"refresh_token": "x"},
    PasswordChange: {"current_password": "x", "new_password": "y"},
    Computation: {"iterations": 5},
    Sample: {"values": [1]},
    Publication: {"name": "user.created"},
    ChatMessage: {"type": "message", "content": "hello"},
}


@pytest.mark.parametrize("schema", SENT, ids=lambda schema: schema.__name__)
def test_nobody_sets_a_field_that_is_not_named(schema: type[BaseModel]) -> None:
    schema.model_validate(SENT[schema])
    for name in ("id", "owner_id", "password_hash", "token_version"):
        with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
            schema.model_validate(SENT[schema] | {name: "x"})


@pytest.mark.parametrize("schema", [UserRegistration, ProfileChange])
@pytest.mark.parametrize("field", ["role", "is_active"])
def test_users_choose_neither_their_role_nor_their_state(schema: type[BaseModel], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        schema.model_validate(SENT[schema] | {field: "admin"})


@pytest.mark.parametrize(
    ("schema", "field", "value"),
    [
        (UserRegistration, "email", "nobody"),
        (UserRegistration, "email", "a@b@c.example"),
        (UserRegistration, "username", "ab"),
        (UserRegistration, "username", "a b c"),
        (UserRegistration, "username", "x" * 33),
        (UserRegistration, "full_name", "x" * 101),
        (UserRegistration, "full_name", "nul\0"),
        (UserRegistration, "password", "x" * 1025),
        (UserCreation, "role", "owner"),
        (ItemCreation, "title", "   "),
        (ItemCreation, "title", "x" * 201),
        (ItemCreation, "title", "nul\0"),
        (ItemCreation, "price_cents", -1),
        (ItemCreation, "price_cents", 2**31),
        (ItemCreation, "price_cents", "1.5"),
        (ItemChange, "title", None),
        (Computation, "iterations", -1),
        (Computation, "iterations", 10**9),
        (Sample, "values", []),
        (Sample, "values", [float("nan")]),
        (Sample, "groups", ["one", "two"]),
        (Publication, "name", "*"),
        (ChatMessage, "type", "shout"),
        (ChatMessage, "content", ""),
        (ChatMessage, "content", "x" * 4097),
    ],
)
def test_values_out_of_their_limits_are_refused(schema: type[BaseModel], field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        schema.model_validate(SENT[schema] | {field: value})


def test_names_and_addresses_have_one_form_and_texts_no_space_around_them() -> None:
    user = UserRegistration.model_validate(PERSON | {"email": "Ada@Example.COM", "username": "ADA"})
    assert (user.email, user.username) == ("ada@example.com", "ada")
    assert ItemCreation(title=" a title ").title == "a title"


def test_passwords_are_not_shown() -> None:
    assert PERSON["password"] not in repr(UserRegistration.model_validate(PERSON))


def test_a_change_knows_what_was_sent() -> None:
    change = ItemChange.model_validate({"price_cents": 0})
    assert change.model_dump(exclude_unset=True) == {"price_cents": 0}


class Row:
    """A user as the database keeps one."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.email, self.username, self.full_name = "ada@example.com", "ada", "Ada"
        self.role, self.is_active = "user", True
        self.password_hash, self.token_version = "$argon2id$", 3
        self.created_at = self.updated_at = datetime.datetime.now(datetime.timezone.utc)


def test_views_have_the_fields_that_are_named_and_no_other() -> None:
    view = UserView.model_validate(Row()).model_dump()
    assert set(view) == set(UserView.model_fields)
    assert not {"password_hash", "token_version"} & set(view)


@pytest.mark.parametrize(
    ("asked", "offset"),
    [(PageRequest((SortKey("id"),), 2, 4), 4), (PageRequest((SortKey("id"),), 2, cursor="x"), None)],
)
def test_a_page_says_where_it_begins(asked: PageRequest, offset: int | None) -> None:
    found: Page[Any] = Page([Row()], 9, "next")
    page = PageView[UserView].of(found, asked)
    assert (page.total, page.limit, page.offset, page.next_cursor) == (9, 2, offset, "next")
    assert page.items[0].username == "ada"
