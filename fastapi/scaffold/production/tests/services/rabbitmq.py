"""RabbitMQ."""

import socket
import subprocess
from collections.abc import Mapping

from tests.services.service import HOST, Service, find, free_port

_BINARIES = "/usr/lib/rabbitmq/bin"
_METHOD_FRAME = b"\x01"


class RabbitMQ(Service):
    """A node of its own, with its own port mapper, reachable from this machine as ``guest``."""

    user = "rabbitmq"

    def prepare(self) -> None:
        self._mapper: subprocess.Popen[bytes] | None = None
        self._mapper_port = free_port()
        self._peer_port = free_port()
        for name in ("home", "data", "logs"):
            (self.folder / name).mkdir()
            self._own(self.folder / name)
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = {HOST}:{self.port}\n")
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq-env.conf").write_text("")
        self._own(self.folder / "enabled_plugins")

    def command(self) -> list[str]:
        return [find("rabbitmq-server", _BINARIES)]

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.folder / "home"),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(self._peer_port),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
        }

    def start(self) -> "RabbitMQ":
        # Erlang would start a port mapper that stays behind.
        if self._mapper is None:
            self._mapper = self._spawn(
                [find("epmd"), "-address", HOST, "-port", str(self._mapper_port)], "epmd.log"
            )
        return super().start()

    def answers(self) -> None:
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            if connection.recv(1) != _METHOD_FRAME:
                raise ConnectionError("it speaks no AMQP 0-9-1")

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}/"

    def close(self) -> None:
        self.crash()
        mapper, self._mapper = getattr(self, "_mapper", None), None
        if mapper is not None:
            mapper.kill()
            mapper.wait()
        super().close()
