"""The inbox: webhooks as they came, saved before they are answered and worked on afterwards.

A route proves that a webhook is genuine, stores it and answers; a worker hands it to the
function its source registered::

    await services.inbox.store(Received(workspace_id, "teashop", connection.id, topic, body))

    services.inbox.handler("teashop", take_in)  # async def take_in(services, delivery)

Deliveries come twice, late and in any order, and are worked on side by side: whoever handles
them saves what is newer and leaves the rest. A handler that raises Unavailable is asked again
later, one that raises Refused or Invalid never.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    RowMapping,
    delete,
    func,
    select,
    update,
)
from sqlmodel import Field

from core.db import Database, Work, table_of
from core.ids import new_id
from core.queue import Leased, Queue, Worker, indexes

if TYPE_CHECKING:
    from core.services import Services

KEPT = 14 * 24 * 3_600_000  # milliseconds a delivery stays for replay, and for its duplicates
KEPT_DEAD = 60 * 24 * 3_600_000
PART = 1_000  # deliveries forgotten at once


class InboxDelivery(Leased, table=True):
    """A webhook as it came."""

    __tablename__ = "inbox"
    __table_args__ = (
        # A second delivery under the same name is the first one again.
        Index("inbox_once", "workspace_id", "source", "dedupe", unique=True),
        Index("inbox_of_connection", "workspace_id", "connection", "state"),
        *indexes("inbox"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    source: str
    connection: str  # id of the connection it came for
    topic: str
    headers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    body: bytes = Field(sa_type=LargeBinary)
    dedupe: str | None = None


class Received(msgspec.Struct, frozen=True):
    """A genuine webhook, about to be stored.

    `dedupe` is the sender's unique name for the delivery. Without one nothing is taken for a
    duplicate; never make one of a name that several deliveries share.
    """

    workspace_id: str
    source: str
    connection: str
    topic: str
    body: bytes
    headers: Mapping[str, str] = {}  # those worth keeping; never a secret
    dedupe: str | None = None


class Delivery(msgspec.Struct, frozen=True):
    """A stored webhook, on its way to its handler."""

    workspace_id: str
    id: str
    source: str
    connection: str
    topic: str
    body: bytes
    headers: Mapping[str, str]
    received_at: int
    attempts: int  # this one included


Handler = Callable[["Services", Delivery], Awaitable[None]]

table = table_of(InboxDelivery)
queue = Queue(table, kind="source")
_fresh = {"state": "waiting", "attempts": 0, "lease": "", "error": "", "ended_at": None}


def store(work: Work, rows: list[Received]) -> list[None]:
    """Save webhooks, duplicates once; for `db.batch`: one statement for all that wait."""
    work.execute(
        work.insert(table).on_conflict_do_nothing(),
        [
            {
                **_fresh,
                "workspace_id": row.workspace_id,
                "id": new_id("dlv"),
                "source": row.source,
                "connection": row.connection,
                "topic": row.topic,
                "headers": dict(row.headers),
                "body": row.body,
                "dedupe": row.dedupe,
                "due_at": work.now,
                "created_at": work.now,
            }
            for row in rows
        ],
    )
    return [None] * len(rows)


def trim(work: Work) -> int:
    """Forget a part of the old deliveries; how many, 0 when there are no more."""
    return queue.trim(work, "done", work.now - KEPT) + queue.trim(
        work, "dead", work.now - KEPT_DEAD
    )


def dead_of(work: Work, workspace_id: str, connection: str, limit: int) -> list[RowMapping]:
    """The deliveries for a connection that were given up, newest first."""
    rows = select(table).where(*_of(workspace_id, connection), table.c.state == "dead")
    return list(work.execute(rows.order_by(table.c.ended_at.desc()).limit(limit)).mappings())


def waiting_of(work: Work, workspace_id: str, connection: str) -> int:
    """How many deliveries for a connection are not worked on yet."""
    many = select(func.count()).where(*_of(workspace_id, connection), table.c.state == "waiting")
    return int(work.execute(many).scalar_one())


def replay_of(work: Work, workspace_id: str, connection: str, delivery: str | None) -> int:
    """Put one delivery of a connection, or all that were given up, back in line; how many."""
    which = table.c.state == "dead" if delivery is None else table.c.id == delivery
    return queue.replay(work, *_of(workspace_id, connection), which)


def forget_of(work: Work, workspace_id: str, connection: str) -> int:
    """Drop a part of what a connection has sent; how many, 0 when there are no more."""
    some = select(table.c.id).where(*_of(workspace_id, connection)).limit(PART)
    this = (table.c.workspace_id == workspace_id, table.c.id.in_(some))
    return int(work.execute(delete(table).where(*this)).rowcount)


def blank(work: Work, workspace_id: str, delivery: str) -> None:
    """Forget what a delivery said, not that it came: it is a request to forget somebody."""
    this = (table.c.workspace_id == workspace_id, table.c.id == delivery)
    work.execute(update(table).where(*this).values(body=b"", headers={}))


def _of(workspace_id: str, connection: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.workspace_id == workspace_id, table.c.connection == connection


def to_delivery(row: RowMapping | Mapping[str, Any]) -> Delivery:
    """A row as its handler sees it."""
    return Delivery(
        workspace_id=row["workspace_id"],
        id=row["id"],
        source=row["source"],
        connection=row["connection"],
        topic=row["topic"],
        body=row["body"],
        headers=row["headers"],
        received_at=row["created_at"],
        attempts=row["attempts"],
    )


class Inbox:
    """Where routes leave webhooks, and where sources say who works on theirs."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._handlers: dict[str, Handler] = {}
        self._worker: Worker | None = None

    def handler(self, source: str, handler: Handler) -> None:
        """Hand the deliveries of `source` to this function."""
        if source in self._handlers:
            raise ValueError(f"the deliveries of {source!r} have a handler already")
        self._handlers[source] = handler

    async def store(self, row: Received) -> None:
        """Save a webhook; when this returns, it may be answered."""
        await self._db.batch(store, row)
        if self._worker is not None:
            self._worker.wake()

    def start(self, services: Services) -> None:
        """Begin to work on deliveries in this process."""

        async def run(row: RowMapping) -> None:
            await self._handlers[row["source"]](services, to_delivery(row))

        self._worker = Worker(self._db, queue, run, name="inbox", kinds=lambda: self._handlers)
        self._worker.start()

    async def stop(self) -> None:
        """Finish or give back what is at work."""
        if self._worker is not None:
            await self._worker.stop()
            self._worker = None
