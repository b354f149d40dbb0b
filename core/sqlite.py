"""SQLite: one writer thread that commits everything waiting at once, and readers beside it.

Durability is `synchronous=FULL`: a commit survives a power cut. Its fsync is paid once for
all units that arrived while the previous commit ran (measured in docs/performance.md).
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from core.db import BatchFunction, Listener, T, UnitFunction, Work
from core.errors import Unavailable
from core.events import Event, Logged
from core.log import append_events

READERS = 4
GROUP = 512  # units in one commit at the most
WAITING = 20_000  # units in the queue before new ones are turned away
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-16000",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what is erased is overwritten, which costs nothing measurable
    "wal_autocheckpoint=4000",  # pages: 16 MB between checkpoints, a tenth more messages a second
)
FULL = 2  # what PRAGMA synchronous answers for FULL

PASSING = {  # what an operator can mend, or time; anything else is our own mistake
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
}


@dataclass(slots=True)
class _Unit:
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    batched: bool
    future: asyncio.Future[Any]
    outcome: Any = None
    failed: bool = False

    def settle(self, outcome: Any, failed: bool) -> None:
        self.outcome, self.failed = outcome, failed


class SqliteDatabase:
    """One SQLite file in WAL mode."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self.url = url
        self._listeners: list[Listener] = []
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_forever, name="sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._writing: Engine | None = None
        self._reading: Engine | None = None
        self._stopping = False

    async def start(self) -> None:
        """Open the file, assert WAL and `synchronous=FULL`, start the writer."""
        path = self.url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._loop = asyncio.get_running_loop()
        self._writing = _engine(self.url, begin="BEGIN IMMEDIATE")
        self._reading = _engine(self.url, begin="BEGIN", query_only=True)
        await self._loop.run_in_executor(self._readers, self._assert_durable)
        self._thread.start()

    def _assert_durable(self) -> None:
        assert self._writing is not None
        with self._writing.connect() as connection:
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if (journal, synchronous) != ("wal", FULL):
            raise RuntimeError(
                f"SQLite runs with journal_mode={journal}, synchronous={synchronous}; "
                "Parley acknowledges only what a power cut cannot undo (wal, 2)."
            )

    async def stop(self) -> None:
        """Commit what was taken, then close the file."""
        self._stopping = True
        if self._thread.is_alive():
            self._waiting.put(None)
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._readers.shutdown(wait=True)
        for engine in (self._writing, self._reading):
            if engine is not None:
                engine.dispose()

    def listen(self, listener: Listener) -> None:
        """Call `listener` on the event loop with each commit's events."""
        self._listeners.append(listener)

    async def read(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn` on a reader's snapshot; a write in it is refused by SQLite."""
        if self._stopping:
            raise Unavailable("The hub is stopping. Try again in a moment.", retry_after=1)
        return await self._loop.run_in_executor(self._readers, self._read, fn, args)

    def _read(self, fn: UnitFunction[T], args: tuple[Any, ...]) -> T:
        assert self._reading is not None
        try:
            with self._reading.connect() as connection, connection.begin():
                work = Work(connection)
                try:
                    return fn(work, *args)
                finally:
                    work.abandon()
        except DBAPIError as error:
            raise to_hub_error(error) from error

    async def write(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn` in the next group commit; a failure undoes this unit alone."""
        outcome: T = await self._submit(fn, args, batched=False)
        return outcome

    async def batch(self, fn: BatchFunction, item: Any) -> Any:
        """Run `fn` once for every waiting item of the next group commit."""
        return await self._submit(fn, (item,), batched=True)

    def _submit(
        self, fn: Callable[..., Any], args: tuple[Any, ...], *, batched: bool
    ) -> asyncio.Future[Any]:
        if self._stopping:
            raise Unavailable("The hub is stopping. Try again in a moment.", retry_after=1)
        if self._waiting.qsize() > WAITING:
            raise Unavailable("The database is behind. Try again in a moment.", retry_after=1)
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.put(_Unit(fn, args, batched, future))
        return future

    # The writer's thread ------------------------------------------------------------------

    def _write_forever(self) -> None:
        assert self._writing is not None
        with self._writing.connect() as connection:
            while units := self._take():
                logged = self._commit(connection, units)
                self._loop.call_soon_threadsafe(self._deliver, units, logged)

    def _take(self) -> list[_Unit]:
        """Wait for a unit, then take all that came meanwhile; empty when it is time to stop."""
        units = []
        unit = self._waiting.get()
        while unit is not None:
            units.append(unit)
            if len(units) == GROUP or self._waiting.empty():
                return units
            unit = self._waiting.get()
        self._waiting.put(None)  # seen while collecting: stop after this group
        return units

    def _commit(self, connection: Connection, units: list[_Unit]) -> list[Logged]:
        """Run the units and commit; if the commit fails, none of them happened."""
        driver = _driver(connection)
        try:
            with connection.begin():
                announced: list[tuple[str, Event]] = []
                for run in _runs(units):
                    self._run(connection, run, announced)
                return append_events(connection, announced)
        except BaseException as error:  # every caller must hear that nothing was saved
            driver.rollback()  # a refused COMMIT leaves the transaction open
            reason = to_hub_error(error)
            left = [unit for unit in units if not unit.failed]
            if len(left) > 1 and not isinstance(reason, Unavailable):
                # One of them spoilt the commit: each alone, so that only that one fails.
                return [entry for unit in left for entry in self._commit(connection, [unit])]
            for unit in left:
                unit.settle(reason, failed=True)
            return []

    def _run(
        self, connection: Connection, units: list[_Unit], announced: list[tuple[str, Event]]
    ) -> None:
        """One plain unit, or all of a batch, within a savepoint."""
        driver = _driver(connection)
        driver.execute("SAVEPOINT unit")
        work = Work(connection)
        try:
            outcomes = _outcomes(work, units)
            work.finish()
            driver.execute("RELEASE unit")
        except BaseException as error:
            work.abandon()
            if not driver.in_transaction:  # a full disk or a failed flush undid the whole group
                raise
            driver.execute("ROLLBACK TO unit")
            driver.execute("RELEASE unit")
            if len(units) == 1:
                units[0].settle(to_hub_error(error), failed=True)
                return
            for unit in units:  # one of them spoilt it: each alone, so only that one fails
                self._run(connection, [unit], announced)
        else:
            announced += work.announced
            for unit, outcome in zip(units, outcomes, strict=True):
                unit.settle(outcome, failed=isinstance(outcome, BaseException))

    # Back on the event loop ---------------------------------------------------------------

    def _deliver(self, units: list[_Unit], logged: Sequence[Logged]) -> None:
        for unit in units:
            if unit.future.done():  # its caller went away
                continue
            if unit.failed:
                unit.future.set_exception(unit.outcome)
            else:
                unit.future.set_result(unit.outcome)
        if logged:
            for listener in self._listeners:
                listener(logged)


def _driver(connection: Connection) -> sqlite3.Connection:
    """Past SQLAlchemy: its `begin_nested()` takes 64 µs, a savepoint here takes one."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _runs(units: list[_Unit]) -> list[list[_Unit]]:
    """The units in the order they came, those of one batch function together."""
    runs: dict[Hashable, list[_Unit]] = {}
    for unit in units:
        runs.setdefault(unit.fn if unit.batched else id(unit), []).append(unit)
    return list(runs.values())


def _outcomes(work: Work, units: list[_Unit]) -> list[Any]:
    first = units[0]
    if first.batched:
        outcomes: list[Any] = first.fn(work, [unit.args[0] for unit in units])
        return outcomes
    return [first.fn(work, *first.args)]


def _engine(url: str, *, begin: str, query_only: bool = False) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS,
        hide_parameters=True,  # errors are logged, people's words are not
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # SQLite's deferred BEGIN fails later with "database is locked" (1,400 of 1,600 with 8
        # processes); taking the write lock at once waits instead.
        connection.exec_driver_sql(begin)

    return engine


def to_hub_error(error: BaseException) -> BaseException:
    """A full disk or a locked file as Unavailable; anything else as it is."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in PASSING:
        return Unavailable(f"The database cannot save right now: {cause}.", retry_after=5)
    if isinstance(error, StopIteration):  # a future does not take it
        return RuntimeError("a unit of work raised StopIteration")
    return error
