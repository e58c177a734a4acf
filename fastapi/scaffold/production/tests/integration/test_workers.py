"""Two processes behind nginx with one PostgreSQL and one Redis: what one knows the other knows, and both recover."""

import json
import pathlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.browser.chromium import Chromium
from tests.integration.traffic import SECONDS, Writer, client_of, sign_in
from tests.people import PASSWORD
from tests.services import Nginx, PostgreSQL, Redis
from tests.services.application import Application

pytest.importorskip("fastapi.server")  # what the processes run on


@pytest.fixture(scope="module")
def processes(postgresql: PostgreSQL, redis_server: Redis) -> Iterator[list[Application]]:
    settings = {
        "DATABASE_URL": postgresql.create_database(),
        "REDIS_URL": redis_server.url,
        "RATE_LIMIT_AUTH": "6 per 5 minutes",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "ENVIRONMENT": "testing",
    }
    with Application(**settings) as one, Application(**settings) as other:
        yield [one, other]


@pytest.fixture(scope="module")
def proxy(processes: list[Application]) -> Iterator[Nginx]:
    with Nginx([process.port for process in processes]) as nginx:
        yield nginx


def test_a_logout_at_one_is_a_logout_at_the_other(processes: list[Application]) -> None:
    with client_of(processes[0]) as one, client_of(processes[1]) as other:
        sign_in(one)
        other.headers["Authorization"] = one.headers["Authorization"]
        assert other.get("/auth/profile").status_code == 200
        assert one.post("/auth/logout").status_code == 204
        assert other.get("/auth/profile").status_code == 401


def test_of_two_that_refresh_with_one_token_one_wins(processes: list[Application]) -> None:
    with client_of(processes[0]) as one, client_of(processes[1]) as other:
        for _ in range(2):
            tokens = sign_in(one)
            one.headers.pop("Authorization")
            body = {"refresh_token": tokens["refresh_token"]}
            both = threading.Barrier(2)

            def refresh(
                client: httpx.Client, body: dict[str, str] = body, both: threading.Barrier = both
            ) -> httpx.Response:
                both.wait(SECONDS)
                return client.post("/auth/refresh", json=body)

            with ThreadPoolExecutor(2) as pool:
                answers = list(pool.map(refresh, (one, other)))
            assert sorted(answer.status_code for answer in answers) == [200, 401]


def test_limits_are_counted_together(processes: list[Application]) -> None:
    with client_of(processes[0]) as one, client_of(processes[1]) as other:
        other.headers["X-Forwarded-For"] = one.headers["X-Forwarded-For"]
        login = {"username": "nobody", "password": PASSWORD}
        codes = [client.post("/auth/login", json=login).status_code for client in (one, other) * 4]
        assert codes == [401] * 6 + [429] * 2


def test_requests_through_the_proxy_reach_both(proxy: Nginx, processes: list[Application]) -> None:
    before = [(process.folder / "log").read_text().count("/health/live") for process in processes]
    with client_of(proxy) as client:
        assert {client.get("/health/live").status_code for _ in range(10)} == {200}
    after = [(process.folder / "log").read_text().count("/health/live") for process in processes]
    assert all(now > then for then, now in zip(before, after, strict=True))


CHAT = """new Promise((resolve, reject) => {{
    const [one, other] = {ports}.map(
        (port) => new WebSocket(`ws://127.0.0.1:${{port}}/api/v1/ws/chat?room=browser`));
    const opened = (socket) => new Promise((open) => socket.addEventListener("open", open));
    other.addEventListener("message", (event) => {{
        document.body.innerText += `heard at the other process: ${{event.data}}`;
        resolve(event.data);
    }});
    for (const socket of [one, other]) socket.addEventListener("close", (event) => reject(new Error(event.code)));
    Promise.all([one, other].map(opened)).then(
        () => one.send(JSON.stringify({{type: "message", content: "hello from a browser"}})));
}})"""


def test_what_is_said_at_one_is_heard_at_the_other(
    processes: list[Application], browser: Chromium, pictures: pathlib.Path
) -> None:
    heard = json.loads(browser.run(CHAT.format(ports=[process.port for process in processes])))
    assert (heard["type"], heard["content"]) == ("message", "hello from a browser")
    assert browser.screenshot(pictures / "chat.png")


def test_a_crash_of_postgresql_under_load_loses_nothing_that_was_acknowledged(
    proxy: Nginx, processes: list[Application], postgresql: PostgreSQL
) -> None:
    with client_of(proxy) as client, client_of(proxy) as asking:
        sign_in(client)
        writer = Writer(client)
        writer.start()
        try:
            writer.wait_until(lambda: len(writer.acknowledged) >= 20)
            postgresql.crash()
            writer.wait_until(lambda: len(writer.refused) >= 3)
            assert asking.get("/health/live").status_code == 200
            assert asking.get("/health/ready").status_code == 503
            failure = asking.get("/auth/profile", headers={"Authorization": client.headers["Authorization"]})
            assert failure.status_code == 503
            assert failure.headers["content-type"] == "application/problem+json"
            postgresql.start()
            known = len(writer.acknowledged)
            writer.wait_until(lambda: len(writer.acknowledged) >= known + 20)
        finally:
            if postgresql.pid is None:
                postgresql.start()
            writer.end()
        assert asking.get("/health/ready").status_code == 200
        for item in writer.acknowledged:
            assert client.get(f"/items/{item}").status_code == 200
        assert set(writer.refused) <= {503, 0}


def test_without_redis_the_service_goes_on_under_load_and_takes_it_back(
    proxy: Nginx, processes: list[Application], redis_server: Redis
) -> None:
    with client_of(proxy) as client, client_of(proxy) as asking:
        sign_in(client)
        writer = Writer(client)

        def goes_on() -> None:
            known = len(writer.acknowledged)
            writer.wait_until(lambda: len(writer.acknowledged) >= known + 20)
            assert asking.get("/health/live").status_code == 200
            assert asking.get("/health/ready").status_code == 200

        writer.start()
        try:
            goes_on()
            redis_server.crash()
            goes_on()
            redis_server.start()
            goes_on()
        finally:
            if redis_server.pid is None:
                redis_server.start()
            writer.end()
        assert writer.refused == []
        for item in writer.acknowledged:
            assert client.get(f"/items/{item}").status_code == 200
