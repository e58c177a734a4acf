"""Make a request that shows a difference smaller, as long as it still shows it."""

import dataclasses
from collections.abc import Callable, Iterator

from .request import Request

ATTEMPTS = 200


def reduce(request: Request, differs: Callable[[Request], bool]) -> Request:
    """Return the smallest request found, within ``ATTEMPTS`` trials, for which ``differs`` holds."""
    left = ATTEMPTS
    improved = True
    while improved and left > 0:
        improved = False
        for candidate in _smaller(request):
            left -= 1
            if differs(candidate):
                request, improved = candidate, True
                break
            if left <= 0:
                break
    return request


def _smaller(request: Request) -> Iterator[Request]:
    change = dataclasses.replace
    if request.root_path:
        yield change(request, root_path="")
    if request.disconnect:
        yield change(request, disconnect=False)
    if len(request.chunks) > 1:
        yield change(request, chunks=(request.body,))
    for index in range(len(request.headers)):
        yield change(request, headers=_without(request.headers, index))
    if request.query:
        yield change(request, query=b"")
        parts = request.query.split(b"&")
        if len(parts) > 1:
            for index in range(len(parts)):
                yield change(request, query=b"&".join(_without(parts, index)))
    for index in range(len(request.receive or ())):
        yield change(request, receive=tuple(_without(request.receive, index)))
    if request.body:
        body = request.body
        yield change(request, chunks=(b"",))
        size = len(body) // 2
        while size >= 1 and size > len(body) // 16:
            for start in range(0, len(body), size):
                yield change(request, chunks=(body[:start] + body[start + size :],))
            size //= 2
    for index, (name, value) in enumerate(request.headers):
        if len(value) > 1:
            shorter = (name, value[: len(value) // 2])
            yield change(request, headers=(*request.headers[:index], shorter, *request.headers[index + 1 :]))


def _without(items, index):
    return items[:index] + items[index + 1 :]
