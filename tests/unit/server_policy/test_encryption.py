"""What ``--ssl-*`` means to the native server."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from fastapi import FastAPI, Request, _rust
from fastapi.server import Config, ConfigError, start
from fastapi.server.encryption import obstacle, tls_config
from fastapi.server.server import unavailable
from tests.certificates import PASSWORD, Certificates, needs_openssl

from .test_server import needs_extension, serving

pytestmark = [needs_openssl, pytest.mark.timeout(30)]


def config(certificates: Certificates, **settings: Any) -> Config:
    files = {"ssl_certfile": str(certificates.chain), "ssl_keyfile": str(certificates.key)}
    return Config(app="main:app", **{**files, **settings})


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, None),
        ({"ssl_version": int(ssl.PROTOCOL_TLS_SERVER)}, None),
        ({"ssl_version": 5}, None),
        ({"ssl_version": 4}, "--ssl-version 4: it takes TLS 1.2 and 1.3 only"),
        ({"ssl_ciphers": "ECDHE+AESGCM"}, None),
        (
            {"ssl_ciphers": "AES256-SHA"},
            "--ssl-ciphers AES256-SHA: for TLS 1.2 it has ECDHE with AES-GCM or ChaCha20 only",
        ),
        ({"ssl_certfile": None, "ssl_keyfile": None, "ssl_version": 4}, None),
    ],
)
def test_what_the_native_server_cannot_do_is_left_to_uvicorn(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], reason: str | None
) -> None:
    monkeypatch.setattr(_rust, "PURE", False)
    assert obstacle(config(certificates, **settings)) == reason
    assert unavailable(config(certificates, **settings)) == reason


@needs_extension
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ssl_ciphers": "NONSENSE"}, "--ssl-ciphers NONSENSE: OpenSSL knows no such cipher. Mend the list."),
        ({"ssl_keyfile": "client"}, "--ssl-keyfile {client}: is not the key of the certificate."),
        ({"ssl_keyfile": None}, "--ssl-keyfile {chain}: has no private key."),
        ({"ssl_certfile": "key"}, "--ssl-certfile {key}: has no certificate."),
        ({"ssl_ca_certs": "key", "ssl_cert_reqs": 1}, "--ssl-ca-certs {key}: has no certificate."),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(
    certificates: Certificates, settings: dict[str, Any], message: str
) -> None:
    named = {
        name: str(getattr(certificates, value)) if isinstance(value, str) and hasattr(certificates, value) else value
        for name, value in settings.items()
    }  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        start.run(config(certificates, **named))
    assert str(caught.value) == message.format(**vars(certificates))


@needs_extension
def test_a_file_may_vanish_before_it_is_read(certificates: Certificates, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certificates.chain.read_bytes())
    given = config(certificates, ssl_certfile=str(chain))
    chain.unlink()
    with pytest.raises(ConfigError, match=r"--ssl-certfile .*: No such file or directory\. Check the path\."):
        tls_config(given)


@needs_extension
def test_an_application_is_served_encrypted(certificates: Certificates) -> None:
    app = FastAPI()

    @app.get("/")
    async def home(request: Request) -> str:
        return request.url.scheme

    encrypted = certificates.rewritten("locked.pem", "-aes256", "-passout", f"pass:{PASSWORD}")
    settings = {
        "ssl_certfile": str(certificates.chain),
        "ssl_keyfile": str(encrypted),
        "ssl_keyfile_password": PASSWORD,
        "ssl_cert_reqs": 2,
        "ssl_ca_certs": str(certificates.authority),
        "ssl_version": 5,
        "ssl_ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384",
    }
    with serving(certificates.trusting(certificates.client), app=app, **settings) as (_, ask):
        assert ask("/").read() == b'"https"'
