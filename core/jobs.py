"""Jobs: work that runs later or on a schedule, once, however many hub processes there are.

A plugin declares its jobs by the hook `register_jobs`; anyone asks for a run in the same
transaction that makes it necessary::

    Job("teashop.sync", sync)  # async def sync(services, connection_id)

    enqueue(work, "teashop.sync", workspace_id=…, key=f"sync {connection_id}", connection_id=…)

Of one `key` only one run waits and only one is at work. A job that raises Unavailable is tried
again later, one that raises Refused or Invalid is not. After a crash it runs again, so running
it twice must be harmless.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, Index, RowMapping, select, text
from sqlmodel import Field

from core.db import Database, Work, table_of
from core.ids import new_id
from core.queue import Leased, Queue, Worker, indexes

if TYPE_CHECKING:
    from core.services import Services

KEPT = 24 * 3_600_000  # milliseconds; longer than any two processes' clocks may differ
KEPT_DEAD = 60 * 24 * 3_600_000
AT_ONCE = 8
LONGEST = 6 * 3600  # seconds; a first import of a large shop takes hours
WAITING = "state = 'waiting'"
AT_WORK = "state = 'working'"


@dataclass(frozen=True, slots=True)
class Job:
    """Something the hub can run by its name."""

    name: str  # the plugin's name and what it does: "teashop.sync"
    run: Callable[..., Awaitable[None]]  # called with services and the arguments it was given
    every: timedelta | None = None  # also by itself, this often
    long: bool = False  # it may take hours: no other job waits behind it


class JobRun(Leased, table=True):
    """One run of a job: asked for, at work, or over."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "jobs_one_waiting",
            "key",
            unique=True,
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index("jobs_at_work", "key", sqlite_where=text(AT_WORK), postgresql_where=text(AT_WORK)),
        Index("jobs_by_workspace", "workspace_id"),
        *indexes("jobs"),
    )

    id: str = Field(primary_key=True)
    # None: the hub's own. Jobs are looked up by operators and workers only, never by a tenant.
    workspace_id: str | None = Field(default=None, foreign_key="workspaces.id")
    name: str
    key: str | None = None
    args: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


table = table_of(JobRun)
queue = Queue(table, kind="name", key="key", tries=8)
_fresh = {"state": "waiting", "attempts": 0, "lease": "", "error": "", "ended_at": None}


def enqueue(
    work: Work,
    name: str,
    *,
    workspace_id: str | None = None,
    key: str | None = None,
    at: int | None = None,
    **args: Any,
) -> None:
    """Have a job run soon, or not before the time `at`; nothing if one of its key waits already.

    `args`, and `workspace_id` if there is one, become the job's arguments.
    """
    _add(work, new_id("job"), name, workspace_id, key, work.now if at is None else at, args)


def is_open(work: Work, key: str) -> bool:
    """Whether a run of this key waits or is at work."""
    states = (select(table.c.id).where(table.c.key == key, text(one)) for one in (WAITING, AT_WORK))
    return any(work.execute(query.limit(1)).first() is not None for query in states)


def tick(work: Work, name: str, slot: int) -> None:
    """The run of a scheduled job that belongs to a slot of time: only the first call makes it."""
    _add(work, f"{name}@{slot}", name, None, name, work.now, {})


def _add(
    work: Work,
    id_: str,
    name: str,
    workspace_id: str | None,
    key: str | None,
    due_at: int,
    args: dict[str, Any],
) -> None:
    work.execute(
        work.insert(table).on_conflict_do_nothing(),
        {
            **_fresh,
            "id": id_,
            "workspace_id": workspace_id,
            "name": name,
            "key": key,
            "args": args,
            "due_at": due_at,
            "created_at": work.now,
        },
    )


def trim(work: Work) -> int:
    """Forget a part of the old runs; how many, 0 when there are no more."""
    return queue.trim(work, "done", work.now - KEPT) + queue.trim(
        work, "dead", work.now - KEPT_DEAD
    )


def worker(services: Services, db: Database, jobs: Iterable[Job]) -> Worker:
    """What runs these jobs in this process; not yet started."""
    by_name = {job.name: job for job in jobs}

    async def run(row: RowMapping) -> None:
        tenant = {} if row["workspace_id"] is None else {"workspace_id": row["workspace_id"]}
        await by_name[row["name"]].run(services, **tenant, **row["args"])

    return Worker(
        db, queue, run, name="jobs", kinds=lambda: by_name, at_once=AT_ONCE, limit=LONGEST
    )
