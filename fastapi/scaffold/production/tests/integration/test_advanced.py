"""Streams, events, work elsewhere."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from app.api.v1.advanced import expensive_operation
from app.core.config import Settings
from app.core.events import event_bus
from tests.conftest import serve
from tests.people import Person

pytestmark = pytest.mark.anyio
V1 = "/api/v1"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("async-demo", {"result": "completed", "type": "async"}),
        ("blocking-demo", {"result": "completed", "type": "blocking"}),
        ("cached-demo?parameter=x", {"result": "Result for x", "type": "cached"}),
    ],
)
async def test_demonstrations_answer(client: httpx.AsyncClient, path: str, body: dict[str, str]) -> None:
    for _ in range(2):
        assert (await client.get(f"{V1}/{path}")).json() == body


async def test_too_much_blocking_work_is_refused(make_settings: Callable[..., Settings]) -> None:
    async with serve(make_settings(thread_workers=1, thread_queue=1)) as (client, _):
        answers = await asyncio.gather(*(client.get(f"{V1}/blocking-demo") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 503, 503]
    refused = max(answers, key=lambda answer: answer.status_code)
    assert refused.json()["code"] == "busy"
    assert refused.headers["retry-after"] == "1"


async def test_what_is_expensive_is_done_once_for_the_same_arguments() -> None:
    calls = [expensive_operation("of this test", seconds=0.05) for _ in range(20)]
    async with asyncio.timeout(0.05 * 20):
        assert set(await asyncio.gather(*calls)) == {"Result for of this test"}


async def test_computations_run_in_another_process(client: httpx.AsyncClient, user: Person) -> None:
    primes = await client.post(f"{V1}/cpu-intensive", json={"iterations": 1000}, headers=user.headers)
    assert primes.json() == {"result": 168, "type": "cpu"}
    summary = await client.post(f"{V1}/statistics", json={"values": [1, 2, 3]}, headers=user.headers)
    assert summary.json()["mean"] == 2
    assert summary.json()["groups"] == {}
    sample: dict[str, object] = {"values": [1, 2, 3], "groups": ["odd", "even", "odd"]}
    grouped = await client.post(f"{V1}/statistics", json=sample, headers=user.headers)
    assert grouped.json()["groups"]["odd"]["mean"] == 2
    assert grouped.json()["groups"]["even"]["count"] == 1
    for path, body in [
        ("cpu-intensive", {"iterations": 10**9}),
        ("statistics", {"values": []}),
        ("statistics", {"values": [1, 2], "groups": ["a"]}),
    ]:
        answer = await client.post(f"{V1}/{path}", json=body, headers=user.headers)
        assert answer.status_code == 422


async def test_rows_are_streamed(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", f"{V1}/stream", params={"rows": 250}) as answer:
        rows = [json.loads(line) async for line in answer.aiter_lines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(rows) == 250
    assert rows[-1] == {"row": 249, "square": 249 * 249}


async def test_the_time_is_told_as_events(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{V1}/sse/stream", params={"count": 3, "seconds": 0})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert len(events) == 3
    assert all("time" in event for event in events)


async def test_events_reach_subscribers_and_streams(client: httpx.AsyncClient, moderator: Person) -> None:
    heard: list[object] = []
    unsubscribe = event_bus.subscribe("order.paid", heard.append)
    stream = asyncio.create_task(
        client.get(f"{V1}/events/order.paid", params={"count": 2}, headers=moderator.headers)
    )
    delivered = 0
    while delivered < 2:  # the stream has subscribed
        event = {"name": "order.paid", "data": {"id": 7}}
        answer = await client.post(f"{V1}/events", json=event, headers=moderator.headers)
        delivered = answer.json()["delivered"]
    await client.post(f"{V1}/events", json=event, headers=moderator.headers)
    text = (await asyncio.wait_for(stream, 10)).text
    assert text.count('data: {"id": 7}') == 2
    unsubscribe()
    assert heard[0] == {"id": 7}
    bad = await client.post(f"{V1}/events", json={"name": "*"}, headers=moderator.headers)
    assert bad.status_code == 422


async def test_users_are_announced(client: httpx.AsyncClient) -> None:
    heard: list[dict[str, object]] = []
    unsubscribe = event_bus.subscribe("user.created", heard.append)
    new = {"email": "n@example.com", "username": "newcomer", "password": "correct horse battery"}
    created = await client.post(f"{V1}/auth/register", json=new)
    unsubscribe()
    assert heard == [{"user_id": created.json()["id"], "username": "newcomer"}]


async def test_what_happens_in_the_background_is_in_the_audit_log(
    client: httpx.AsyncClient, admin: Person
) -> None:
    assert (await client.post(f"{V1}/background-demo", headers=admin.headers)).status_code == 202
    query: dict[str, str | int] = {"action": "background.done", "limit": 1}
    (entry,) = (await client.get(f"{V1}/audit", params=query, headers=admin.headers)).json()
    assert entry["actor_id"] == str(admin.id)


async def test_public_keys_are_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.json() == {"keys": []}
    assert answer.headers["cache-control"] == "public, max-age=300"
