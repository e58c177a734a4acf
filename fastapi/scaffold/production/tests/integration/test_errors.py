"""Every error has one body, and leaks nothing."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.types import Receive, Scope, Send

from app.core.config import Settings
from app.main import create_app
from app.services.resources import Resources
from tests.conftest import serve
from tests.people import Person

pytestmark = pytest.mark.anyio
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers.items() >= ALWAYS.items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return body


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/nowhere"), 404, "not_found")


async def test_a_method_that_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/v1/auth/login")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    for path, allowed in {
        "/api/v1/items": "GET, HEAD, OPTIONS, POST",
        f"/api/v1/users/{uuid.uuid4()}": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
        "/static/documentation/redoc/start.js": "GET, HEAD",
    }.items():
        answer = await client.request("TRACE", path)
        assert answer.status_code == 405
        # Starlette before 1.0 does not say it of files.
        assert answer.headers.get("allow", "GET, HEAD") == allowed


async def test_a_host_that_is_not_ours(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(allowed_hosts="api.example, *.api.example, [::1]")) as (client, _):
        for host in ("evil.example", "api.example.evil.example", "evilapi.example", "", "[::2]:80"):
            answer = await client.get("/api/v1/statuses", headers={"Host": host})
            assert_problem(answer, 400, "bad_request")
            assert (await client.get("/health/live", headers={"Host": host})).status_code == 200
        for host in ("api.example", "API.example:8000", "a.api.example", "[::1]", "[::1]:8000"):
            assert (await client.get("/api/v1/statuses", headers={"Host": host})).status_code == 401


async def test_a_page_that_may_not_ask(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(cors_origins="https://page.example")) as (client, _):
        asks = {
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "if-unmodified-since",
        }
        refused = await client.options("/api/v1/items", headers=asks | {"Origin": "https://evil.example"})
        assert "origin" in assert_problem(refused, 400, "bad_request")["detail"]
        assert "access-control-allow-origin" not in refused.headers
        allowed = await client.options("/api/v1/items", headers=asks | {"Origin": "https://page.example"})
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "https://page.example"


async def test_values_that_do_not_fit_are_named_and_not_repeated(client: httpx.AsyncClient) -> None:
    secret = {"username": 7, "password": {"a": "secret-value"}}
    answer = await client.post("/api/v1/auth/login", json=secret)
    body = assert_problem(answer, 422, "validation_error")
    assert {tuple(error["location"]) for error in body["errors"]} == {
        ("body", "username"),
        ("body", "password"),
    }
    assert "secret-value" not in answer.text


async def test_bodies_that_are_not_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/auth/login", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert_problem(answer, 422, "validation_error")


async def test_bodies_that_are_too_large_by_their_length_and_by_their_bytes(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    large = b"x" * (settings.max_body_bytes + 1)
    assert_problem(await client.post("/api/v1/auth/login", content=large), 413, "payload_too_large")

    async def pieces() -> Any:
        for _ in range(20):
            yield large[: settings.max_body_bytes // 10]

    assert_problem(await client.post("/api/v1/auth/login", content=pieces()), 413, "payload_too_large")


async def test_a_given_request_id_is_kept_where_it_is_harmless(client: httpx.AsyncClient) -> None:
    kept = await client.get("/health", headers={"X-Request-ID": "trace-12345678"})
    assert kept.headers["x-request-id"] == "trace-12345678"
    replaced = await client.get("/health", headers={"X-Request-ID": "a b\x7f"})
    assert replaced.headers["x-request-id"] != "a b\x7f"


async def test_what_nobody_expected_is_a_problem_that_tells_nothing(
    client: httpx.AsyncClient, resources: Resources, user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(resources.codec, "read", fail)
    answer = await client.get("/api/v1/auth/profile", headers=user.headers)
    assert_problem(answer, 500, "internal_error")
    assert "secret detail" not in answer.text


@pytest.mark.parametrize("error", [OperationalError("x", {}, Exception("secret")), ConnectionRefusedError()])
async def test_without_its_database_nobody_is_let_in(
    client: httpx.AsyncClient,
    resources: Resources,
    user: Person,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(resources.database, "reader", fail)
    answer = await client.get("/api/v1/auth/profile", headers=user.headers)
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_hosts_that_are_not_ours_are_refused(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(allowed_hosts="testserver,api.example.com")) as (client, _):
        assert (await client.get("/docs")).status_code == 200
        refused = await client.get("/docs", headers={"Host": "evil.example"})
        assert refused.status_code == 400
        assert refused.headers.items() >= ALWAYS.items()


@pytest.mark.parametrize(
    ("environment", "scheme", "pinned"),
    [
        ("testing", "http", False),
        ("testing", "https", True),
        ("staging", "http", True),
        ("staging", "https", True),
    ],
)
async def test_browsers_are_told_to_come_over_tls(
    make_settings: Callable[..., Settings], environment: str, scheme: str, pinned: bool
) -> None:
    secrets: dict[str, Any] = (
        {}
        if environment == "testing"
        else {
            "secret_key": "a secret of staging that is long enough",
            "allowed_hosts": "testserver",
            "cors_origins": "https://app.example.com",
            "hash_memory_kib": 19_456,
            "hash_iterations": 2,
        }
    )
    async with serve(make_settings(environment=environment, **secrets)) as (client, _):
        for path in ("/health", "/nowhere"):
            answer = await client.get(f"{scheme}://testserver{path}")
            expected = "max-age=63072000; includeSubDomains" if pinned else None
            assert answer.headers.get("strict-transport-security") == expected


async def test_other_origins_are_allowed_by_name(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(cors_origins="https://app.example.com")) as (client, _):
        for origin, allowed in [("https://app.example.com", True), ("https://evil.example", False)]:
            answer = await client.get("/health", headers={"Origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
            asked = await client.options(
                "/api/v1/items", headers={"Origin": origin, "Access-Control-Request-Method": "PUT"}
            )
            assert (asked.status_code == 200) is allowed


async def test_an_answer_that_takes_too_long_is_given_up(make_settings: Callable[..., Settings]) -> None:
    import asyncio

    app = create_app(make_settings(request_timeout_seconds=0.05))

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.Event().wait()

    async with serve(app.state.settings, app) as (client, _):
        assert_problem(await client.get("/slow"), 504, "timed_out")
        assert (await client.get("/health")).status_code == 200


async def test_an_answer_that_breaks_off_is_not_finished_as_if_it_were_whole(
    make_settings: Callable[..., Settings],
) -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("broken")

    app: FastAPI = create_app(make_settings())
    app.mount("/half", half)
    async with serve(app.state.settings, app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            with pytest.raises(RuntimeError, match="broken"):
                await client.get("/half/")


async def test_every_operation_says_how_its_errors_look(client: httpx.AsyncClient) -> None:
    document = json.loads((await client.get("/openapi.json")).text)
    for path in document["paths"].values():
        for operation in path.values():
            assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
            assert "422" not in operation["responses"]
