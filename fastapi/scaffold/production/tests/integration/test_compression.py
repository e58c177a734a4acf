"""Compressed answers."""

import gzip
from typing import Any

import httpx
import pytest

from tests.people import PASSWORD, Person

pytestmark = pytest.mark.anyio
LONG = {"title": "long", "description": "all the same " * 500}


async def raw(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> tuple[httpx.Headers, bytes]:
    """The answer as it is on the wire."""
    async with client.stream("GET", path, headers=headers) as answer:
        return answer.headers, b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_long_answers_are_compressed_for_who_reads_that(client: httpx.AsyncClient) -> None:
    headers, body = await raw(client, "/openapi.json", {"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(body))
    plain_headers, plain = await raw(client, "/openapi.json", {"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain_headers
    assert gzip.decompress(body) == plain
    assert all("Accept-Encoding" in each["vary"] for each in (headers, plain_headers))
    short, _ = await raw(client, "/api/v1/health", {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short


async def test_the_tag_of_a_compressed_answer_is_its_own_and_still_names_the_item(
    client: httpx.AsyncClient, user: Person
) -> None:
    created = await client.post("/api/v1/items", json=LONG, headers=user.headers)
    place = created.headers["location"]
    plain, _ = await raw(client, place, user.headers | {"Accept-Encoding": "identity"})
    compressed, _ = await raw(client, place, user.headers | {"Accept-Encoding": "gzip"})
    tag = compressed["etag"]
    assert tag == created.headers["etag"] == plain["etag"].removesuffix('"') + '--gzip"'
    same = await client.get(place, headers=user.headers | {"If-None-Match": tag})
    assert same.status_code == 304
    change = {"title": "changed"}
    for status in (200, 412):  # the second time it is of an old version
        answer = await client.patch(place, json=change, headers=user.headers | {"If-Match": tag})
        assert answer.status_code == status
    found, _ = await raw(client, "/api/v1/items", user.headers | {"Accept-Encoding": "gzip"})
    assert found["content-encoding"] == "gzip"
    assert found["etag"].startswith('W/"')
    assert not found["etag"].endswith('--gzip"')


async def test_answers_with_secrets_and_those_read_in_parts_are_left_as_they_are(
    client: httpx.AsyncClient, user: Person
) -> None:
    accepting: dict[str, Any] = {"headers": user.headers | {"Accept-Encoding": "gzip"}}
    uploaded = await client.post(
        "/api/v1/files", files={"file": ("a.txt", b"a" * 5000, "text/plain")}, **accepting
    )
    login = {"username": user.username, "password": PASSWORD}
    for answer in [
        await client.post("/api/v1/auth/login", json=login, **accepting),
        await client.get(f"{uploaded.headers['location']}/content", **accepting),
        await client.get("/api/v1/stream", params={"rows": 1000}, **accepting),
        await client.get("/admin/login", **accepting),
    ]:
        assert answer.status_code == 200
        assert len(answer.content) > 500
        assert "content-encoding" not in answer.headers
