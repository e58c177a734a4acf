"""What a server can be told, and what is refused with which words."""

from pathlib import Path
from typing import Any

import pytest

from fastapi.server import Config, ConfigError
from fastapi.server.config import flag_of
from fastapi.server.settings import NativeSettings


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)


def test_the_defaults_are_those_of_uvicorn() -> None:
    uvicorn = pytest.importorskip("uvicorn")
    ours, theirs = vars(Config(app="main:app")), vars(uvicorn.Config("main:app", log_config=None))
    different = {name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]}
    # What OpenSSL takes and uvicorn spells out is left to uvicorn.
    assert different == {"ssl_version", "ssl_ciphers"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"port": 70000}, "--port 70000: must be at most 65535."),
        ({"port": -1}, "--port -1: must be at least 0."),
        ({"limit_header_count": 257}, "--limit-header-count 257: must be at most 256."),
        ({"workers": 0}, "--workers 0: must be at least 1."),
        ({"lifespan": "never"}, "--lifespan never: there is no such choice. Take one of auto, on, off."),
        ({"log_level": "loud"}, "--log-level loud: there is no such choice."),
        ({"uds": "x", "fd": 3}, "--uds and --fd exclude each other"),
        ({"reload": True, "workers": 2}, "--reload and --workers exclude each other"),
        ({"app": object(), "workers": 2}, 'give it as an import string, such as "main:app"'),
        ({"app": object(), "reload": True}, 'give it as an import string, such as "main:app"'),
        ({"ssl_keyfile": __file__}, "--ssl-keyfile without a certificate: add --ssl-certfile."),
        ({"ssl_cert_reqs": 2}, "add --ssl-ca-certs"),
        ({"ssl_certfile": "/no/file"}, "--ssl-certfile /no/file: there is no such file. Check the path."),
        ({"headers": ["no colon"]}, "--header 'no colon': is not of the form Name:Value."),
        ({"headers": ["a: b\r\nc: d"]}, "is not of the form Name:Value."),
        ({"headers": ["a: \u20ac"]}, "has characters that a header cannot carry."),
    ],
)
def test_a_setting_that_cannot_be_names_its_flag_and_the_way_out(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(**{"app": "main:app", **settings})
    assert message in str(caught.value)


def test_platforms_say_the_number_of_workers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    assert Config(app="main:app").processes == 3
    assert Config(app="main:app", workers=1).processes == 1
    assert Config(app="main:app", reload=True).processes == 1


def test_a_number_of_workers_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "many")
    with pytest.raises(ConfigError, match="WEB_CONCURRENCY=many: must be a whole number from 1"):
        Config(app="main:app")


def test_the_trust_list_comes_from_the_environment_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Config(app="main:app").forwarded_allow_ips == "127.0.0.1"
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.0/8")
    assert Config(app="main:app").forwarded_allow_ips == "10.0.0.0/8"
    assert Config(app="main:app", forwarded_allow_ips="*").forwarded_allow_ips == "*"


@pytest.mark.parametrize(
    ("name", "flag"),
    [("root_path", "--root-path"), ("reload_dirs", "--reload-dir"), ("headers", "--header")],
)
def test_a_setting_has_a_flag(name: str, flag: str) -> None:
    assert flag_of(name) == flag


def test_the_native_server_is_told_headers_as_bytes_and_no_limit_as_none() -> None:
    config = Config(
        app="main:app", headers=["X-One: 1", ("X-Two", "2")], limit_body_bytes=0, ws_ping_interval=0
    )
    settings = NativeSettings.of(config)
    assert settings.headers == ((b"server", b"fastapi-rs"), (b"x-one", b"1"), (b"x-two", b"2"))
    assert settings.limit_body_bytes is None
    assert settings.ws_ping_interval is None
    assert settings.timeout_keep_alive == 5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"server_header": False}, ()), ({"headers": ["Server: mine"]}, ((b"server", b"mine"),))],
)
def test_the_server_header_is_the_users(settings: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert NativeSettings.of(Config(app="main:app", **settings)).headers == expected


def test_a_certificate_means_tls(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.touch()
    assert Config(app="main:app", ssl_certfile=str(certificate)).is_tls
    assert not Config(app="main:app").is_tls
