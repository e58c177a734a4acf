"""What ``--forwarded-allow-ips`` means; that requests are judged by it is tested with the native server."""

from typing import Any

import pytest

from fastapi.server import Config
from fastapi.server.settings import NativeSettings
from fastapi.server.trust import TrustList


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        ("*", TrustList(True, (), (), ())),
        (["*"], TrustList(True, (), (), ())),
        ("*,x", TrustList(False, (), (), (b"*", b"x"))),
        ("127.0.0.1, FE80::1%eth0", TrustList(False, ("127.0.0.1", "fe80::1%eth0"), (), ())),
        ("10.0.0.0/8,::/0", TrustList(False, (), (("10.0.0.0", "255.0.0.0"), ("::", "::")), ())),
        (
            ["10.0.0.1/8", " 1.1.1.1", "é", "日本"],
            TrustList(False, (), (), (b"10.0.0.1/8", b" 1.1.1.1", b"\xe9")),
        ),
        ((), TrustList(False, (), (), ())),
    ],
)
def test_entries_are_addresses_networks_and_literals(trusted: Any, expected: TrustList) -> None:
    assert TrustList.of(trusted) == expected


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({}, None, TrustList.of("127.0.0.1")),
        ({}, "10.0.0.1", TrustList.of("10.0.0.1")),
        ({"forwarded_allow_ips": "*"}, "10.0.0.1", TrustList.of("*")),
        ({"forwarded_allow_ips": ""}, None, TrustList.of(())),
        ({"proxy_headers": False}, "*", None),
    ],
)
def test_the_environment_is_asked_where_nothing_was_said(
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    environment: str | None,
    expected: TrustList | None,
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    if environment is not None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", environment)
    assert NativeSettings.of(Config(app="main:app", **settings)).trusted_proxies == expected
