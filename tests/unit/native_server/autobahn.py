"""The cases of Autobahn's WebSocket test suite against an echo server, by their numbers, as data.

What each case sends and what must come of it is Autobahn's: https://github.com/crossbario/autobahn-testsuite. The suite
itself runs on Python 2 alone. Left out: 9.3 to 9.6 in their larger half (the same messages cut otherwise), and the
thousandfold repetition in 9.7, 9.8, 12 and 13. UTF-8 vectors are those of Markus Kuhn's stress test, as in 6.5 to 6.23.
"""

import dataclasses
from collections.abc import Iterator

from .test_websockets import BINARY, CLOSE, PING, PONG, TEXT, close, frame

CONTINUED, LAST = 0x00, 0x80
PROTOCOL, NOT_UTF8 = 1002, 1007
HELLO = b"Hello, world!"
KOSME = "κόσμε".encode()
Frames = tuple[tuple[int, bytes], ...]


@dataclasses.dataclass(frozen=True)
class Case:
    """What is sent, and the frames that come back.

    With ``fails``, the server ends the connection with this code, and may do so before it has sent all of
    ``answers`` (Autobahn calls that NON-STRICT). Otherwise it answers a close, which is sent last unless
    ``closes`` says that the case has sent its own.
    """

    number: str
    sent: tuple[bytes, ...]
    answers: Frames = ()
    fails: int | None = None
    closes: int | None = None
    octets: int | None = None
    """How many octets are written at a time; ``None``: all at once."""


def fragments(payload: bytes, size: int, first: int = TEXT) -> tuple[bytes, ...]:
    """A message in fragments of ``size`` octets."""
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    opcode = first & 0x0F
    return tuple(
        frame((LAST if index == len(pieces) - 1 else 0) | (0 if index else opcode), piece)
        for index, piece in enumerate(pieces)
    )


def framing() -> Iterator[Case]:
    """1: messages of every length form."""
    for section, first, letter in (("1.1", TEXT, b"*"), ("1.2", BINARY, b"\xfe")):
        for index, length in enumerate((0, 125, 126, 127, 128, 65535, 65536, 65536), 1):
            payload = letter * length
            chop = 997 if index == 8 else None
            yield Case(f"{section}.{index}", (frame(first, payload),), ((first, payload),), octets=chop)


def pings() -> Iterator[Case]:
    """2: pings and pongs."""
    for index, payload in enumerate((b"", HELLO, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125), 1):
        yield Case(f"2.{index}", (frame(PING, payload),), ((PONG, payload),))
    yield Case("2.5", (frame(PING, b"\xfe" * 126),), fails=PROTOCOL)
    yield Case("2.6", (frame(PING, b"\xfe" * 125),), ((PONG, b"\xfe" * 125),), octets=1)
    yield Case("2.7", (frame(PONG),))
    yield Case("2.8", (frame(PONG, b"unsolicited"),))
    yield Case("2.9", (frame(PONG, b"unsolicited"), frame(PING, b"ping")), ((PONG, b"ping"),))
    ten = [b"payload-%d" % number for number in range(10)]
    sent, pongs = tuple(frame(PING, payload) for payload in ten), tuple((PONG, payload) for payload in ten)
    yield Case("2.10", sent, pongs)
    yield Case("2.11", sent, pongs, octets=1)


def reserved() -> Iterator[Case]:
    """3 and 4: reserved bits and opcodes."""
    hello, echoed, ping = frame(TEXT, HELLO), ((TEXT, HELLO),), frame(PING)
    yield Case("3.1", (frame(TEXT | 0x10, HELLO),), fails=PROTOCOL)
    for index, (rsv, octets) in enumerate(((2, None), (3, None), (4, 1)), 2):
        yield Case(
            f"3.{index}", (hello, frame(TEXT | rsv << 4, HELLO), ping), echoed, PROTOCOL, octets=octets
        )
    yield Case("3.5", (frame(BINARY | 0x50, HELLO),), fails=PROTOCOL)
    yield Case("3.6", (frame(PING | 0x60, HELLO),), fails=PROTOCOL)
    yield Case("3.7", (frame(CLOSE | 0x70, close(1000)),), fails=PROTOCOL)
    for section, start in (("4.1", 0x83), ("4.2", 0x8B)):
        yield Case(f"{section}.1", (frame(start),), fails=PROTOCOL)
        yield Case(f"{section}.2", (frame(start + 1, b"reserved opcode"),), fails=PROTOCOL)
        yield Case(f"{section}.3", (hello, frame(start + 2), ping), echoed, PROTOCOL)
        yield Case(f"{section}.4", (hello, frame(start + 3, HELLO), ping), echoed, PROTOCOL)
        yield Case(f"{section}.5", (hello, frame(start + 4, HELLO), ping), echoed, PROTOCOL, octets=1)


