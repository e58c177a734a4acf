"""A command as a process whose output can be waited for."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


class Running:
    """A started command whose output can be waited for."""

    def __init__(self, arguments: list[str], directory: Path, *, pass_fds: tuple[int, ...] = ()) -> None:
        environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fastapi", *arguments],
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            pass_fds=pass_fds,
        )
        self.output: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.output.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        self._reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def text(self) -> str:
        return "".join(self.output)

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        """Waits until the output has a pattern so many times, and returns what it matched."""
        with self._changed:
            seen = self._changed.wait_for(
                lambda: len(re.findall(pattern, self.text)) >= times or self._ended, timeout=30
            )
            found = re.findall(pattern, self.text)
            assert seen, self.text
            assert len(found) >= times, self.text
        return found

    @property
    def port(self) -> int:
        return int(self.wait_for(r"FastAPI running on https?://127\.0\.0\.1:(\d+)")[0])

    def get(self, path: str = "/") -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200
        content = json.loads(response.read())
        connection.close()
        return dict(content)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(20)
        self._reader.join(20)
        return status


Start = Callable[..., Running]
