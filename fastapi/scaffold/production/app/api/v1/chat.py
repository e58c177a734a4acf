"""The chat over a WebSocket: ``{"type": "message", "content": …}`` both ways."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from app.dependencies.auth import authenticate
from app.exceptions.custom_exceptions import AppError, Unauthenticated
from app.schemas.advanced import ChatMessage
from app.services.resources import Resources
from app.utils.client import client_address

MAX_CHARACTERS = 16_384
POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class Guest:
    """Someone in a room; who they are counts anew with everything they say, as tokens can be taken back."""

    def __init__(self, websocket: WebSocket, resources: Resources, room: str) -> None:
        self.websocket = websocket
        self.resources = resources
        self.room = room
        self.token: str | None = None

    async def take(self, text: str) -> None:
        """Do what a frame asks for; tell what is wrong with it otherwise.

        Raises:
            Unauthenticated: they must say who they are first, and are not.
        """
        if len(text) > MAX_CHARACTERS:
            await self.complain("The message is too large.")
            return
        try:
            message = ChatMessage.model_validate_json(text)
        except ValidationError:
            await self.complain('A message is {"type": "message" or "auth", "content": text}.')
            return
        if message.type == "auth":
            principal = await authenticate(self.resources, message.content)
            self.token = message.content
            await self.tell({"type": "auth", "content": principal.user.username})
            return
        sender = "guest"
        if self.token is not None:
            sender = (await authenticate(self.resources, self.token)).user.username
        elif self.resources.settings.chat_needs_login:
            raise Unauthenticated
        try:
            proxies = self.resources.settings.proxies
            await self.resources.limiter.hit("chat", client_address(self.websocket.scope, proxies))
        except AppError as error:
            await self.complain(str(error.detail))
            return
        await self.resources.chat.say(self.room, sender, message.content)

    async def complain(self, reason: str) -> None:
        """Tell what is wrong."""
        await self.tell({"type": "error", "content": reason})

    async def tell(self, message: dict[str, str]) -> None:
        """Tell only them."""
        await self.websocket.send_text(json.dumps(message))


def _is_welcome(websocket: WebSocket, origins: list[str]) -> bool:
    """Whether the page that connects is one of ours: browsers ask nobody before they open a WebSocket elsewhere."""
    origin = websocket.headers.get("origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    return origin.partition("://")[2] == websocket.headers.get("host")


async def _forward(messages: AsyncIterator[str], websocket: WebSocket) -> None:
    async for message in messages:
        await websocket.send_text(message)


async def talk(websocket: WebSocket, resources: Resources, room: str) -> None:
    """Let whoever connects hear the room and talk in it, until they leave."""
    if not _is_welcome(websocket, resources.settings.cors_origins):
        await websocket.close(POLICY_VIOLATION)
        return
    async with resources.chat.hear(room) as messages:
        await websocket.accept()
        guest = Guest(websocket, resources, room)
        forwarding = asyncio.create_task(_forward(messages, websocket))
        try:
            while True:
                await guest.take(await websocket.receive_text())
        except (WebSocketDisconnect, KeyError):  # KeyError: a frame of bytes
            pass
        except AppError as error:
            await guest.complain(str(error.detail))
            await websocket.close(POLICY_VIOLATION)
        finally:
            forwarding.cancel()
            await asyncio.wait([forwarding])
