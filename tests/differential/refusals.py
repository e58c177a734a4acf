"""Where the native server means to differ from uvicorn, mostly because one of them refuses what is no HTTP."""

import re
from typing import Any, Final

from .answer import Answer
from .request import Request

REFUSED: Final = b"Invalid HTTP request received."
METHODS: Final = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY".split())
"""Methods that llhttp, the parser of uvicorn, knows; in the native server any token is a method."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def reason(request: Request, reference: Answer, ours: Answer) -> str | None:
    """Why two answers that differ are both right, or ``None``."""
    if request.meant:
        return request.meant
    if _is_refusal(request, ours):
        return _malformed(request)
    if _is_refusal(request, reference) and not request.is_websocket and request.method not in METHODS:
        return "the method is unknown to uvicorn" if _TOKEN.fullmatch(request.method) else None
    if any(_is_unknown_status(error) for error in reference.aspects["exception"] or ()):
        return "uvicorn knows the statuses from 100 to 599, the native server those from 200 to 999"
    if any(status < 200 for status in reference.aspects["status"]) and not request.is_websocket:
        return "an informational status is no response"
    if any(_contradicts_itself(fields) for fields in reference.aspects["headers"]):
        return "a response has one Content-Length (RFC 9110 §8.6)"
    return None


def _is_refusal(request: Request, answer: Answer) -> bool:
    body = answer.aspects["body"]
    # An answer to HEAD is read without its body.
    return body == REFUSED or (request.method == "HEAD" and not body and answer.aspects["status"] == [400])


def _is_unknown_status(error: Any) -> bool:
    return isinstance(error, dict) and error["type"] == "builtins.KeyError" and error["text"].isdecimal()


def _contradicts_itself(fields: Any) -> bool:
    """Whether a response tells two lengths, of which each client believes another."""
    return len({value for name, value in fields if name == b"content-length"}) > 1


def _malformed(request: Request) -> str | None:
    """What RFC 9112 has against a request that uvicorn takes."""
    hosts = [value for name, value in request.headers if name == b"host"]
    if len(hosts) != 1:
        return "a request has one Host (§3.2)"
    if not re.fullmatch(rb"[\x21-\x7e]*", hosts[0]):
        return "a Host is made of URI characters (§3.2)"
    if not request.path.startswith(b"/"):
        return "a target starts with a slash (§3.2)"
    if any(_CONTROL.search(value) for _, value in request.headers):
        return "a field has no control characters (RFC 9110 §5.5)"
    return None
