"""Echo messages over many WebSockets and print what it took: `python websocket_load.py URL CONNECTIONS MESSAGES SIZE`.

A program of its own: it runs pinned to the client's core, with the interpreter that has the package `websockets`,
which shakes hands and makes the frames. They are made beforehand and sent from one loop over epoll: a client that is
slower than the server would measure how a server idles. No extension is offered, so the echo is measured and not zlib.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State
from websockets.uri import parse_uri

# Different texts, so that an echo of an earlier message is found out.
TEXTS = 1024
HANDSHAKE_SECONDS = 10
SILENCE_SECONDS = 30


@dataclass
class Connection:
    """One WebSocket with at most one message under way."""

    socket: socket.socket
    protocol: ClientProtocol
    number: int = 0
    began: float = 0.0

    def send(self, message: bytes) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(message)

    def flush(self) -> None:
        """Send what the protocol has to say."""
        for piece in self.protocol.data_to_send():
            self.socket.sendall(piece)

    def receive(self, echo: Frame, serialized: bytes) -> bool:
        """Read; return whether the echo is there. A ping is answered."""
        data = self.socket.recv(65536)
        if data == serialized and self.protocol.reader.buffer == b"":
            return True
        self.protocol.receive_data(data)
        self.flush()
        events = [event for event in self.protocol.events_received() if not is_ping(event)]
        if events not in ([], [echo]):
            raise SystemExit(f"the server did not echo {echo}: {events}")
        return bool(events)


def is_ping(event: Event) -> bool:
    return isinstance(event, Frame) and event.opcode is Opcode.PING


def frames(size: int) -> list[tuple[Frame, bytes, bytes]]:
    """Return messages, as a client sends each, and as a server echoes it."""
    made = []
    for number in range(TEXTS):
        frame = Frame(Opcode.TEXT, str(number).ljust(size, "x").encode())
        made.append((frame, frame.serialize(mask=True), frame.serialize(mask=False)))
    return made


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Make a connection past its handshake, which is closed in the end."""
    uri = parse_uri(url)
    with socket.create_connection((uri.host, uri.port), timeout=HANDSHAKE_SECONDS) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(stream, ClientProtocol(uri))
        protocol = connection.protocol
        protocol.send_request(protocol.connect())
        connection.flush()
        while protocol.state is not State.OPEN and not protocol.handshake_exc:
            protocol.receive_data(stream.recv(65536))
            protocol.events_received()
        if protocol.handshake_exc:
            raise SystemExit(f"no handshake with {url}: {protocol.handshake_exc}")
        yield connection
        protocol.send_close(1000)
        connection.flush()


def load(url: str, connections: int, messages: int, size: int) -> list[float]:
    """Echo until all messages are back; return the seconds that each took."""
    with ExitStack() as stack:
        opened = [stack.enter_context(connected(url)) for _ in range(connections)]
        return converse(opened, messages, frames(size))


def converse(
    connections: list[Connection], messages: int, made: list[tuple[Frame, bytes, bytes]]
) -> list[float]:
    """The same over connections that are open."""
    latencies: list[float] = []
    readers = {}
    under_way = min(len(connections), messages)
    left = messages - under_way
    with select.epoll() as poll:
        for number, connection in enumerate(connections[:under_way]):
            readers[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
            connection.number = number
            connection.send(made[number % TEXTS][1])
        while under_way:
            ready = poll.poll(SILENCE_SECONDS)
            if not ready:
                raise SystemExit(f"no echo for {SILENCE_SECONDS} s")
            for descriptor, _ in ready:
                connection = readers[descriptor]
                frame, _, echo = made[connection.number % TEXTS]
                if not connection.receive(frame, echo):
                    continue
                latencies.append(time.perf_counter() - connection.began)
                if left:
                    left -= 1
                    connection.number += len(connections)
                    connection.send(made[connection.number % TEXTS][1])
                else:
                    under_way -= 1
    return latencies


def main(url: str, connections: int, messages: int, size: int) -> None:
    began = time.perf_counter()
    latencies = sorted(load(url, connections, messages, size))
    report = {
        "requests": len(latencies),
        "seconds": time.perf_counter() - began,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[len(latencies) * 99 // 100] * 1000,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
