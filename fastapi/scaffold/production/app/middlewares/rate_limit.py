"""The general limit, before anything else is done for a request."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send

from app.exceptions.custom_exceptions import RateLimited
from app.exceptions.handlers import http_problem
from app.utils.client import client_address


class RateLimitMiddleware:
    """Counts every request of a client, but not those of probes, which must be answered under any load, and those
    for files that pages are made of, of which one page needs many."""

    def __init__(
        self,
        app: ASGIApp,
        proxies: Sequence[IPv4Network | IPv6Network],
        exempt: tuple[str, ...],
        exempt_below: tuple[str, ...] = (),
    ) -> None:
        self.app = app
        self.proxies = proxies
        self.exempt = exempt
        self.exempt_below = exempt_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_exempt(scope["path"]):
            limiter = scope["app"].state.resources.limiter
            try:
                await limiter.hit("general", client_address(scope, self.proxies))
            except RateLimited as error:
                await http_problem(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_exempt(self, path: str) -> bool:
        return path in self.exempt or path.startswith(self.exempt_below)
