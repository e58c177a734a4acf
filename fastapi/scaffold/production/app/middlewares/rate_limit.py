"""The general limit, before anything else is done for a request."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send

from app.exceptions.custom_exceptions import RateLimited
from app.exceptions.handlers import http_problem
from app.utils.client import client_address


class RateLimitMiddleware:
    """Counts every request of a client but those of probes, which must be answered under any load."""

    def __init__(
        self, app: ASGIApp, proxies: Sequence[IPv4Network | IPv6Network], exempt: tuple[str, ...]
    ) -> None:
        self.app = app
        self.proxies = proxies
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.exempt:
            limiter = scope["app"].state.resources.limiter
            try:
                await limiter.hit("general", client_address(scope, self.proxies))
            except RateLimited as error:
                await http_problem(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)
