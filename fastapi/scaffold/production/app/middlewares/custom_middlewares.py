"""What surrounds every request: its id, its line in the log, its place in the metrics, its last resort."""

import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.context import request_id
from app.core.logger import get_logger
from app.core.telemetry import REQUESTS_IN_PROGRESS, observe_request
from app.exceptions.custom_exceptions import PayloadTooLarge
from app.exceptions.handlers import http_problem, unexpected_problem

ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
logger = get_logger("app.access")


class HostMiddleware:
    """Refuses requests for other hosts, but not those of probes: load balancers call by address."""

    def __init__(self, app: ASGIApp, allowed_hosts: list[str], exempt: tuple[str, ...]) -> None:
        self.app = app
        self.guarded = TrustedHostMiddleware(app, allowed_hosts, www_redirect=False)
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_probe = scope["type"] == "http" and scope["path"] in self.exempt
        await (self.app if is_probe else self.guarded)(scope, receive, send)


class RequestContextMiddleware:
    """Names the request, times it, and answers what nobody else answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        name = given if ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex
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
                MutableHeaders(scope=message)["X-Request-ID"] = name
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
        length = Headers(scope=scope).get("content-length", "0")
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
