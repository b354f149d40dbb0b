"""Clients that survive a crash as ours do: they keep what is not acknowledged and resume."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

GONE = (
    ConnectionClosed,
    InvalidHandshake,
    httpx.TransportError,
    httpx.HTTPStatusError,
    OSError,
    TimeoutError,
    EOFError,
)
RETRY = 0.05


class Talker:
    """One side of a conversation: speaks all the time and remembers what was acknowledged."""

    def __init__(
        self, url: str, hello: Callable[[], Any], conversation: str, origin: str = ""
    ) -> None:
        self._url = url
        self._hello = hello  # an async function: a fresh first frame
        self._origin = origin
        self.conversation = conversation
        self.acked: dict[str, int] = {}  # message id → its seq in the conversation
        self.heard: Counter[int] = Counter()  # event seq → times heard
        self.messages: list[tuple[str, int]] = []  # message id and seq, as heard
        self.fresh = 0  # times the hub said "fetch afresh"
        self._epoch: str | None = None
        self._seq: int | None = None
        self._waiting: str | None = None  # sent, not acknowledged
        self.speaking = True

    async def run(self) -> None:
        """Talk until cancelled, over as many connections as it takes."""
        while True:
            with suppress(*GONE):
                await self._connect()
            await asyncio.sleep(RETRY)

    async def _connect(self) -> None:
        hello = {**await self._hello(), "epoch": self._epoch, "seq": self._seq}
        headers = {"Origin": self._origin} if self._origin else {}
        async with connect(
            self._url, additional_headers=headers, compression=None, open_timeout=5
        ) as socket:
            await socket.send(json.dumps({"type": "hello", **hello}))
            await self._say_next(socket)
            async for frame in socket:
                await self._hear(socket, json.loads(frame))

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                if self._epoch is not None and not frame["resumed"]:
                    self.fresh += 1
                if not frame["resumed"]:
                    self._seq = frame["seq"]
                self._epoch = frame["epoch"]
            case "ack":
                self.acked[frame["id"]] = frame["seq"]
                if frame["id"] == self._waiting:
                    self._waiting = None
                    await self._say_next(socket)
            case "MessageAdded" if frame["conversation"] == self.conversation:
                self.messages.append((frame["message"]["id"], frame["message"]["seq"]))
        if "seq" in frame and frame["type"][0].isupper():
            self.heard[frame["seq"]] += 1
            self._seq = frame["seq"]

    async def _say_next(self, socket: ClientConnection) -> None:
        if not self.speaking:
            return
        if self._waiting is None:
            self._waiting = str(uuid.uuid4())
        frame = {
            "type": "send",
            "id": self._waiting,
            "conversation": self.conversation,
            "text": f"message {self._waiting}",
        }
        await socket.send(json.dumps(frame))


class Poster:
    """A shop's server: posts records, and posts again what was not answered."""

    def __init__(self, base: str, key: str, name: str) -> None:
        self._base = base
        self._key = key
        self._name = name
        self.answered: set[str] = set()

    async def run(self) -> None:
        """Post until cancelled."""
        number = 0
        async with httpx.AsyncClient(base_url=self._base, timeout=5, verify=False) as http:
            while True:
                references = [f"{self._name}-{number}-{place}" for place in range(5)]
                if await self._post(http, references):
                    self.answered.update(references)
                    number += 1
                else:
                    await asyncio.sleep(RETRY)

    async def _post(self, http: httpx.AsyncClient, references: list[str]) -> bool:
        records = [
            {"kind": "payment", "reference": name, "amount": 1, "currency": "EUR", "status": "paid"}
            for name in references
        ]
        try:
            answer = await http.post(
                "/v1/chat/ingest/records",
                json={"external_id": self._name, "records": records},
                headers={"Authorization": f"Bearer {self._key}"},
            )
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200
