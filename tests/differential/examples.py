"""Read the requests that an application module names in ``EXAMPLES``.

An example is ``"GET /path?query"`` or a dictionary with that text under ``request`` and, where wanted:
``headers`` (pairs or a dictionary), one of ``json``, ``form`` (urlencoded text), ``multipart`` (parts),
``body`` (bytes) or ``chunks``, and ``disconnect`` or ``root_path``. ``{"websocket": "/path", "receive": [...]}``
is a WebSocket session. ``{"raw": b"..."}`` is sent as it stands, where requests go over TCP; with
``meant``, the native server means to answer otherwise than uvicorn, for the reason that stands there.
"""

import json
from typing import Any

from . import multipart
from .request import Request

HOST = (b"host", b"testserver")


def read(example: str | dict[str, Any]) -> Request:
    """Return the request that an example describes."""
    fields = {"request": example} if isinstance(example, str) else example
    if "raw" in fields:
        return Request("", b"", raw=fields["raw"], meant=fields.get("meant", ""))
    method, target = (
        ("GET", fields["websocket"]) if "websocket" in fields else fields["request"].split(" ", 1)
    )
    path, _, query = target.partition("?")
    chunks, kind = _body(fields)
    given = fields.get("headers", ())
    headers = [
        (_bytes(name).lower(), _bytes(value))
        for name, value in (given.items() if isinstance(given, dict) else given)
    ]
    names = {name for name, _ in headers}
    if kind is not None and b"content-type" not in names:
        headers.append((b"content-type", kind))
    if b"host" not in names:
        headers.insert(0, HOST)
    return Request(
        method=method,
        path=path.encode("ascii"),
        query=_bytes(query),
        headers=tuple(headers),
        chunks=chunks,
        disconnect=fields.get("disconnect", False),
        root_path=fields.get("root_path", ""),
        receive=tuple(fields.get("receive", ())) if "websocket" in fields else None,
        subprotocols=tuple(fields.get("subprotocols", ())),
        denial=fields.get("denial", False),
    )


def _body(fields: dict[str, Any]) -> tuple[tuple[bytes, ...], bytes | None]:
    if "chunks" in fields:
        return tuple(fields["chunks"]), None
    if "json" in fields:
        return (json.dumps(fields["json"]).encode(),), b"application/json"
    if "form" in fields:
        return (_bytes(fields["form"]),), b"application/x-www-form-urlencoded"
    if "multipart" in fields:
        return (multipart.encode(fields["multipart"]),), multipart.content_type()
    return (fields.get("body", b""),), None


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
