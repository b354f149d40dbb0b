"""Syncs: the runs that bring a shop's data here, how far each is, and what became of it.

    full   everything, from the beginning; after connecting, and when somebody asks for it
    check  what changed since the last check; every few minutes
    sweep  everything compared, once a night

Of one connection only one sync is at work. A run that was interrupted goes on from its cursor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, delete, select
from sqlmodel import Field, SQLModel

from core.connections import announce, current
from core.connector import Connection, Progress
from core.db import Work, table_of
from core.events import SyncProgressed
from core.ids import moment, new_id
from core.jobs import enqueue, is_open
from core.redact import without_secrets
from core.views import View

Kind = Literal["full", "check", "sweep"]
RunState = Literal["running", "done", "failed"]
JOB = "hub.sync"
KEPT = 60  # runs of a kind that are remembered of each connection
SHOWN = 30
PAUSE, LONGEST_PAUSE = 60_000, 900_000  # milliseconds after a first import that failed
TELL_EVERY = 700  # milliseconds between two announcements of one run's progress


class SyncRun(SQLModel, table=True):
    """One run of a sync."""

    __tablename__ = "sync_runs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "connection_id"], ["connections.workspace_id", "connections.id"]
        ),
        Index("sync_runs_of_connection", "workspace_id", "connection_id", "started_at"),
    )

    workspace_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    connection_id: str
    kind: str
    state: str = "running"
    generation: int
    done: int = 0
    total: int | None = None
    changed: int = 0
    drift: int = 0
    fixed: int = 0
    error: str = Field(default="", sa_type=Text)
    told_at: int = Field(default=0, sa_type=BigInteger)
    started_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


class RunView(View):
    """A run as the sync log shows it."""

    id: str
    kind: Kind
    state: RunState
    done: int
    total: int | None
    changed: int
    drift: int
    fixed: int
    error: str
    started_at: datetime
    ended_at: datetime | None


_runs = table_of(SyncRun)


def ask_for_sync(
    work: Work, workspace_id: str, connection_id: str, kind: Kind, at: int | None = None
) -> None:
    """Have a sync run soon, or not before `at`; nothing if one of its kind waits already."""
    enqueue(
        work,
        JOB,
        workspace_id=workspace_id,
        key=_key(connection_id, kind),
        at=at,
        connection_id=connection_id,
        kind=kind,
    )


def _key(connection_id: str, kind: str) -> str:
    return f"{JOB} {connection_id} {kind}"


def begin(work: Work, connection: Connection, kind: Kind) -> SyncRun:
    """The run to go on with: the interrupted one of this kind, or a new one."""
    current(work, connection)
    open_runs = select(SyncRun).where(
        _runs.c.workspace_id == connection.workspace_id,
        _runs.c.connection_id == connection.id,
        _runs.c.state == "running",
    )
    found: SyncRun | None = None
    for run in work.session.scalars(open_runs).all():
        if run.generation != connection.generation:  # of any kind: nobody else would end it
            _end(work, run, "failed", "The shop was connected anew.")
        elif run.kind == kind:
            found = run
    return found or work.add(
        SyncRun(
            workspace_id=connection.workspace_id,
            id=new_id("run"),
            connection_id=connection.id,
            kind=kind,
            generation=connection.generation,
            started_at=work.now,
        )
    )


def note_progress(work: Work, connection: Connection, run: SyncRun, far: Progress) -> None:
    """Keep how far a run is and its cursor; Conflict `superseded` if it is to stop.

    Called after what it counts has been committed: a cursor never runs ahead of its rows.
    """
    row = current(work, connection)
    cursors = {**row.cursors, run.kind: far.cursor}
    if cursors != row.cursors:
        row.cursors = cursors
        work.add(row)
    run.done, run.total, run.changed = far.done, far.total, far.changed
    run.drift, run.fixed = far.drift, far.fixed
    if work.now - run.told_at >= TELL_EVERY:
        run.told_at = work.now
        _tell(work, run)
    work.session.merge(run)


def end(work: Work, connection: Connection, run: SyncRun, failure: str = "") -> None:
    """Close a run; when it went well, the connection is as fresh as this moment."""
    row = current(work, connection)
    _end(work, run, "failed" if failure else "done", failure)
    if not failure:
        row.synced_at = work.now
        row.drift = run.drift - run.fixed
        if run.kind == "full":  # what changed meanwhile is the first check's
            row.cursors = {**row.cursors, "full": "", "check": str(run.started_at)}
        work.add(row)
    _forget_old(work, run)
    announce(work, row)


def _end(work: Work, run: SyncRun, state: RunState, error: str) -> None:
    run.state, run.ended_at, run.error = state, work.now, without_secrets(error)[:2000]
    work.session.merge(run)
    _tell(work, run)


def _tell(work: Work, run: SyncRun) -> None:
    work.announce(
        run.workspace_id,
        SyncProgressed(
            connection=run.connection_id,
            run=run.id,
            kind=run.kind,
            state=run.state,
            done=run.done,
            total=run.total,
            changed=run.changed,
        ),
    )


def _forget_old(work: Work, run: SyncRun) -> None:
    """Of each kind the newest are kept, so that the last of a rare kind is never forgotten."""
    of_kind = (
        _runs.c.workspace_id == run.workspace_id,
        _runs.c.connection_id == run.connection_id,
        _runs.c.kind == run.kind,
    )
    newest = select(_runs.c.id).where(*of_kind).order_by(_runs.c.started_at.desc()).limit(KEPT)
    work.execute(delete(_runs).where(*of_kind, _runs.c.id.not_in(newest)))


def due(
    work: Work, workspace_id: str, connection_id: str, check_every_ms: int, sweep_from: int
) -> Kind | None:
    """Which sync a connection needs now, if any; the most thorough first.

    Everything as long as that was never finished, anew after each failure with a longer pause;
    a sweep if there was none since `sweep_from`; else a check if the last is old enough. One that
    was begun and whose job was given up is gone on with.
    """
    last = _last_runs(work, workspace_id, connection_id)
    for run in last.values():
        if run.state == "running":
            kind = msgspec.convert(run.kind, Kind)
            return None if is_open(work, _key(connection_id, kind)) else kind
    full, sweep, check = last.get("full"), last.get("sweep"), last.get("check")
    if full is None or full.state == "failed":
        return "full" if full is None or work.now >= _next_try(work, full) else None
    if max(full.started_at, sweep.started_at if sweep else 0) < sweep_from:
        return "sweep"
    newest = max(full.ended_at or 0, check.started_at if check else 0)
    return "check" if work.now - newest >= check_every_ms else None


def _last_runs(work: Work, workspace_id: str, connection_id: str) -> dict[str, SyncRun]:
    rows = work.session.scalars(
        select(SyncRun)
        .where(_runs.c.workspace_id == workspace_id, _runs.c.connection_id == connection_id)
        .order_by(_runs.c.started_at)
    )
    return {run.kind: run for run in rows}


def _next_try(work: Work, failed: SyncRun) -> int:
    """When a failed first import is tried again: after as long as it has been failing."""
    ended = failed.ended_at or work.now
    return ended + min(max(ended - failed.started_at, PAUSE), LONGEST_PAUSE)


def runs_of(work: Work, workspace_id: str, connection_id: str, limit: int = SHOWN) -> list[RunView]:
    """A connection's runs, newest first."""
    rows = work.session.scalars(
        select(SyncRun)
        .where(_runs.c.workspace_id == workspace_id, _runs.c.connection_id == connection_id)
        .order_by(_runs.c.started_at.desc(), _runs.c.id)
        .limit(limit)
    )
    return [to_view(row) for row in rows]


def run_of(work: Work, workspace_id: str, run_id: str) -> RunView | None:
    """One run, if it is still remembered."""
    row = work.session.get(SyncRun, (workspace_id, run_id))
    return None if row is None else to_view(row)


def to_view(run: SyncRun) -> RunView:
    """A run as the sync log shows it."""
    return RunView(
        id=run.id,
        kind=msgspec.convert(run.kind, Kind),
        state=msgspec.convert(run.state, RunState),
        done=run.done,
        total=run.total,
        changed=run.changed,
        drift=run.drift,
        fixed=run.fixed,
        error=run.error,
        started_at=moment(run.started_at),
        ended_at=None if run.ended_at is None else moment(run.ended_at),
    )
