"""Logs: JSON, with ids, without secrets."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider

from app.core.context import request_id
from app.core.logger import REDACTED, configure_logging, get_logger, redact


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leaves the logs as they were: the output of these tests is closed after them."""
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**config)


@pytest.mark.parametrize(
    ("value", "redacted"),
    [
        (
            {"password": "x", "new_password": "y", "name": "z"},
            {"password": REDACTED, "new_password": REDACTED, "name": "z"},
        ),
        ({"a": [{"Authorization": "Bearer x"}]}, {"a": [{"Authorization": REDACTED}]}),
        ("token eyJhbGciOi.eyJzdWI.c2ln in text", f"token {REDACTED} in text"),
        ("postgresql://app:hush@db/x", f"postgresql://{REDACTED}@db/x"),
        ("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", REDACTED),
        (7, 7),
    ],
)
def test_secrets_are_taken_out_however_deep(value: object, redacted: object) -> None:
    assert redact(value) == redacted


def test_a_line_is_json_with_the_ids_of_request_and_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    token = request_id.set("the-request")
    try:
        with TracerProvider().get_tracer("t").start_as_current_span("s"):
            get_logger("app.test").info("happened", secret_thing="hush", count=3)
            try:
                raise ValueError("mysql://u:hush@h")
            except ValueError:
                logging.getLogger("library").exception("old %s", "style", extra={"api_key": "hush"})
    finally:
        request_id.reset(token)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["event"], first["count"], first["level"]) == ("happened", 3, "info")
    assert first["request_id"] == second["request_id"] == "the-request"
    assert len(first["trace_id"]) == 32
    assert second["event"] == "old style"
    assert "ValueError" in second["exception"]
    assert "hush" not in json.dumps([first, second])


@pytest.mark.parametrize(("level", "heard"), [("DEBUG", ["warning"]), ("ERROR", [])])
def test_libraries_that_talk_much_are_heard_from_warnings_on(
    capsys: pytest.CaptureFixture[str], level: str, heard: list[str]
) -> None:
    configure_logging(level)
    for name in ("httpx", "starlette_admin.base"):
        logging.getLogger(name).info("a step")
    logging.getLogger("starlette_admin.base").warning("a fault")
    assert [json.loads(line)["level"] for line in capsys.readouterr().out.splitlines()] == heard


def test_a_line_that_cannot_be_written_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", closed)
        configure_logging()
    get_logger("app.test").error("nobody hears")
