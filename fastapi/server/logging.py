"""The logs ``uvicorn.error`` and ``uvicorn.access``, with uvicorn's names, levels, formats and colours.

The names stay uvicorn's because applications and `--log-config` files address them.
"""

import http
import json
import logging
import logging.config
import sys
from copy import copy
from typing import Any, Final, Literal

from fastapi.server.config import Config, ConfigError

TRACE: Final = 5

_COLOURS: Final = {
    TRACE: 34,
    logging.DEBUG: 36,
    logging.INFO: 32,
    logging.WARNING: 33,
    logging.ERROR: 31,
    logging.CRITICAL: 91,
}
_STATUS_COLOURS: Final = {1: 97, 2: 32, 3: 33, 4: 31, 5: 91}
_BOLD: Final = 1


def paint(text: str, code: int) -> str:
    """Text in a colour of the terminal (ECMA-48 SGR)."""
    return f"\x1b[{code}m{text}\x1b[0m"


class DefaultFormatter(logging.Formatter):
    """Lines that start with the level. A record's ``color_message`` stands for its message where there is colour."""

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        use_colors: bool | None = None,
    ) -> None:
        super().__init__(fmt=fmt, datefmt=datefmt, style=style)
        self.use_colors = sys.stdout.isatty() if use_colors is None else use_colors

    def formatMessage(self, record: logging.LogRecord) -> str:
        record = copy(record)
        self.fill(record)
        level, gap = record.levelname, " " * (8 - len(record.levelname))
        if self.use_colors and record.levelno in _COLOURS:
            level = paint(level, _COLOURS[record.levelno])
        record.__dict__["levelprefix"] = f"{level}:{gap}"
        return super().formatMessage(record)

    def fill(self, record: logging.LogRecord) -> None:
        """Adds what the format may name to a copy of the record."""
        colourful = record.__dict__.get("color_message")
        if self.use_colors and colourful is not None:
            record.msg = colourful
            record.message = record.getMessage()


class AccessFormatter(DefaultFormatter):
    """Lines of requests: the record's arguments are client, method, path with query, HTTP version and status."""

    def fill(self, record: logging.LogRecord) -> None:
        assert isinstance(record.args, tuple)
        client, method, path, version, status = record.args
        line = f"{method} {path} HTTP/{version}"
        outcome = _status_line(int(str(status)))
        if self.use_colors:
            line = paint(line, _BOLD)
            outcome = paint(outcome, _STATUS_COLOURS.get(int(str(status)) // 100, 0))
        record.__dict__.update(client_addr=client, request_line=line, status_code=outcome)


def _status_line(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} "


def default_config(use_colors: bool | None = None) -> dict[str, Any]:
    """The configuration that holds without `--log-config`: errors to stderr, requests to stdout."""
    here = __name__
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "default": {
                "()": f"{here}.DefaultFormatter",
                "fmt": "%(levelprefix)s %(message)s",
                "use_colors": use_colors,
            },
            "access": {
                "()": f"{here}.AccessFormatter",
                "fmt": '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s',
                "use_colors": use_colors,
            },
        },
        "handlers": {
            name: {"class": "logging.StreamHandler", "formatter": name, "stream": f"ext://sys.{stream}"}
            for name, stream in (("default", "stderr"), ("access", "stdout"))
        },
        "loggers": {
            "uvicorn": {"handlers": ["default"], "level": "INFO", "propagate": False},
            "uvicorn.error": {"level": "INFO"},
            "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        },
    }


def configure(config: Config) -> None:
    """Sets logging up as a configuration says.

    Raises:
        ConfigError: the file of `--log-config` cannot be read.
    """
    logging.addLevelName(TRACE, "TRACE")
    source = config.log_config
    if source is None:
        logging.config.dictConfig(default_config(config.use_colors))
    elif isinstance(source, dict):
        logging.config.dictConfig(source)
    else:
        try:
            _configure_from(source)
        except ConfigError:
            raise
        except Exception as error:
            raise ConfigError(f"--log-config {source}: {error}. Mend the file.") from error
    if config.log_level is not None:
        level = config.log_level if isinstance(config.log_level, int) else _level(config.log_level)
        for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
            logging.getLogger(name).setLevel(level)
    if not config.access_log:
        access = logging.getLogger("uvicorn.access")
        access.handlers = []
        access.propagate = False


def access_logger(config: Config) -> logging.Logger | None:
    """The log of requests, or nothing where nobody would read it."""
    access = logging.getLogger("uvicorn.access")
    wanted = config.access_log and access.hasHandlers() and access.isEnabledFor(logging.INFO)
    return access if wanted else None


def _level(name: str) -> int:
    level: int = logging.getLevelName(name.upper())
    return level


def _configure_from(path: str) -> None:
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as file:
            logging.config.dictConfig(json.load(file))
    elif path.endswith((".yaml", ".yml")):
        try:
            import yaml  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise ConfigError(f"--log-config {path}: needs PyYAML: pip install pyyaml.") from None
        with open(path, encoding="utf-8") as file:
            logging.config.dictConfig(yaml.safe_load(file))
    else:
        logging.config.fileConfig(path, disable_existing_loggers=False)
