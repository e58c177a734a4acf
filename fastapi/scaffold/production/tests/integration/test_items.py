"""Items: every verb, filters, orders, pages, conditions."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from tests.people import Person

pytestmark = pytest.mark.anyio
URL = "/api/v1/items"


async def create(client: httpx.AsyncClient, owner: Person, **fields: Any) -> dict[str, Any]:
    answer = await client.post(URL, json={"title": "A thing"} | fields, headers=owner.headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_item_is_created_read_replaced_changed_and_deleted(
    client: httpx.AsyncClient, user: Person
) -> None:
    created = await client.post(URL, json={"title": " A thing "}, headers=user.headers)
    place = created.headers["location"]
    assert created.json()["title"] == "A thing"
    assert created.json()["owner_id"] == str(user.id)
    assert (await client.get(place, headers=user.headers)).json() == created.json()
    replacement = {"title": "B", "description": "b", "price_cents": 5, "status": "active"}
    replaced = await client.put(place, json=replacement, headers=user.headers)
    assert replaced.json().items() >= replacement.items()
    changed = await client.patch(place, json={"price_cents": 7}, headers=user.headers)
    assert changed.json().items() >= (replacement | {"price_cents": 7}).items()
    assert (await client.delete(place, headers=user.headers)).status_code == 204
    assert (await client.get(place, headers=user.headers)).status_code == 404


async def test_head_tells_what_get_would_and_options_what_there_is(
    client: httpx.AsyncClient, user: Person
) -> None:
    item = await create(client, user)
    for url, allowed in [(URL, "POST"), (f"{URL}/{item['id']}", "PATCH")]:
        got = await client.get(url, headers=user.headers)
        head = await client.head(url, headers=user.headers)
        assert head.status_code == 200
        assert head.headers["etag"] == got.headers["etag"]
        assert head.headers["content-length"] == got.headers["content-length"]
        options = await client.options(url)
        assert options.status_code == 204
        assert allowed in options.headers["allow"]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": None},
        {"title": "nul\0"},
        {"price_cents": -1},
        {"price_cents": 2**31},
        {"price_cents": "much"},
        {"status": "unheard-of"},
        {"owner_id": str(uuid.uuid4())},
        {"id": str(uuid.uuid4())},
    ],
)
async def test_fields_that_make_no_sense_or_are_not_the_clients_are_refused(
    client: httpx.AsyncClient, user: Person, fields: dict[str, Any]
) -> None:
    item = await create(client, user)
    for method, url in [("POST", URL), ("PATCH", f"{URL}/{item['id']}")]:
        answer = await client.request(method, url, json={"title": "x"} | fields, headers=user.headers)
        assert answer.status_code == 422


async def test_only_owners_and_moderators_change_an_item(
    client: httpx.AsyncClient, user: Person, moderator: Person, admin: Person
) -> None:
    item = await create(client, admin)
    place = f"{URL}/{item['id']}"
    assert (await client.get(place, headers=user.headers)).status_code == 200
    assert (await client.patch(place, json={"title": "x"}, headers=user.headers)).status_code == 403
    assert (await client.delete(place, headers=user.headers)).status_code == 403
    assert (await client.patch(place, json={"title": "x"}, headers=moderator.headers)).status_code == 200


async def test_filters_find_what_they_say(client: httpx.AsyncClient, user: Person, admin: Person) -> None:
    await create(client, user, title="Red 100%", price_cents=10, status="active")
    await create(client, user, title="Blue", description="not red", price_cents=20)
    last = await create(client, admin, title="Green_1", price_cents=30)
    for query, titles in [
        ({"q": "RED"}, {"Red 100%", "Blue"}),
        ({"q": "%"}, {"Red 100%"}),
        ({"q": "_"}, {"Green_1"}),
        ({"status": "active"}, {"Red 100%"}),
        ({"owner_id": str(admin.id)}, {"Green_1"}),
        ({"min_price_cents": "20"}, {"Blue", "Green_1"}),
        ({"max_price_cents": "20", "q": "blue"}, {"Blue"}),
        ({"created_after": last["created_at"]}, set()),
        ({"created_before": last["created_at"]}, {"Red 100%", "Blue"}),
    ]:
        answer = await client.get(URL, params=query, headers=user.headers)
        assert {item["title"] for item in answer.json()["items"]} == titles, query
        assert answer.json()["total"] == len(titles)


async def test_pages_by_offset_and_by_cursor_hold_the_same_rows(
    client: httpx.AsyncClient, user: Person
) -> None:
    for price in [3, 1, 2, 2, 1, 3, 2]:
        await create(client, user, price_cents=price)
    order = {"sort": "-price_cents,title", "limit": "3"}
    by_offset: list[str] = []
    for offset in ("0", "3", "6"):
        answer = await client.get(URL, params=order | {"offset": offset}, headers=user.headers)
        assert answer.json()["total"] == 7
        by_offset += [item["id"] for item in answer.json()["items"]]
    by_cursor: list[str] = []
    following: dict[str, str] = {}
    while True:
        body = (await client.get(URL, params=order | following, headers=user.headers)).json()
        by_cursor += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        following = {"cursor": body["next_cursor"]}
    assert by_cursor == by_offset
    assert len(set(by_cursor)) == 7


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "password_hash"},
        {"sort": "title,title"},
        {"sort": ""},
        {"cursor": "???"},
        {"cursor": "WyJ4Il0"},
        {"cursor": "W1sxXV0"},
        {"cursor": "e30", "offset": "3"},
        {"limit": "0"},
        {"limit": "101"},
        {"offset": "-1"},
        {"created_after": "yesterday"},
        {"created_after": "0001-01-01T00:00:00+23:59"},
    ],
)
async def test_questions_that_make_no_sense_are_refused(
    client: httpx.AsyncClient, user: Person, query: dict[str, str]
) -> None:
    assert (await client.get(URL, params=query, headers=user.headers)).status_code == 422


async def test_a_client_that_has_it_already_gets_304(client: httpx.AsyncClient, user: Person) -> None:
    item = await create(client, user)
    for url in (URL, f"{URL}/{item['id']}"):
        first = await client.get(url, headers=user.headers)
        condition = {"If-None-Match": first.headers["etag"]}
        second = await client.get(url, headers=user.headers | condition)
        assert (second.status_code, second.content) == (304, b"")
        assert second.headers["etag"] == first.headers["etag"]
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert (await client.get(url, headers=user.headers | since)).status_code == 304
    await client.patch(url, json={"title": "new"}, headers=user.headers)
    assert (await client.get(url, headers=user.headers | condition)).status_code == 200


async def test_an_unseen_change_is_not_overwritten(client: httpx.AsyncClient, user: Person) -> None:
    item = await create(client, user)
    url = f"{URL}/{item['id']}"
    seen = (await client.get(url, headers=user.headers)).headers["etag"]
    condition = user.headers | {"If-Match": seen}
    assert (await client.patch(url, json={"title": "1"}, headers=condition)).status_code == 200
    assert (await client.patch(url, json={"title": "2"}, headers=condition)).status_code == 412
    assert (await client.delete(url, headers=condition)).status_code == 412
    assert (await client.get(url, headers=user.headers)).json()["title"] == "1"


async def test_of_racing_changes_none_is_lost_silently(client: httpx.AsyncClient, user: Person) -> None:
    item = await create(client, user)
    url = f"{URL}/{item['id']}"
    condition = user.headers | {"If-Match": (await client.get(url, headers=user.headers)).headers["etag"]}
    answers = await asyncio.gather(
        *(client.patch(url, json={"price_cents": price}, headers=condition) for price in range(1, 5))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert set(codes[1:]) <= {409, 412}


async def test_the_statuses_come_in_their_order(client: httpx.AsyncClient, user: Person) -> None:
    answer = await client.get("/api/v1/statuses", headers=user.headers)
    assert [status["code"] for status in answer.json()] == ["draft", "active", "archived"]
