"""Users, as moderators see them and administrators change them."""

import httpx
import pytest

from tests.people import PASSWORD, Person

pytestmark = pytest.mark.anyio
URL = "/api/v1/users"
NEW = {"email": "new@example.com", "username": "newcomer", "password": PASSWORD}


async def test_administrators_add_users_of_any_role(client: httpx.AsyncClient, admin: Person) -> None:
    created = await client.post(URL, json=NEW | {"role": "moderator"}, headers=admin.headers)
    assert created.status_code == 201
    assert created.json()["role"] == "moderator"
    read = await client.get(created.headers["location"], headers=admin.headers)
    assert read.json() == created.json()
    assert read.headers["etag"] == created.headers["etag"]


async def test_users_are_listed_filtered_and_sorted(
    client: httpx.AsyncClient, user: Person, moderator: Person, admin: Person
) -> None:
    async def names(**query: str) -> list[str]:
        answer = await client.get(URL, params=query, headers=moderator.headers)
        return [each["username"] for each in answer.json()["items"]]

    assert await names(sort="username") == ["the-admin", "the-moderator", "the-user"]
    assert await names(sort="-username", limit="1") == ["the-user"]
    assert await names(role="admin") == ["the-admin"]
    assert await names(q="ADMIN@example") == ["the-admin"]
    assert await names(q="the-", role="user") == ["the-user"]
    assert await names(q="%") == []
    assert await names(is_active="false") == []


async def test_a_user_is_replaced_changed_and_deleted(
    client: httpx.AsyncClient, user: Person, admin: Person
) -> None:
    url = f"{URL}/{user.id}"
    replacement = {
        "email": "else@example.com",
        "username": "else",
        "full_name": "Else",
        "role": "moderator",
        "is_active": True,
    }
    replaced = await client.put(url, json=replacement, headers=admin.headers)
    assert replaced.json().items() >= replacement.items()
    assert (await client.get(URL, headers=user.headers)).status_code == 200  # a moderator at once
    changed = await client.patch(url, json={"role": "user"}, headers=admin.headers)
    assert changed.json()["role"] == "user"
    assert (await client.get(URL, headers=user.headers)).status_code == 403
    assert (await client.head(url, headers=admin.headers)).status_code == 200
    assert (await client.delete(url, headers=admin.headers)).status_code == 204
    assert (await client.get("/api/v1/auth/profile", headers=user.headers)).status_code == 401
    assert (await client.get(url, headers=admin.headers)).status_code == 404


async def test_a_disabled_user_is_out_at_once(client: httpx.AsyncClient, user: Person, admin: Person) -> None:
    await client.patch(f"{URL}/{user.id}", json={"is_active": False}, headers=admin.headers)
    assert (await client.get("/api/v1/auth/profile", headers=user.headers)).status_code == 401
    await client.patch(f"{URL}/{user.id}", json={"is_active": True}, headers=admin.headers)
    # Tokens from before stay ended.
    assert (await client.get("/api/v1/auth/profile", headers=user.headers)).status_code == 401


async def test_names_stay_unique_and_administrators_stay(
    client: httpx.AsyncClient, user: Person, admin: Person
) -> None:
    taken = await client.patch(f"{URL}/{user.id}", json={"email": admin.email}, headers=admin.headers)
    assert taken.status_code == 409
    assert (await client.delete(f"{URL}/{admin.id}", headers=admin.headers)).status_code == 409


async def test_a_change_of_another_version_is_refused(
    client: httpx.AsyncClient, user: Person, admin: Person
) -> None:
    url = f"{URL}/{user.id}"
    old = admin.headers | {"If-Match": '"other"'}
    for method, body in [("PATCH", {"full_name": "x"}), ("DELETE", None)]:
        assert (await client.request(method, url, json=body, headers=old)).status_code == 412
    for place, verb in [(URL, "POST"), (url, "DELETE")]:
        assert verb in (await client.options(place)).headers["allow"]
