"""Who calls."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.types import Scope


def client_address(scope: Scope, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The address of the client: the nearest one that is not a trusted proxy's.

    ``X-Forwarded-For`` is read from its end, where the trusted proxies wrote; what lies before that anyone can send.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if not proxies:
        return address
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    while hops and _trusted(address, proxies):
        hop = hops.pop().strip()
        if not _is_address(hop):
            break
        address = hop
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _trusted(address: str, proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in proxies)
