"""Send requests straight to ASGI applications: `python instructions_driver.py REQUESTS`, run by callgrind.

A call of getsid(2), which nothing else makes, tells callgrind to close one account and open the next. So start-up and
the first requests are not counted, and every account holds REQUESTS requests of one scenario.
"""

import asyncio
import gc
import importlib
import json
import os
import sys
from typing import Any

WARM = 12  # CPython 3.11 and newer specialise bytecode within about eight calls


class Request:
    """A request as ASGI tells it, ready to be sent many times."""

    def __init__(self, request: dict[str, Any]) -> None:
        path, _, query = request["path"].partition("?")
        self.body = {"type": "http.request", "body": request["body"].encode("latin-1"), "more_body": False}
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request["method"],
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (b"host", b"127.0.0.1"),
                *((k.lower().encode(), v.encode()) for k, v in request["headers"]),
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }

    async def send_to(self, app: Any) -> list[dict[str, Any]]:
        """Return the messages that the application sends."""
        messages: list[dict[str, Any]] = []
        told = False

        async def receive() -> dict[str, Any]:
            nonlocal told
            if told:
                return {"type": "http.disconnect"}
            told = True
            return self.body

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await app({**self.scope, "state": {}}, receive, send)
        return messages


async def nothing(scope: object, receive: object, send: object) -> None:
    """What the driver itself costs."""


async def account(app: Any, request: Request, count: int) -> list[dict[str, Any]]:
    for _ in range(WARM):
        messages = await request.send_to(app)
    gc.collect()
    os.getsid(0)
    for _ in range(count):
        await request.send_to(app)
    os.getsid(0)
    return messages


async def main(requests: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    # Collections would fall into one account or another.
    gc.disable()
    answers = []
    for request in requests:
        app = importlib.import_module(request["app"]).app if request["app"] else nothing
        messages = await account(app, Request(request), count)
        body = b"".join(message.get("body", b"") for message in messages)
        answers.append({"status": messages[0]["status"] if messages else 0, "body": body.decode("latin-1")})
    return answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin), int(sys.argv[1])))))
