"""Bytes on a wire: HTTP and websockets as no library would send them."""

from __future__ import annotations

import base64
import os
import re
import socket
import struct
from collections.abc import Iterator

PATIENCE = 5.0
CONTINUED, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
LOST, BROKEN, RESTART = 1006, 1011, 1012  # close codes; LOST: there was none


def speak(port: int, sent: bytes, *, rudely: bool = False) -> bytes:
    """Send bytes, say that there are no more, and hear the answer; `rudely`: just hang up."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        try:
            wire.sendall(sent)
            if rudely:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return b""
            wire.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: wire.recv(65_536), b""))
        except TimeoutError:
            raise
        except OSError:  # it had heard enough
            return b""


def statuses(answer: bytes) -> list[int]:
    """The statuses in what a server said."""
    return [int(found) for found in re.findall(rb"^HTTP/1\.1 (\d{3})", answer, re.MULTILINE)]


def frame(
    payload: bytes, kind: int = TEXT, last: bool = True, odd: int = 0, masked: bool = True
) -> bytes:
    """A websocket frame; `odd` are its reserved bits."""
    size = len(payload)
    short = size if size < 126 else 126 if size < 65_536 else 127
    head = bytes([(last << 7) | (odd << 4) | kind, (masked << 7) | short])
    if size >= 126:
        head += struct.pack(">H" if size < 65_536 else ">Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


class WebSocket:
    """A websocket that sends whatever frames it is told to."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._wire = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        key = base64.b64encode(os.urandom(16)).decode()
        self._wire.sendall(
            f"GET /v1/chat/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"{lines}\r\n".encode()
        )
        self._heard = b""
        while b"\r\n\r\n" not in self._heard:
            self._heard += self._wire.recv(65_536)
        head, _, self._heard = self._heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def send(self, *frames: bytes) -> None:
        """Send frames at once."""
        self._wire.sendall(b"".join(frames))

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """What the hub sends, up to its close frame."""
        kind = TEXT
        while kind != CLOSE:
            first, size = self._take(2)
            kind, size = first & 15, size & 127
            if size >= 126:
                (size,) = struct.unpack(
                    ">H" if size == 126 else ">Q", self._take(2 if size == 126 else 8)
                )
            yield kind, self._take(size)

    def _take(self, count: int) -> bytes:
        while len(self._heard) < count:
            some = self._wire.recv(65_536)
            if not some:
                raise ConnectionResetError("ended without a close frame")
            self._heard += some
        taken, self._heard = self._heard[:count], self._heard[count:]
        return taken

    def hear(self, wanted: bytes) -> int | None:
        """Listen until a message contains `wanted`; otherwise the code it was closed with."""
        try:
            for kind, payload in self.messages():
                if kind == CLOSE:
                    return int.from_bytes(payload[:2], "big")
                if wanted in payload:
                    return None
        except ConnectionError:
            pass
        return LOST

    def close(self) -> None:
        self._wire.close()
