"""Load by Locust: ``locust -f tests/load/locustfile.py --host http://127.0.0.1:8000`` (``pip install locust``)."""

import secrets
from typing import Any

from locust import HttpUser, between, task

PASSWORD = secrets.token_urlsafe(16)


class Reader(HttpUser):
    """Signs in once, then mostly reads."""

    wait_time = between(0.1, 0.5)
    headers: dict[str, str]

    def on_start(self) -> None:
        name = f"load-{secrets.token_hex(6)}"
        new: dict[str, Any] = {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
        self.client.post("/api/v1/auth/register", json=new)
        answer = self.client.post("/api/v1/auth/login", json={"username": name, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    @task(5)
    def health(self) -> None:
        self.client.get("/api/v1/health")

    @task(10)
    def list_items(self) -> None:
        self.client.get("/api/v1/items", headers=self.headers)

    @task(1)
    def create_item(self) -> None:
        self.client.post("/api/v1/items", json={"title": "loaded"}, headers=self.headers)
