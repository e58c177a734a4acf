"""What a connection sees byte by byte, whatever the application: sent as it stands, and only over TCP."""

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

app = FastAPI()
trace: list[str] = []


@app.api_route("/", methods=["GET", "HEAD"])
async def root(request: Request):
    return [request.scope["http_version"], request.headers.items(), str(request.url)]


@app.post("/body")
async def body(request: Request):
    chunks = [chunk async for chunk in request.stream() if chunk]
    trace.append(f"read {sum(map(len, chunks))}")
    return b"".join(chunks).decode("latin-1")


@app.post("/early")
async def early():
    return "unread"


@app.get("/stream")
async def stream():
    return StreamingResponse(iter(["a", "", "bc"]))


@app.get("/close")
async def close():
    return PlainTextResponse("bye", headers={"connection": "close"})


@app.get("/short")
async def short():
    return PlainTextResponse("ab", headers={"content-length": "3"})


@app.get("/raise")
async def fail():
    raise ValueError("of the application")


NEXT = b"GET /?next HTTP/1.1\r\nHost: h\r\n\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


def get(path: bytes = b"/", *fields: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    lines = [b"%s %s HTTP/%s" % (method, path, version), b"Host: h", *fields, b"", b""]
    return b"\r\n".join(lines)


def post(body: bytes, *fields: bytes, path: bytes = b"/body") -> bytes:
    return get(path, b"Content-Length: %d" % len(body), *fields, method=b"POST") + body


ALIKE = (
    get(),
    get(b"/?a=%20b"),
    get(b"/", b"X-Case: KePt", b"x-twice: 1", b"X-Twice: 2", b"x-empty:", b"x-spaces:   a"),
    get(b"/missing"),
    get(method=b"HEAD") + NEXT,
    get(b"/missing", method=b"HEAD") + NEXT,
    get(b"/stream", method=b"HEAD") + NEXT,
    get(method=b"DELETE") + NEXT,
    get() + get() + NEXT,
    get(b"/stream") + NEXT,
    get(b"/close") + NEXT,
    get(b"/short") + NEXT,
    get(b"/", b"Connection: close") + NEXT,
    get(b"/", b"Connection: keep-alive") + NEXT,
    get(b"/", b"Connection: x-own") + NEXT,
    get(version=b"1.0"),
    get(version=b"1.0") + NEXT,
    b"GET / HTTP/1.0\r\n\r\n",
    get(b"http://other:81/?absolute"),
    get(b"/", b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABk"),
    get(b"/", b"Upgrade: websocket") + NEXT,
    post(b"abc") + NEXT,
    post(b"") + NEXT,
    get(b"/body", method=b"POST") + NEXT,
    post(b"abc", path=b"/early") + NEXT,
    post(b"abc", path=b"/missing") + NEXT,
    post(b"abc", b"Expect: 100-continue") + NEXT,
    post(b"abc", b"Expect: 100-continue", path=b"/early") + NEXT,
    get(b"/", b"Content-Length: 3") + b"abc" + NEXT,
    CHUNKED + b"3\r\nabc\r\n0\r\n\r\n" + NEXT,
    CHUNKED + b"0\r\n\r\n" + NEXT,
    CHUNKED + b"2\r\nab\r\n1\r\nc\r\n000\r\n\r\n" + NEXT,
    CHUNKED + b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n" + NEXT,
    CHUNKED + b"3;name=value\r\nabc\r\n0\r\n\r\n" + NEXT,
    CHUNKED + b"3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n" + NEXT,
    b"\r\n" + get(),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 32 + b"\r\n\r\n",
    b"GET\r\n\r\n",
    get(b"/", b"no colon"),
    get(b"/", b"spaced : x"),
    get(b"/", b"Content-Length: x"),
    get(b"/", b"Content-Length: 1", b"Content-Length: 2"),
    get(b"/", b"x-nul: a\0b"),
)
MEANT = {
    get(b"/raise") + NEXT: "uvicorn closes the connection of a request that raised, without a word",
    get(b"/", b"x-spaces:   a  "): "uvicorn takes the spaces after a value for a part of it",
    get(b"/", b"Connection: Close") + NEXT: "uvicorn does not know an option in upper case",
    get(b"/", b"Connection: keep-alive, close") + NEXT: "uvicorn does not know a list of options",
    get(b"/", b"Connection: keep-alive", version=b"1.0") + NEXT: "uvicorn closes what HTTP/1.0 would keep",
    get(b"/stream", version=b"1.0"): "uvicorn sends chunks to HTTP/1.0",
    get(b"/", b"Upgrade: h2c", b"Connection: Upgrade")
    + NEXT: "uvicorn drops what follows an offer to upgrade",
    b"GET / HTTP/3.7\r\n\r\n": "uvicorn answers an unknown version with 400, not 505",
    CHUNKED + b"x\r\nabc\r\n": "uvicorn calls the application before it sees that the chunks are broken",
    CHUNKED
    + b"3\r\nabcd\r\n0\r\n\r\n": "uvicorn calls the application before it sees that a chunk is too long",
}
EXAMPLES = [{"raw": raw} for raw in ALIKE] + [{"raw": raw, "meant": reason} for raw, reason in MEANT.items()]
