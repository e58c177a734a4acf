"""The log, line by line as uvicorn writes it."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fastapi.server import Config, ConfigError
from fastapi.server.logging import AccessFormatter, DefaultFormatter, access_logger, configure

NAMES = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def record(level: int, message: str, *args: Any, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("uvicorn.access", level, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


RECORDS = [
    record(5, "traced"),
    record(logging.INFO, "plain"),
    record(logging.WARNING, "with %d", 2, color_message="in colour %d"),
    record(logging.CRITICAL, "the end"),
    record(17, "no level of its own"),
]
REQUESTS = [
    record(logging.INFO, '%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", "/a?b=c", "1.1", status)
    for status in (101, 200, 302, 404, 503, 599, 999)
]


@pytest.mark.parametrize("colours", [True, False, None])
def test_lines_are_those_of_uvicorn(colours: bool | None) -> None:
    theirs = pytest.importorskip("uvicorn.logging")
    plain, access = "%(levelprefix)s %(message)s", '%(client_addr)s - "%(request_line)s" %(status_code)s'
    logging.addLevelName(5, "TRACE")
    for each in RECORDS:
        expected = theirs.DefaultFormatter(plain, use_colors=colours).format(each)
        assert DefaultFormatter(plain, use_colors=colours).format(each) == expected
    for each in REQUESTS[: -1 if colours else None]:
        expected = theirs.AccessFormatter(access, use_colors=colours).format(each)
        assert AccessFormatter(access, use_colors=colours).format(each) == expected


def test_errors_go_to_stderr_and_requests_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Config(app="", use_colors=False))
    logging.getLogger("uvicorn.error").info("hello")
    access = access_logger(Config(app=""))
    assert access is not None
    access.info('%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", "/", "1.1", 200)
    captured = capsys.readouterr()
    assert captured.err == "INFO:     hello\n"
    assert captured.out == 'INFO:     1.2.3.4:5 - "GET / HTTP/1.1" 200 OK\n'


@pytest.mark.parametrize("settings", [{"access_log": False}, {"log_level": "error"}])
def test_requests_are_not_logged_where_nobody_reads(settings: dict[str, Any]) -> None:
    config = Config(app="", **settings)
    configure(config)
    assert access_logger(config) is None


@pytest.mark.parametrize(("level", "number"), [("trace", 5), ("debug", 10), (33, 33)])
def test_a_level_holds_for_all_logs(level: str | int, number: int) -> None:
    configure(Config(app="", log_level=level))
    assert [logging.getLogger(name).level for name in NAMES[1:]] == [number] * 3


DICTIONARY = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"uvicorn.error": {"level": "CRITICAL"}},
}
INI = """
[loggers]
keys=root,error
[handlers]
keys=
[formatters]
keys=
[logger_root]
level=WARNING
handlers=
[logger_error]
level=CRITICAL
qualname=uvicorn.error
handlers=
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("log.json", json.dumps(DICTIONARY)), ("log.yaml", json.dumps(DICTIONARY)), ("log.ini", INI)],
)
def test_a_file_configures_the_log(name: str, text: str, tmp_path: Path) -> None:
    if name.endswith("yaml"):
        pytest.importorskip("yaml")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    (tmp_path / name).write_text(text)
    try:
        configure(Config(app="", log_config=str(tmp_path / name)))
    finally:
        root.handlers = handlers
        root.setLevel(level)
    assert logging.getLogger("uvicorn.error").level == logging.CRITICAL


def test_a_dictionary_configures_the_log() -> None:
    configure(Config(app="", log_config=DICTIONARY))
    assert logging.getLogger("uvicorn.error").level == logging.CRITICAL


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "log.json"
    file.write_text("{")
    with pytest.raises(ConfigError, match=f"--log-config {file}: .* Mend the file."):
        configure(Config(app="", log_config=str(file)))
    file = tmp_path / "log.yaml"
    file.touch()
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ConfigError, match="pip install pyyaml"):
        configure(Config(app="", log_config=str(file)))
