"""The event log: every workspace's events, numbered, and what followed a given one."""

from __future__ import annotations

from typing import Union

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlmodel import Field, SQLModel

from core.bulk import ByKeys, execute_many
from core.db import Work, table_of
from core.events import EVENTS, Event, Logged
from core.ids import now_ms
from core.workspaces import Workspace

RESUME_LIMIT = 2_000  # who is further behind fetches the lists afresh, which is cheaper
KEPT = 30 * 86_400_000  # milliseconds an event stays; what it reported stays for good
TRIMMED_AT_ONCE = 5_000


class EventRow(SQLModel, table=True):
    """One event, as the bytes that went out."""

    __tablename__ = "events"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    audience: str
    visitor_id: str | None
    customer_id: str | None
    body: bytes = Field(sa_type=LargeBinary)
    at: int = Field(sa_type=BigInteger, index=True)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Union[EVENTS])  # noqa: UP007 (built at run time)
_events = table_of(EventRow)
_workspaces = table_of(Workspace)
_insert = insert(_events)
_counters = ByKeys(
    (_workspaces.c.id, _workspaces.c.event_seq, _workspaces.c.epoch), [_workspaces.c.id]
)
_advance = (
    update(_workspaces)
    .where(_workspaces.c.id == bindparam("workspace"))
    .values(event_seq=bindparam("head"))
)


def append_events(connection: Connection, announced: list[tuple[str, Event]]) -> list[Logged]:
    """Number and store events, within the transaction of the changes they report.

    The workspace's counter is its last lock: whoever holds it commits next, so a lower number
    is never committed after a higher one, and the log has no gaps.
    """
    if not announced:
        return []
    workspace_ids = {(workspace_id,) for workspace_id, _ in announced}
    heads, epochs = {}, {}
    for row in _counters.rows(connection, workspace_ids, lock=True):
        heads[row["id"]], epochs[row["id"]] = row["event_seq"], row["epoch"]
    logged: list[Logged] = []
    for workspace_id, event in announced:
        heads[workspace_id] = seq = heads[workspace_id] + 1
        logged.append(
            Logged(workspace_id, epochs[workspace_id], seq, event, _encoder.encode(event))
        )
    moved = [{"workspace": id_, "head": head} for id_, head in heads.items()]
    execute_many(connection, _advance, moved)
    at = now_ms()
    execute_many(connection, _insert, [_to_row(entry, at) for entry in logged])
    return logged


def _to_row(entry: Logged, at: int) -> dict[str, object]:
    event = entry.event
    return {
        "workspace_id": entry.workspace_id,
        "seq": entry.seq,
        "audience": event.audience,
        "visitor_id": event.visitor,
        "customer_id": event.customer,
        "body": entry.body,
        "at": at,
    }


def head(work: Work, workspace_id: str) -> tuple[str, int]:
    """The workspace's epoch and the number of its newest event."""
    row = work.execute(
        select(_workspaces.c.epoch, _workspaces.c.event_seq).where(_workspaces.c.id == workspace_id)
    ).one()
    return row.epoch, row.event_seq


def events_after(work: Work, workspace_id: str, seq: int, limit: int = 500) -> list[Logged]:
    """The events that followed `seq`, oldest first."""
    epoch, _ = head(work, workspace_id)
    rows = work.execute(
        select(_events.c.seq, _events.c.body)
        .where(_events.c.workspace_id == workspace_id, _events.c.seq > seq)
        .order_by(_events.c.seq)
        .limit(limit)
    )
    return [
        Logged(workspace_id, epoch, row.seq, _decoder.decode(row.body), row.body) for row in rows
    ]


def heads(work: Work) -> list[tuple[str, int]]:
    """Every workspace and the number of its newest event, for the bus."""
    rows = work.execute(select(_workspaces.c.id, _workspaces.c.event_seq))
    return [(row.id, row.event_seq) for row in rows]


def trim(work: Work) -> int:
    """Forget a part of the events that nobody resumes from any more; how many."""
    old = (
        select(_events.c.workspace_id, _events.c.seq)
        .where(_events.c.at < work.now - KEPT)
        .limit(TRIMMED_AT_ONCE)
    )
    key = tuple_(_events.c.workspace_id, _events.c.seq)
    return work.execute(delete(_events).where(key.in_(old))).rowcount
