"""A request as bytes on a connection, and what comes back, message by message, with nothing left out."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

from served import Server

QUIET_SECONDS = 0.03
"""A WebSocket that said nothing for so long has said everything."""

GONE_SECONDS = 1.0
"""How long a server that said it would close may take."""

KEY = b"MDAwMDAwMDAwMDAwMDAwMA=="
MASK = b"\x01\x02\x03\x04"
FRAMING = {b"content-length", b"transfer-encoding"}
"""Headers that tell where a body ends; what a request says of it itself is not sent."""

_DATE = re.compile(rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_SERVERS = (b"uvicorn", b"fastapi-rs")


def written(request: dict[str, Any]) -> bytes:
    """The bytes of an HTTP request; with ``disconnect``, those before the client leaves."""
    chunks, headers = list(request["chunks"]), _headers(request)
    body = b"".join(chunks)
    if request["disconnect"]:
        headers.append((b"content-length", b"%d" % (len(body) + 1)))
    elif len(chunks) > 1:
        headers.append((b"transfer-encoding", b"chunked"))
        body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk) + b"0\r\n\r\n"
    elif body or request["method"] in ("POST", "PUT", "PATCH"):
        headers.append((b"content-length", b"%d" % len(body)))
    return _head(request, headers) + body


def handshake(request: dict[str, Any]) -> bytes:
    """The bytes that ask for a WebSocket."""
    headers = [
        *_headers(request),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", KEY),
        (b"sec-websocket-version", b"13"),
    ]
    if request["subprotocols"]:
        headers.append((b"sec-websocket-protocol", ", ".join(request["subprotocols"]).encode()))
    return _head({**request, "method": "GET"}, headers)


def _headers(request: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    # Servers disagree about a tab around a value, which is no part of it.
    return [(name, value.strip(b" \t")) for name, value in request["headers"] if name not in FRAMING]


def _head(request: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> bytes:
    target = request["path"] + (b"?" + request["query"] if request["query"] else b"")
    first = b"%s %s HTTP/1.1\r\n" % (request["method"].encode(), target)
    return first + b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n"


def frame(opcode: int, payload: bytes) -> bytes:
    """A masked frame that is a whole message."""
    length = len(payload)
    if length < 126:
        head = bytes([0x80 | opcode, 0x80 | length])
    elif length < 65536:
        head = bytes([0x80 | opcode, 0xFE]) + length.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 0xFF]) + length.to_bytes(8, "big")
    return head + MASK + bytes(byte ^ MASK[index % 4] for index, byte in enumerate(payload))


class Peer:
    """A connection to the server under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.port: int = writer.get_extra_info("peername")[1]

    @classmethod
    async def open(cls, port: int) -> "Peer":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def close(self) -> None:
        self.writer.close()

    async def response(self, method: str) -> AsyncIterator[dict[str, Any]]:
        """The messages of one response, in the terms of ASGI, and how the connection stands after it."""
        line, headers = await self._head()
        status = int(line.split()[1])
        told = {name.lower(): value for name, value in headers}
        chunks = []
        if method != "HEAD" and status not in (101, 204, 304):
            chunks = [chunk.replace(b":%d" % self.port, b":PORT") async for chunk in self._body(told)]
        yield {"type": "http.response.line", "line": line}
        yield {"type": "http.response.start", "status": status, "headers": headers}
        for chunk in chunks:
            yield {"type": "http.response.body", "body": chunk}
        if told.get(b"connection", b"").lower() == b"close":
            rest = await asyncio.wait_for(self.reader.read(), GONE_SECONDS)
            # uvicorn goes on with the handshake of a WebSocket after it has answered with 500.
            yield {"type": "closed", "rest": b"" if rest.startswith(b"HTTP/1.1 101 ") else rest}

    async def _head(self) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        line, *fields = (await self.reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        return line, [self._plain(*field.split(b": ", 1)) for field in fields]

    def _plain(self, name: bytes, value: bytes = b"") -> tuple[bytes, bytes]:
        if name.lower() == b"date" and _DATE.fullmatch(value):
            value = b"now"
        if name == b"set-cookie":
            value = _DATE.sub(b"now", value)
        if name.lower() == b"server" and value in _SERVERS:
            value = b"server"
        return name, value.replace(b":%d" % self.port, b":PORT")

    async def _body(self, told: dict[bytes, bytes]) -> AsyncIterator[bytes]:
        if told.get(b"transfer-encoding") == b"chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
        elif b"content-length" in told:
            yield await self.reader.readexactly(int(told[b"content-length"]))
        else:
            yield await self.reader.read()

    async def messages(self, seconds: float) -> AsyncIterator[dict[str, Any]]:
        """The frames of a WebSocket until it is closed, or quiet for ``seconds``, which raises."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                first, length = await asyncio.wait_for(self.reader.readexactly(2), seconds)
                if length > 125:
                    length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
                yield {"type": "frame", "first": first, "payload": await self.reader.readexactly(length)}
        yield {"type": "closed"}


async def exchange(server: Server, request: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    """Send a request to a server and put what comes back into ``messages``."""
    peer = await Peer.open(server.port)
    converse = raw if request["raw"] is not None else http if request["receive"] is None else websocket
    try:
        async for message in converse(server, peer, request):
            messages.append(message)
        await server.ended()
    except asyncio.IncompleteReadError as error:
        messages.append({"type": "broken", "rest": error.partial})
        await server.ended()
    finally:
        peer.close()


async def raw(server: Server, peer: Peer, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """All that comes back, and whether the server closes."""
    peer.writer.write(request["raw"])
    answer, closed = b"", False
    with contextlib.suppress(asyncio.TimeoutError):
        while data := await asyncio.wait_for(peer.reader.read(65536), QUIET_SECONDS):
            answer += data
        closed = True
    answer = _DATE.sub(b"now", answer).replace(b"server: fastapi-rs\r\n", b"server: uvicorn\r\n")
    yield {"type": "closed" if closed else "open", "answer": answer.replace(b":%d" % peer.port, b":PORT")}


async def http(server: Server, peer: Peer, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """The messages of an HTTP exchange; none if the client leaves before it could see them."""
    peer.writer.write(written(request))
    if request["disconnect"]:
        await asyncio.sleep(QUIET_SECONDS)
        return
    async for message in peer.response(request["method"]):
        yield message


async def websocket(server: Server, peer: Peer, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """The messages of a WebSocket whose client sends its frames and closes when all is quiet."""
    peer.writer.write(handshake(request))
    status = None
    async for message in peer.response("GET"):
        status = message.get("status", status)
        yield message
    if status != 101:
        return
    for given in request["receive"]:
        peer.writer.write(frame(1, given.encode()) if isinstance(given, str) else frame(2, given))
    try:
        async for message in peer.messages(QUIET_SECONDS):
            yield message
    except asyncio.TimeoutError:
        peer.writer.write(frame(8, b"\x03\xe8"))
        async for message in peer.messages(GONE_SECONDS):
            yield message
    peer.close()
