"""The example app."""

from collections.abc import Iterator

import pytest

from examples.shop import app
from fastapi.testclient import TestClient


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json", "/books", "/books/1"])
def test_every_place_that_the_example_points_to_answers(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_clerk_adds_and_removes_a_book(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    book = {"title": "Rust", "genre": "science", "price": 3.5}
    added = client.post("/books", json=book, headers={"X-Clerk": "Ada"})
    assert added.status_code == 201
    assert client.get(added.headers["Location"]).json() == {**book, "id": added.json()["id"]}
    assert capsys.readouterr().out == "Ada added Rust\n"
    assert client.delete(added.headers["Location"], headers={"X-Clerk": "Ada"}).status_code == 204
    assert client.get(added.headers["Location"]).status_code == 404


def test_what_is_wrong_with_a_request_is_told(client: TestClient) -> None:
    wrong = client.post("/books", json={"title": "", "genre": "poem", "price": 0})
    assert wrong.status_code == 422
    assert [error["loc"] for error in wrong.json()["detail"]] == [
        ["header", "x-clerk"],
        ["body", "title"],
        ["body", "genre"],
        ["body", "price"],
    ]


def test_the_echo_sends_back_what_comes_in(client: TestClient) -> None:
    with client.websocket_connect("/echo") as connection:
        connection.send_text("hello")
        assert connection.receive_text() == "hello"
