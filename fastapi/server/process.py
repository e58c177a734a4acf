"""A worker process as its supervisor sees it: started, asked, stopped."""

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.server.config import Config

PING, READY = b"p", b"r"
"""What goes over the control socket: a question that comes back as it is, and a worker's word that it serves."""


@dataclass(frozen=True)
class Orders:
    """What a worker is told when it starts; pickled, over a socket that only the two have."""

    config: Config
    path: list[str]
    descriptors: list[int]


class WorkerProcess:
    """A started worker.

    A process of its own, not a fork: an application imports threads, pools and loops that a fork would break.

    Attributes:
        generation: the round of restarts that it was started in.
        ready: it has said that it serves.
        leaving: it has been told to stop.
    """

    def __init__(self, config: Config, listeners: Sequence[socket.socket], generation: int) -> None:
        self.generation = generation
        self.ready = False
        self.leaving = False
        self._asked: float | None = None
        self.control, theirs = socket.socketpair()
        with theirs:
            descriptors = [listener.fileno() for listener in listeners]
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    *_interpreter_options(),
                    "-m",
                    "fastapi.server.worker",
                    str(theirs.fileno()),
                ],
                pass_fds=[theirs.fileno(), *descriptors],
                # Where it says how many share the work, as applications want to know that too.
                env=os.environ | {"WEB_CONCURRENCY": str(config.processes)},
            )
        self.pid = self.process.pid
        orders = pickle.dumps(Orders(config, sys.path, descriptors))
        try:
            self.control.sendall(len(orders).to_bytes(4, "big") + orders)
        except OSError:  # it is dead already, which its exit status tells
            pass
        self.control.setblocking(False)

    def hear(self) -> None:
        """Takes in what the worker says."""
        try:
            said = self.control.recv(64)
        except OSError:
            return
        if READY in said:
            self.ready = True
        if PING in said:
            self._asked = None

    def hangs(self, patience: float) -> bool:
        """Asks whether it still runs Python, and tells whether an earlier question has waited for too long."""
        now = time.monotonic()
        if self._asked is not None:
            return now - self._asked > patience
        self._asked = now
        try:
            self.control.send(PING)
        except OSError:  # it ends
            pass
        return False

    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def terminate(self) -> None:
        """Tells it to finish what it does, and end."""
        self.leaving = True
        self.process.terminate()

    def kill(self) -> None:
        """Ends it at once."""
        self.process.kill()

    def close(self) -> None:
        """Lets go of a process that has ended."""
        self.control.close()
        self.process.wait()


def _interpreter_options() -> list[str]:
    """The options of this interpreter that matter to the application: -O, -W, -X dev and so on."""
    # Private since Python 3, unchanged since, and what multiprocessing itself starts its processes with.
    options: list[str] = getattr(subprocess, "_args_from_interpreter_flags", list)()
    return options
