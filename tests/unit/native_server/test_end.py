"""A server that was aborted is gone, and so is what it held."""

import asyncio
import gc
import logging
import os
import socket
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fastapi.server import Config
from fastapi.server.driver import choose
from fastapi.server.native import native_server
from fastapi.server.settings import NativeSettings

from .conftest import TIMEOUT


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors as Linux shows them")
def test_an_aborted_server_leaves_no_descriptor_and_lets_go_of_its_application(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    class App:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await receive()
            called.set()
            await asyncio.Event().wait()

    async def serve_and_abort() -> "weakref.ref[App]":
        app = App()
        settings = NativeSettings.of(Config(app=app))
        server = native_server(app, settings, {}, logging.Logger("silent", logging.CRITICAL), None)
        driver = choose(server, asyncio.get_running_loop())
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.setblocking(False)
        await driver.open([listener], 100)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await called.wait()
        server.abort()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        tasks = server.tasks()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        driver.close()
        return weakref.ref(app)

    async def compare() -> None:
        await serve_and_abort()  # the loop has all that it keeps
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        called.clear()
        app = await serve_and_abort()
        gc.collect()
        while len(os.listdir("/proc/self/fd")) > before or app() is not None:
            await asyncio.sleep(0)  # a loop closes its own sockets at one of its next turns
            gc.collect()

    called = asyncio.Event()
    loop = new_loop()
    try:
        loop.run_until_complete(asyncio.wait_for(compare(), TIMEOUT))
    finally:
        loop.close()
