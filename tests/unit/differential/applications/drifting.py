"""Plain ASGI: what it answers depends, path by path, on the side that it runs on."""

import asyncio
import os
import sys

SIDE = os.environ.get("SIDE", "one")
OTHER = SIDE == "other"
trace: list[str] = []
state = {"count": 0}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    print("noise on standard output", flush=True)
    print(sys.stdin.read())
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text") or ""
            await send(
                {"type": "websocket.send", "text": text.upper() if OTHER and text == "drift" else text}
            )
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    status, headers, chunks = 200, [(b"x-a", b"1"), (b"x-a", b"2"), (b"x-b", b"3")], [b"body"]
    match scope["path"]:
        case "/echo":
            chunks = [repr((scope["method"], scope["query_string"], scope["headers"], body)).encode()]
        case "/status":
            status = 201 if OTHER else 200
        case "/header-value":
            headers[2] = (b"x-b", b"4" if OTHER else b"3")
        case "/header-order" if OTHER:
            headers.reverse()
        case "/header-duplicate" if OTHER:
            headers.append(headers[-1])
        case "/header-case" if OTHER:
            headers[2] = (b"X-B", b"3")
        case "/header-type" if OTHER:
            headers[2] = ("x-b", "3")
        case "/body":
            chunks = [b"\xff\x00" if OTHER else b"\xff\x01"]
        case "/chunks":
            chunks = [b"bo", b"dy"] if OTHER else [b"body"]
        case "/large":
            chunks = [b"x" * 3_000_000]
        case "/trace":
            trace.append(SIDE)
        case "/needle":
            wanted = dict(scope["headers"]).get(b"x-needle") == b"1" and b"a=1" in scope["query_string"]
            status = 500 if OTHER and wanted and b"!" in body else 200
        case "/exception-type":
            raise (KeyError if OTHER else ValueError)("text")
        case "/exception-text":
            raise ValueError(SIDE)
        case "/once":
            state["count"] += 1
            status = 201 if OTHER and state["count"] == 1 else 200
        case "/silent" if OTHER:
            await asyncio.sleep(60)
        case "/dead" if OTHER:
            os._exit(3)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})


EXAMPLES = ["GET /echo?from=example"]