def fragmentation() -> Iterator[Case]:
    """5: fragments, whole, and with control frames or too many of them in between."""
    first, second, whole = frame(0x01, b"fragment1"), frame(LAST, b"fragment2"), (TEXT, b"fragment1fragment2")
    ping, pong = frame(PING, b"ping"), (PONG, b"ping")
    chops = (None, len(first), 1)
    yield Case("5.1", (frame(0x09, b"fragment1"), second), fails=PROTOCOL)
    yield Case("5.2", (frame(0x0A, b"fragment1"), second), fails=PROTOCOL)
    for index, octets in enumerate(chops):
        yield Case(f"5.{3 + index}", (first, second), (whole,), octets=octets)
        yield Case(f"5.{6 + index}", (first, ping, second), (pong, whole), octets=octets)
        lonely = frame(LAST, b"non-continuation payload")
        yield Case(f"5.{9 + index}", (lonely, frame(TEXT, HELLO)), fails=PROTOCOL, octets=octets)
        lonely = frame(CONTINUED, b"non-continuation payload")
        yield Case(f"5.{12 + index}", (lonely, frame(TEXT, HELLO)), fails=PROTOCOL, octets=octets)
    lonely = frame(CONTINUED, b"fragment3")
    yield Case("5.15", (first, second, lonely, frame(TEXT, b"fragment4")), (whole,), PROTOCOL)
    yield Case("5.16", (frame(CONTINUED, b"fragment1"), first, second) * 2, fails=PROTOCOL)
    yield Case("5.17", (frame(LAST, b"fragment1"), first, second) * 2, fails=PROTOCOL)
    yield Case("5.18", (first, frame(TEXT, b"fragment2")), fails=PROTOCOL)
    middle = [frame(CONTINUED, b"fragment%d" % number) for number in (2, 3, 4)]
    sent = (first, middle[0], frame(PING, b"a"), *middle[1:], frame(PING, b"b"), frame(LAST, b"fragment5"))
    message = b"".join(b"fragment%d" % number for number in range(1, 6))
    for number, octets in (("5.19", None), ("5.20", 1)):
        yield Case(number, sent, ((PONG, b"a"), (PONG, b"b"), (TEXT, message)), octets=octets)


def utf8_in_fragments() -> Iterator[Case]:
    """6.1 to 6.4: texts, valid or not, in fragments."""
    yield Case("6.1.1", (frame(TEXT),), ((TEXT, b""),))
    yield Case("6.1.2", (frame(0x01), frame(0), frame(LAST)), ((TEXT, b""),))
    yield Case("6.1.3", (frame(0x01), frame(0, b"middle"), frame(LAST)), ((TEXT, b"middle"),))
    valid = "Hello-µ@ßöäüàá-UTF-8!!".encode()
    yield Case("6.2.1", (frame(TEXT, valid),), ((TEXT, valid),))
    yield Case("6.2.2", fragments(valid, 12), ((TEXT, valid),))
    yield Case("6.2.3", fragments(valid, 1), ((TEXT, valid),))
    yield Case("6.2.4", fragments(KOSME, 1), ((TEXT, KOSME),))
    invalid = KOSME + b"\xed\xa0\x80" + b"edited"
    yield Case("6.3.1", (frame(TEXT, invalid),), fails=NOT_UTF8)
    yield Case("6.3.2", fragments(invalid, 1), fails=NOT_UTF8)
    # That the rest never comes shows that the server does not wait for it.
    yield Case("6.4.1", (frame(0x01, KOSME), frame(0, b"\xf4\x90\x80\x80")), fails=NOT_UTF8)
    yield Case("6.4.2", (frame(0x01, KOSME + b"\xf4"), frame(0, b"\x90")), fails=NOT_UTF8)
    unfinished = frame(TEXT, KOSME + b"\xf4\x90\x80\x80edited")
    yield Case("6.4.3", (unfinished[:-6],), fails=NOT_UTF8)
    yield Case("6.4.4", (unfinished[:-8],), fails=NOT_UTF8, octets=1)


