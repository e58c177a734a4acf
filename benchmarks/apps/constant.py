"""What the socket itself costs: one constant answer to whatever ends like a head. `python -m constant PORT`."""

import asyncio
import sys

import uvloop

ANSWER = (
    b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: uvicorn\r\ncontent-length: 17\r\n"
    b'content-type: application/json\r\n\r\n{"hello":"world"}'
)


class Constant(asyncio.Protocol):
    def connection_made(self, transport):
        self.write = transport.write

    def data_received(self, data):
        if data.endswith(b"\r\n\r\n"):
            self.write(ANSWER)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Constant, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())
