"""The bus: tells every process's events to this one, in order, and passes signals around.

The log is the truth. A process tells each workspace's events without a gap: those it commits
itself as they are, those of others as it reads them from the log. On PostgreSQL a NOTIFY with
every commit says when to look; on SQLite, where only an operator's command writes beside the
server, looking twice a second is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from core.db import CHANNEL, Database, Listener
from core.events import Logged
from core.ids import random_text
from core.log import events_after, heads
from core.services import SignalListener
from hub import metrics

if TYPE_CHECKING:
    import asyncpg

log = structlog.get_logger("hub.bus")

SIGNALS = "parley_signals"
LARGEST_SIGNAL = 7_900  # bytes; NOTIFY takes 8,000
LOOK_EVERY = 0.5  # seconds, where no wake-up comes
LOOK_STILL = 5.0  # seconds, below a wake-up that was lost
RECONNECT = 0.5
ALIVE = 10.0  # seconds of silence after which the wake-up's connection is tried
PART = 500  # events read at once


class Bus:
    """One process's ear and voice."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[Listener] = []
        self._signal_listeners: list[SignalListener] = []
        self._told: dict[str, int] = {}  # workspace → its events up to here have been told
        self._behind: set[str] = set()  # workspaces to read from the log
        self._wake = asyncio.Event()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(10_000)
        self._name = random_text(12)  # so as not to hear oneself
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = False  # a wake-up comes with every process's commits

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with every committed event, in the order of each workspace's log."""
        self._listeners.append(listener)

    def on_signal(self, listener: SignalListener) -> None:
        """Call `listener` with every signal, this process's own among them."""
        self._signal_listeners.append(listener)

    def signal(self, workspace_id: str, payload: bytes) -> None:
        """Tell every process something that is true only now; it is kept nowhere."""
        self._tell_signal(workspace_id, payload)
        if self._db.dialect == "postgresql":
            text = f"{self._name} {workspace_id} {payload.decode()}"
            if len(text.encode()) > LARGEST_SIGNAL or self._outgoing.full():
                metrics.signal_dropped()
                return
            self._outgoing.put_nowait(text)

    async def start(self) -> None:
        """Begin to hear, from the log's present end on."""
        self._told = dict(await self._db.read(heads))
        self._db.listen(self._take_own)
        self._tasks = [asyncio.create_task(self._catch_up_forever(), name="bus.catch_up")]
        if self._db.dialect == "postgresql":
            self._tasks.append(asyncio.create_task(self._listen_forever(), name="bus.listen"))

    async def stop(self) -> None:
        """Hear no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tell(self, entries: Sequence[Logged]) -> None:
        metrics.events(len(entries))
        for listener in self._listeners:
            try:
                listener(entries)
            except Exception:  # one listener's fault is not the others'
                log.exception("listener_failed", listener=repr(listener))

    def _tell_signal(self, workspace_id: str, payload: bytes) -> None:
        for listener in self._signal_listeners:
            try:
                listener(workspace_id, payload)
            except Exception:
                log.exception("signal_listener_failed", listener=repr(listener))

    # Events in order ----------------------------------------------------------------------

    def _take_own(self, entries: Sequence[Logged]) -> None:
        """Tell own commits at once; after a gap they are read with what others put into it."""
        ready = []
        for entry in entries:
            workspace_id = entry.workspace_id
            if entry.seq == self._told.get(workspace_id, 0) + 1:
                self._told[workspace_id] = entry.seq
                ready.append(entry)
            elif entry.seq > self._told.get(workspace_id, 0):
                self._look_at(workspace_id)
        if ready:
            self._tell(ready)

    def _look_at(self, workspace_id: str) -> None:
        self._behind.add(workspace_id)
        self._wake.set()

    async def _catch_up_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_STILL if self.connected else LOOK_EVERY):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if not self._behind:  # nobody said where to look
                    await self._note_heads()
                while self._behind:
                    await self._catch_up(self._behind.pop())
            except Exception as error:  # the database is away: what was missed is noted again
                log.warning("catch_up_failed", error=repr(error))
                await asyncio.sleep(RECONNECT)
                self._wake.set()

    async def _note_heads(self) -> None:
        """Find the workspaces in which others have committed."""
        for workspace_id, seq in await self._db.read(heads):
            if seq > self._told.get(workspace_id, 0):
                self._behind.add(workspace_id)

    async def _catch_up(self, workspace_id: str) -> None:
        told = self._told.get(workspace_id, 0)
        entries = await self._db.read(events_after, workspace_id, told, PART)
        if len(entries) == PART:
            self._look_at(workspace_id)  # there is more
        told = self._told.get(workspace_id, 0)  # an own commit may have moved it meanwhile
        if ready := [entry for entry in entries if entry.seq > told]:
            self._told[workspace_id] = ready[-1].seq
            self._tell(ready)

    # PostgreSQL's wake-up -----------------------------------------------------------------

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # whatever it was, without a wake-up only the net is left
                log.warning("bus_disconnected", error=repr(error))
            await asyncio.sleep(RECONNECT)

    async def _listen(self) -> None:
        import asyncpg  # on SQLite nobody waits for it to load

        connection = await asyncpg.connect(self._db.url)
        speaking = asyncio.create_task(self._speak(connection))
        connection.add_termination_listener(lambda _: speaking.cancel())
        try:
            await connection.add_listener(CHANNEL, self._hear_commit)
            await connection.add_listener(SIGNALS, self._hear_signal)
            self.connected = True
            await self._note_heads()  # what came while nobody listened
            self._wake.set()
            await asyncio.wait({speaking})
        finally:
            self.connected = False
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            with suppress(Exception):
                await connection.close(timeout=1)

    async def _speak(self, connection: asyncpg.Connection) -> None:
        """Send signals; in silence find out whether the other end is still there."""
        while True:
            try:
                async with asyncio.timeout(ALIVE):
                    text = await self._outgoing.get()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=ALIVE)
                continue
            await connection.execute("SELECT pg_notify($1, $2)", SIGNALS, text, timeout=ALIVE)

    def _hear_commit(self, _c: object, _pid: int, _channel: str, payload: object) -> None:
        for line in str(payload).splitlines():
            workspace_id, _, seq = line.partition(" ")
            if int(seq) > self._told.get(workspace_id, 0):
                self._look_at(workspace_id)

    def _hear_signal(self, _c: object, _pid: int, _channel: str, payload: object) -> None:
        sender, workspace_id, text = str(payload).split(" ", 2)
        if sender != self._name:
            self._tell_signal(workspace_id, text.encode())
