"""The native server's end of what an application is given as ``receive`` and ``send``."""

from types import CodeType, FunctionType
from typing import Any, Final

from starlette import _exception_handler
from starlette.middleware import errors

_EXTENSION: Final = "fastapi._fastapi_rust"
_NATIVE: Final = "<fastapi server>"
"""The file that ``receive`` and ``send`` of the native server say they come from."""


def _code(function: Any, *names: str) -> CodeType | None:
    """The code of a function that another one defines inside."""
    code = function.__code__
    for name in names:
        inner = (part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)
        code = next(inner, None)
        if code is None:
            return None
    return code if "send" in code.co_freevars else None


_PASSING: Final = (
    _code(_exception_handler.wrap_app_handling_exceptions, "wrapped_app", "sender"),
    _code(errors.ServerErrorMiddleware.__call__, "_send"),
)
"""What ``send`` is inside middleware that looks at messages and passes them on as they are."""


def channel_of(send: Any) -> Any | None:
    """The native server's end of a ``send``, if nothing stands in between that would miss a message."""
    if sends_whole(send):
        send = send.send
    while type(send) is FunctionType:
        code = send.__code__
        if code.co_filename == _NATIVE:
            return _enclosed(send, "push").__self__
        if not any(code is known for known in _PASSING):
            return None
        send = _enclosed(send, "send")
    return None


def sends_whole(send: Any) -> bool:
    """Whether a ``send`` has ``push_whole``, which may take a whole response."""
    return type(send).__name__ == "_Sender" and type(send).__module__ == _EXTENSION


def gives(receive: Any, channel: Any) -> bool:
    """Whether a ``receive`` is the native server's, of the same request."""
    if type(receive) is not FunctionType or receive.__code__.co_filename != _NATIVE:
        return False
    return _enclosed(receive, "pull").__self__ is channel


def _enclosed(function: FunctionType, name: str) -> Any:
    assert function.__closure__ is not None
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents
