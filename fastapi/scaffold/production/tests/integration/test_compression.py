"""Compressed answers."""

import gzip
import zlib
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.middlewares.compression import GZIP, CompressionMiddleware
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


async def answer_of(
    parts: list[bytes], accepting: str = "gzip", **headers: str
) -> tuple[dict[bytes, bytes], list[bytes]]:
    """The headers and the parts of a body, as they leave the middleware."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": named})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1]})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "path": "/", "headers": [(b"accept-encoding", accepting.encode())]}
    await CompressionMiddleware(application, never=("/admin",))(scope, receive, send)
    start, *bodies = sent
    return dict(start["headers"]), [body["body"] for body in bodies]


async def test_each_part_of_a_stream_can_be_read_when_it_comes() -> None:
    parts = [b"one ", b"two ", b"three", b""]
    headers, bodies = await answer_of(parts, content_type="application/x-ndjson", content_length="13")
    assert headers[b"content-encoding"] == b"gzip"
    assert b"content-length" not in headers
    reader = zlib.decompressobj(GZIP)
    assert [reader.decompress(body) for body in bodies] == parts
    assert reader.eof


@pytest.mark.parametrize(
    ("headers", "accepting"),
    [
        ({"content_type": "image/png"}, "gzip"),
        ({"content_type": "text/event-stream"}, "gzip"),
        ({"content_type": "text/plain", "content_encoding": "br"}, "gzip, br"),
        ({"content_type": "text/plain", "content_range": "bytes 0-1999/5000"}, "gzip"),
        ({"content_type": "text/plain"}, "br"),
        ({"content_type": "text/plain"}, "gzip;q=0, br"),
        ({}, "gzip"),
    ],
)
async def test_what_is_no_text_encoded_already_a_part_or_not_to_be_read_is_left_as_it_is(
    headers: dict[str, str], accepting: str
) -> None:
    for parts in ([b"a" * 2000], [b"a" * 1000, b"a" * 1000]):
        found, bodies = await answer_of(parts, accepting, **headers)
        assert bodies == parts
        assert found.get(b"content-encoding", b"").decode() == headers.get("content_encoding", "")


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
        await client.get("/admin/login", **accepting),
    ]:
        assert answer.status_code == 200
        assert len(answer.content) > 500
        assert "content-encoding" not in answer.headers
