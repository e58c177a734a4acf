"""Autobahn's cases for WebSocket servers: see ``autobahn.py`` for what they are and which are shortened."""

import random
import zlib

import pytest

from .autobahn import CASES, Case, Frames
from .conftest import Client, Serve
from .test_websockets import BINARY, CLOSE, TEXT, close, echo, frame, handshake

COMPRESSED = 0x40
SIZES = (16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072)
MESSAGES = 10
"""How many messages of a size are sent; Autobahn sends a thousand."""


def opened(serve: Serve, *fields: str) -> tuple[Client, str]:
    """A connection to an echo server after its handshake, and the head of the answer."""
    client = serve(echo, ws_max_size=1 << 24, ws_ping_interval=None).connect()
    client.send(handshake("/", *fields))
    return client, client.until(b"\r\n\r\n").decode()


def until_closed(client: Client) -> Frames:
    """The frames that come until the server closes."""
    frames = []
    while client.buffer or client.socket.recv(1, 2):  # MSG_PEEK
        frames.append(client.frame())
    return tuple(frames)


@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
def test_a_case_ends_as_autobahn_has_it(serve: Serve, case: Case) -> None:
    client, _ = opened(serve)
    with client:
        wire = b"".join(case.sent)
        step = case.octets or len(wire)
        answers = []
        for at in range(0, len(wire), step):
            client.send(wire[at : at + step])
        if case.fails is None and case.closes is None:
            answers = [client.frame() for _ in case.answers]
            client.send(frame(CLOSE, close(1000)))
        *rest, last = until_closed(client)
        answers += rest
        if case.fails is not None:
            assert (last[0], last[1][:2]) == (CLOSE, close(case.fails))
            assert answers == list(case.answers)[: len(answers)]
        else:
            code = case.closes or 1000
            assert last == (CLOSE, b"" if code == 1005 else close(code))
            assert answers == list(case.answers)


class Deflated:
    """The client's end of permessage-deflate as the server's answer has it (RFC 7692 §7)."""

    def __init__(self, client: Client, answer: str) -> None:
        self.client = client
        line = next(line for line in answer.split("\r\n") if line.startswith("Sec-WebSocket-Extensions: "))
        name, *options = line.partition(": ")[2].split("; ")
        assert name == "permessage-deflate"
        self.options = dict(option.partition("=")[::2] for option in options)
        self.window = -int(self.options.get("server_max_window_bits", 15))
        self.compress = zlib.compressobj(wbits=-15)
        self.decompress = zlib.decompressobj(self.window)

    def send(self, first: int, payload: bytes) -> None:
        if "client_no_context_takeover" in self.options:
            self.compress = zlib.compressobj(wbits=-15)
        data = self.compress.compress(payload) + self.compress.flush(zlib.Z_SYNC_FLUSH)
        self.client.send(frame(first | COMPRESSED, data.removesuffix(b"\x00\x00\xff\xff")))

    def receive(self) -> tuple[int, bytes]:
        if "server_no_context_takeover" in self.options:
            self.decompress = zlib.decompressobj(self.window)
        first, data = self.client.frame()
        if not first & COMPRESSED:
            return first, data
        return first & ~COMPRESSED, self.decompress.decompress(data + b"\x00\x00\xff\xff")


def payloads(kind: str, size: int) -> bytes:
    """``size`` octets of a kind that compresses well, less well, or not at all."""
    chance = random.Random(size)
    if kind == "random":
        return chance.randbytes(size)
    words = [
        f'{{"id": {chance.randrange(1000)}, "name": "café {chance.random()}"}}' for _ in range(size // 16)
    ]
    text = ",".join(words) if kind == "json" else "<p>lorem ipsum dolor sit amet</p>" * (size // 16)
    return text.encode()[:size].decode(errors="ignore").ljust(size)[:size].encode()[:size]


@pytest.mark.parametrize("kind", ["json", "html", "random"])
@pytest.mark.parametrize(
    ("section", "offer", "agreed"),
    [
        ("12", "permessage-deflate", set()),
        ("13.1", "permessage-deflate; client_max_window_bits", set()),
        ("13.2", "permessage-deflate; server_no_context_takeover", {"server_no_context_takeover"}),
        ("13.3", "permessage-deflate; server_max_window_bits=9", {"server_max_window_bits"}),
        ("13.4", "permessage-deflate; server_max_window_bits=15", set()),
        (
            "13.5",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
            {"server_no_context_takeover", "server_max_window_bits"},
        ),
        (
            "13.6",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
            {"server_no_context_takeover"},
        ),
        (
            "13.7",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, "
            "permessage-deflate; server_no_context_takeover, permessage-deflate",
            {"server_no_context_takeover", "server_max_window_bits"},
        ),
    ],
)
def test_compressed_messages_come_back(
    serve: Serve, section: str, offer: str, agreed: set[str], kind: str
) -> None:
    client, answer = opened(serve, f"Sec-WebSocket-Extensions: {offer}")
    with client:
        deflated = Deflated(client, answer)
        assert set(deflated.options) == agreed, section
        first = BINARY if kind == "random" else TEXT
        for size in SIZES:
            payload = payloads(kind, size)
            for _ in range(MESSAGES):
                deflated.send(first, payload)
                assert deflated.receive() == (first, payload)
