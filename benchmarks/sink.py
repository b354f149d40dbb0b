"""The limit of the HTTP load: a bare uvloop server that reads a request and forgets it."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from benchmarks.post import length

ANSWER = (
    b'{"items":[' + b'{"index":0,"kind":"order","reference":"00000000","result":"saved"},' * 100
)
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(ANSWER),
    ANSWER,
)


class Line(asyncio.Protocol):
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.missing = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.parts.append(data)
        if not self.missing:
            data = b"".join(self.parts)
            end = data.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            self.missing = end + length(data[:end])
        if sum(map(len, self.parts)) >= self.missing:
            self.parts, self.missing = [], 0
            self.transport.write(OK)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
