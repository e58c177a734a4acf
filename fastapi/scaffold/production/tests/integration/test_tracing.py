"""Traces."""

from collections.abc import Callable

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.core.config import Settings
from app.core.telemetry import open_tracing
from app.main import create_app
from tests.conftest import serve
from tests.people import add_person

pytestmark = pytest.mark.anyio


async def test_a_request_and_its_statements_are_one_trace(make_settings: Callable[..., Settings]) -> None:
    exporter = InMemorySpanExporter()
    app = create_app(make_settings(), exporter)
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with serve(app.state.settings, app) as (client, _):
        person = await add_person(app.state.resources, "user")
        parent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        answer: httpx.Response = await client.get("/api/v1/auth/profile", headers=person.headers | parent)
        assert answer.status_code == 200
    spans = [
        span
        for span in exporter.get_finished_spans()
        if span.context and f"{span.context.trace_id:032x}" == trace
    ]
    names = {span.name for span in spans}
    assert any("SELECT" in name for name in names)
    assert any("GET" in name for name in names)
    assert person.access not in str([span.attributes for span in spans])


async def test_commands_to_redis_are_spans_without_their_values(
    make_settings: Callable[..., Settings], redis_url: str
) -> None:
    exporter = InMemorySpanExporter()
    app = create_app(make_settings(redis_url=redis_url), exporter)
    async with serve(app.state.settings, app) as (client, _):
        assert (await client.get("/api/v1/cached-demo", params={"parameter": "hush"})).status_code == 200
    spans = [
        span
        for span in exporter.get_finished_spans()
        if span.attributes and span.attributes.get("db.system") == "redis"
    ]
    assert {"GET", "SET", "EVALSHA"} <= {span.name for span in spans}
    assert "hush" not in str([dict(span.attributes or {}) for span in spans])


def test_without_an_address_nothing_is_traced(make_settings: Callable[..., Settings]) -> None:
    assert open_tracing(make_settings()) is None
    provider = open_tracing(make_settings(otlp_endpoint="http://127.0.0.1:1/v1/traces"))
    assert provider is not None
    provider.shutdown()
