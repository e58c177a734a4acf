"""PostgreSQL."""

import itertools
import signal
import subprocess

from tests.services.service import HOST, Service, find

_BINARIES = "/usr/lib/postgresql/*/bin"
_NAMES = itertools.count(1)


class PostgreSQL(Service):
    """A cluster with the role ``app``, which needs no password, and the database ``app``."""

    user = "postgres"
    stop_signal = signal.SIGINT  # SIGTERM would wait until the last client has gone

    def prepare(self) -> None:
        self.run(
            *(find("initdb", _BINARIES), "--pgdata", str(self.folder / "data"), "--username", "app"),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )

    def command(self) -> list[str]:
        # Without fsync a crash of the process loses nothing; only a crash of the machine would.
        options = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "max_connections": 200,
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [find("postgres", _BINARIES), "-D", str(self.folder / "data"), *settings]

    def answers(self) -> None:
        # A connection is accepted before the server serves; only this tells.
        try:
            subprocess.run(
                [find("pg_isready", _BINARIES), "-q", "-h", HOST, "-p", str(self.port)], check=True, timeout=5
            )
        except subprocess.SubprocessError as error:
            raise ConnectionError(str(error)) from None
        if "app" not in self.psql("postgres", "SELECT datname FROM pg_database").split():
            self.psql("postgres", "CREATE DATABASE app")

    def crash(self) -> None:
        # All its processes exit at once and write nothing. After SIGKILL some would linger and hold the data.
        self._end(signal.SIGQUIT)

    @property
    def url(self) -> str:
        return self.url_of("app")

    def url_of(self, database: str) -> str:
        """Where clients find a database of this cluster."""
        return f"postgresql://app@{HOST}:{self.port}/{database}"

    def create_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"test_{next(_NAMES)}"
        self.psql("postgres", f"CREATE DATABASE {name}")
        return self.url_of(name)

    def psql(self, database: str, statement: str) -> str:
        return self.run(
            *(find("psql", _BINARIES), "-h", HOST, "-p", str(self.port), "-U", "app", "-d", database),
            *("-v", "ON_ERROR_STOP=1", "-X", "-q", "-t", "-A", "-c", statement),
        )
