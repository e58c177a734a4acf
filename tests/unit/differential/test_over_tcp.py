"""The differential runner over TCP finds what differs, and excuses only what it is told to."""

import sys
from pathlib import Path

import pytest

from fastapi import _rust
from tests.differential import examples, refusals
from tests.differential.answer import Answer
from tests.differential.comparison import Comparison
from tests.differential.request import Request
from tests.differential.side import Side

FOLDER = Path(__file__).parent / "applications"

needs_server = pytest.mark.skipif(_rust.PURE, reason="the native server lives in the extension")


@pytest.fixture(scope="module")
def comparison():
    limits = {"DIFFERENTIAL_REQUEST_SECONDS": "2", "DIFFERENTIAL_DOOR": "native"}
    sides = [Side(name, sys.executable, FOLDER, {"SIDE": name, **limits}) for name in ("reference", "other")]
    yield Comparison(*sides, over_tcp=True)
    for side in sides:
        side.stop()
        side.stderr.close()


@needs_server
@pytest.mark.parametrize(
    ("example", "aspect"),
    [
        ("GET /echo", None),
        ({"request": "POST /echo", "chunks": [b"a", b"b"]}, None),
        ({"request": "POST /echo", "body": b"a", "disconnect": True}, None),
        ("HEAD /echo", None),
        ("GET /status", "status"),
        ("GET /header-value", "headers"),
        ("GET /header-order", "headers"),
        ("GET /header-duplicate", "headers"),
        ("GET /header-type", "exception"),
        ("GET /body", "body"),
        ("GET /chunks", "chunks"),
        ("GET /trace", "trace"),
        ("GET /exception-type", "exception"),
        ("GET /silent", "timeout"),
        ("GET /dead", "crash"),
        ({"websocket": "/", "receive": ["same", b"\xff"]}, None),
        ({"websocket": "/", "receive": ["same", "drift"]}, "messages"),
        ({"raw": b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n" * 2}, None),
        ({"raw": b"GET /status HTTP/1.1\r\nHost: h\r\n\r\n"}, "messages"),
        ({"raw": b"GET /status HTTP/1.1\r\nHost: h\r\n\r\n", "meant": "reason"}, None),
    ],
)
def test_every_kind_of_difference_is_found_on_the_wire(comparison, example, aspect):
    for side in (comparison.reference, comparison.ours):
        if "drifting" not in side.loaded:
            side.load("drifting")
    expected, actual, found = comparison.ask("drifting", examples.read(example))
    assert found == aspect, (expected, actual)


def answer(status: int, body: bytes = b"", exception: object = None) -> Answer:
    messages = [
        {"type": "http.response.start", "status": status, "headers": []},
        {"type": "http.response.body", "body": body},
    ]
    return Answer.of({"messages": messages, "exception": exception})


HOST = (b"host", b"h")
GOOD = Request("GET", b"/", headers=(HOST,))
REFUSED = answer(400, refusals.REFUSED)


@pytest.mark.parametrize(
    ("request_", "reference", "ours", "excused"),
    [
        (GOOD, answer(200), answer(201), False),
        (GOOD, answer(200), REFUSED, False),
        (GOOD, REFUSED, answer(200), False),
        (Request("GET", b"/"), answer(200), REFUSED, True),
        (Request("HEAD", b"/"), answer(405), answer(400), True),
        (Request("HEAD", b"/", headers=(HOST,)), answer(405), answer(400), False),
        (Request("GET", b"/"), answer(405), answer(400), False),
        (Request("GET", b"/", headers=(HOST, HOST)), answer(200), REFUSED, True),
        (Request("GET", b"/", headers=((b"host", b"\xff"),)), answer(200), REFUSED, True),
        (Request("GET", b"*", headers=(HOST,)), answer(200), REFUSED, True),
        (Request("GET", b"/", headers=(HOST, (b"a", b"\x01"))), answer(200), REFUSED, True),
        (Request("FOO", b"/", headers=(HOST,)), REFUSED, answer(405), True),
        (Request("F O", b"/", headers=(HOST,)), REFUSED, answer(405), False),
        (GOOD, answer(100), answer(500), True),
        (GOOD, answer(200, exception=[{"type": "builtins.KeyError", "text": "999"}]), answer(999), True),
        (GOOD, answer(200, exception=[{"type": "builtins.KeyError", "text": "'a'"}]), answer(999), False),
        (GOOD, answer(200), answer(999), False),
    ],
)
def test_only_what_is_no_http_is_excused(request_, reference, ours, excused):
    assert bool(refusals.reason(request_, reference, ours)) is excused
