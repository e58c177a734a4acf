"""The service as tests see it: a database of their own, and a known key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from config import get_settings
from main import app

KEY = "a-key-for-tests-only"


@pytest.fixture
def anonymous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client without the API key."""
    monkeypatch.setenv("API_KEY", KEY)
    monkeypatch.setenv("DATABASE", str(tmp_path / "tests.sqlite"))
    get_settings.cache_clear()
    with TestClient(app) as client:
        yield client
    get_settings.cache_clear()


@pytest.fixture
def client(anonymous: TestClient) -> TestClient:
    """A client that sends the API key."""
    anonymous.headers["X-API-Key"] = KEY
    return anonymous
