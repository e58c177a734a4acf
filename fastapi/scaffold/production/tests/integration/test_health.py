"""Health, probes, metrics."""

from collections.abc import Callable

import httpx
import pytest

from app.core.config import Settings
from app.services.resources import Resources
from tests.conftest import serve
from tests.people import Person

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_probes_answer_where_orchestrators_look(client: httpx.AsyncClient, prefix: str) -> None:
    for probe in ("", "/live", "/ready"):
        answer = await client.get(f"{prefix}/health{probe}")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_without_its_database_it_lives_but_is_not_ready(
    client: httpx.AsyncClient, resources: Resources, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise ConnectionRefusedError("the secret address")

    database = next(each for each in resources.health.components if each.name == "database")
    broken = type(database)(database.name, True, fail)
    monkeypatch.setattr(resources.health, "components", [broken])
    assert (await client.get("/health/live")).status_code == 200
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable"})
    detailed = await client.get("/api/v1/health/detailed", headers=admin.headers)
    assert detailed.json()["components"][0]["error"] == "ConnectionRefusedError"
    assert "secret" not in detailed.text
    monkeypatch.setattr(resources.health, "components", [type(database)("other", False, fail)])
    assert (await client.get("/health/ready")).json() == {"status": "degraded"}


async def test_metrics_count_requests_by_route(client: httpx.AsyncClient, user: Person) -> None:
    await client.get("/api/v1/items", headers=user.headers)
    await client.get("/nowhere/at/all")
    text = (await client.get("/metrics")).text
    assert 'http_requests_total{method="GET",route="/api/v1/items",status="200"}' in text
    assert 'route="unmatched",status="404"' in text
    assert "circuit_breakers_open" in text
    assert "nowhere" not in text


async def test_metrics_can_ask_for_a_token(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(metrics_token="let-me-see")) as (client, _):
        assert (await client.get("/metrics")).status_code == 401
        answer = await client.get("/metrics", headers={"Authorization": "Bearer let-me-see"})
        assert answer.status_code == 200
