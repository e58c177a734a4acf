"""Two processes with one RabbitMQ, which crashes under load and returns."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.traffic import Listener, Writer, client_of, sign_in
from tests.people import PASSWORD
from tests.services import PostgreSQL, RabbitMQ
from tests.services.application import Application

pytest.importorskip("fastapi.server")  # what the processes run on


@pytest.fixture
def processes(postgresql: PostgreSQL, rabbitmq: RabbitMQ) -> Iterator[list[Application]]:
    settings = {
        "DATABASE_URL": postgresql.create_database(),
        "BROKER_URL": rabbitmq.url,
        "TRUSTED_PROXIES": "127.0.0.1/32",
    }
    with Application(**settings) as one, Application(**settings) as other:
        one.add_admin("listener", PASSWORD)
        yield [one, other]


def items_of(client: httpx.Client) -> set[str]:
    """The ids of all items."""
    found: set[str] = set()
    page = {"next_cursor": None}
    while True:
        query = {"limit": "100"} | ({"cursor": page["next_cursor"]} if page["next_cursor"] else {})
        page = client.get("/items", params=query).json()
        found.update(item["id"] for item in page["items"])
        if page["next_cursor"] is None:
            return found


def test_a_crash_of_the_broker_under_load_loses_no_write(
    processes: list[Application], rabbitmq: RabbitMQ
) -> None:
    with client_of(processes[0]) as client, client_of(processes[0]) as near, client_of(processes[1]) as far:
        known = {"username": "listener", "password": PASSWORD}
        token = near.post("/auth/login", json=known).json()["access_token"]
        near.headers["Authorization"] = far.headers["Authorization"] = f"Bearer {token}"
        sign_in(client)
        writer, here, there = Writer(client), Listener(near), Listener(far)
        here.start()
        there.start()
        writer.start()
        try:
            writer.wait_until(lambda: len(writer.acknowledged) >= 20)
            there.wait_until(lambda: len(there.heard) >= 20)

            rabbitmq.crash()
            before = len(writer.acknowledged)
            writer.wait_until(lambda: len(writer.acknowledged) >= before + 20)
            for process in (near, far):
                assert process.get("/health/live").status_code == 200
                ready = process.get("/health/ready")
                assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

            rabbitmq.start()
            returned = len(writer.acknowledged)
            there.wait_until(lambda: len(there.heard.intersection(writer.acknowledged[returned:])) >= 20)
        finally:
            if rabbitmq.pid is None:
                rabbitmq.start()
            writer.end()
        assert [process.get("/health/ready").json()["status"] for process in (near, far)] == ["ok", "ok"]
        assert writer.refused == []
        assert items_of(client) == set(writer.acknowledged)
        here.wait_until(lambda: here.heard == set(writer.acknowledged))  # the broker is nothing to them
        assert there.heard <= here.heard
