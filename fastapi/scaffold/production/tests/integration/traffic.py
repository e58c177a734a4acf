"""Who calls a service while something happens to it: clients, somebody who writes, somebody who listens."""

import contextlib
import itertools
import json
import threading
from collections.abc import Callable

import httpx

from tests.people import PASSWORD
from tests.services import Nginx
from tests.services.application import Application

SECONDS = 60
_numbers = itertools.count(1)


def client_of(server: Application | Nginx) -> httpx.Client:
    """A client with an address of its own, as far as limits go."""
    number = next(_numbers)
    headers = {"X-Forwarded-For": f"203.0.113.{number}"} if isinstance(server, Application) else {}
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=20)


def sign_in(client: httpx.Client) -> dict[str, str]:
    """Makes a user and signs them in."""
    name = f"user-{next(_numbers)}"
    known = {"username": name, "password": PASSWORD}
    assert client.post("/auth/register", json={**known, "email": f"{name}@example.com"}).status_code == 201
    tokens: dict[str, str] = client.post("/auth/login", json=known).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return tokens


class Writer(threading.Thread):
    """Somebody who adds items without a pause, and remembers what the service acknowledged."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.acknowledged: list[str] = []
        self.refused: list[int] = []
        self._changed = threading.Condition()
        self._ends = False

    def run(self) -> None:
        while not self._ends:
            try:
                answer = self.client.post("/items", json={"title": "written under load"})
                code, found = answer.status_code, answer.json()
            except httpx.TransportError:
                code, found = 0, {}
            with self._changed:
                if code == 201:
                    self.acknowledged.append(found["id"])
                else:
                    self.refused.append(code)
                self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits for something to be true after a request of this thread."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), (len(self.acknowledged), self.refused[-5:])

    def end(self) -> None:
        """Ends with the request that is on its way."""
        self._ends = True
        self.join(SECONDS)


class Listener(threading.Thread):
    """Somebody who listens to the events of new items, and remembers of which."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.heard: set[str] = set()
        self._changed = threading.Condition()
        self._opened = threading.Event()

    def start(self) -> None:
        """Returns when every event from now on is heard."""
        super().start()
        assert self._opened.wait(SECONDS)

    def run(self) -> None:
        with (
            contextlib.suppress(httpx.TransportError, httpx.StreamError),  # its client was closed
            self.client.stream("GET", "/events/item.created") as answer,
        ):
            assert answer.status_code == 200
            self._opened.set()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    with self._changed:
                        self.heard.add(json.loads(line.removeprefix("data: "))["item_id"])
                        self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits for something to be true after an event."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), len(self.heard)
