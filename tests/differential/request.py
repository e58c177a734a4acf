"""One request (HTTP exchange or WebSocket session) as plain, replayable data."""

import base64
import dataclasses
import json
import zlib
from typing import Any

Pairs = tuple[tuple[bytes, bytes], ...]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a client sends, byte for byte, in the form an ASGI server would hand it on.

    ``path`` is the raw, still percent-encoded path; ``chunks`` is the body as it arrives. With
    ``disconnect`` the client leaves after the last chunk instead of finishing the body. ``receive``
    holds the text or binary frames that a WebSocket client sends after connecting. ``raw`` is in place of
    all the rest: what a connection carries; ``meant`` says why the native server means to answer otherwise.
    """

    method: str
    path: bytes
    query: bytes = b""
    headers: Pairs = ()
    chunks: tuple[bytes, ...] = (b"",)
    disconnect: bool = False
    root_path: str = ""
    receive: tuple[str | bytes, ...] | None = None
    subprotocols: tuple[str, ...] = ()
    denial: bool = False
    raw: bytes | None = None
    meant: str = ""

    @property
    def is_websocket(self) -> bool:
        return self.receive is not None

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def wire(self) -> dict[str, Any]:
        """Return the request as a dictionary of built-in types only, for the worker."""
        return dataclasses.asdict(self)

    def token(self) -> str:
        """Return the request as one word that ``from_token`` reads back."""
        fields = {name: value for name, value in self.wire().items() if value != _DEFAULTS.get(name)}
        return base64.urlsafe_b64encode(zlib.compress(json.dumps(fields, default=_tag).encode())).decode()

    @classmethod
    def from_token(cls, token: str) -> "Request":
        fields = json.loads(zlib.decompress(base64.urlsafe_b64decode(token)), object_hook=_untag)
        return cls(**{name: _frozen(value) for name, value in fields.items()})

    def show(self) -> str:
        """Return the request as text to read, one header a line."""
        if self.raw is not None:
            return f"RAW {self.raw!r}"
        target = (self.path + (b"?" + self.query if self.query else b"")).decode("latin-1")
        lines = [f"{'WEBSOCKET' if self.is_websocket else self.method} {target!r}"]
        if self.root_path:
            lines.append(f"(root_path {self.root_path!r})")
        lines += [f"{name!r}: {value!r}" for name, value in self.headers]
        if self.is_websocket:
            lines += [f"> {frame!r}" for frame in self.receive or ()]
            if self.subprotocols:
                lines.append(f"(subprotocols {self.subprotocols!r})")
        elif self.body:
            lines += [f"[{chunk[:2000]!r}]" for chunk in self.chunks]
        if self.disconnect:
            lines.append("(client disconnects)")
        return "\n".join(lines)


_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Request)}


def _tag(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    raise TypeError(f"{type(value).__name__} cannot be part of a request")


def _untag(value: dict[str, Any]) -> Any:
    return value["bytes"].encode("latin-1") if set(value) == {"bytes"} else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
