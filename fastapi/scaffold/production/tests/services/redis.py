"""Redis."""

import socket

from tests.services.service import HOST, Service, find


class Redis(Service):
    """A server that writes each change to its log before it answers, so that a crash loses nothing."""

    user = "redis"

    def command(self) -> list[str]:
        return [
            *(find("redis-server"), "--port", str(self.port), "--bind", HOST, "--dir", str(self.folder)),
            *("--save", "", "--appendonly", "yes", "--appendfsync", "no", "--daemonize", "no"),
        ]

    def answers(self) -> None:
        if self.say("PING") != "+PONG":
            raise ConnectionError("it is still loading")

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def flush(self) -> None:
        """Remove every key."""
        self.say("FLUSHALL")

    def say(self, command: str) -> str:
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(f"{command}\r\n".encode())
            with connection.makefile("rb") as answer:
                return answer.readline().decode().strip()
