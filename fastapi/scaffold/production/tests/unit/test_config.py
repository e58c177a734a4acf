"""Settings, and what production refuses."""

import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.config import DEVELOPMENT_SECRET, Settings

SAFE: dict[str, Any] = {
    "_env_file": None,
    "environment": "production",
    "secret_key": "x" * 32,
    "allowed_hosts": "api.example.com",
    "cors_origins": "https://app.example.com",
    "jwt_algorithm": "RS256",
}


def test_production_starts_with_what_is_safe() -> None:
    settings = Settings(**SAFE)
    assert settings.limits == {
        "auth": "5 per 5 minutes",
        "upload": "10 per 5 minutes",
        "general": "100 per 60 seconds",
        "chat": "60 per 60 seconds",
    }
    assert not settings.migrates_on_start
    assert settings.chat_needs_login


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"debug": True}, "DEBUG"),
        ({"secret_key": DEVELOPMENT_SECRET}, "the default"),
        ({"secret_key": "short"}, "shorter than 32"),
        ({"allowed_hosts": "*"}, "ALLOWED_HOSTS"),
        ({"cors_origins": "https://a.example, *"}, "CORS_ORIGINS"),
        ({"jwt_algorithm": "HS256"}, "RS256"),
        ({"workers": 2}, "REDIS_URL"),
        ({"hash_memory_kib": 1024}, "cheaply"),
    ],
)
def test_production_refuses_what_is_not(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Settings(**(SAFE | change))
    Settings(**(SAFE | change | {"environment": "development"}))


def test_a_child_of_a_server_is_one_of_several_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(**SAFE).workers == 1
    monkeypatch.setattr(multiprocessing, "parent_process", object)
    with pytest.raises(ValidationError, match="REDIS_URL"):
        Settings(**SAFE)
    assert Settings(**(SAFE | {"redis_url": "redis://127.0.0.1/0"})).workers == 2
    assert Settings(**(SAFE | {"workers": 1})).workers == 1


def test_a_refusal_shows_no_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**(SAFE | {"debug": True, "secret_key": "the-secret-" * 4}))
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
    ],
)
def test_the_driver_is_named(url: str, expected: str) -> None:
    assert Settings(_env_file=None, database_url=url).async_database_url == expected


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    settings = Settings(_env_file=None)
    assert [str(network) for network in settings.proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.workers == 3


def test_addresses_with_passwords_are_not_shown(make_settings: Callable[..., Settings]) -> None:
    shown = repr(make_settings(redis_url="redis://:hush@h", mongo_url="mongodb://u:hush@h"))
    assert "hush" not in shown
