"""What the servers have in common: a folder, a port, a process, and an end."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from typing import ClassVar, Self

HOST = "127.0.0.1"
START_SECONDS = 90.0
STOP_SECONDS = 30.0
_GLANCE_SECONDS = 0.05


class Missing(RuntimeError):
    """The server is not installed."""


class NotReady(RuntimeError):
    """The server ended, or did not answer in time; the text has the end of its log."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def find(program: str, *folders: str) -> str:
    """The path of a program.

    Args:
        program: its name.
        folders: where it may be besides ``PATH``; patterns, of which the last match counts.

    Raises:
        Missing: it is nowhere.
    """
    for folder in folders:
        if found := sorted(pathlib.Path("/").glob(f"{folder.lstrip('/')}/{program}")):
            return str(found[-1])
    path = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if path is None:
        raise Missing(f"{program} is not installed: python -m tests.services install")
    return path


class Service:
    """A private server. Its data live as long as this object is open, its process from `start` to `stop`.

    As root, the process runs as the user that its Debian package made, because some servers refuse root.
    """

    user: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{type(self).__name__.lower()}-"))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._own(self.folder)
            self.prepare()
        except BaseException:
            self.close()
            raise

    def prepare(self) -> None:
        """Make what the server needs in its folder, before its first start."""

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Variables that the server gets besides those of this process."""
        return {}

    def answers(self) -> None:
        """Raise ``OSError`` while the server does not serve."""
        socket.create_connection((HOST, self.port), timeout=1).close()

    @property
    def url(self) -> str:
        """Where clients find it."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """The process, ``None`` when it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start the server, on the same port and the same data each time, and wait until it serves.

        Raises:
            NotReady: it does not.
        """
        self._process = self._spawn(self.command(), "log")
        self._wait(self._process)
        return self

    def stop(self) -> None:
        """End the server in order, and wait for it."""
        self._end(self.stop_signal)

    def crash(self) -> None:
        """End the server at once, as a failure would."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove its data."""
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start() if self._process is None else self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, *command: str) -> str:
        """Run a command of the server to its end, and return what it prints.

        Raises:
            NotReady: it failed.
        """
        done = subprocess.run(
            [*self._as_user(), *command],
            env={**os.environ, **self.environment()},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        if done.returncode:
            raise NotReady(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def _spawn(self, command: list[str], log: str) -> "subprocess.Popen[bytes]":
        with (self.folder / log).open("ab") as output:
            return subprocess.Popen(
                # Nobody but this process ends it, so it must not outlive this process.
                [find("setpriv"), "--pdeathsig", "TERM", *self._as_user()[1:], *command],
                env={**os.environ, **self.environment()},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        why: Exception = NotReady("it was not asked")
        while time.monotonic() < deadline:
            try:
                return self.answers()
            except OSError as error:
                why = error
            try:
                process.wait(_GLANCE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        log = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.crash()
        raise NotReady(f"{type(self).__name__} does not serve on port {self.port}: {why}\n{log}")

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # Some servers are started by a script, which does not hand a signal on.
        for sent in (number, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
                return

    def _as_user(self) -> list[str]:
        setpriv = [find("setpriv")]
        if os.geteuid() == 0:
            setpriv += ["--reuid", self.user, "--regid", self.user, "--clear-groups"]
        return setpriv

    def _own(self, path: pathlib.Path) -> None:
        if os.geteuid() == 0:
            try:
                shutil.chown(path, self.user, self.user)
            except LookupError:
                raise Missing(
                    f"there is no user {self.user}, so {type(self).__name__} is not installed: "
                    "python -m tests.services install"
                ) from None
