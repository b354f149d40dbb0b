"""The limit: a bare uvloop relay that checks and keeps nothing, only passes frames on.

What the load generator reaches here, it could reach anywhere: it is not the bottleneck as long as
no peer comes near.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys

import uvloop

ACK = (
    b'{"type":"ack","id":"%s","conversation":"bench-conversation-0000","seq":1,'
    b'"at":"2026-01-01T00:00:00.000000Z"}'
)
EVENT = (
    b'{"seq":1,"type":"MessageAdded","visitor":"vis_0","customer":null,'
    b'"conversation":"bench-conversation-0000","message":{"id":"%s","seq":1,"author":{"kind":'
    b'"visitor","id":"vis_0","name":"","avatar_url":""},"kind":"text","text":%s,'
    b'"at":"2026-01-01T00:00:00.000000Z","cards":[]}}'
)


def frame(payload: bytes) -> bytes:
    size = len(payload)
    return (b"\x81%c" % size if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")) + payload


class Side(asyncio.Protocol):
    others: dict[tuple[bytes, str], Side] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.rest = b""
        self.other: Side | None = None
        self.hear = self.handshake

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.write = transport.write

    def data_received(self, data: bytes) -> None:
        self.hear(self.rest + data)

    def handshake(self, data: bytes) -> None:
        head, end, self.rest = data.partition(b"\r\n\r\n")
        if not end:
            self.rest = data
            return
        key = next(x for x in head.split(b"\r\n") if x.lower().startswith(b"sec-websocket-key"))
        magic = key.partition(b":")[2].strip() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(magic, usedforsecurity=False).digest())
        self.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.hear = self.frames

    def frames(self, data: bytes) -> None:
        at, end = 0, len(data)
        while end - at >= 6:
            size, start = data[at + 1] & 127, at + 6
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 8
            if start + size > end:
                break
            self.text(data[start : start + size])
            at = start + size
        self.rest = data[at:]

    def text(self, text: bytes) -> None:
        if self.other is None:
            self.hello(text)
            return
        id_at, text_at = text.find(b'"bm-') + 1, text.find(b'"text":') + 7
        event = frame(EVENT % (text[id_at : id_at + 12], text[text_at:-1]))
        self.write(frame(ACK % text[id_at : id_at + 12]) + event)
        self.other.write(event)

    def hello(self, text: bytes) -> None:
        pair = text.rpartition(b'"')[0].rpartition(b'"')[2]
        mine, theirs = ("visitor", "agent") if b'"token"' in text else ("agent", "visitor")
        self.others[pair, mine] = self
        self.other = self.others.get((pair, theirs))
        if self.other:
            self.other.other = self
        self.write(frame(b'{"type":"welcome"}'))


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Side, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
