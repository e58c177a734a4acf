"""The application itself as a server of its own."""

import contextlib
import http.client
import os
import pathlib
import subprocess
import sys

from app.core.config import Settings
from app.database.postgres import migrate
from tests.services.service import HOST, Service

ROOT = pathlib.Path(__file__).parents[2]


class Application(Service):
    """One process of the application, on the native server of fastapi-rs.

    Args:
        settings: environment variables besides those of this process; without ``DATABASE_URL``, the data are in a file
            of its own.
    """

    user = "root"

    def __init__(self, **settings: str) -> None:
        self.settings = settings
        super().__init__()

    def prepare(self) -> None:
        self.settings = {
            "DATABASE_URL": f"sqlite:///{self.folder}/app.db",
            "ENVIRONMENT": "testing",
            "HASH_ITERATIONS": "1",
            "HASH_MEMORY_KIB": "8",
            "MIGRATE_ON_START": "false",
            "UPLOAD_DIRECTORY": str(self.folder / "uploads"),
        } | self.settings
        migrate(Settings(_env_file=None, database_url=self.settings["DATABASE_URL"]).async_database_url)

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        return {**self.settings, "PYTHONPATH": path}

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "fastapi", "run", "--entrypoint", "app.main:app"),
            *("--host", HOST, "--port", str(self.port)),
        ]

    def add_admin(self, name: str, password: str) -> None:
        """Make an administrator."""
        subprocess.run(
            [sys.executable, "-m", "app.scripts.create_admin", name, f"{name}@example.com"],
            env={**os.environ, **self.environment(), "ADMIN_PASSWORD": password},
            cwd=self.folder,
            check=True,
            timeout=60,
        )

    def answers(self) -> None:
        with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=5)) as connection:
            connection.request("GET", "/api/v1/health/ready")
            if connection.getresponse().status != 200:
                raise ConnectionError("it is not ready")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"
