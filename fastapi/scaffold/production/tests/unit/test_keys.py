"""Keys and tokens."""

import dataclasses
import datetime
import os
import pathlib
import stat
import uuid
from typing import Any

import jwt
import pytest

from app.core.config import Settings
from app.core.keys import RsaKeyRing, open_key_ring, retire_rsa_keys, write_rsa_key
from app.core.security import InvalidToken, TokenCodec
from app.scripts import generate_keys

SUBJECT = uuid.uuid4()


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **changes)


def codec(**changes: Any) -> TokenCodec:
    chosen = settings(**changes)
    return TokenCodec(chosen, open_key_ring(chosen))


@pytest.fixture
def rsa_codec(tmp_path: pathlib.Path) -> TokenCodec:
    write_rsa_key(tmp_path / "keys", 2048)
    return codec(jwt_algorithm="RS256", keys_directory=tmp_path / "keys")


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_tokens_say_what_was_put_into_them(kind: Any, rsa_codec: TokenCodec) -> None:
    for each in (codec(), rsa_codec):
        token, claims = each.issue(kind, SUBJECT, 3, uuid.uuid4())
        assert each.read(token, kind) == claims
        assert jwt.get_unverified_header(token)["kid"] == each.keys.signing_key()[0]


def test_tokens_of_another_kind_or_service_or_time_are_refused() -> None:
    ours = codec()
    for token, _ in [
        ours.issue("refresh", SUBJECT, 0),
        codec(jwt_issuer="another").issue("access", SUBJECT, 0),
        codec(jwt_audience="another").issue("access", SUBJECT, 0),
        codec(secret_key="another secret as long as it must be").issue("access", SUBJECT, 0),
    ]:
        with pytest.raises(InvalidToken):
            ours.read(token, "access")


def test_the_token_does_not_choose_the_algorithm(rsa_codec: TokenCodec) -> None:
    kid, _ = rsa_codec.keys.signing_key()
    _, claims = rsa_codec.issue("access", SUBJECT, 0)
    payload = {"sub": str(SUBJECT), "jti": str(claims.token_id), "typ": "access", "ver": 0}
    for algorithm, key in [("none", ""), ("HS256", "a secret that is long enough to be one")]:
        token = jwt.encode(payload, key, algorithm, headers={"kid": kid})
        with pytest.raises(InvalidToken):
            rsa_codec.read(token, "access")


def test_a_verified_token_is_not_verified_again_and_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = codec()
    token, claims = ours.issue("access", SUBJECT, 0)
    first = ours.read(token, "access")
    monkeypatch.setattr(jwt, "decode", lambda *_, **__: pytest.fail("verified twice"))
    assert ours.read(token, "access") is first
    with pytest.raises(InvalidToken):
        ours.read(token, "refresh")

    key, _ = ours._verified[token]
    ended = dataclasses.replace(claims, expires_at=claims.expires_at - datetime.timedelta(minutes=15))
    ours._verified[token] = key, ended
    with pytest.raises(InvalidToken):
        ours.read(token, "access")


def test_only_so_many_verified_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.security.REMEMBERED", 2)
    ours = codec()
    tokens = [ours.issue("access", SUBJECT, 0)[0] for _ in range(4)]
    for token in tokens * 2:
        ours.read(token, "access")
    assert list(ours._verified) == tokens[2:]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "\ud800"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        codec().read(token, "access")


def test_tokens_of_former_secrets_are_accepted_until_those_are_removed() -> None:
    first, second = (
        "the first secret that is long enough to be one",
        "the second secret that is long enough as well",
    )
    token, _ = codec(secret_key=first).issue("access", SUBJECT, 0)
    codec(secret_key=second, secret_key_fallbacks=first).read(token, "access")
    with pytest.raises(InvalidToken):
        codec(secret_key=second).read(token, "access")


def test_a_new_key_signs_at_once_and_the_old_one_verifies_until_it_is_removed(
    rsa_codec: TokenCodec, tmp_path: pathlib.Path
) -> None:
    directory = tmp_path / "keys"
    old, _ = rsa_codec.issue("access", SUBJECT, 0)
    written = write_rsa_key(directory, 2048)
    os.utime(directory, ns=(1, 1))  # whatever the resolution of the file system's clock
    new, _ = rsa_codec.issue("access", SUBJECT, 0)
    assert jwt.get_unverified_header(new)["kid"] == written.stem
    rsa_codec.read(old, "access")
    assert [key["kid"] for key in rsa_codec.keys.public_keys()] == sorted(
        path.stem for path in directory.iterdir()
    )
    assert len(retire_rsa_keys(directory, 1)) == 1
    os.utime(directory, ns=(2, 2))
    rsa_codec.read(new, "access")
    with pytest.raises(InvalidToken):
        rsa_codec.read(old, "access")


def test_public_keys_are_public_and_verify(rsa_codec: TokenCodec) -> None:
    (key,) = rsa_codec.keys.public_keys()
    assert set(key) <= {"kty", "n", "e", "kid", "use", "alg", "key_ops"}
    token, _ = rsa_codec.issue("access", SUBJECT, 0)
    payload = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience="production-service")
    assert payload["sub"] == str(SUBJECT)
    assert codec().keys.public_keys() == []


def test_only_the_owner_reads_a_key(tmp_path: pathlib.Path) -> None:
    assert stat.S_IMODE(write_rsa_key(tmp_path / "keys", 2048).stat().st_mode) == 0o600


def test_folders_without_rsa_keys_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RuntimeError, match="generate_keys"):
        RsaKeyRing(tmp_path / "nowhere")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "a.pem").write_bytes(pem)
    with pytest.raises(RuntimeError, match="no RSA key"):
        RsaKeyRing(tmp_path)


def test_the_command_writes_and_retires_keys(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        generate_keys.main(["--directory", str(tmp_path), "--bits", "2048"])
    generate_keys.main(["--directory", str(tmp_path), "--bits", "2048", "--keep", "1"])
    assert len(list(tmp_path.glob("*.pem"))) == 1
    assert capsys.readouterr().out.count("removed") == 2
    with pytest.raises(SystemExit):
        generate_keys.main(["--keep", "0"])
