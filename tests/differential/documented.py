"""Requests that schemathesis makes from an application's OpenAPI document, turned into our own form."""

import re
import warnings
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis.openapi
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from . import multipart
from .examples import HOST
from .request import Request

_BASE = "http://testserver"
_PASSED_ON = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
# Random or about the client program, not about the case.
_LEFT_OUT = {"X-Schemathesis-TestCaseId", "User-Agent", "Content-Length", "Connection"}
_BOUNDARY = re.compile(rb"boundary=([0-9a-f]{32})")


def cases(document: dict[str, Any]) -> st.SearchStrategy[Request | None]:
    """Return a strategy of positive and negative cases; ``None`` where a case cannot be put on the wire."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(document)
        operations = [result.ok() for result in schema.get_all_operations() if hasattr(result, "ok")]
    strategies = [
        operation.as_strategy(generation_mode=mode) for operation in operations for mode in GenerationMode
    ]
    return _drawn(strategies) if strategies else st.none()


@st.composite
def _drawn(draw: st.DrawFn, strategies: list[st.SearchStrategy[Any]]) -> Request | None:
    try:
        return _request(draw(strategies[draw(st.integers(0, len(strategies) - 1))]))
    except Unsatisfiable:
        # No value fits such a schema.
        return None


def _request(case: Any) -> Request | None:
    arguments = case.as_transport_kwargs(base_url=_BASE)
    try:
        prepared = requests.Request(
            **{name: value for name, value in arguments.items() if name in _PASSED_ON}
        ).prepare()
    except (requests.RequestException, ValueError, TypeError):
        return None
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.encode() if isinstance(body, str) else body
    headers = [HOST]
    for name, value in prepared.headers.items():
        if name not in _LEFT_OUT:
            content = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
            headers.append((name.lower().encode() if isinstance(name, str) else name.lower(), content))
    random = next((match[1] for _, value in headers if (match := _BOUNDARY.search(value))), None)
    if random is not None:
        body = body.replace(random, multipart.BOUNDARY)
        headers = [(name, value.replace(random, multipart.BOUNDARY)) for name, value in headers]
    return Request(
        method=prepared.method,
        path=(url.path or "/").encode("ascii", "replace"),
        query=url.query.encode(),
        headers=tuple(headers),
        chunks=(body,),
    )
