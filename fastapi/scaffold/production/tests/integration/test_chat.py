"""The chat."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.core.config import Settings
from app.main import create_app
from tests.people import PASSWORD

URL = "/api/v1/ws/chat"
NEW = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


@pytest.fixture
def browser(settings: Settings, usual_app: FastAPI) -> Iterator[TestClient]:
    usual_app.state.settings = settings
    with TestClient(usual_app) as client:
        yield client


def say(content: str) -> str:
    return json.dumps({"type": "message", "content": content})


def sign_in(client: TestClient) -> str:
    client.post("/api/v1/auth/register", json=NEW)
    answer = client.post("/api/v1/auth/login", json={"username": "ada", "password": PASSWORD})
    return str(answer.json()["access_token"])


def test_everyone_in_a_room_hears_what_is_said_there(browser: TestClient) -> None:
    with (
        browser.websocket_connect(URL) as one,
        browser.websocket_connect(URL) as two,
        browser.websocket_connect(f"{URL}?room=other") as other,
    ):
        one.send_text(say("Hello WebSocket!"))
        other.send_text(say("elsewhere"))
        for socket in (one, two):
            heard = socket.receive_json()
            assert (heard["type"], heard["content"], heard["room"]) == (
                "message",
                "Hello WebSocket!",
                "lobby",
            )
            assert heard["sender"] == "guest"
        assert other.receive_json()["content"] == "elsewhere"


def test_who_says_who_they_are_is_named_until_they_sign_out(browser: TestClient) -> None:
    token = sign_in(browser)
    with browser.websocket_connect(URL) as socket:
        socket.send_json({"type": "auth", "content": token})
        assert socket.receive_json() == {"type": "auth", "content": "ada"}
        socket.send_text(say("hi"))
        assert socket.receive_json()["sender"] == "ada"
        browser.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {token}"})
        socket.send_text(say("still me"))
        assert socket.receive_json()["type"] == "error"
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
        assert caught.value.code == 1008


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        '{"type": "shout", "content": "x"}',
        say(""),
        say("x" * 5000),
        say("nul\0"),
        "x" * 20_000,
    ],
)
def test_frames_that_make_no_sense_are_told_so_and_end_nothing(browser: TestClient, frame: str) -> None:
    with browser.websocket_connect(URL) as socket:
        socket.send_text(frame)
        assert socket.receive_json()["type"] == "error"
        socket.send_text(say("fine"))
        assert socket.receive_json()["content"] == "fine"


def test_frames_of_bytes_end_the_conversation(browser: TestClient) -> None:
    with browser.websocket_connect(URL) as socket:
        socket.send_bytes(b"x")


def test_a_room_has_a_plain_name(browser: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(f"{URL}?room=a/b"):
        pass


@pytest.fixture
def make_browser(make_settings: Callable[..., Settings]) -> Callable[..., TestClient]:
    return lambda **changes: TestClient(create_app(make_settings(**changes)))


def test_where_login_is_needed_nobody_else_is_heard(make_browser: Callable[..., Any]) -> None:
    with make_browser(chat_requires_login=True) as client:
        with client.websocket_connect(URL) as socket:
            socket.send_text(say("hi"))
            assert socket.receive_json()["type"] == "error"
        token = sign_in(client)
        with client.websocket_connect(URL) as socket:
            socket.send_json({"type": "auth", "content": token})
            socket.receive_json()
            socket.send_text(say("hi"))
            assert socket.receive_json()["sender"] == "ada"


def test_pages_of_others_are_refused_and_chatter_is_limited(make_browser: Callable[..., Any]) -> None:
    with make_browser(cors_origins="https://app.example.com", rate_limit_chat="1 per minute") as client:
        for origin in ("https://app.example.com", "http://testserver"):
            with client.websocket_connect(URL, headers={"Origin": origin}):
                pass
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(URL, headers={"Origin": "https://evil.example"}),
        ):
            pass
        with client.websocket_connect(URL) as socket:
            socket.send_text(say("one"))
            assert socket.receive_json()["content"] == "one"
            socket.send_text(say("two"))
            assert socket.receive_json()["type"] == "error"
