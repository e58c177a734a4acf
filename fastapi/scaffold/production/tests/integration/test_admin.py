"""The pages for administrators: who gets in, what they see, what they may change."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from app.core.security import InvalidToken
from app.database.data_layer.users import UserDAO
from app.models import Item, User
from app.services.resources import Resources
from tests.people import PASSWORD, Person

CSRF = "starlette_admin_csrftoken"
pytestmark = pytest.mark.anyio

SignIn = Callable[[Person], Awaitable[httpx.Response]]


async def send(client: httpx.AsyncClient, path: str, **form: object) -> httpx.Response:
    """A form sent as a browser sends it: with the token of the page before it."""
    if CSRF not in client.cookies:
        await client.get("/admin/login")
    data = {name: str(value) for name, value in form.items()}
    return await client.post(path, data={"csrftoken": client.cookies[CSRF], **data})


@pytest.fixture
def sign_in(client: httpx.AsyncClient) -> SignIn:
    async def sign_in(person: Person) -> httpx.Response:
        return await send(client, "/admin/login", username=person.username, password=PASSWORD)

    return sign_in


async def reload(resources: Resources, person: Person) -> User:
    async with resources.database.session() as session:
        found = await UserDAO(session).get(person.id)
        assert found is not None
        return found


@pytest.mark.parametrize(
    "path", ["", "users/list", "users/edit?pk=1", "items/list", "statuses/create", "audit/list"]
)
async def test_nobody_sees_a_page_before_signing_in(path: str, client: httpx.AsyncClient) -> None:
    refused = await client.get(f"/admin/{path}")
    assert refused.status_code == 303
    assert refused.headers["location"].startswith("http://testserver/admin/login")


async def test_only_administrators_sign_in(
    client: httpx.AsyncClient, sign_in: SignIn, user: Person, moderator: Person, admin: Person
) -> None:
    for person in (user, moderator):
        refused = await sign_in(person)
        assert refused.status_code == 400
        assert "admin_session" not in client.cookies
    assert (await send(client, "/admin/login", username=admin.username, password="wrong")).status_code == 400
    assert (await sign_in(admin)).status_code == 303
    page = await client.get("/admin/")
    assert page.status_code == 200
    for name in ("Users", "Items", "Statuses", "Audit log"):
        assert name in page.text


async def test_the_cookie_is_for_this_site_and_for_no_script(sign_in: SignIn, admin: Person) -> None:
    (cookie,) = [
        value
        for value in (await sign_in(admin)).headers.get_list("set-cookie")
        if value.startswith("admin_session=")
    ]
    assert {"HttpOnly", "Path=/admin", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "javascript:alert(1)"])
async def test_a_login_leads_to_no_other_site(target: str, client: httpx.AsyncClient, admin: Person) -> None:
    done = await send(client, f"/admin/login?next={target}", username=admin.username, password=PASSWORD)
    assert done.status_code == 303
    assert "evil" not in done.headers["location"]
    assert "javascript" not in done.headers["location"]


async def test_a_logout_takes_the_session_back(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person
) -> None:
    await sign_in(admin)
    session = client.cookies["admin_session"]
    assert (await send(client, "/admin/logout")).status_code == 303
    client.cookies.set("admin_session", session, path="/admin")
    assert (await client.get("/admin/users/list")).status_code == 303


@pytest.mark.parametrize("token", [None, "", "forged"])
async def test_a_form_from_another_site_is_refused(
    token: str | None,
    client: httpx.AsyncClient,
    sign_in: SignIn,
    admin: Person,
    user: Person,
    resources: Resources,
) -> None:
    await sign_in(admin)
    form = {"role": "admin", "full_name": "x"} | ({} if token is None else {"csrftoken": token})
    for path in (f"/admin/users/edit?pk={user.id}", "/admin/statuses/create", "/admin/logout"):
        assert (await client.post(path, data=form)).status_code == 403
    assert (await reload(resources, user)).role == "user"


@pytest.mark.parametrize(
    "path", ["", "users/list", "items/list", "statuses/list", "statuses/create", "audit/list"]
)
async def test_pages_run_marked_scripts_only(
    path: str, client: httpx.AsyncClient, sign_in: SignIn, admin: Person
) -> None:
    await sign_in(admin)
    page = await client.get(f"/admin/{path}")
    assert page.status_code == 200
    (nonce,) = re.findall(r"script-src 'self' 'nonce-([\w-]+)'", page.headers["content-security-policy"])
    assert f'<script nonce="{nonce}"' in page.text
    assert "<script>" not in page.text
    assert nonce not in (await client.get(f"/admin/{path}")).headers["content-security-policy"]


async def test_what_users_wrote_is_shown_as_text(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person, resources: Resources
) -> None:
    async with resources.database.session() as session:
        session.add(Item(title="<script>alert(1)</script>", owner_id=user.id))
        await session.commit()
    await sign_in(admin)
    page = await client.get("/admin/items/list")
    assert page.status_code == 200
    assert "alert(1)" in page.text
    assert "<script>alert(1)" not in page.text


async def test_a_user_is_changed_and_the_log_tells(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person, resources: Resources
) -> None:
    await sign_in(admin)
    before = await reload(resources, user)
    done = await send(
        client,
        f"/admin/users/edit?pk={user.id}",
        full_name="New Name",
        role="moderator",
        is_active="on",
        password_hash="x",
        username="other",
        email="other@example.com",
        token_version=9,
    )
    assert done.status_code == 303, done.text
    after = await reload(resources, user)
    assert (after.full_name, after.role, after.is_active) == ("New Name", "moderator", True)
    assert (after.password_hash, after.username, after.email, after.token_version) == (
        before.password_hash,
        before.username,
        before.email,
        before.token_version,
    )
    (record,) = await resources.audit.latest(action="admin.users.changed")
    assert (record.actor_id, record.target) == (admin.id, str(user.id))
    page = await client.get("/admin/audit/list", params={"q": "admin.users"})
    assert "admin.users.changed" in page.text
    shown = await client.get(f"/admin/audit/detail?pk={record.id}")
    assert str(user.id) in shown.text


async def test_a_disabled_user_is_out_at_once(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person
) -> None:
    await sign_in(admin)
    profile = "/api/v1/auth/profile"
    assert (await client.get(profile, headers=user.headers)).status_code == 200
    await send(client, f"/admin/users/edit?pk={user.id}", full_name="", role="user")
    assert (await client.get(profile, headers=user.headers)).status_code == 401


@pytest.mark.parametrize("form", [{"role": "user", "is_active": "on"}, {"role": "admin"}])
async def test_nobody_locks_themselves_out(
    form: dict[str, str], client: httpx.AsyncClient, sign_in: SignIn, admin: Person, resources: Resources
) -> None:
    await sign_in(admin)
    assert (await send(client, f"/admin/users/edit?pk={admin.id}", full_name="", **form)).status_code == 422
    unchanged = await reload(resources, admin)
    assert (unchanged.role, unchanged.is_active) == ("admin", True)


@pytest.mark.parametrize("path", ["users/create", "items/create", "audit/create"])
async def test_what_is_made_elsewhere_is_not_made_here(
    path: str, client: httpx.AsyncClient, sign_in: SignIn, admin: Person
) -> None:
    await sign_in(admin)
    assert (await client.get(f"/admin/{path}")).status_code == 403
    assert (await send(client, f"/admin/{path}")).status_code == 403


@pytest.mark.parametrize(
    "page", ["users/edit", "users/detail", "items/edit", "statuses/edit", "audit/detail"]
)
@pytest.mark.parametrize("key", ["?pk=none", "?pk=00000000-0000-0000-0000-000000000000", ""])
async def test_what_is_not_there_is_not_found(
    page: str, key: str, client: httpx.AsyncClient, sign_in: SignIn, admin: Person
) -> None:
    await sign_in(admin)
    assert (await client.get(f"/admin/{page}{key}")).status_code in (400, 404)


async def test_an_item_is_changed_within_its_limits(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person, resources: Resources
) -> None:
    async with resources.database.session() as session:
        item = Item(title="Old", owner_id=user.id)
        session.add(item)
        await session.commit()
    await sign_in(admin)
    path = f"/admin/items/edit?pk={item.id}"
    for wrong in ({"title": " "}, {"price_cents": -1}, {"price_cents": 2**31}, {"status": "none"}):
        form = {"title": "New", "price_cents": 5, "status": "active"} | wrong
        assert (await send(client, path, **form)).status_code == 422
    assert (await send(client, path, title="New", price_cents=5, status="active")).status_code == 303
    async with resources.database.session() as session:
        changed = await session.get(Item, item.id)
        assert changed is not None
        assert (changed.title, changed.price_cents, changed.status, changed.owner_id) == (
            "New",
            5,
            "active",
            user.id,
        )


async def test_a_status_is_made_and_removed_while_nothing_has_it(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person, resources: Resources
) -> None:
    await sign_in(admin)
    create = "/admin/statuses/create"
    assert (await send(client, create, code="sold", label="Sold", position=3)).status_code == 303
    for wrong in ({"code": "sold"}, {"code": "a b"}, {"label": ""}):
        form = {"code": "lost", "label": "Lost", "position": 4} | wrong
        assert (await send(client, create, **form)).status_code == 422
    assert "Sold" in (await client.get("/admin/statuses/list")).text
    assert (await send(client, "/admin/statuses/edit?pk=sold", label="Gone", position=3)).status_code == 303
    async with resources.database.session() as session:
        session.add(Item(title="It", owner_id=user.id, status="sold"))
        await session.commit()
    remove = "/admin/_api/statuses/row-action?name=delete&pk="
    assert "are Gone" in (await send(client, f"{remove}sold")).text
    await send(client, f"{remove}archived")
    left = (await client.get("/admin/statuses/list")).text
    assert "Gone" in left
    assert "Archived" not in left


@pytest.mark.parametrize("key", ["users", "audit"])
async def test_users_and_records_are_never_removed(
    key: str, client: httpx.AsyncClient, sign_in: SignIn, admin: Person, user: Person, resources: Resources
) -> None:
    await sign_in(admin)
    (record, *_) = await resources.audit.latest()
    pk = user.id if key == "users" else record.id
    refused = await send(client, f"/admin/_api/{key}/row-action?name=delete&pk={pk}")
    assert refused.status_code == 400 or refused.status_code == 403
    assert (await reload(resources, user)).is_active
    assert record in await resources.audit.latest()


async def test_the_session_of_the_pages_is_no_other_kind_of_token(
    app: FastAPI, resources: Resources, admin: Person, client: httpx.AsyncClient
) -> None:
    with pytest.raises(InvalidToken):
        resources.codec.read(admin.refresh, "access")
    client.cookies.set("admin_session", admin.refresh, path="/admin")
    assert (await client.get("/admin/users/list")).status_code == 303


async def test_someone_who_is_an_administrator_no_more_is_out(
    client: httpx.AsyncClient, sign_in: SignIn, admin: Person, resources: Resources
) -> None:
    await sign_in(admin)
    async with resources.database.session() as session:
        demoted = await UserDAO(session).get(admin.id)
        assert demoted is not None
        demoted.role = "user"
        await session.commit()
    assert (await client.get("/admin/users/list")).status_code == 303
