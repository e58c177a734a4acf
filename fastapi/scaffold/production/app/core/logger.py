"""Logs: one JSON object a line, with the ids of request and trace, without secrets."""

import contextlib
import functools
import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from opentelemetry import trace

from app.core.context import request_id

SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key|credential", re.IGNORECASE)
# Three base64url parts with dots between them: a JSON web token (RFC 7519).
SECRET_TEXT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)|\$argon2\S+")
REDACTED = "[redacted]"
ENCODER = json.JSONEncoder(default=repr)


class _Lines(structlog.WriteLogger):
    """Writes lines. One that cannot be written, as nobody reads any more, harms no request."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: the file is closed
            super().msg(message)

    debug = info = warning = error = critical = exception = msg


@functools.lru_cache(1024)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def redact(value: Any) -> Any:
    """The value without what must not be written down, however deep it lies."""
    if isinstance(value, Mapping):
        return {key: REDACTED if _is_secret(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [redact(inner) for inner in value]
    if isinstance(value, str):
        return SECRET_TEXT.sub(REDACTED, value)
    return value


def _redact_event(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: REDACTED if _is_secret(key) else redact(value) for key, value in event.items()}


def _add_name(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if name := event.pop("name_of_logger", None):  # structlog has a parameter named `logger`
        event["logger"] = name
    return event


def _render(_: Any, __: str, event: structlog.typing.EventDict) -> str:
    return ENCODER.encode(event)


def _add_ids(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if current := request_id.get():
        event["request_id"] = current
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event


def configure_logging(level: str = "INFO") -> None:
    """Send the logs of this application and of every library to standard output, as JSON."""
    output = sys.stdout
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_ids,
    ]
    last: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _redact_event,
        _render,
    ]
    # Lines of this application do not take the way through the records of `logging`, which costs most of a line.
    structlog.configure(
        processors=[_add_name, *shared, *last],
        logger_factory=lambda *_: _Lines(output),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = name != "uvicorn.access"  # this application writes its own access log
    # The lines of httpx hold whole addresses; starlette-admin tells of each step of its set-up.
    for name in ("httpx", "starlette_admin"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose keywords become the fields of its lines."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name_of_logger=name)
    return logger
