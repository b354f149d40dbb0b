"""The client's side of a websocket with as little work as possible: the load must be cheap.

Frames are masked with zeros, which is a mask like any other to the server and costs us nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.server import HOST

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
NO_MASK = b"\0\0\0\0"


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, 0x80 | size)) + NO_MASK + payload
    return bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big") + NO_MASK + payload


class Socket(asyncio.Protocol):
    """Gives each text frame to `hear` as it came."""

    def __init__(self, path: str, hear: Callable[[bytes], None], port: int) -> None:
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nOrigin: http://{HOST}:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()
        self.hear = hear
        self._rest = b""
        self._opened = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self.write = transport.write
        self.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = self.lost or f"closed ({error})"
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(self.lost))

    def close(self) -> None:
        self.lost = "by us"
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        if not self._opened:
            self._rest = data
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                return
            self._answered(head)
            data = rest
        self._rest = data[self._read_frames(data) :]

    def _answered(self, head: bytes) -> None:
        self._opened = head.startswith(b"HTTP/1.1 101")
        if self._opened:
            self.opened.set_result(None)
        else:
            self.lost = f"refused: {head[:200]!r}"
            self._transport.abort()

    def _read_frames(self, data: bytes) -> int:
        """Hear every whole frame; where the first unfinished one begins."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            after = start + size
            if after > end:
                break
            opcode = data[at] & 15
            if opcode == TEXT:
                self.hear(data[start:after])
            elif opcode == PING:
                self.write(frame(data[start:after], PONG))
            elif opcode == CLOSE:
                self.lost = f"closed by the server: {data[start:after]!r}"
            at = after
        return at
