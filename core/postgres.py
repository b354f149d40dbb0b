"""PostgreSQL: the same units as plain transactions, and a wake-up for the other processes."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core.db import CHANNEL, BatchFunction, Listener, T, UnitFunction, Work
from core.errors import Unavailable
from core.events import Logged
from core.log import append_events

GROUP = 512
WAITING = 20_000
TRIES = 6
WAKE_UPS = 100  # workspaces in one notification
SETTINGS = {
    "jit": "off",  # its compiling costs more than our statements
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# Nothing happened and the same unit may pass: serialization failure, deadlock, a statement
# prepared before the schema changed.
TRY_AGAIN = {"40001", "40P01", "0A000"}
# Somebody inserted the same row at the same moment, or erased the one it belongs to; the second
# time that will be seen.
TRY_ONCE_MORE = {"23505", "23503"}
# The server is short of something, locked, read-only or going away.
PASSING = ("08", "40", "53", "57", "58", "55P03", "25006")

_notify = text(f"SELECT pg_notify('{CHANNEL}', :payload)")


class PostgresDatabase:
    """One PostgreSQL database, shared by any number of hub processes."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self._writing: AsyncEngine = create_async_engine(
            to_async_url(url),
            pool_size=10,
            hide_parameters=True,  # errors are logged, people's words are not
            connect_args={"server_settings": SETTINGS},
        )
        self._reading = self._writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._listeners: list[Listener] = []
        self._waiting: dict[BatchFunction, deque[tuple[Any, asyncio.Future[Any]]]] = {}
        self._batching: dict[BatchFunction, asyncio.Task[None]] = {}
        self._busy = 0
        self._stopping = False

    async def start(self) -> None:
        """Connect, and assert that commits are durable."""
        async with self._writing.connect() as connection:
            answer = await connection.scalar(text("SHOW synchronous_commit"))
        if answer == "off":
            raise RuntimeError(
                "PostgreSQL runs with synchronous_commit=off; Parley acknowledges only what a "
                "crash cannot undo. Set it to on for this database."
            )

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""
        self._stopping = True
        while self._busy or self._batching:  # noqa: ASYNC110 (once, at the very end)
            await asyncio.sleep(0.005)
        await self._writing.dispose()

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each of this process's commits; see `hub/bus.py` for the others'."""
        self._listeners.append(listener)

    async def read(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn` in a read-only transaction."""

        def unit(connection: Connection) -> T:
            work = Work(connection)
            try:
                return fn(work, *args)
            finally:
                work.abandon()

        self._admit()
        return await self._persist(self._reading, unit)

    async def write(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn` in a transaction of its own, again if another one got in its way."""
        self._admit()
        return await self._write(lambda work: fn(work, *args))

    async def batch(self, fn: BatchFunction, item: Any) -> Any:
        """Run `fn` once for all items waiting for it: one transaction, one round of statements."""
        self._admit()
        queue = self._waiting.setdefault(fn, deque())
        if len(queue) > WAITING:
            raise Unavailable("The database is behind. Try again in a moment.", retry_after=1)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        queue.append((item, future))
        if fn not in self._batching:
            self._batching[fn] = asyncio.create_task(self._drain(fn, queue), name="batches")
        return await future

    def _admit(self) -> None:
        if self._stopping:
            raise Unavailable("The hub is stopping. Try again in a moment.", retry_after=1)

    async def _drain(
        self, fn: BatchFunction, queue: deque[tuple[Any, asyncio.Future[Any]]]
    ) -> None:
        try:
            while queue:
                taken = [queue.popleft() for _ in range(min(len(queue), GROUP))]
                await self._run_batch(fn, taken)
        finally:
            del self._waiting[fn], self._batching[fn]

    async def _run_batch(
        self, fn: BatchFunction, taken: list[tuple[Any, asyncio.Future[Any]]]
    ) -> None:
        def unit(work: Work) -> list[Any]:
            outcomes = fn(work, [item for item, _ in taken])
            if len(outcomes) != len(taken):
                raise ValueError(f"{fn.__name__} returned {len(outcomes)} for {len(taken)} items")
            return outcomes

        try:
            outcomes = await self._write(unit)
        except Exception as error:  # every caller must hear that nothing was saved
            if len(taken) == 1 or isinstance(error, Unavailable):
                for _, future in taken:
                    _settle(future, error)
                return
            for one in taken:  # one of them spoilt it: each alone, so that only that one fails
                await self._run_batch(fn, [one])
            return
        for (_, future), outcome in zip(taken, outcomes, strict=True):
            _settle(future, outcome)

    async def _write(self, fn: UnitFunction[T]) -> T:
        def unit(connection: Connection) -> tuple[T, list[Logged]]:
            work = Work(connection)
            outcome = fn(work)
            work.finish()
            logged = append_events(connection, work.announced)
            for payload in _wake_ups(logged):
                connection.execute(_notify, {"payload": payload})
            return outcome, logged

        outcome, logged = await self._persist(self._writing, unit)
        if logged:
            for listener in self._listeners:
                listener(logged)
        return outcome

    async def _persist(self, engine: AsyncEngine, unit: UnitFunction[T]) -> T:
        """Run `unit` in a transaction, again while that is safe and may help."""
        self._busy += 1
        try:
            for attempt in range(1, TRIES):
                try:
                    return await _transact(engine, unit)
                except DBAPIError as error:
                    if not (_may_pass(error) or (attempt == 1 and _was_second(error))):
                        raise
                    await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311
            return await _transact(engine, unit)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise to_hub_error(error) from error
        finally:
            self._busy -= 1


async def _transact(engine: AsyncEngine, unit: UnitFunction[T]) -> T:
    async with engine.connect() as connection:
        await connection.begin()
        outcome = await connection.run_sync(unit)
        try:
            await connection.commit()
        except DBAPIError as error:
            if not error.connection_invalidated:  # the server said no, so nothing was saved
                raise
            raise Unavailable(
                "The database did not say whether it saved this. Try again.", retry_after=5
            ) from error
        return outcome


def to_async_url(url: str) -> str:
    """`postgresql://…` as the address SQLAlchemy opens with asyncpg."""
    _, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}"


def to_hub_error(error: Exception) -> Exception:
    """A server out of reach, full or locked as Unavailable; anything else as it is."""
    if isinstance(error, DBAPIError) and not (
        error.connection_invalidated or _sqlstate(error).startswith(PASSING)
    ):
        return error
    return Unavailable("The database cannot be reached or is full right now.", retry_after=5)


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _may_pass(error: DBAPIError) -> bool:
    """Whether nothing was saved and the same unit may pass now."""
    # A connection that broke before the commit has undone everything; see `_transact`.
    return error.connection_invalidated or _sqlstate(error) in TRY_AGAIN


def _was_second(error: DBAPIError) -> bool:
    return _sqlstate(error) in TRY_ONCE_MORE


def _wake_ups(logged: list[Logged]) -> Iterator[str]:
    """The newest number of each workspace, in as few notifications as their 8,000 bytes allow."""
    heads = {entry.workspace_id: entry.seq for entry in logged}
    lines = [f"{workspace_id} {seq}" for workspace_id, seq in heads.items()]
    for start in range(0, len(lines), WAKE_UPS):
        yield "\n".join(lines[start : start + WAKE_UPS])


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
