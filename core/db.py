"""The database: `read(fn)`, `write(fn)` and `batch(fn, item)` over SQLite or PostgreSQL.

Domain logic is plain functions over a `Work`. On SQLite one thread takes every waiting unit,
runs each in a savepoint and commits them together, so a commit's fsync is shared; on
PostgreSQL each unit is a transaction of its own. Either way nobody hears of a change, and no
caller gets an answer, before it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, SQLModel

from core.events import Event, Logged
from core.ids import now_ms

CHANNEL = "parley_events"  # on PostgreSQL each commit of events is notified here

T = TypeVar("T")
Row = TypeVar("Row", bound=SQLModel)
Listener = Callable[[Sequence[Logged]], None]


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, for Core statements."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # made at run time
    return table


class Work:
    """A unit of work: what it changes and what it announces are committed together or not."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.now = now_ms()
        self.announced: list[tuple[str, Event]] = []
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """An ORM session within this unit; flushed by the unit's end, never committed by you."""
        if self._session is None:
            self._session = Session(
                self.connection, expire_on_commit=False, join_transaction_mode="rollback_only"
            )
        return self._session

    def add(self, row: Row) -> Row:
        """Store a new row and return it."""
        self.session.add(row)
        self.session.flush()
        return row

    def execute(
        self, statement: Executable, parameters: Any = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a Core statement; a list of parameters is one `executemany`."""
        if self._session is not None:
            self._session.flush()
        return self.connection.execute(statement, parameters)

    def insert(self, into: type[SQLModel] | Table) -> sqlite.Insert | postgresql.Insert:
        """An insert for this dialect, with `on_conflict_do_update` and `…_nothing`."""
        target = into if isinstance(into, Table) else table_of(into)
        if self.connection.dialect.name == "postgresql":
            return postgresql.insert(target)
        return sqlite.insert(target)

    def announce(self, workspace_id: str, event: Event) -> None:
        """Log an event with this change; it is published after the commit."""
        self.announced.append((workspace_id, event))

    def finish(self) -> None:
        """Flush what the ORM session holds and let go of its rows."""
        if self._session is not None:
            self._session.commit()
            self._session.close()
            self._session = None

    def abandon(self) -> None:
        """Forget what was not flushed and what was announced; the caller rolls back."""
        self.announced.clear()
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()
            self._session = None


UnitFunction = Callable[..., T]
BatchFunction = Callable[[Work, list[Any]], list[Any]]


class Database(Protocol):
    """What the rest of the hub sees of either database."""

    url: str
    dialect: str

    async def start(self) -> None:
        """Connect, check the durability settings, and begin taking work."""

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""

    async def read(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn(work, *args)` on a snapshot; it must not write."""

    async def write(self, fn: UnitFunction[T], *args: Any) -> T:
        """Run `fn(work, *args)` in a transaction; returns after the commit, or raises its error."""

    async def batch(self, fn: BatchFunction, item: Any) -> Any:
        """Run `fn(work, [item, …])` with whatever else waits for the same `fn`.

        `fn` returns one result an item, an exception instance refuses its item alone. For hot
        paths only: it buys one `executemany` for many callers.
        """

    def listen(self, listener: Listener) -> None:
        """Call `listener` on the event loop with the events of each commit, in log order."""


def open_database(url: str) -> Database:
    """The database named by `url`: `sqlite:///path` or `postgresql://…`. Not yet started."""
    if url.startswith("sqlite"):
        from core.sqlite import SqliteDatabase

        return SqliteDatabase(url)
    from core.postgres import PostgresDatabase

    return PostgresDatabase(url)
