"""Registering, signing in and out."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import update

from app.models import RefreshToken, User
from app.services.resources import Resources
from app.utils.hashing import PasswordHasher
from tests.people import PASSWORD, Person

pytestmark = pytest.mark.anyio
NEWCOMER = {"email": "Ada@Example.com", "username": "Ada", "password": PASSWORD, "full_name": "Ada L."}


@pytest.mark.parametrize("prefix", ["/api/v1/auth", "/api/v1/security"])
async def test_a_newcomer_registers_signs_in_refreshes_and_signs_out(
    client: httpx.AsyncClient, prefix: str
) -> None:
    registered = await client.post(f"{prefix}/register", json=NEWCOMER)
    assert registered.status_code == 201
    assert registered.json()["email"] == "ada@example.com"
    assert registered.json()["role"] == "user"
    assert "password" not in registered.text
    signed_in = await client.post(f"{prefix}/login", json={"username": "ADA", "password": PASSWORD})
    assert signed_in.status_code == 200
    assert signed_in.json()["expires_in"] == 900
    refreshed = await client.post(
        f"{prefix}/refresh", json={"refresh_token": signed_in.json()["refresh_token"]}
    )
    assert refreshed.status_code == 200
    headers = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
    profile = await client.get(f"{prefix}/profile", headers=headers)
    assert profile.json()["username"] == "ada"
    assert (await client.post(f"{prefix}/logout", headers=headers)).status_code == 204
    assert (await client.get(f"{prefix}/profile", headers=headers)).status_code == 401
    again = await client.post(f"{prefix}/refresh", json={"refresh_token": refreshed.json()["refresh_token"]})
    assert again.status_code == 401


async def test_oauth_clients_sign_in_with_a_form(client: httpx.AsyncClient, user: Person) -> None:
    document = (await client.get("/openapi.json")).json()
    (scheme,) = document["components"]["securitySchemes"].values()
    place = f"/{scheme['flows']['password']['tokenUrl']}"  # relative to the document
    form = {"username": user.email, "password": PASSWORD, "grant_type": "password"}
    answer = await client.post(place, data=form)
    assert answer.json()["token_type"] == "bearer"
    headers = {"Authorization": f"bearer {answer.json()['access_token']}"}
    assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 200
    for wrong in ("Basic dTpw", "Bearer", "Bearer ", "nonsense"):
        answer = await client.get("/api/v1/auth/profile", headers={"Authorization": wrong})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_unknown_wrong_and_disabled_logins_get_the_same_answer(
    client: httpx.AsyncClient, resources: Resources, user: Person, moderator: Person
) -> None:
    async with resources.database.session() as session:
        await session.execute(update(User).where(User.id == moderator.id).values(is_active=False))
        await session.commit()
    answers = []
    for name, password in [
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("nul\0", PASSWORD),
        (user.username, "wrong password"),
        (moderator.username, PASSWORD),
    ]:
        form = {"username": name, "password": password}
        answer = await client.post("/api/v1/auth/token", data=form)
        body = answer.json()
        body.pop("request_id")
        answers.append((answer.status_code, body))
    assert answers[0][0] == 401
    assert all(answer == answers[0] for answer in answers)


async def test_every_login_does_the_same_work_of_hashing(
    client: httpx.AsyncClient,
    resources: Resources,
    user: Person,
    moderator: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with resources.database.session() as session:
        await session.execute(update(User).where(User.id == moderator.id).values(is_active=False))
        await session.commit()
    work: list[tuple[str, ...]] = []
    verify, make = Argon2Hasher.verify, Argon2Hasher.hash

    def counted_verify(hasher: Argon2Hasher, password: str | bytes, known: str | bytes) -> bool:
        work.append(("verify", *str(known).split("$")[1:4]))  # how dear it is: kind, version, parameters
        return verify(hasher, password, known)

    def counted_hash(hasher: Argon2Hasher, password: str | bytes, **options: Any) -> str:
        work.append(("hash",))
        return make(hasher, password, **options)

    monkeypatch.setattr(Argon2Hasher, "verify", counted_verify)
    monkeypatch.setattr(Argon2Hasher, "hash", counted_hash)
    for name, password, status in [
        (user.username, PASSWORD, 200),
        (user.username, "wrong password", 401),
        ("nobody", PASSWORD, 401),
        ("nul\0", PASSWORD, 401),
        (moderator.username, PASSWORD, 401),
        (moderator.username, "wrong password", 401),
    ]:
        work.clear()
        answer = await client.post("/api/v1/auth/token", data={"username": name, "password": password})
        assert answer.status_code == status
        assert work == [("verify", "argon2id", "v=19", "m=8,t=1,p=1")], name


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"email": "the-user@example.com"}, 409, "conflict"),
        ({"username": "THE-USER"}, 409, "conflict"),
        ({"password": "short"}, 422, "unprocessable_value"),
        ({"password": "password1"}, 422, "unprocessable_value"),
        ({"password": "x" * 129}, 422, "unprocessable_value"),
        ({"password": "ada@example.com"}, 422, "unprocessable_value"),
        ({"role": "admin"}, 422, "validation_error"),
        ({"username": "a b"}, 422, "validation_error"),
        ({"email": "nobody"}, 422, "validation_error"),
        ({"full_name": "nul\0"}, 422, "validation_error"),
    ],
)
async def test_what_is_not_accepted_of_newcomers(
    client: httpx.AsyncClient, user: Person, changes: dict[str, str], status: int, code: str
) -> None:
    answer = await client.post("/api/v1/auth/register", json=NEWCOMER | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert changes.get("password", PASSWORD) not in answer.text


async def test_of_two_racing_registrations_one_wins(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/api/v1/auth/register", json=NEWCOMER) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_refresh_token_that_comes_twice_signs_its_whole_family_out(
    client: httpx.AsyncClient, user: Person
) -> None:
    first = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    assert first.status_code == 200
    stolen = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    assert stolen.status_code == 401
    after = await client.post("/api/v1/auth/refresh", json={"refresh_token": first.json()["refresh_token"]})
    assert after.status_code == 401
    for access in (user.access, first.json()["access_token"]):
        headers = {"Authorization": f"Bearer {access}"}
        assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 401


async def test_a_refresh_that_a_logout_did_not_see_is_refused(
    client: httpx.AsyncClient, resources: Resources, user: Person
) -> None:
    assert (await client.post("/api/v1/auth/logout", headers=user.headers)).status_code == 204
    async with resources.database.session() as session:
        await session.execute(update(RefreshToken).values(revoked_at=None))
        await session.commit()
    answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    assert answer.status_code == 401


async def test_a_logout_ends_every_token_of_its_login_and_of_no_other(
    client: httpx.AsyncClient, user: Person
) -> None:
    other = await client.post("/api/v1/auth/login", json={"username": user.username, "password": PASSWORD})
    renewed = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    for access, status in ((user.access, 204), (renewed.json()["access_token"], 401)):
        answer = await client.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {access}"})
        assert answer.status_code == status
    headers = {"Authorization": f"Bearer {other.json()['access_token']}"}
    assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 200


async def test_of_racing_refreshes_one_wins(client: httpx.AsyncClient, user: Person) -> None:
    answers = await asyncio.gather(
        *(client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_an_access_token_does_not_refresh_and_a_refresh_token_gives_no_access(
    client: httpx.AsyncClient, user: Person
) -> None:
    answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.access})
    assert answer.status_code == 401
    headers = {"Authorization": f"Bearer {user.refresh}"}
    assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 401


async def test_a_refresh_of_a_disabled_user_is_refused(
    client: httpx.AsyncClient, resources: Resources, user: Person
) -> None:
    async with resources.database.session() as session:
        await session.execute(update(User).where(User.id == user.id).values(is_active=False))
        await session.commit()
    answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    assert answer.status_code == 401


async def test_a_new_password_ends_every_login_but_its_own(client: httpx.AsyncClient, user: Person) -> None:
    change = {"current_password": PASSWORD, "new_password": "another horse entirely"}
    changed = await client.post("/api/v1/auth/password", json=change, headers=user.headers)
    assert changed.status_code == 200
    assert (await client.get("/api/v1/auth/profile", headers=user.headers)).status_code == 401
    refused = await client.post("/api/v1/auth/refresh", json={"refresh_token": user.refresh})
    assert refused.status_code == 401
    headers = {"Authorization": f"Bearer {changed.json()['access_token']}"}
    assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 200
    login = {"username": user.username, "password": "another horse entirely"}
    assert (await client.post("/api/v1/auth/login", json=login)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"current_password": "wrong", "new_password": "another horse entirely"}, 401),
        ({"current_password": PASSWORD, "new_password": "12345678"}, 422),
    ],
)
async def test_a_password_stays_where_the_change_is_refused(
    client: httpx.AsyncClient, user: Person, change: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/v1/auth/password", json=change, headers=user.headers)
    assert answer.status_code == status
    assert (await client.get("/api/v1/auth/profile", headers=user.headers)).status_code == 200


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer x.y.z", "Bearer e30.e30.e30"])
async def test_whoever_is_unknown_is_asked_to_sign_in(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/auth/profile", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_of_a_deleted_user_is_refused(client: httpx.AsyncClient, resources: Resources) -> None:
    token, _ = resources.codec.issue("access", uuid.uuid4(), 0)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/api/v1/auth/profile", headers=headers)).status_code == 401


async def test_users_change_their_profile_but_not_their_role(client: httpx.AsyncClient, user: Person) -> None:
    changed = await client.patch("/api/v1/auth/profile", json={"full_name": "New"}, headers=user.headers)
    assert changed.json()["full_name"] == "New"
    assert changed.json()["email"] == user.email
    for forbidden in ({"role": "admin"}, {"is_active": False}, {"password_hash": "x"}, {"email": None}):
        answer = await client.patch("/api/v1/auth/profile", json=forbidden, headers=user.headers)
        assert answer.status_code == 422


async def test_outdated_hashes_are_renewed_at_the_next_login(
    client: httpx.AsyncClient, resources: Resources, user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    dearer = PasswordHasher(memory_kib=16, iterations=2, workers=1, queue=1)
    monkeypatch.setattr(resources, "hasher", dearer)
    login = {"username": user.username, "password": PASSWORD}
    assert (await client.post("/api/v1/auth/login", json=login)).status_code == 200
    await dearer.close()
    async with resources.database.session() as session:
        row = await session.get(User, user.id)
    assert row is not None
    assert "m=16,t=2" in row.password_hash


async def test_ended_tokens_are_forgotten(resources: Resources, user: Person) -> None:
    from app.database.data_layer.tokens import TokenDAO

    async with resources.database.session() as session:
        tokens = TokenDAO(session)
        claims = resources.codec.read(user.access, "access")
        await tokens.revoke_access(claims.token_id, claims.expires_at)
        await tokens.revoke_access(claims.token_id, claims.expires_at)
        refresh = resources.codec.read(user.refresh, "refresh")
        await tokens.forget_ended(refresh.expires_at.replace(year=2200))
        assert not await tokens.is_revoked(claims.token_id)
        assert await session.get(RefreshToken, refresh.token_id) is None
