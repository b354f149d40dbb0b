"""The chat load: pairs of one visitor and one agent who speak in turn.

A message is done when its sender has the acknowledgement and both sides have heard it:
three frames, for every server alike.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.dialects import ID, Credentials, Dialect, number_in
from benchmarks.server import HOST
from benchmarks.ticker import Ticker
from benchmarks.websocket import Socket, frame

FRAMES_PER_MESSAGE = 3
IN_FLIGHT_AT_CONNECT = 20
CHECKED = 5  # pairs
NUMBER = b"%09d"


class Wrong(Exception):
    """The server does not do what every peer must do."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one phase."""

    messages: int  # done within the phase
    seconds: float
    delays: list[float]  # seconds each took, ascending; those never done count as long as we waited
    unfinished: int

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    def percentile(self, share: float) -> float:
        return self.delays[min(len(self.delays) - 1, int(len(self.delays) * share))] * 1000


class Pair:
    """Two open sockets in one conversation, and the frames they say, but for the number."""

    __slots__ = ("after", "before", "sockets", "turn", "writes")

    def __init__(self, dialect: Dialect, who: Credentials, sockets: Sequence[Socket]) -> None:
        before, self.after = dialect.message(who.conversation)
        payload = before + NUMBER % 0 + self.after
        self.before = frame(payload)[: -len(payload)] + before
        self.sockets, self.writes, self.turn = tuple(sockets), [s.write for s in sockets], 0


