"""What a proxy in front says of the client, believed only from peers that are trusted."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustList:
    """The peers whose word is taken: addresses, networks, and literals such as the path of a Unix socket."""

    def __init__(self, trusted: str | Iterable[str]) -> None:
        """Reads a list.

        Args:
            trusted: entries, or one text with commas between them; ``"*"`` trusts every peer.
        """
        entries = trusted.split(",") if isinstance(trusted, str) else trusted
        self.literals = {entry.strip() for entry in entries} - {""}
        self.everyone = "*" in self.literals
        self.networks: list[Network] = []
        for literal in self.literals:
            try:
                self.networks.append(ipaddress.ip_network(literal))
            except ValueError:  # a literal
                continue

    def __contains__(self, host: str | None) -> bool:
        if self.everyone:
            return True
        if not host:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return host in self.literals
        return any(address in network for network in self.networks)

    def client(self, forwarded_for: str) -> str:
        """The nearest host of an ``X-Forwarded-For`` that is not itself a trusted proxy; else the farthest.

        Each proxy appends the peer it saw, so the list is trustworthy from its end only as far as the proxies are.
        """
        hosts = [host.strip() for host in forwarded_for.split(",")]
        if self.everyone:
            return hosts[0]
        return next((host for host in reversed(hosts) if host not in self), hosts[0])


class ProxyHeaders:
    """An ASGI application behind proxies: client and scheme are those that a trusted proxy tells.

    Of a header that comes several times the last counts, as under uvicorn.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], trusted: str | Iterable[str]) -> None:
        self.app = app
        self.trusted = TrustList(trusted)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            client = scope.get("client")
            if (client[0] if client else None) in self.trusted:
                self._believe(scope)
        await self.app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        told: dict[bytes, str] = {
            name: value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"x-forwarded-proto", b"x-forwarded-for")
        }
        scheme = told.get(b"x-forwarded-proto", "").strip()
        if scheme in ("http", "https", "ws", "wss"):
            scope["scheme"] = scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme
        client = self.trusted.client(told.get(b"x-forwarded-for", ""))
        if client:
            # The port that the client used is known to the proxy alone.
            scope["client"] = (client, 0)
