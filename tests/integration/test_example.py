"""The example app."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from examples.shop import app
from fastapi import _rust
from fastapi.cli import command
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


@pytest.mark.skipif(_rust.PURE, reason="without the extension there are no plans")
@pytest.mark.parametrize("page", ["README.md", "docs/serving.md"])
def test_the_documentation_shows_its_routes_as_they_are(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    [shown] = re.findall(r"```\n\$ fastapi (.*)\n…\n((?:.+\n)+?)(?:…\n)?```", (root / page).read_text())
    assert shown[1] in CliRunner().invoke(command.app, shown[0].split()).stdout
