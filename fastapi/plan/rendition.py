"""What a response class makes of content, where nothing of its own takes part.

Such a class is one of Starlette's own, or differs from one by its ``media_type`` or its ``render`` only. The extension
writes its headers, and its body where it does not render that itself, without calling it; slow twin: the class.
"""

from typing import Any, Final, Literal, NamedTuple

from starlette import responses
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from fastapi._shipped import Shipped
from fastapi.plan.stock import Part

_STOCK: Final = (JSONResponse, HTMLResponse, PlainTextResponse, Response, object)

_INERT: Final = frozenset(
    "__annotations__ __dict__ __doc__ __firstlineno__ __module__ __static_attributes__ __weakref__ media_type".split()
)
"""What a class may define without taking part in anything else."""

_MAKING: Final = ("__init__", "render", "init_headers")
_SENDING: Final = "__call__"


class Rendition(NamedTuple):
    """What the extension needs to know of a response class.

    Args:
        cls: the class.
        body: whether it encodes text, writes JSON, or renders the body itself.
        content_type: the header; ``None`` if it has none.
        parts: what must be as it is for this to hold.
    """

    cls: type[Response]
    body: Literal["text", "json", "its own"]
    content_type: bytes | None
    parts: list[Part]


def rendition(cls: type[Response]) -> Rendition | None:
    """Return what is known of a response class; ``None`` if only the class itself knows what it makes."""
    own = own_names(cls)
    if type(cls) is not type or not {"render"}.issuperset(own):
        return None
    shipped = Shipped(
        [(cls, name, responses) for name in (*_MAKING, _SENDING) if name not in own],
        [(cls, "charset"), (cls, "media_type")],
        lambda charset, media_type: charset == "utf-8" and type(media_type) in (str, type(None)),
    )
    parts = shipped.parts()
    if parts is None:
        return None
    headers = _headers(cls)
    if headers is None:
        return None
    body: Literal["text", "json"] = "text" if cls.render is Response.render else "json"
    return Rendition(cls, "its own" if own else body, headers[0][1] if headers else None, parts)


def own_names(cls: type[Response]) -> list[str]:
    """Return what a class defines that may take part in making a response."""
    return [
        name
        for each in cls.__mro__
        if each not in _STOCK
        for name in vars(each)
        if name not in _INERT and each.__module__ != "typing"
    ]


def reason(cls: type[Response]) -> str:
    """Return what a class does by itself, in words."""
    own = own_names(cls)
    if set(own) == {"render"}:
        return f"{cls.__name__} renders the body in Python, unless the endpoint returns a response"
    named = [name for name in _MAKING if name in own] or own[:1]
    has = f" has its own {' and '.join(named)}, and" if named else ""
    return f"{cls.__name__}{has} makes the response in Python, unless the endpoint returns one"


def _headers(cls: type[Response]) -> list[tuple[bytes, bytes]] | None:
    """The headers that an object of a class has without a body."""
    response = cls.__new__(cls)
    response.status_code = 200
    try:
        response.init_headers()
    except ValueError:  # no such header can be sent
        return None
    headers: list[Any] = response.raw_headers
    is_plain = all(
        name == b"content-type" and value.isascii() and value.decode().isprintable()
        for name, value in headers
    )
    return headers if is_plain and len(headers) < 2 else None
