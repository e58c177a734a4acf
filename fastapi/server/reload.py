"""A worker that starts anew when files change: `--reload`."""

import logging
import os
import queue
import socket
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fastapi.params import schema_file
from fastapi.server.config import Config, ConfigError
from fastapi.server.process import WorkerProcess
from fastapi.server.supervisor import Supervisor

_INCLUDED: Final = ("*.py",)
_EXCLUDED: Final = (".*", ".py[cod]", ".sw.*", "~*")
_PATIENCE: Final = 5
"""Seconds that requests get when files change: an open event stream must not hold up the restart for good."""

_logger = logging.getLogger("uvicorn.error")


class WatchedFiles:
    """Which files count: patterns to include and exclude, directories to watch and to leave out, as with uvicorn."""

    def __init__(self, config: Config) -> None:
        excluded = [Path(entry).resolve() for entry in config.reload_excludes if _is_directory(entry)]
        included = [Path(entry).resolve() for entry in config.reload_includes if _is_directory(entry)]
        wanted = [Path(entry).resolve() for entry in config.reload_dirs]
        missing = [str(path) for path in wanted if not path.is_dir()]
        if missing:
            raise ConfigError(f"--reload-dir {missing[0]}: there is no such directory. Check the path.")
        roots = {path for path in [*wanted, *included] if path not in excluded} or {Path.cwd()}
        # One below another is watched already.
        self.roots = sorted(path for path in roots if not roots & set(path.parents))
        self.excluded_roots = excluded
        self.includes = [*(set(_INCLUDED) - set(config.reload_excludes)), *config.reload_includes]
        self.excludes = [*(set(_EXCLUDED) - set(config.reload_includes)), *config.reload_excludes]

    def __contains__(self, path: Path) -> bool:
        if any(root == path or root in path.parents for root in self.excluded_roots):
            return False
        if not any(path.match(pattern) for pattern in self.includes):
            return False
        return not any(path.match(pattern) for pattern in self.excludes)


class Reloader(Supervisor):
    """Keeps one worker, and replaces it when files change. One that dies by itself waits for a change too."""

    name = "reloader"

    def __init__(self, config: Config, listeners: list[socket.socket]) -> None:
        self.watched = WatchedFiles(config)
        if config.timeout_graceful_shutdown is None:
            config = replace(config, timeout_graceful_shutdown=_PATIENCE)
        super().__init__(config, listeners)
        self._changes: queue.SimpleQueue[list[Path]] = queue.SimpleQueue()
        self._enough = threading.Event()
        self._due = True
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        try:
            from watchfiles import watch
        except ImportError:
            raise ConfigError("--reload needs watchfiles: pip install watchfiles, or leave it out.") from None
        _logger.info(
            "Will watch for changes in these directories: %s", [str(root) for root in self.watched.roots]
        )
        step = max(int(self.config.reload_delay * 1000), 1)
        changes = watch(
            *self.watched.roots,
            watch_filter=None,
            step=step,
            stop_event=self._enough,
            rust_timeout=500,
            raise_interrupt=False,
        )
        self._thread = threading.Thread(
            target=self._watch, args=(changes,), daemon=True, name="fastapi-reload"
        )
        self._thread.start()
        super().start()

    def close(self) -> None:
        self._enough.set()
        if self._thread is not None:
            # Native code that outlives the interpreter ends in a crash.
            self._thread.join()
        super().close()

    def arrange(self) -> None:
        if self._due and not self.workers and not self.stopping:
            self._due = False
            self.spawn()

    def buried(self, worker: WorkerProcess) -> None:
        if not worker.leaving and not self.stopping:
            _logger.info("Child process [%d] died. Waiting for changes.", worker.pid)

    def looked(self) -> None:
        changed: set[Path] = set()
        while not self._changes.empty():
            changed.update(self._changes.get())
        if self.staff:  # they follow the schema file by themselves
            changed = {path for path in changed if path in self.watched}
        if not changed or self.stopping:
            return
        _logger.warning(
            "WatchFiles detected changes in %s. Reloading...", ", ".join(sorted(map(_shown, changed)))
        )
        self._due = True
        for worker in self.staff:
            worker.terminate()

    def _watch(self, changes: Iterable[set[tuple[Any, str]]]) -> None:
        for batch in changes:
            paths = [path for path in {Path(name) for _, name in batch} if self._matters(path)]
            if paths and not self._enough.is_set():
                self._changes.put(paths)
                self.wake()

    def _matters(self, path: Path) -> bool:
        if path in self.watched:
            return True
        named = os.environ.get(schema_file.VARIABLE)
        is_schema = path == Path(named).resolve() if named else path.name in schema_file.NAMES
        return self.config.watch_params and is_schema


def _is_directory(entry: str) -> bool:
    return entry not in _EXCLUDED and Path(entry).is_dir()


def _shown(path: Path) -> str:
    try:
        return f"'{path.relative_to(Path.cwd())}'"
    except ValueError:
        return f"'{path}'"
