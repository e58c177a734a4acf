"""Answers that are made smaller where clients can read that (RFC 9110 §8.4)."""

import re
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 6  # of 9: the last three take twice the time and gain next to nothing
GZIP = 16 + zlib.MAX_WBITS  # zlib's name of the format
ACCEPTED = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
COMPRESSIBLE = re.compile(r"text/(?!event-stream)|application/[\w.+-]*(json|javascript|xml)|image/svg")
MARK = b'--gzip"'
CONDITIONS = (b"if-match", b"if-none-match")


class CompressionMiddleware:
    """Compresses texts with gzip. Unlike Starlette's, it makes no compressor for answers that need none, holds back no
    part of a stream, and keeps tags right.

    A strong tag names one sequence of bytes (RFC 9110 §8.8.1), so the tag of a compressed answer is marked; conditions
    that name marked tags reach the application without the mark.

    Args:
        app: the application.
        never: what begins with these is left as it is: answers with a secret beside what someone else may have chosen,
            as their size would tell the secret (BREACH, CVE-2013-3587), and what clients read in ranges.
        minimum: bytes below which nothing is gained.
    """

    def __init__(self, app: ASGIApp, never: tuple[str, ...], minimum: int = 1024) -> None:
        self.app = app
        self.never = never
        self.minimum = minimum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.never):
            await self.app(scope, receive, send)
            return
        if any(MARK in value for name, value in scope["headers"] if name in CONDITIONS):
            scope["headers"] = [
                (name, value.replace(MARK, b'"') if name in CONDITIONS else value)
                for name, value in scope["headers"]
            ]
        accepted = ACCEPTED.search(Headers(scope=scope).get("accept-encoding", "")) is not None
        await self.app(scope, receive, Answer(send, self.minimum, accepted).send)


class Answer:
    """One answer. Its head waits for its first bytes, which decide whether it is compressed."""

    def __init__(self, send: Send, minimum: int, accepted: bool) -> None:
        self._send = send
        self._minimum = minimum
        self._accepted = accepted
        self._head: Message | None = None
        self._compressor: zlib._Compress | None = None

    async def send(self, message: Message) -> None:
        """Send a message of the application on."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        if message["type"] == "http.response.body":
            message = self._take(message.get("body", b""), message.get("more_body", False))
        head, self._head = self._head, None
        if head is not None:
            await self._send(head)
        await self._send(message)

    def _take(self, body: bytes, more: bool) -> Message:
        headers = MutableHeaders(scope=self._head) if self._head else None
        if headers is not None and self._gains(headers, len(body), more):
            headers.add_vary_header("Accept-Encoding")
            if self._accepted:
                self._compressor = zlib.compressobj(LEVEL, wbits=GZIP)
                _name_encoding(headers)
        if self._compressor is not None:
            ending = zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH
            body = self._compressor.compress(body) + self._compressor.flush(ending)
            if headers is not None and not more:
                headers["Content-Length"] = str(len(body))
        return {"type": "http.response.body", "body": body, "more_body": more}

    def _gains(self, headers: MutableHeaders, length: int, more: bool) -> bool:
        return (
            (more or length >= self._minimum)
            and "content-encoding" not in headers
            and "content-range" not in headers  # which counts the bytes of the answer as it is sent
            and COMPRESSIBLE.match(headers.get("content-type", "")) is not None
        )


def _name_encoding(headers: MutableHeaders) -> None:
    headers["Content-Encoding"] = "gzip"
    del headers["Content-Length"]
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["ETag"] = tag.removesuffix('"') + MARK.decode()
