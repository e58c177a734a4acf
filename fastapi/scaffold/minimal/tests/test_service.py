"""The service as a whole."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from config import Settings


def test_it_says_that_it_is_healthy(anonymous: TestClient) -> None:
    assert anonymous.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("key", [None, "", "short"])
def test_it_does_not_start_without_a_good_key(
    key: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # away from .env
    monkeypatch.delenv("API_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("API_KEY", key)
    with pytest.raises(ValidationError, match="api_key"):
        Settings()
