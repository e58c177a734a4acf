"""TLS: what ``--ssl-*`` means to the native server, whose ciphers are those of rustls."""

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import _rust
from fastapi.server.config import Config, ConfigError, flag_of

if TYPE_CHECKING:
    from fastapi._rust import TlsConfig

_TLS_1_2, _TLS_1_3 = int(ssl.TLSVersion.TLSv1_2), int(ssl.TLSVersion.TLSv1_3)
_VERSIONS: Final = {
    None: [_TLS_1_2, _TLS_1_3],
    int(ssl.PROTOCOL_TLS): [_TLS_1_2, _TLS_1_3],
    int(ssl.PROTOCOL_TLS_SERVER): [_TLS_1_2, _TLS_1_3],
    int(ssl.PROTOCOL_TLSv1_2): [_TLS_1_2],
}
_SUITES_1_2: Final = {0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9}
"""What rustls has for TLS 1.2: ECDHE with AES-GCM (RFC 5289) or ChaCha20 (RFC 7905)."""


def obstacle(config: Config) -> str | None:
    """Why connections cannot be encrypted natively as a configuration asks, if they cannot.

    Raises:
        ConfigError: OpenSSL knows no cipher of that name.
    """
    if not config.is_tls:
        return None
    if config.ssl_version not in _VERSIONS:
        return f"--ssl-version {config.ssl_version}: it takes TLS 1.2 and 1.3 only"
    if config.ssl_ciphers is not None and _SUITES_1_2.isdisjoint(_suites(config.ssl_ciphers)):
        return f"--ssl-ciphers {config.ssl_ciphers}: for TLS 1.2 it has ECDHE with AES-GCM or ChaCha20 only"
    return None


def tls_config(config: Config) -> "TlsConfig | None":
    """Reads the files of a configuration, if its connections are encrypted.

    Raises:
        ConfigError: a file cannot be read or used.
    """
    if config.ssl_certfile is None:
        return None
    password, ciphers = config.ssl_keyfile_password, config.ssl_ciphers
    asks = config.ssl_cert_reqs != ssl.CERT_NONE
    try:
        chain = _read(config, "ssl_certfile")
        return _rust.TlsConfig(
            chain,
            chain if config.ssl_keyfile is None else _read(config, "ssl_keyfile"),
            None if password is None else password.encode(),
            _read(config, "ssl_ca_certs") if asks else None,
            config.ssl_cert_reqs == ssl.CERT_REQUIRED,
            _VERSIONS[config.ssl_version],
            None if ciphers is None else _suites(ciphers),
        )
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        setting, text = error.args
        place = getattr(config, setting) or config.ssl_certfile
        raise ConfigError(f"{flag_of(setting)} {place}: {text}.") from None


def _read(config: Config, setting: str) -> bytes:
    path = getattr(config, setting)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{flag_of(setting)} {path}: {error.strerror}. Check the path.") from None


def _suites(ciphers: str) -> list[int]:
    """The numbers of the cipher suites that a list in OpenSSL's language stands for, those of TLS 1.3 included."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError:
        raise ConfigError(f"--ssl-ciphers {ciphers}: OpenSSL knows no such cipher. Mend the list.") from None
    # The upper half of OpenSSL's numbers is a mark of its own.
    return [cipher["id"] & 0xFFFF for cipher in context.get_ciphers()]
