"""The chat: rooms across all workers."""

import contextlib
import json
import uuid
from collections.abc import AsyncIterator

from app.models import utc_now
from app.services.redis_service import Channels


class ChatService:
    """Says things in rooms and hears what is said there."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    async def say(self, room: str, sender: str, content: str) -> None:
        """Tell everyone in the room, the sender too."""
        message = {
            "type": "message",
            "id": str(uuid.uuid4()),
            "room": room,
            "sender": sender,
            "content": content,
            "sent_at": utc_now().isoformat(),
        }
        await self._channels.publish(f"chat:{room}", json.dumps(message))

    def hear(self, room: str) -> contextlib.AbstractAsyncContextManager[AsyncIterator[str]]:
        """What is said in the room from now on, as JSON."""
        return self._channels.subscribe(f"chat:{room}")
