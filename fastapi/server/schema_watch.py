"""Follows the schema file of parameters while requests are served: ``--watch-params``."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.exceptions import FastAPIError
from fastapi.routing.schema_file import is_in_use
from fastapi.server.config import Config

_logger = logging.getLogger("uvicorn.error")


class SchemaWatch:
    """Looks at the file again and again, and puts it in force once it has changed and is quiet.

    Looking works on every file system, also on those that tell nobody of changes, and through symbolic links that are
    exchanged. Whoever replaces the file in one step (``os.replace``) is never read halfway.
    """

    def __init__(self) -> None:
        self._known: tuple[int, ...] | None = None
        self._seen: tuple[int, ...] | None = None

    def look(self) -> None:
        """Compare the file with what it was, and with what it was at the last look."""
        if not is_in_use():
            return
        from fastapi.params.schema.loading import loaded

        if loaded.path is None or loaded.schema is None:
            return
        try:
            status = loaded.path.stat()
            state: tuple[int, ...] = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError as error:
            state = (error.errno or 0,)
        if state == self._known:
            return
        if state != self._seen:
            self._seen = state
            return
        self._known = state
        self._follow()

    def _follow(self) -> None:
        from fastapi.params.schema.reloading import follow_params_schema

        try:
            schema = follow_params_schema()
        except FastAPIError as error:
            _logger.error("%s\nThe schema in force stays as it is.", error)
        except Exception:
            # What code of the application raises while its routes are made again is no reason to end.
            _logger.exception("The schema in force stays as it is.")
        else:
            if schema is not None:
                _logger.info("The params schema %s is in force: %s", schema.file, schema.digest)


@contextmanager
def watched_schema(config: Config) -> Iterator[None]:
    """Follow the file, if the configuration says so, in a thread of its own."""
    if not config.watch_params:
        yield
        return
    watch, enough = SchemaWatch(), threading.Event()

    def run() -> None:
        while not enough.wait(config.reload_delay):
            watch.look()

    thread = threading.Thread(target=run, daemon=True, name="fastapi-params")
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
