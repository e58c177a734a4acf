"""The part of the configuration that the native server reads, in the form it wants."""

from dataclasses import dataclass

from fastapi.server.config import Config
from fastapi.server.trust import TrustList

SERVER_HEADER = (b"server", b"fastapi-rs")


@dataclass(frozen=True, kw_only=True)
class NativeSettings:
    """What the native server is told; times are in seconds, sizes in bytes, ``None`` is no limit."""

    root_path: str
    trusted_proxies: TrustList | None
    headers: tuple[tuple[bytes, bytes], ...]
    date_header: bool
    limit_concurrency: int | None
    limit_head_bytes: int
    limit_header_count: int
    limit_body_bytes: int | None
    limit_body_rate: int
    timeout_head: float
    timeout_keep_alive: float
    timeout_write: float
    ws_max_size: int
    ws_max_queue: int
    ws_ping_interval: float | None
    ws_ping_timeout: float | None
    ws_per_message_deflate: bool

    @classmethod
    def of(cls, config: Config) -> "NativeSettings":
        """The settings that a configuration means."""
        headers = tuple(
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in config.headers
        )
        if config.server_header and all(name != b"server" for name, _ in headers):
            headers = (SERVER_HEADER, *headers)
        return cls(
            root_path=config.root_path,
            trusted_proxies=TrustList.of(config.forwarded_allow_ips or ()) if config.proxy_headers else None,
            headers=headers,
            date_header=config.date_header,
            limit_concurrency=config.limit_concurrency,
            limit_head_bytes=config.limit_head_bytes,
            limit_header_count=config.limit_header_count,
            limit_body_bytes=config.limit_body_bytes or None,
            limit_body_rate=config.limit_body_rate,
            timeout_head=config.timeout_head,
            timeout_keep_alive=config.timeout_keep_alive,
            timeout_write=config.timeout_write,
            ws_max_size=config.ws_max_size,
            ws_max_queue=config.ws_max_queue,
            ws_ping_interval=config.ws_ping_interval or None,
            ws_ping_timeout=config.ws_ping_timeout or None,
            ws_per_message_deflate=config.ws_per_message_deflate,
        )
