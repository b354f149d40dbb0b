"""The HTTP load: keep-alive connections that each post the next body when answered."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.server import HOST
from benchmarks.talk import Wrong


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one phase."""

    requests: int
    seconds: float
    delays: list[float]  # ascending
    answer: bytes  # the body of the last answer

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        return self.delays[min(len(self.delays) - 1, int(len(self.delays) * share))] * 1000


class Load:
    """What all connections share: the bodies still to post and what was answered."""

    def __init__(self, path: str, key: str, bodies: Iterator[bytes]) -> None:
        self._bodies = bodies
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.goes_on = True
        self.delays: list[float] = []
        self.wrong = b""
        self.answer = b""

    def next(self) -> bytes | None:
        body = next(self._bodies, None) if self.goes_on and not self.wrong else None
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body) if body else None


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._rest = b""
        self.idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if not self.idle.done():
            self._load.wrong = self._load.wrong or f"connection lost: {error}".encode()
            self.idle.set_result(None)

    def post(self) -> None:
        request = self._load.next()
        if request is None:
            self.idle.set_result(None)
            return
        self._sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        end = data.find(b"\r\n\r\n") + 4
        size = length(data[:end]) if end >= 4 else None
        if size is None or len(data) < end + size:
            self._rest = data
            return
        self._rest = b""
        self._load.delays.append(time.perf_counter() - self._sent)
        self._load.answer = data[end:]
        if not data.startswith(b"HTTP/1.1 2"):
            self._load.wrong = data[:500]
        self.post()


def length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise Wrong(f"an answer without a length: {head!r}")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])


async def closed(
    port: int, path: str, key: str, bodies: Iterator[bytes], connections: int, seconds: float
) -> Posted:
    """Every connection posts the next body when the one before is answered, while there are any."""
    loop = asyncio.get_running_loop()
    load = Load(path, key, bodies)
    lines = [
        (await loop.create_connection(lambda: Line(load), HOST, port))[1]
        for _ in range(connections)
    ]
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    for line in lines:
        line.post()
    await asyncio.wait([line.idle for line in lines], timeout=seconds)
    load.goes_on = False
    requests, took = len(load.delays), time.perf_counter() - start
    gc.enable()
    async with asyncio.timeout(20):
        await asyncio.gather(*[line.idle for line in lines])
    for line in lines:
        line.transport.abort()
    if load.wrong:
        raise Wrong(load.wrong.decode(errors="replace"))
    return Posted(requests, took, sorted(load.delays[:requests]), load.answer)
