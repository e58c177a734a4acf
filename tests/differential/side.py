"""One side of the comparison: a worker process under one interpreter, started again when it dies."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .answer import Answer
from .request import Request
from .worker import channel

WORKER = Path(__file__).parent / "worker"
SILENCE_SECONDS = 30.0
"""Longer than the worker's own limit, which speaks first unless the interpreter itself is stuck."""


class Side:
    """A worker that answers requests to the applications in ``folder``."""

    def __init__(
        self,
        name: str,
        python: str,
        folder: Path,
        environment: dict[str, str] | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self.name = name
        # Not resolved: an environment's interpreter is a link, and following it leaves the environment.
        self.command = [os.path.abspath(python), str(WORKER), str(folder.resolve())]
        self.silence = silence
        # Sets must iterate alike on both sides.
        self.environment = {**os.environ, "PYTHONHASHSEED": "0", "TZ": "UTC", **(environment or {})}
        self.environment.pop("PYTHONPATH", None)
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115
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
        self.send(command)
        reply = self.receive()
        if "crash" in reply:
            raise RuntimeError(
                f"the {self.name} worker failed at {command}: {reply['crash']}\n{self.noise()}"
            )
        return reply

    def send(self, *commands: tuple[Any, ...]) -> None:
        """Send commands; the reply to each waits for ``receive``.

        They travel in one frame, which the worker has read to its end before it answers the first: otherwise
        both could be stuck in full pipes.
        """
        self.pending += commands
        if self.process is None:
            self._start()
        with contextlib.suppress(BrokenPipeError):  # receive() finds out and tells.
            channel.write(self.process.stdin, commands)

    def receive(self) -> dict[str, Any]:
        """Return the next reply; ``{"crash": reason}`` when the worker died or hung, which ends it."""
        self.pending.pop(0)
        try:
            return channel.read(self.process.stdout, self.silence)
        except (channel.Closed, TimeoutError) as error:
            self.stop()
            reason = str(error) or "the process died"
        # A new process takes over: the applications again, and the commands that were on their way.
        waiting, self.pending = self.pending, []
        loaded, self.loaded = self.loaded, []
        for application in loaded:
            self.load(application)
        if waiting:
            self.send(*waiting)
        return {"crash": reason}

    def ask(self, application: str, request: Request) -> Answer:
        """Send one request and wait for its answer."""
        self.send(("request", application, request.wire()))
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
