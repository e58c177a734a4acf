"""Whose word is taken for who the client is: ``--forwarded-allow-ips`` in the form that the native server wants."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class TrustList:
    """Trusted proxies. Entries mean what they mean to uvicorn's ``ProxyHeadersMiddleware``."""

    everyone: bool
    addresses: tuple[str, ...]
    networks: tuple[tuple[str, str], ...]
    """First address and mask."""
    literals: tuple[bytes, ...]
    """What is no address, such as names that a proxy writes; in Latin-1, as headers are."""

    @classmethod
    def of(cls, trusted: str | Iterable[str]) -> "TrustList":
        """Reads a list.

        Args:
            trusted: entries, or one text with commas between them; ``"*"`` alone trusts every peer.
        """
        if trusted in ("*", ["*"]):
            return cls(True, (), (), ())
        entries = [entry.strip() for entry in trusted.split(",")] if isinstance(trusted, str) else trusted
        addresses, networks, literals = [], [], []
        for entry in entries:
            try:
                if "/" in entry:
                    network = ipaddress.ip_network(entry)
                    networks.append((str(network.network_address), str(network.netmask)))
                else:
                    addresses.append(str(ipaddress.ip_address(entry)))
            except ValueError:
                literals.append(entry)
        return cls(False, tuple(addresses), tuple(networks), tuple(_in_latin_1(literals)))


def _in_latin_1(literals: Iterable[str]) -> Iterable[bytes]:
    for literal in literals:
        try:
            yield literal.encode("latin-1")
        except UnicodeEncodeError:  # no header can say it
            continue
