"""NATS."""

import socket

from tests.services.service import HOST, Service, find


class Nats(Service):
    """A server that keeps nothing: whoever listens hears."""

    user = "nats"

    def command(self) -> list[str]:
        return [find("nats-server"), "--addr", HOST, "--port", str(self.port)]

    def answers(self) -> None:
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            if connection.recv(5) != b"INFO ":
                raise ConnectionError("it speaks no NATS")

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"
