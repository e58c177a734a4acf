"""What surrounds every request: its id, its line in the log, its place in the metrics, its last resort."""

import re
import secrets
import time

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.context import request_id
from app.core.logger import get_logger
from app.core.telemetry import REQUESTS_IN_PROGRESS, observe_request
from app.exceptions.custom_exceptions import BadRequest, PayloadTooLarge
from app.exceptions.handlers import http_problem, unexpected_problem
from app.middlewares.headers import header, set_headers

ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
PORT = re.compile(r":\d*$")  # what follows the last colon of an IPv6 address in brackets has no bracket
logger = get_logger("app.access")


class HostMiddleware:
    """Refuses requests for other hosts, but not those of probes: load balancers call by address."""

    def __init__(self, app: ASGIApp, allowed_hosts: list[str], exempt: tuple[str, ...]) -> None:
        self.app = app
        self.names = frozenset(allowed_hosts)
        self.suffixes = tuple(name.removeprefix("*") for name in allowed_hosts if name.startswith("*"))
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_request = scope["type"] in ("http", "websocket")
        if is_request and scope["path"] not in self.exempt and not self._is_ours(scope):
            await http_problem(BadRequest("Nothing of that host is here."))(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        host = PORT.sub("", header(scope, b"host").lower())
        return host in self.names or host.endswith(self.suffixes)


class ProblemCORSMiddleware(CORSMiddleware):
    """Starlette's, but what it refuses is told as every error is."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        return http_problem(BadRequest(bytes(answer.body).decode() + ".", self.preflight_headers))


class RequestContextMiddleware:
    """Names the request, times it, and answers what nobody else answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        name = given if ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(16)
        token = request_id.set(name)
        try:
            if scope["type"] == "http":
                await self._http(scope, receive, send, name)
            else:
                await self.app(scope, receive, send)
        finally:
            request_id.reset(token)

    async def _http(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        status = 0
        began = time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                set_headers(message, [(b"x-request-id", name.encode())])
            await send(message)

        with REQUESTS_IN_PROGRESS.track_inprogress():
            try:
                await self.app(scope, receive, send_named)
            except Exception as error:
                if status:  # half an answer is out; only closing the connection says that it is not whole
                    logger.error("answer_broken_off", exc_info=error)
                    raise
                await unexpected_problem(error)(scope, receive, send_named)
            finally:
                seconds = time.perf_counter() - began
                route = getattr(scope.get("route"), "path", "unmatched")
                observe_request(scope["method"], route, status, seconds)
                logger.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 2),
                )


class BodyLimitMiddleware:
    """Refuses bodies that are too large: at once where their length is told, else at the byte that is too many."""

    def __init__(self, app: ASGIApp, limit: int, upload_limit: int, upload_path: str) -> None:
        self.app = app
        self.limit = limit
        self.upload_limit = upload_limit
        self.upload_path = upload_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.upload_limit if scope["path"].startswith(self.upload_path) else self.limit
        length = header(scope, b"content-length")
        if length.isdecimal() and int(length) > limit:
            await http_problem(PayloadTooLarge())(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise PayloadTooLarge
            return message

        await self.app(scope, receive_counted, send)
