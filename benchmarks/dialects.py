"""How one says and hears a message on each kind of server; the load generator is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

# A message's number is the tail of its id, so that hearing it needs no decoding.
ID = b'"bm-'
TEXT = (
    "Hello, I ordered the blue lamp last week and the page still says that it is being packed. "
    "Could you tell me when it will leave, please?"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one side of a pair says first."""

    kind: str
    pair: int
    secret: str = ""  # a visitor's token or an agent's ticket, for the hub

    @property
    def conversation(self) -> str:
        return f"bench-conversation-{self.pair:04d}"


class Dialect(Protocol):
    path: str

    def opening(self, frame: bytes | None, who: Credentials) -> bytes | bool:
        """After connecting (None) and after each frame: what to answer, or whether we are in."""
        ...

    def message(self, conversation: str) -> tuple[bytes, bytes]:
        """The frame's payload, before and after the nine digits of the message's number."""
        ...

    def is_ack(self, frame: bytes) -> bool: ...

    def is_added(self, frame: bytes) -> bool: ...

    def read(self, frame: bytes) -> dict[str, Any]:
        """The ack or event, decoded: only for checking, never while measuring."""
        ...


def number_in(frame: bytes) -> int:
    """The number of the message an ack or event is about; -1 if about none."""
    at = frame.find(ID)
    return -1 if at < 0 else int(frame[at + 4 : at + 13])


class Hub:
    """Parley's own frames (and the relay's, the limit)."""

    path = "/v1/chat/socket"

    def opening(self, frame: bytes | None, who: Credentials) -> bytes | bool:
        if frame is None:
            key = "token" if who.kind == "visitor" else "ticket"
            return json.dumps({"type": "hello", key: who.secret}).encode()
        if b'"error"' in frame[:20]:
            raise ConnectionError(frame.decode())
        return b'"welcome"' in frame[:20]

    def message(self, conversation: str) -> tuple[bytes, bytes]:
        tail = json.dumps({"conversation": conversation, "text": TEXT}, separators=(",", ":"))
        return b'{"type":"send","id":' + ID, b'",' + tail[1:].encode()

    def is_ack(self, frame: bytes) -> bool:
        return frame.startswith(b'{"type":"ack"')

    def is_added(self, frame: bytes) -> bool:
        return b'"type":"MessageAdded"' in frame[:60]

    def read(self, frame: bytes) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(frame)
        return decoded


class SocketIO:
    """Socket.IO 4 on a websocket from the start; `send` asks for an acknowledgement."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def opening(self, frame: bytes | None, who: Credentials) -> bytes | bool:
        if frame is None:
            return False
        if frame.startswith(b"0"):
            auth = {"kind": who.kind, "pair": who.pair, "conversation": who.conversation}
            return b"40" + json.dumps(auth).encode()
        if frame.startswith(b"44"):
            raise ConnectionError(frame.decode())
        return frame.startswith(b"40")

    def message(self, conversation: str) -> tuple[bytes, bytes]:
        tail = json.dumps({"conversation": conversation, "text": TEXT}, separators=(",", ":"))
        return b'420["send",{"id":' + ID, b'",' + tail[1:].encode() + b"]"

    def is_ack(self, frame: bytes) -> bool:
        return frame.startswith(b"43")

    def is_added(self, frame: bytes) -> bool:
        return frame.startswith(b'42["MessageAdded"')

    def read(self, frame: bytes) -> dict[str, Any]:
        values = json.loads(frame[frame.index(b"[") :])
        decoded: dict[str, Any] = values[-1]
        return decoded
