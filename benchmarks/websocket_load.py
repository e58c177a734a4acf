"""Echo messages over many WebSockets and print what it took: `python websocket_load.py URL CONNECTIONS MESSAGES SIZE`.

A program of its own: it runs pinned to the client's core, with the interpreter that has the package `websockets`.
Compression is off, so that the echo is measured and not zlib.
"""

import asyncio
import json
import sys
import time

import websockets


async def echo(url: str, messages: int, size: int, latencies: list[float]) -> None:
    async with websockets.connect(url, compression=None, max_queue=None) as connection:
        for number in range(messages):
            message = str(number).ljust(size, "x")
            began = time.perf_counter()
            await connection.send(message)
            if await connection.recv() != message:
                raise SystemExit(f"{url} did not echo {message!r}")
            latencies.append(time.perf_counter() - began)


async def main(url: str, connections: int, messages: int, size: int) -> None:
    latencies: list[float] = []
    each = -(-messages // connections)
    began = time.perf_counter()
    await asyncio.gather(*(echo(url, each, size, latencies) for _ in range(connections)))
    seconds = time.perf_counter() - began
    latencies.sort()
    report = {
        "requests": len(latencies),
        "seconds": seconds,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[len(latencies) * 99 // 100] * 1000,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