class Talk:
    """Every pair's conversation, in one process."""

    def __init__(self, dialect: Dialect, port: int) -> None:
        self.dialect, self.port = dialect, port
        self.sockets: list[Socket] = []
        self.pairs: list[Pair] = []
        self.sent: list[float] = []  # when each message was due, by number
        self.left = bytearray()  # how many of its frames are still to come
        self.owner: list[Pair] = []
        self.finished: list[tuple[int, float]] = []
        self.refused: list[bytes] = []
        self._goes_on = False
        self._watch: Callable[[Socket, bytes], None] | None = None

    # -- connecting ------------------------------------------------------------------

    async def connect(self, everyone: Sequence[tuple[Credentials, Credentials]]) -> None:
        sockets = iter(await self.join([who for pair in everyone for who in pair]))
        for visitor, _ in everyone:
            self.pairs.append(Pair(self.dialect, visitor, (next(sockets), next(sockets))))

    async def join(self, everyone: Sequence[Credentials]) -> list[Socket]:
        """Open a socket for each, so many at a time, and say hello."""
        gate = asyncio.Semaphore(IN_FLIGHT_AT_CONNECT)

        async def join(who: Credentials) -> Socket:
            async with gate, asyncio.timeout(20):
                return await self._join(who)

        self.sockets = await asyncio.gather(*map(join, everyone))
        return self.sockets

    async def _join(self, who: Credentials) -> Socket:
        loop = asyncio.get_running_loop()
        joined: asyncio.Future[None] = loop.create_future()

        def listen(text: bytes | None) -> None:
            try:
                answer = self.dialect.opening(text, who)
            except ConnectionError as refused:
                joined.set_exception(refused)
                return
            if isinstance(answer, bytes):
                socket.write(frame(answer))
            elif answer:
                socket.hear = self._ear(socket)
                joined.set_result(None)

        socket = Socket(self.dialect.path, listen, self.port)
        await loop.create_connection(lambda: socket, HOST, self.port)
        await socket.opened
        listen(None)
        await joined
        return socket

    def close(self) -> None:
        for socket in self.sockets:
            socket.close()

    # -- speaking and hearing --------------------------------------------------------

    def _say(self, pair: Pair, due: float) -> None:
        number = len(self.sent)
        self.sent.append(due)
        self.left.append(FRAMES_PER_MESSAGE)
        self.owner.append(pair)
        pair.writes[pair.turn](pair.before + NUMBER % number + pair.after)
        pair.turn ^= 1

    def _ear(self, socket: Socket) -> Callable[[bytes], None]:
        left, finished, clock = self.left, self.finished, time.perf_counter

        def hear(text: bytes) -> None:
            if self._watch:
                self._watch(socket, text)
            at = text.find(ID)
            if at < 0:
                if text == b"2":  # Socket.IO asks whether we are still there
                    socket.write(frame(b"3"))
                return
            if text.find(b'"error"', 0, 24) >= 0:
                self.refused.append(text)
                return
            number = int(text[at + 4 : at + 13])
            still = left[number] - 1
            left[number] = still
            if not still:
                now = clock()
                finished.append((number, now - self.sent[number]))
                if self._goes_on:
                    self._say(self.owner[number], now)

        return hear

    # -- phases ----------------------------------------------------------------------

    async def check(self) -> dict[str, int]:
        """A message from each side of a few pairs, every frame compared; the frames' bytes."""
        sizes: dict[str, int] = {}
        for pair in self.pairs[:CHECKED]:
            for _ in pair.sockets:
                sizes = await self._check_one(pair)
        return sizes

    async def _check_one(self, pair: Pair) -> dict[str, int]:
        heard: list[tuple[Socket, bytes]] = []
        self._watch = lambda socket, text: heard.append((socket, text))
        number, sender = len(self.sent), pair.sockets[pair.turn]
        self._say(pair, time.perf_counter())
        await self._drained(5)
        self._watch = None
        about = [(s, t) for s, t in heard if number_in(t) == number]
        acks = [t for s, t in about if s is sender and self.dialect.is_ack(t)]
        added = {s: self.dialect.read(t) for s, t in about if self.dialect.is_added(t)}
        if len(about) != FRAMES_PER_MESSAGE or len(acks) != 1 or set(added) != set(pair.sockets):
            raise Wrong(f"one ack and two deliveries were due, came: {heard}")
        self._compare(self.dialect.read(acks[0]), list(added.values()), number)
        event = next(t for _, t in about if self.dialect.is_added(t))
        return {"send": len(pair.before + pair.after) + 9, "ack": len(acks[0]), "event": len(event)}

    def _compare(self, ack: dict[str, Any], events: list[dict[str, Any]], number: int) -> None:
        for event in events:
            message = event["message"]
            same = message["id"] == ack["id"] == f"bm-{number:09d}"
            if not same or message["seq"] != ack["seq"] or not message["text"].startswith("Hello"):
                raise Wrong(f"ack {ack} and event {event} do not belong together")

    async def closed(self, seconds: float, drain: float) -> Heard:
        """Every pair says the next message as soon as the one before is done."""
        with _Phase(self) as phase:
            self._goes_on = True
            for pair in self.pairs:
                self._say(pair, time.perf_counter())
            await asyncio.sleep(seconds)
            self._goes_on = False
            result = phase.result()
        await self._drained(drain)
        return result

    async def open(self, seconds: float, rate: int, drain: float) -> Heard:
        """`rate` messages a second whatever the server does; delays count from the due time."""
        turn = iter(range(10**9))

        def ring(due: float) -> None:
            self._say(self.pairs[next(turn) % len(self.pairs)], due)

        with _Phase(self) as phase:
            with Ticker(rate, ring):
                await asyncio.sleep(seconds)
            within = len(self.finished)
            took = phase.seconds
            await self._drained(drain)
            return phase.result(within, took)

    async def _drained(self, limit: float) -> None:
        """Wait until everything said is done, at most so long; asking often costs nothing here."""
        for _ in range(int(limit * 1000)):
            if len(self.finished) == len(self.sent):
                break
            await asyncio.sleep(0.001)

    def lost(self) -> list[str]:
        """Why sockets are gone or frames were refused; empty when all is well."""
        gone = [socket.lost for socket in self.sockets if socket.lost]
        return gone + [text.decode() for text in self.refused]


class _Phase:
    """What is sent and done between enter and `result`, with the collector resting."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def __enter__(self) -> _Phase:
        gc.collect()
        gc.disable()
        self.start = time.perf_counter()
        self.first_sent, self.first_done = len(self.talk.sent), len(self.talk.finished)
        return self

    def __exit__(self, *_: object) -> None:
        gc.enable()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.start

    def result(self, within: int | None = None, seconds: float | None = None) -> Heard:
        finished = self.talk.finished
        seconds = self.seconds if seconds is None else seconds
        within = len(finished) if within is None else within
        delays = [
            delay for number, delay in finished[self.first_done :] if number >= self.first_sent
        ]
        sent = range(self.first_sent, len(self.talk.sent))
        waiting = [number for number in sent if self.talk.left[number]]
        now = time.perf_counter()
        never = [] if self.talk._goes_on else [now - self.talk.sent[number] for number in waiting]
        return Heard(within - self.first_done, seconds, sorted(delays + never), len(waiting))
