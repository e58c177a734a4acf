"""WebSocket objects whose texts and bytes go straight to the connection of the native server.

The object is Starlette's. Four of its methods are covered by attributes of its own, which go past ASGI's messages
while the WebSocket is open. Slow twins: the methods, which are called in every other case.
"""

from collections.abc import Callable
from functools import wraps
from types import MethodType
from typing import Any, Final

from starlette import websockets
from starlette.types import Message, Receive, Send
from starlette.websockets import WebSocket, WebSocketState

from fastapi._rust import StockWebSocket
from fastapi.plan.native import channel_of, gives

_CONVERSATION: Final = "_fastapi_conversation"
_METHODS: Final = {
    name: getattr(WebSocket, name)
    for name in (
        "_raise_on_disconnect",
        "receive",
        "receive_bytes",
        "receive_text",
        "send",
        "send_bytes",
        "send_text",
    )
}
# Methods that have been replaced before they could be looked at are not known.
_KNOWN: Final = (
    StockWebSocket([(WebSocket, *method) for method in _METHODS.items()], WebSocket, WebSocketState.CONNECTED)
    if all(getattr(method, "__globals__", None) is vars(websockets) for method in _METHODS.values())
    else None
)


@wraps(_METHODS["receive_text"])
async def _receive_text(self: WebSocket) -> Any:
    conversation = self._fastapi_conversation  # type: ignore[attr-defined]
    taken = conversation.take_text(self)
    if taken is None:
        return await WebSocket.receive_text(self)
    while taken.__class__ is not str:
        await taken
        if (taken := conversation.next_text()) is None:
            return (await _receive(self, conversation.receive))["text"]
    return taken


@wraps(_METHODS["receive_bytes"])
async def _receive_bytes(self: WebSocket) -> Any:
    conversation = self._fastapi_conversation  # type: ignore[attr-defined]
    taken = conversation.take_bytes(self)
    if taken is None:
        return await WebSocket.receive_bytes(self)
    while taken.__class__ is not bytes:
        await taken
        if (taken := conversation.next_bytes()) is None:
            return (await _receive(self, conversation.receive))["bytes"]
    return taken


async def _receive(websocket: WebSocket, receive: Receive) -> Message:
    """What is left of the twins once they have begun to wait: they look at no state any more."""
    message = await receive()
    if message["type"] == "websocket.disconnect":
        websocket.client_state = WebSocketState.DISCONNECTED
    websocket._raise_on_disconnect(message)
    return message


@wraps(_METHODS["send_text"])
async def _send_text(self: WebSocket, data: str) -> None:
    if not self._fastapi_conversation.put_text(self, data):  # type: ignore[attr-defined]
        await WebSocket.send_text(self, data)


@wraps(_METHODS["send_bytes"])
async def _send_bytes(self: WebSocket, data: bytes) -> None:
    if not self._fastapi_conversation.put_bytes(self, data):  # type: ignore[attr-defined]
        await WebSocket.send_bytes(self, data)


_COVERS: Final[dict[str, Callable[..., Any]]] = {
    "receive_bytes": _receive_bytes,
    "receive_text": _receive_text,
    "send_bytes": _send_bytes,
    "send_text": _send_text,
}


def cover(websocket: WebSocket, receive: Receive, send: Send) -> bool:
    """Let a WebSocket go past ASGI, if its ``receive`` and ``send`` are the native server's own; return whether."""
    channel = channel_of(send)
    if channel is None or _KNOWN is None or not gives(receive, channel):
        return False
    conversation = _KNOWN.converse(channel, websocket)
    if conversation is None:
        return False
    attributes = vars(websocket)
    attributes[_CONVERSATION] = conversation
    for name, function in _COVERS.items():
        attributes[name] = MethodType(function, websocket)
    return True


def uncover(websocket: WebSocket) -> None:
    """Give it its methods back, which leaves no cycle for the garbage collector."""
    attributes = vars(websocket)
    for name, function in _COVERS.items():
        if getattr(attributes.get(name), "__func__", None) is function:
            del attributes[name]
