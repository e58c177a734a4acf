"""Requests to other services: to public addresses only, with time limits, retries and a breaker for each host."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import stamina

from app.exceptions.custom_exceptions import BadGateway, UnprocessableValue
from app.utils.circuit_breaker import CircuitBreaker

MAX_BYTES = 1024 * 1024
MAX_REDIRECTS = 3
MAX_HOSTS = 256
TIMEOUT = httpx.Timeout(5.0, connect=2.0)
RETRIED_STATUSES = frozenset({502, 503, 504})
Resolver = Callable[[str, int], Awaitable[list[str]]]


class ForbiddenAddress(UnprocessableValue):
    """The address is not one of the public network."""

    code, message = "forbidden_address", "This address is not requested from here."


@dataclass(frozen=True)
class Fetched:
    """What another service answered."""

    url: str
    status: int
    media_type: str
    body: bytes


class Passing(Exception):
    """A failure that may pass by itself."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address is of the public network, whatever it is wrapped in."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is None and parsed in ipaddress.ip_network("64:ff9b::/96"):  # NAT64, RFC 6052
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return parsed.is_global and not parsed.is_multicast


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to the very address that it has checked: a name that changes its address in between gains nothing."""

    def __init__(self, inner: httpx.AsyncBaseTransport, resolver: Resolver = resolve) -> None:
        self._inner = inner
        self._resolve = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https") or not url.host or url.userinfo:
            raise ForbiddenAddress
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = await self._resolve(url.host, port)
        except OSError as error:
            raise httpx.ConnectError("the name has no address", request=request) from error
        # All of them, or a name with a public and a private address would lead inside by chance.
        if not addresses or not all(map(is_public, addresses)):
            raise ForbiddenAddress
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=addresses[0]),
            headers=request.headers,  # Host is the name already
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self._inner.aclose()


class RequestService:
    """Fetches what others serve."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, resolver: Resolver = resolve
    ) -> None:
        # Proxies of the environment would resolve names by themselves, past the guard.
        inner = transport or httpx.AsyncHTTPTransport(trust_env=False)
        self.client = httpx.AsyncClient(
            transport=GuardedTransport(inner, resolver), timeout=TIMEOUT, trust_env=False
        )
        self.breakers: dict[str, CircuitBreaker] = {}

    async def fetch(self, url: str) -> Fetched:
        """The answer to a GET; redirects are followed, each of them guarded.

        Raises:
            ForbiddenAddress: the address, or one that it leads to, is not public.
            BadGateway: no answer, or one that is too large.
            CircuitOpen: the host has failed too often.
        """
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise ForbiddenAddress from error
        for _ in range(MAX_REDIRECTS + 1):
            answer, following = await self._fetch_patiently(parsed)
            if following is None:
                return answer
            parsed = following
        raise BadGateway("Too many redirects.")

    async def _fetch_patiently(self, url: httpx.URL) -> tuple[Fetched, httpx.URL | None]:
        breaker = self._breaker(url.host)
        try:
            async for attempt in stamina.retry_context(
                on=Passing, attempts=3, timeout=15.0, wait_initial=0.1, wait_max=1.0, wait_jitter=0.2
            ):
                with attempt:
                    return await breaker.call(lambda: self._fetch_once(url))
        except Passing as error:
            raise BadGateway from error
        raise AssertionError("unreachable: the loop returns or raises")

    async def _fetch_once(self, url: httpx.URL) -> tuple[Fetched, httpx.URL | None]:
        try:
            async with self.client.stream("GET", url) as answer:
                if answer.status_code in RETRIED_STATUSES:
                    raise Passing(answer.status_code)
                if answer.has_redirect_location:
                    return Fetched(str(url), answer.status_code, "", b""), url.join(
                        answer.headers["location"]
                    )
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise BadGateway("The answer is too large.")
                media_type = answer.headers.get("content-type", "application/octet-stream")
                return Fetched(str(url), answer.status_code, media_type, bytes(body)), None
        except httpx.InvalidURL as error:
            raise BadGateway from error
        except httpx.HTTPError as error:
            raise Passing(type(error).__name__) from error

    def _breaker(self, host: str) -> CircuitBreaker:
        if host not in self.breakers:
            if len(self.breakers) >= MAX_HOSTS:
                del self.breakers[next(iter(self.breakers))]
            self.breakers[host] = CircuitBreaker(host, failures=(Passing,))
        return self.breakers[host]

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()
