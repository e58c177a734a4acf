"""Notes."""

import pytest
from fastapi.testclient import TestClient


def test_a_note_is_found_where_its_location_says(client: TestClient) -> None:
    created = client.post("/notes", json={"text": "  milk  "})
    assert created.status_code == 201
    assert created.json()["text"] == "milk"
    assert client.get(created.headers["Location"]).json() == created.json()


def test_notes_are_listed_page_by_page(client: TestClient) -> None:
    for text in "abc":
        client.post("/notes", json={"text": text})
    first = client.get("/notes", params={"limit": 2}).json()
    rest = client.get("/notes", params={"limit": 2, "after": first[-1]["id"]}).json()
    assert [note["text"] for note in first + rest] == ["a", "b", "c"]


def test_a_deleted_note_is_gone(client: TestClient) -> None:
    location = client.post("/notes", json={"text": "milk"}).headers["Location"]
    assert client.delete(location).status_code == 204
    assert client.get(location).status_code == 404
    assert client.delete(location).status_code == 404


@pytest.mark.parametrize("key", [None, "", "a-wrong-key"])
def test_only_holders_of_the_key_write(key: str | None, anonymous: TestClient) -> None:
    headers = {} if key is None else {"X-API-Key": key}
    assert anonymous.post("/notes", json={"text": "milk"}, headers=headers).status_code == 401
    assert anonymous.delete("/notes/1", headers=headers).status_code == 401
    assert anonymous.get("/notes").json() == []


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 2001}, {"text": 1}])
def test_a_note_that_is_none_is_refused(body: dict[str, object], client: TestClient) -> None:
    assert client.post("/notes", json=body).status_code == 422


@pytest.mark.parametrize(
    "path", ["/notes/0", f"/notes/{2**63}", "/notes/x", "/notes?limit=101", "/notes?after=-1"]
)
def test_what_no_note_can_have_is_refused(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 422
