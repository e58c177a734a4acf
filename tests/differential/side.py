"""One side of the comparison: a worker process under one interpreter, started again when it dies."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .answer import Answer
from .request import Request
from .worker import channel

WORKER = Path(__file__).parent / "worker"
# Longer than the worker's own limit, which speaks first unless the interpreter itself is stuck.
SILENCE_SECONDS = 30.0


class Side:
    """A worker that answers requests to the applications in ``folder``."""

    def __init__(
        self, name: str, python: str, folder: Path, environment: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.command = [python, str(WORKER), str(folder)]
        # Sets must iterate alike on both sides.
        self.environment = {**os.environ, "PYTHONHASHSEED": "0", "TZ": "UTC", **(environment or {})}
        self.environment.pop("PYTHONPATH", None)
        self.stderr = tempfile.TemporaryFile()
        self.process: subprocess.Popen[bytes] | None = None
        self.loaded: list[str] = []
        self.pending: list[tuple[Any, ...]] = []

    def hello(self) -> dict[str, Any]:
        """Return what the interpreter has installed.

        Raises:
            RuntimeError: the worker does not start.
        """
        return self._answered("hello")

    def load(self, application: str) -> dict[str, Any]:
        reply = self._answered("load", application)
        if reply["exception"] is None:
            self.loaded.append(application)
        return reply

    def unload(self, application: str) -> dict[str, Any]:
        self.loaded.remove(application)
        return self._answered("unload", application)

    def _answered(self, *command: Any) -> dict[str, Any]:
        self.send(*command)
        reply = self.receive()
        if "crash" in reply:
            raise RuntimeError(
                f"the {self.name} worker failed at {command}: {reply['crash']}\n{self.noise()}"
            )
        return reply

    def send(self, *command: Any) -> None:
        """Send a command; its reply waits for ``receive``."""
        self.pending.append(command)
        if self.process is None:
            self._start()
        try:
            channel.write(self.process.stdin, command)
        except BrokenPipeError:
            pass  # receive() finds out and tells.

    def receive(self) -> dict[str, Any]:
        """Return the next reply; ``{"crash": reason}`` when the worker died or hung, which ends it."""
        self.pending.pop(0)
        try:
            return channel.read(self.process.stdout, SILENCE_SECONDS)
        except (channel.Closed, TimeoutError) as error:
            self.stop()
            reason = str(error) or "the process died"
        # A new process takes over: the applications again, and the commands that were on their way.
        waiting, self.pending = self.pending, []
        loaded, self.loaded = self.loaded, []
        for application in loaded:
            self.load(application)
        for command in waiting:
            self.send(*command)
        return {"crash": reason}

    def ask(self, application: str, request: Request) -> Answer:
        """Send one request and wait for its answer."""
        self.send("request", application, request.wire())
        return Answer.of(self.receive())

    def noise(self) -> str:
        """Return the end of what the worker wrote to standard error."""
        self.stderr.seek(0)
        return self.stderr.read()[-4000:].decode("utf-8", "replace")

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            bufsize=0,
            env=self.environment,
            cwd=tempfile.gettempdir(),
        )

    def stop(self) -> None:
        """End the worker process."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        self.process = None