_PLANES = [
    chr(plane << 16 | last).encode("utf-8", "surrogatepass")
    for plane in range(17)
    for last in (0xFFFE, 0xFFFF)
]
_CUT = (
    b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80",
    b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf",
)  # fmt: skip
UTF8: dict[str, tuple[bytes, ...]] = {
    "6.5": (b"hello$world", "hello¢world".encode(), "hello€world".encode(), "hello𤭢world".encode(), KOSME),
    "6.6": tuple(KOSME[:length] for length in range(1, len(KOSME) + 1)),
    "6.7": (b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"),
    "6.8": (b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"),
    "6.9": (b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"),
    "6.10": (b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"),
    "6.11": (b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80"),
    "6.12": (
        b"\x80", b"\xbf", *((b"\x80\xbf" * 3)[:length] for length in range(2, 7)), bytes(range(0x80, 0xBF)),
    ),
    "6.13": tuple(
        b"".join(bytes([start]) + b" " for start in range(*bounds))
        for bounds in ((0xC0, 0xE0), (0xE0, 0xF0), (0xF0, 0xF8), (0xF8, 0xFC), (0xFC, 0xFE))
    ),
    "6.14": _CUT,
    "6.15": (b"".join(_CUT),),
    "6.16": (b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"),
    "6.17": (
        b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf", b"\xfc\x80\x80\x80\x80\xaf",
    ),
    "6.18": (
        b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xf8\x87\xbf\xbf\xbf", b"\xfc\x83\xbf\xbf\xbf\xbf",
    ),
    "6.19": (
        b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf8\x80\x80\x80\x80", b"\xfc\x80\x80\x80\x80\x80",
    ),
    "6.20": tuple(
        chr(code).encode("utf-8", "surrogatepass")
        for code in (0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF)
    ),
    "6.21": tuple(
        (chr(high) + chr(low)).encode("utf-8", "surrogatepass")
        for high in (0xD800, 0xDB7F, 0xDB80, 0xDBFF)
        for low in (0xDC00, 0xDFFF)
    ),
    "6.22": tuple(_PLANES),
    "6.23": tuple(chr(code).encode() for code in range(0xFFF9, 0x10000)),
}  # fmt: skip
"""Section -> the payloads of its cases, of which Python knows as well which are UTF-8."""


def utf8() -> Iterator[Case]:
    """6.5 to 6.23."""
    for section, payloads in UTF8.items():
        for index, payload in enumerate(payloads, 1):
            try:
                payload.decode()
            except UnicodeDecodeError:
                yield Case(f"{section}.{index}", (frame(TEXT, payload),), fails=NOT_UTF8)
            else:
                yield Case(f"{section}.{index}", (frame(TEXT, payload),), ((TEXT, payload),))


def closing() -> Iterator[Case]:
    """7: the closing handshake."""
    hello, bye = frame(TEXT, HELLO), frame(CLOSE, close(1000))
    yield Case("7.1.1", (hello,), ((TEXT, HELLO),))
    yield Case("7.1.2", (bye, bye), closes=1000)
    yield Case("7.1.3", (bye, frame(PING)), closes=1000)
    yield Case("7.1.4", (bye, hello), closes=1000)
    yield Case("7.1.5", (frame(0x01, b"fragment1"), bye, frame(LAST, b"fragment2")), closes=1000)
    yield Case("7.3.1", (frame(CLOSE),), closes=1005)
    yield Case("7.3.2", (frame(CLOSE, b"a"),), fails=PROTOCOL)
    yield Case("7.3.3", (bye,), closes=1000)
    yield Case("7.3.4", (frame(CLOSE, close(1000, HELLO)),), closes=1000)
    yield Case("7.3.5", (frame(CLOSE, close(1000, b"*" * 123)),), closes=1000)
    yield Case("7.3.6", (frame(CLOSE, close(1000, b"*" * 124)),), fails=PROTOCOL)
    yield Case("7.5.1", (frame(CLOSE, close(1000, b"\xed\xa0\x80")),), fails=NOT_UTF8)
    good = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    for index, code in enumerate(good, 1):
        yield Case(f"7.7.{index}", (frame(CLOSE, close(code)),), closes=code)
    bad = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)
    for index, code in enumerate(bad, 1):
        yield Case(f"7.9.{index}", (frame(CLOSE, close(code)),), fails=PROTOCOL)
    for index, code in enumerate((5000, 65535), 1):
        yield Case(f"7.13.{index}", (frame(CLOSE, close(code)),), fails=PROTOCOL)


def limits() -> Iterator[Case]:
    """9 and 10: large messages, in one frame, in fragments, in small writes, and many of them."""
    kilo = 1024
    for section, first in (("9.1", TEXT), ("9.2", BINARY)):
        for index, size in enumerate((64, 256, 1024, 4096, 8192, 16384), 1):
            payload = b"*" * (size * kilo)
            yield Case(f"{section}.{index}", (frame(first, payload),), ((first, payload),))
    for section, first in (("9.3", TEXT), ("9.4", BINARY)):
        payload = b"*" * (4096 * kilo)
        for index, size in enumerate((64, 256, 1024, 4096), 1):
            # A sixteenth of the fragments' number tells the same.
            part = payload[: len(payload) // 16] if size < 1024 else payload
            yield Case(f"{section}.{index}", fragments(part, size, first), ((first, part),))
    for section, first in (("9.5", TEXT), ("9.6", BINARY)):
        payload = b"*" * (1024 * kilo)
        for index, octets in enumerate((64, 128, 256, 512, 1024, 2048), 1):
            part = payload[: octets * 1024]
            yield Case(f"{section}.{index}", (frame(first, part),), ((first, part),), octets=octets)
    for section, first in (("9.7", TEXT), ("9.8", BINARY)):
        for index, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
            payload = b"*" * size
            yield Case(f"{section}.{index}", (frame(first, payload),) * 100, ((first, payload),) * 100)
    payload = b"*" * 65536
    yield Case("10.1.1", fragments(payload, 1300), ((TEXT, payload),))


CASES = [
    case
    for section in (
        framing, pings, reserved, fragmentation, utf8_in_fragments, utf8, closing, limits,
    )
    for case in section()
]  # fmt: skip
