"""Several worker processes on the same sockets: started, watched, replaced and restarted one by one."""

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from fastapi.server.config import Config
from fastapi.server.logging import paint
from fastapi.server.process import WorkerProcess
from fastapi.server.server import STARTUP_FAILURE, announce_address
from fastapi.server.sockets import address_of, turn_away

_CYAN: Final = 36
_ROUND: Final = 0.5
"""Seconds between two looks at the workers' health. Everything else is an event."""
_LONGEST_PAUSE: Final = 10.0

_logger = logging.getLogger("uvicorn.error")


class Supervisor:
    """Keeps a number of workers serving.

    A worker that ends is replaced. SIGHUP replaces all of them, one at a time, each only after its successor serves.
    SIGTTIN and SIGTTOU add and remove one. SIGINT and SIGTERM end them all after the requests under way, a second
    SIGINT at once.
    """

    name = "parent"

    def __init__(self, config: Config, listeners: list[socket.socket]) -> None:
        self.config = config
        self.listeners = listeners
        self.wanted = config.processes
        self.workers: list[WorkerProcess] = []
        self.generation = 0
        self.stopping = False
        self.status = 0
        self._served = False
        self._failures = 0
        self._not_before = 0.0
        self._next_look = 0.0
        self._selector = selectors.DefaultSelector()
        self._inbox, self._outbox = socket.socketpair()
        for end in (self._inbox, self._outbox):
            end.setblocking(False)
        self._selector.register(self._inbox, selectors.EVENT_READ, self._read_inbox)

    @property
    def staff(self) -> list[WorkerProcess]:
        """The workers that have not been told to stop."""
        return [worker for worker in self.workers if not worker.leaving]

    def run(self) -> int:
        """Supervises until the last worker has ended; to be called in the main thread.

        Returns:
            The exit status: 0, or 3 where the application never started.
        """
        self._announce(f"Started {self.name} process [%s]")
        previous = {number: signal.signal(number, self._on_signal) for number in self._signals()}
        wakeup = signal.set_wakeup_fd(self._outbox.fileno(), warn_on_full_buffer=False)
        try:
            self.start()
            while self.workers or not self.stopping:
                self._turn()
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in previous.items():
                signal.signal(number, handler)
            self.close()
        self._announce(f"Stopping {self.name} process [%s]")
        return self.status

    def start(self) -> None:
        """Does what comes before the first turn."""
        self.arrange()

    def close(self) -> None:
        """Ends what is left, however the run ended."""
        for worker in self.workers:
            worker.kill()
            worker.close()
        for listener in self.listeners:
            listener.close()
        self._selector.close()
        self._inbox.close()
        self._outbox.close()

    def arrange(self) -> None:
        """Starts and retires workers, as far as it is time for it."""
        if self.stopping:
            return
        old = [worker for worker in self.staff if worker.generation < self.generation]
        if time.monotonic() >= self._not_before:
            while len(self.staff) < self.wanted:
                self.spawn()
            if old and len(self.staff) == self.wanted:
                self.spawn()
        if len(self.staff) > self.wanted and all(worker.ready for worker in self.staff):
            self.retire((old or self.staff)[0])

    def spawn(self) -> None:
        """Starts a worker."""
        worker = WorkerProcess(self.config, self.listeners, self.generation)
        self.workers.append(worker)
        self._selector.register(worker.control, selectors.EVENT_READ, lambda: self._hear(worker))

    def retire(self, worker: WorkerProcess) -> None:
        """Tells a worker to finish and end."""
        worker.terminate()
        _logger.info("Terminated child process [%d]", worker.pid)

    def buried(self, worker: WorkerProcess) -> None:
        """Decides what the end of a worker means."""
        if worker.leaving:
            return
        _logger.info("Child process [%d] died", worker.pid)
        if worker.ready or self.stopping:
            return
        self._failures += 1
        if not self._served:
            _logger.error("Application startup failed. Exiting.")
            self.status = STARTUP_FAILURE
            self.stop()
            return
        self._not_before = time.monotonic() + min(0.5 * 2**self._failures, _LONGEST_PAUSE)
        if any(other.generation < self.generation for other in self.staff):
            _logger.error(
                "The restarted application does not start: the processes that serve stay as they are."
            )
            for other in self.staff:
                other.generation = self.generation

    def stop(self, *, force: bool = False) -> None:
        """Lets nobody in any more and tells all workers to end, after what they do or at once."""
        self.stopping = True
        for listener in self.listeners:
            # Who passed a socket on goes on with it, and with what waits in its queue.
            if self.config.fd is None and not force:
                turn_away(listener)
            listener.close()
        for worker in self.workers:
            if force:
                worker.kill()
            elif not worker.leaving:
                worker.terminate()

    def wake(self) -> None:
        """Makes the supervisor look around, from any thread."""
        try:
            self._outbox.send(b"\0")
        except BlockingIOError:  # it will look around anyway
            pass

    def looked(self) -> None:
        """Is called after something came into the inbox."""

    def _turn(self) -> None:
        for key, _ in self._selector.select(_ROUND):
            key.data()
        now = time.monotonic()
        # An answer wakes us up too, and must not be a reason to ask again.
        looks = now >= self._next_look
        if looks:
            self._next_look = now + _ROUND
        for worker in list(self.workers):
            if worker.is_dead():
                self._selector.unregister(worker.control)
                self.workers.remove(worker)
                worker.close()
                self.buried(worker)
            elif looks and worker.ready and worker.hangs(self.config.timeout_worker_healthcheck):
                _logger.error("Child process [%d] does not answer. Ending it.", worker.pid)
                worker.kill()
        self.arrange()

    def _hear(self, worker: WorkerProcess) -> None:
        worker.hear()
        if worker.ready:
            self._failures = 0
            if not self._served and not self.stopping:
                self._served = True
                for listener in self.listeners:
                    announce_address(address_of(self.config, listener))

    def _signals(self) -> dict[int, Callable[[], None]]:
        return {
            signal.SIGINT: self._on_interrupt,
            signal.SIGTERM: self._on_terminate,
            signal.SIGHUP: self._on_hangup,
            signal.SIGTTIN: self._on_more,
            signal.SIGTTOU: self._on_fewer,
            signal.SIGCHLD: _nothing,
        }

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Does nothing: the number comes through the inbox, where it meets no code halfway."""

    def _read_inbox(self) -> None:
        actions = self._signals()
        for number in self._inbox.recv(256):
            actions.get(number, _nothing)()
        self.looked()

    def _on_interrupt(self) -> None:
        _logger.info("Received SIGINT, exiting.")
        self.stop(force=self.stopping)

    def _on_terminate(self) -> None:
        _logger.info("Received SIGTERM, exiting.")
        self.stop()

    def _on_hangup(self) -> None:
        _logger.info("Received SIGHUP, restarting processes.")
        self.generation += 1

    def _on_more(self) -> None:
        _logger.info("Received SIGTTIN, increasing the number of processes.")
        self.wanted += 1

    def _on_fewer(self) -> None:
        _logger.info("Received SIGTTOU, decreasing number of processes.")
        if self.wanted > 1:
            self.wanted -= 1
        else:
            _logger.info("Already reached one process, cannot decrease the number of processes anymore.")

    def _announce(self, message: str, *more: Any) -> None:
        colourful = message.replace("%s", paint("%s", _CYAN), 1)
        _logger.info(message, os.getpid(), *more, extra={"color_message": colourful})


def _nothing() -> None:
    pass
