"""The response of ``call_next``, sent without its iterator where all of it is there.

Slow twin: ``_StreamingResponse.__call__`` of Starlette's ``starlette.middleware.base``.
"""

from types import AsyncGeneratorType, CodeType
from typing import Any, Final, NamedTuple

from starlette.middleware import base
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi.plan.channel import Receiving
from fastapi.plan.native import sends_whole
from fastapi.plan.sources import codes, has_known_names

_KNOWN_NAMES: Final = frozenset(
    "background body_iterator dict info isinstance raw_headers send status_code".split()
)
"""All that Starlette 0.50 to 1.10 names there."""


class Known(NamedTuple):
    """What is known of Starlette's response and of the functions that make it.

    Args:
        response: its class.
        body_stream: the code of what it iterates over.
        receiving: which of the cells of ``call_next`` has the end of the channel that this receives from.
    """

    response: Any
    body_stream: CodeType
    receiving: int


def known() -> Known | None:
    """Return what is known; ``None`` if this Starlette is not."""
    response = base._StreamingResponse
    if not has_known_names(response.__call__, base, _KNOWN_NAMES):
        return None
    named: dict[str, list[CodeType]] = {}
    for code in codes(BaseHTTPMiddleware.__call__.__code__):
        named.setdefault(code.co_name, []).append(code)
    (call_next, *more), (body_stream, *others) = (
        named.get("call_next", [None]),
        named.get("body_stream", [None]),
    )
    if (
        more
        or others
        or call_next is None
        or body_stream is None
        or "recv_stream" not in call_next.co_freevars
    ):
        return None
    return Known(response, body_stream, call_next.co_freevars.index("recv_stream"))


class Standing:
    """A middleware whose function returns what it does, or something that sends it.

    Args:
        middleware: the middleware.
        known: see above.
    """

    __slots__ = ("_known", "_middleware")

    def __init__(self, middleware: Any, known: Known) -> None:
        self._middleware = middleware
        self._known = known

    @property
    def app(self) -> ASGIApp:
        """What is behind the middleware."""
        app: ASGIApp = self._middleware.app
        return app

    async def dispatch_func(self, request: Request, call_next: Any) -> Any:
        """Call the function of the middleware."""
        response = await self._middleware.dispatch_func(request, call_next)
        known = self._known
        if type(response) is not known.response:
            return response
        receiving = call_next.__closure__[known.receiving].cell_contents
        return Outgoing(response, receiving, known.body_stream)


class Outgoing:
    """Sends a response of ``call_next``.

    Args:
        response: the response.
        receiving: where its body comes from.
        body_stream: the code of what it iterates over, if nobody has changed that.
    """

    __slots__ = ("_body_stream", "_receiving", "_response")

    def __init__(self, response: Any, receiving: Receiving, body_stream: CodeType) -> None:
        self._response = response
        self._receiving = receiving
        self._body_stream = body_stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response: its head and body, if all of it is there."""
        response = self._response
        body = self._body()
        if body is None:
            await response(scope, receive, send)
            return
        status, headers = response.status_code, response.raw_headers
        is_known = type(status) is int and 200 <= status <= 999 and type(headers) is list
        if is_known and sends_whole(send) and send.push_whole(status, headers, body):  # type: ignore[attr-defined]
            self._receiving.take()
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        self._receiving.take()
        if body:
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _body(self) -> bytes | None:
        response = self._response
        content = response.body_iterator
        is_plain = (
            response.info is None
            and response.background is None
            and type(content) is AsyncGeneratorType
            and content.ag_code is self._body_stream
            and content.ag_frame is not None
        )
        # An iterator that had begun would have taken the body.
        return self._receiving.whole() if is_plain else None
