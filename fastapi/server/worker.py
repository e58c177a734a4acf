"""A worker process from inside: ``python -m fastapi.server.worker DESCRIPTOR``, started by a supervisor."""

import os
import pickle
import signal
import socket
import sys
import threading
from contextlib import suppress

from fastapi.server.config import ConfigError
from fastapi.server.logging import configure
from fastapi.server.process import PING, READY, Orders
from fastapi.server.server import STARTUP_FAILURE, Server


def main(descriptor: int) -> int:
    """Serves as ordered over a socket, until told to stop or until the supervisor is gone.

    Args:
        descriptor: the control socket that the supervisor left open.

    Returns:
        The exit status of the process.
    """
    control = socket.socket(fileno=descriptor)
    # Processes that the application starts must not keep the socket open.
    control.set_inheritable(False)
    orders = receive_orders(control)
    sys.path[:] = orders.path
    listeners = []
    for number in orders.descriptors:
        os.set_inheritable(number, False)
        listeners.append(socket.socket(fileno=number))
    threading.Thread(target=answer, args=(control,), daemon=True, name="fastapi-supervisor").start()
    server = Server(orders.config, on_ready=lambda: tell(control), shares=True)
    try:
        configure(orders.config)
        server.run(listeners)
    except ConfigError as error:
        # The text has the way out; a traceback of this package has not.
        print(f"ERROR:    {error}", file=sys.stderr, flush=True)
        return STARTUP_FAILURE
    return 0 if server.started else STARTUP_FAILURE


def receive_orders(control: socket.socket) -> Orders:
    """Reads what the supervisor sends first."""
    with control.makefile("rb", buffering=0) as stream:
        size = int.from_bytes(_exactly(stream, 4), "big")
        orders = pickle.loads(_exactly(stream, size))
    assert isinstance(orders, Orders)
    return orders


def tell(control: socket.socket) -> None:
    """Tells the supervisor that this worker serves."""
    # If nobody hears it any more, `answer` ends this process.
    with suppress(OSError):
        control.sendall(READY)


def answer(control: socket.socket) -> None:
    """Answers the supervisor's questions; stops the server once nobody asks any more."""
    while True:
        try:
            asked = control.recv(64)
        except OSError:
            asked = b""
        if not asked:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        try:
            control.sendall(PING)
        except OSError:
            continue


def _exactly(stream: "socket.SocketIO", size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError("the supervisor ended before it gave orders")
        data += more
    return data


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
