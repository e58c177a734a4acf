"""Answers that are made smaller where clients can read that (RFC 9110 §8.4)."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 6  # of 9: the last three take twice the time and gain next to nothing
MARK = b'--gzip"'
CONDITIONS = (b"if-match", b"if-none-match")


class CompressionMiddleware:
    """Starlette's compression, but not of everything, and with tags of its own.

    A strong tag names one sequence of bytes (RFC 9110 §8.8.1), so the tag of a compressed answer is marked; conditions
    that name marked tags reach the application without the mark.

    Args:
        app: the application.
        never: what begins with these is left as it is: answers with a secret beside what someone else may have chosen,
            as their size would tell the secret (BREACH, CVE-2013-3587); what clients read in ranges; and what they read
            as it is made, as compression would hold it back.
        minimum: bytes below which nothing is gained.
    """

    def __init__(self, app: ASGIApp, never: tuple[str, ...], minimum: int = 1024) -> None:
        self.app = app
        self.never = never
        self.compressing = GZipMiddleware(app, minimum, LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.never):
            await self.app(scope, receive, send)
            return
        if any(MARK in value for name, value in scope["headers"] if name in CONDITIONS):
            scope["headers"] = [
                (name, value.replace(MARK, b'"') if name in CONDITIONS else value)
                for name, value in scope["headers"]
            ]

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                _mark_tag(MutableHeaders(scope=message))
            await send(message)

        await self.compressing(scope, receive, send_marked)


def _mark_tag(headers: MutableHeaders) -> None:
    tag = headers.get("etag", "")
    if headers.get("content-encoding") == "gzip" and tag.startswith('"'):
        headers["etag"] = tag.removesuffix('"') + MARK.decode()
