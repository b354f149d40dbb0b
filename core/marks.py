"""Marks: what has changed at a shop and is to be read again, each once however often it changed.

A webhook that only says "this changed" leaves a mark; a job that runs a moment later reads all
marked things together. A mark that is set again while it is worked on stays::

    mark(work, connection, "product", ["788032"])
    …
    taken = take(work, connection, "product", limit=50)   # read them at the shop, save them
    clear(work, connection, "product", taken)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import BigInteger, ColumnElement, ForeignKeyConstraint, Index, delete, func, select
from sqlmodel import Field, SQLModel

from core.connector import Connection
from core.db import Work, table_of
from core.jobs import enqueue


class Mark(SQLModel, table=True):
    """One thing of a connection that is to be read again."""

    __tablename__ = "marks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "connection_id"], ["connections.workspace_id", "connections.id"]
        ),
        Index("marks_oldest", "workspace_id", "connection_id", "kind", "marked_at"),
    )

    workspace_id: str = Field(primary_key=True)
    connection_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    marked_at: int = Field(sa_type=BigInteger)
    times: int = 1  # how often it was set: clearing leaves what was set again meanwhile


_marks = table_of(Mark)


def mark(work: Work, connection: Connection, kind: str, external_ids: Iterable[str]) -> None:
    """Have these read again; whoever marks also asks for the job that does it."""
    rows = [
        {
            "workspace_id": connection.workspace_id,
            "connection_id": connection.id,
            "kind": kind,
            "external_id": external_id,
            "marked_at": work.now,
            "times": 1,
        }
        for external_id in sorted(set(external_ids))
    ]
    if rows:
        again = work.insert(_marks).on_conflict_do_update(
            index_elements=["workspace_id", "connection_id", "kind", "external_id"],
            set_={"times": _marks.c.times + 1},
        )
        work.execute(again, rows)


def read_again(
    work: Work, connection: Connection, kind: str, external_ids: Iterable[str], job: str, at: int
) -> None:
    """Mark these, and have the connector's `job` read them at `at`, with all marked until then."""
    named = [external_id for external_id in external_ids if external_id]
    if not named:
        return
    mark(work, connection, kind, named)
    enqueue(
        work,
        job,
        workspace_id=connection.workspace_id,
        key=f"{job} {connection.id}",
        at=at,
        connection_id=connection.id,
    )


def take(work: Work, connection: Connection, kind: str, limit: int) -> dict[str, int]:
    """The longest marked ones, and how often each was; they stay marked until `clear`."""
    query = (
        select(_marks.c.external_id, _marks.c.times)
        .where(*_of(connection), _marks.c.kind == kind)
        .order_by(_marks.c.marked_at, _marks.c.external_id)
        .limit(limit)
    )
    return {row.external_id: row.times for row in work.execute(query)}


def clear(work: Work, connection: Connection, kind: str, taken: Mapping[str, int]) -> None:
    """Take the marks away from what was read, unless they were set again since."""
    for external_id, times in taken.items():
        work.execute(
            delete(_marks).where(
                *_of(connection),
                _marks.c.kind == kind,
                _marks.c.external_id == external_id,
                _marks.c.times == times,
            )
        )


def forget(work: Work, workspace_id: str, connection_id: str) -> None:
    """Drop all marks of a connection: it is being read whole, or is gone."""
    work.execute(
        delete(_marks).where(
            _marks.c.workspace_id == workspace_id, _marks.c.connection_id == connection_id
        )
    )


def waiting(work: Work, connection: Connection) -> int:
    """How many things of a connection are marked."""
    count = select(func.count()).select_from(_marks).where(*_of(connection))
    return int(work.execute(count).scalar_one())


def _of(connection: Connection) -> tuple[ColumnElement[bool], ...]:
    return (
        _marks.c.workspace_id == connection.workspace_id,
        _marks.c.connection_id == connection.id,
    )
