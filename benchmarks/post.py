"""The HTTP load: keep-alive connections that post request after request, or so many a second."""

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


def requests(path: str, key: str, bodies: Iterator[bytes]) -> Iterator[bytes]:
    """Whole requests that post these bodies with a bearer key."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    return (b"%b%d\r\n\r\n%b" % (head, len(body), body) for body in bodies)


class Load:
    """What all connections share: the requests still to send and what was answered."""

    def __init__(self, asking: Iterator[bytes]) -> None:
        self._asking = asking
        self.goes_on = True
        self.delays: list[float] = []
        self.wrong = b""
        self.answer = b""

    def next(self) -> bytes | None:
        return next(self._asking, None) if self.goes_on and not self.wrong else None


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
            self.rest()

    def post(self, at: float | None = None) -> None:
        """Send the next request; its delay counts from `at`, or from now."""
        request = self._load.next()
        if request is None:
            self.rest()
            return
        self._sent = time.perf_counter() if at is None else at
        self.transport.write(request)

    def answered(self) -> None:
        """What follows an answer."""
        self.post()

    def rest(self) -> None:
        """There is nothing more to do."""
        if not self.idle.done():
            self.idle.set_result(None)

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
        self.answered()


def length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise Wrong(f"an answer without a length: {head!r}")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])


class Paced(Line):
    """A connection that waits for its turn between two requests."""

    def __init__(self, load: Load, free: asyncio.Queue[Paced]) -> None:
        super().__init__(load)
        self._free = free

    def answered(self) -> None:
        self._free.put_nowait(self)


async def paced(
    port: int, asking: Iterator[bytes], connections: int, rate: float, seconds: float
) -> Posted:
    """So many requests a second, whatever the answers do: a late answer delays those behind it,
    and their delays count from when they were due."""
    loop = asyncio.get_running_loop()
    load, free = Load(asking), asyncio.Queue[Paced]()
    lines = [
        (await loop.create_connection(lambda: Paced(load, free), HOST, port))[1]
        for _ in range(connections)
    ]
    for line in lines:
        free.put_nowait(line)
    start = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        (await free.get()).post(due)
    async with asyncio.timeout(20):
        for _ in lines:
            await free.get()
    for line in lines:
        line.rest()
        line.transport.abort()
    if load.wrong:
        raise Wrong(load.wrong.decode(errors="replace"))
    took = time.perf_counter() - start
    return Posted(len(load.delays), took, sorted(load.delays), load.answer)


async def closed(port: int, asking: Iterator[bytes], connections: int, seconds: float) -> Posted:
    """Every connection sends the next request when the one before is answered."""
    loop = asyncio.get_running_loop()
    load = Load(asking)
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
