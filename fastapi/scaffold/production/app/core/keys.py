"""The keys that sign tokens: one signs, all of them verify, each has a name (``kid``)."""

import datetime
import hashlib
import json
import os
import pathlib
import secrets
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from app.core.config import Settings

RSA_BITS = 3072  # NIST SP 800-57: 128 bits of security


class KeyRing(Protocol):
    """What tokens are signed and verified with."""

    algorithm: str

    def signing_key(self) -> tuple[str, Any]:
        """The name of the key that signs, and the key."""

    def verifying_key(self, kid: str) -> Any | None:
        """The key of that name, the same object each time; ``None`` where there is none."""

    def public_keys(self) -> list[dict[str, Any]]:
        """The public keys as JSON web keys (RFC 7517); none where keys are secrets."""


class SecretKeyRing:
    """Keys shared by all workers: the first signs, the others verify until the last of their tokens ended."""

    algorithm = "HS256"

    def __init__(self, secrets_: list[str]) -> None:
        self._keys = {hashlib.sha256(b"kid:" + text.encode()).hexdigest()[:16]: text for text in secrets_}

    def signing_key(self) -> tuple[str, Any]:
        return next(iter(self._keys.items()))

    def verifying_key(self, kid: str) -> Any | None:
        return self._keys.get(kid)

    def public_keys(self) -> list[dict[str, Any]]:
        return []


class RsaKeyRing:
    """RSA keys in a folder, one ``<kid>.pem`` each; the last by name signs.

    A key that was added is used at once, without a restart: the folder is read again when its time of change moves.
    """

    algorithm = "RS256"

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self._changed = -1
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._public: dict[str, rsa.RSAPublicKey] = {}
        self._read()
        if not self._keys:
            raise RuntimeError(f"{directory} holds no key: run python -m app.scripts.generate_keys")

    def _read(self) -> None:
        changed = self.directory.stat().st_mtime_ns if self.directory.is_dir() else -1
        if changed == self._changed:
            return
        keys: dict[str, rsa.RSAPrivateKey] = {}
        for path in sorted(self.directory.glob("*.pem")):
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(key, rsa.RSAPrivateKey):
                raise RuntimeError(f"{path} is no RSA key")
            keys[path.stem] = key
        if keys:
            self._keys, self._changed = keys, changed
            self._public = {kid: key.public_key() for kid, key in keys.items()}

    def signing_key(self) -> tuple[str, Any]:
        self._read()
        kid = max(self._keys)
        return kid, self._keys[kid]

    def verifying_key(self, kid: str) -> Any | None:
        self._read()
        return self._public.get(kid)

    def public_keys(self) -> list[dict[str, Any]]:
        self._read()
        return [
            json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig", "alg": "RS256"}
            for kid, key in sorted(self._keys.items())
        ]


def open_key_ring(settings: Settings) -> KeyRing:
    """The keys that the settings name."""
    if settings.jwt_algorithm == "RS256":
        return RsaKeyRing(settings.keys_directory)
    return SecretKeyRing(
        [key.get_secret_value() for key in (settings.secret_key, *settings.secret_key_fallbacks)]
    )


def write_rsa_key(directory: pathlib.Path, bits: int = RSA_BITS) -> pathlib.Path:
    """Write a new key that nobody else may read, named so that it is the last: it signs from now on."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.timezone.utc)
    path = directory / f"{now:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}.pem"
    text = rsa.generate_private_key(public_exponent=65537, key_size=bits).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Complete under another name first, because a running service may look at any time.
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    unfinished.rename(path)
    return path


def retire_rsa_keys(directory: pathlib.Path, keep: int) -> list[pathlib.Path]:
    """Remove all but the newest keys; tokens of the others are refused from now on."""
    old = sorted(directory.glob("*.pem"))[:-keep]
    for path in old:
        path.unlink()
    return old
