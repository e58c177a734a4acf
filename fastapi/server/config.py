"""What a server is told: one dataclass that the command line, the server and its workers read.

Names, meanings and defaults are uvicorn's wherever uvicorn has the setting. The command line is made from the same
fields: a field's name is its flag, unless its metadata says otherwise.
"""

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

ServerName: TypeAlias = Literal["auto", "native", "uvicorn"]
LifespanMode: TypeAlias = Literal["auto", "on", "off"]

LOG_LEVELS: Final = ("critical", "error", "warning", "info", "debug", "trace")


class ConfigError(ValueError):
    """A setting that cannot be; the text names its flag, what is wrong and the way out."""


def _option(
    default: Any,
    text: str,
    *,
    panel: str,
    flag: str | None = None,
    least: float | None = None,
    most: float | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """A setting with its default, its help text and what its value must satisfy."""
    metadata = {"help": text, "panel": panel, "least": least, "most": most, "choices": choices}
    if flag is not None:
        metadata["flag"] = flag
    if isinstance(default, list):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


_LISTEN, _PROCESS, _APP, _PROXY, _LOG = "Listening", "Processes", "Application", "Proxy", "Logging"
_RESPONSE, _LIMIT, _WEBSOCKET, _TLS = "Responses", "Limits", "WebSockets", "TLS"


@dataclass(kw_only=True)
class Config:
    """All settings of a server. Times are in seconds, sizes in bytes.

    Raises:
        ConfigError: a value is out of its range, or two settings contradict each other.
    """

    app: Any
    """An ASGI application, or where to import one from: ``"module:attribute"``."""
    server: ServerName = _option(
        "auto",
        "Which server: the native one of this package, or uvicorn; auto takes the native one where it can run.",
        panel=_LISTEN,
        choices=("auto", "native", "uvicorn"),
    )

    host: str = _option("127.0.0.1", "The host to serve on.", panel=_LISTEN)
    port: int = _option(8000, "The port to serve on; 0 takes a free one.", panel=_LISTEN, least=0, most=65535)
    uds: str | None = _option(None, "Serve on a Unix socket at this path instead.", panel=_LISTEN)
    fd: int | None = _option(
        None, "Serve on a socket inherited under this descriptor instead.", panel=_LISTEN, least=0
    )
    backlog: int = _option(2048, "How many connections may wait to be accepted.", panel=_LISTEN, least=1)

    workers: int | None = _option(
        None, "How many processes serve; $WEB_CONCURRENCY, or 1. Not with --reload.", panel=_PROCESS, least=1
    )
    reload: bool = _option(False, "Start anew when files change. For development.", panel=_PROCESS)
    reload_dirs: list[str] = _option(
        [], "Watch this directory instead of the working directory.", panel=_PROCESS, flag="--reload-dir"
    )
    reload_includes: list[str] = _option(
        [], "Watch files of this pattern too, besides *.py.", panel=_PROCESS, flag="--reload-include"
    )
    reload_excludes: list[str] = _option(
        [],
        "Do not watch files of this pattern, or this directory.",
        panel=_PROCESS,
        flag="--reload-exclude",
    )
    reload_delay: float = _option(
        0.25,
        "How long files must be quiet before the restart, or before the schema file is in force, in seconds.",
        panel=_PROCESS,
        least=0.001,
    )
    watch_params: bool = _option(
        False, "Follow changes of the schema file of parameters, without a restart.", panel=_PROCESS
    )
    limit_max_requests: int | None = _option(
        None, "End a process after this many requests; a worker is replaced.", panel=_PROCESS, least=1
    )
    timeout_graceful_shutdown: int | None = _option(
        None,
        "How long requests under way may take to finish when the server stops, in seconds.",
        panel=_PROCESS,
        least=0,
    )
    timeout_worker_healthcheck: int = _option(
        5, "How long a worker may fail to answer before it is replaced, in seconds.", panel=_PROCESS, least=1
    )

    root_path: str = _option("", "The path prefix that a proxy in front takes off.", panel=_APP)
    factory: bool = _option(False, "The name stands for a function that makes the application.", panel=_APP)
    lifespan: LifespanMode = _option(
        "auto",
        "Whether the application's lifespan runs; auto goes on where it has none.",
        panel=_APP,
        choices=("auto", "on", "off"),
    )
    loop: str = _option("auto", "The event loop: auto, asyncio, uvloop, or module:factory.", panel=_APP)
    app_dir: str | None = _option(None, "Import the application from this directory.", panel=_APP)
    env_file: str | None = _option(None, "Read environment variables from this file.", panel=_APP)

    proxy_headers: bool = _option(
        True,
        "Take the client's address and scheme from X-Forwarded-For and -Proto of trusted peers.",
        panel=_PROXY,
    )
    forwarded_allow_ips: str | list[str] | None = _option(
        None,
        "Whom to trust: addresses, networks, literals, comma-separated, or *; $FORWARDED_ALLOW_IPS, or 127.0.0.1.",
        panel=_PROXY,
    )

    log_config: str | dict[str, Any] | None = _option(
        None, "Configure logging from this .json, .yaml or .ini file.", panel=_LOG
    )
    log_level: str | int | None = _option(
        None, "The least level that is logged; info if nothing is said.", panel=_LOG, choices=LOG_LEVELS
    )
    access_log: bool = _option(True, "Log each request.", panel=_LOG)
    use_colors: bool | None = _option(None, "Colour the log; by default where it is a terminal.", panel=_LOG)

    server_header: bool = _option(True, "Send a Server header.", panel=_RESPONSE)
    date_header: bool = _option(True, "Send a Date header.", panel=_RESPONSE)
    headers: list[Any] = _option(
        [], "Send this header with each response, as Name:Value.", panel=_RESPONSE, flag="--header"
    )

    limit_concurrency: int | None = _option(
        None, "Requests under way at a time; more are answered with 503.", panel=_LIMIT, least=1
    )
    limit_head_bytes: int = _option(
        65536,
        "Bytes of a request's line and headers together; more are answered with 431.",
        panel=_LIMIT,
        least=256,
    )
    limit_header_count: int = _option(
        100, "Headers of a request; more are answered with 431.", panel=_LIMIT, least=1, most=256
    )
    limit_body_bytes: int = _option(
        0, "Bytes of a request's body; more are answered with 413. 0: no limit.", panel=_LIMIT, least=0
    )
    limit_body_rate: int = _option(
        240,
        "Bytes per second that a body must come in with on average, or it is answered with 408. 0: no limit.",
        panel=_LIMIT,
        least=0,
    )
    timeout_head: float = _option(
        10.0, "How long a request's headers may take to arrive, in seconds.", panel=_LIMIT, least=0.001
    )
    timeout_keep_alive: float = _option(
        5, "How long a connection may be idle between requests, in seconds.", panel=_LIMIT, least=0
    )
    timeout_write: float = _option(
        30.0, "How long a client may take none of its response, in seconds.", panel=_LIMIT, least=0.001
    )

    ws_max_size: int = _option(16777216, "Bytes of a WebSocket message.", panel=_WEBSOCKET, least=1)
    ws_max_queue: int = _option(
        32, "WebSocket messages that may wait for the application.", panel=_WEBSOCKET, least=1
    )
    ws_ping_interval: float | None = _option(
        20.0, "Seconds between pings of a WebSocket; 0: none.", panel=_WEBSOCKET, least=0
    )
    ws_ping_timeout: float | None = _option(
        20.0, "Seconds that a WebSocket may take to answer a ping; 0: any time.", panel=_WEBSOCKET, least=0
    )
    ws_per_message_deflate: bool = _option(True, "Compress WebSocket messages.", panel=_WEBSOCKET)

    ssl_keyfile: str | None = _option(None, "The server's private key, PEM.", panel=_TLS)
    ssl_certfile: str | None = _option(None, "The server's certificate chain, PEM.", panel=_TLS)
    ssl_keyfile_password: str | None = _option(None, "The password of the private key.", panel=_TLS)
    ssl_cert_reqs: int = _option(
        int(ssl.CERT_NONE),
        "Client certificates: 0 not asked for, 1 optional, 2 required.",
        panel=_TLS,
        least=0,
        most=2,
    )
    ssl_ca_certs: str | None = _option(None, "Who signs client certificates, PEM.", panel=_TLS)
    ssl_version: int | None = _option(None, "As ssl.PROTOCOL_*; TLS 1.2 and 1.3 by default.", panel=_TLS)
    ssl_ciphers: str | None = _option(None, "As OpenSSL writes them; safe ones by default.", panel=_TLS)

    def __post_init__(self) -> None:
        self._check_values()
        self._check_combinations()
        self.headers = [_header(entry) for entry in self.headers]
        if self.forwarded_allow_ips is None:
            self.forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
        if self.workers is None:
            self.workers = 1 if self.reload else _web_concurrency()

    @property
    def processes(self) -> int:
        """How many processes serve, one if nothing was said."""
        return self.workers or 1

    @property
    def is_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.ssl_certfile is not None

    def _check_values(self) -> None:
        for entry in fields(self):
            value, rules = getattr(self, entry.name), entry.metadata
            if not rules or value is None:
                continue
            if rules["choices"] and isinstance(value, str) and value not in rules["choices"]:
                raise ConfigError(
                    f"{flag_of(entry.name)} {value}: there is no such choice. "
                    f"Take one of {', '.join(rules['choices'])}."
                )
            if rules["least"] is not None and value < rules["least"]:
                raise ConfigError(f"{flag_of(entry.name)} {value}: must be at least {rules['least']}.")
            if rules["most"] is not None and value > rules["most"]:
                raise ConfigError(f"{flag_of(entry.name)} {value}: must be at most {rules['most']}.")

    def _check_combinations(self) -> None:
        if self.uds is not None and self.fd is not None:
            raise ConfigError(
                "--uds and --fd exclude each other: a server listens on one of them. Leave one out."
            )
        if self.reload and (self.workers or 1) > 1:
            raise ConfigError(
                "--reload and --workers exclude each other: one process reloads. Leave one out."
            )
        if self.watch_params and self.server == "uvicorn" and (self.workers or 1) > 1:
            raise ConfigError(
                "--watch-params and --workers exclude each other with --server uvicorn: its workers do not watch. "
                "Leave one out."
            )
        if (self.reload or (self.workers or 1) > 1) and not isinstance(self.app, str):
            raise ConfigError(
                "--reload and --workers start processes that import the application: give it as an import string, "
                'such as "main:app".'
            )
        if self.ssl_keyfile and not self.ssl_certfile:
            raise ConfigError("--ssl-keyfile without a certificate: add --ssl-certfile.")
        if self.ssl_cert_reqs and not self.ssl_ca_certs:
            raise ConfigError(
                "--ssl-cert-reqs needs to know who signs client certificates: add --ssl-ca-certs."
            )
        for name in ("ssl_certfile", "ssl_keyfile", "ssl_ca_certs", "env_file", "log_config"):
            path = getattr(self, name)
            if isinstance(path, str) and not Path(path).is_file():
                raise ConfigError(f"{flag_of(name)} {path}: there is no such file. Check the path.")


def flag_of(name: str) -> str:
    """The flag of the command line that stands for a setting."""
    for entry in fields(Config):
        if entry.name == name and "flag" in entry.metadata:
            return str(entry.metadata["flag"])
    return f"--{name.replace('_', '-')}"


def _header(entry: str | Sequence[str]) -> tuple[str, str]:
    """A header from ``"Name:Value"`` or from a pair."""
    name, colon, value = entry.partition(":") if isinstance(entry, str) else (entry[0], ":", entry[1])
    name, value = name.strip(), value.strip()
    if not colon or not name or any(character in "\r\n\0" for character in name + value):
        raise ConfigError(f"--header {entry!r}: is not of the form Name:Value.")
    try:
        f"{name}{value}".encode("latin-1")
    except UnicodeEncodeError:
        raise ConfigError(f"--header {entry!r}: has characters that a header cannot carry.") from None
    return name, value


def _web_concurrency() -> int:
    """The number of workers that platforms ask for in the environment."""
    value = os.environ.get("WEB_CONCURRENCY", "1")
    if not value.isdecimal() or int(value) < 1:
        raise ConfigError(f"WEB_CONCURRENCY={value}: must be a whole number from 1. Mend or unset it.")
    return int(value)
