"""Headers as ASGI has them: pairs of bytes, names in lower case."""

from starlette.types import Message, Scope


def header(scope: Scope, name: bytes) -> str:
    """The first header of that name, empty where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return ""


def set_headers(message: Message, headers: list[tuple[bytes, bytes]]) -> None:
    """Give the beginning of a response these headers, in place of those of the same names."""
    names = {name for name, _ in headers}
    message["headers"] = [pair for pair in message.get("headers", ()) if pair[0] not in names] + headers
