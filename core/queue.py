"""Leased work: rows that wait their turn, are taken by one worker at a time, and tried again.

    waiting ── claim ──▶ working ── done ──▶ done
       ▲                    │
       └─ retry, or the ────┴── refused, or too many tries ──▶ dead, until someone replays it
          lease ran out

A worker that dies in the middle just stops renewing its lease, so whatever it had is taken
again: running a row twice must be harmless. The inbox and the jobs are both made of this.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ColumnExpressionArgument,
    Index,
    RowMapping,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlmodel import Field, SQLModel

from core.db import Database, Work
from core.errors import HubError, Unavailable
from core.ids import now_ms, random_text
from core.redact import without_secrets

log = structlog.get_logger("queue")

# Written out, not bound: a database uses a partial index only for a condition it can read.
OPEN = "state IN ('waiting', 'working')"
DEAD = "state = 'dead'"

FIRST_PAUSE = 5_000  # milliseconds before the second try; doubled for every further one
LONGEST_PAUSE = 3_600_000
LEASE = 60_000
POLL = 1.0  # seconds between two looks for work that other processes stored
CLAIM = 64  # rows taken at once


class Leased(SQLModel):
    """The columns of a table whose rows are work."""

    state: str = "waiting"
    attempts: int = 0
    due_at: int = Field(sa_type=BigInteger)  # free to be taken from then on: or when a lease ends
    lease: str = ""  # of the worker that has it
    error: str = ""  # why the last attempt failed
    created_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


def indexes(table: str) -> tuple[Index, ...]:
    """What makes taking, counting and trimming cheap however many rows are done."""
    is_open, is_dead, has_ended = text(OPEN), text(DEAD), text("ended_at IS NOT NULL")
    return (
        Index(f"{table}_open", "due_at", sqlite_where=is_open, postgresql_where=is_open),
        Index(f"{table}_dead", "ended_at", sqlite_where=is_dead, postgresql_where=is_dead),
        Index(f"{table}_ended", "ended_at", sqlite_where=has_ended, postgresql_where=has_ended),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row that was taken."""

    row: RowMapping
    state: str
    due_at: int
    error: str = ""


class Queue:
    """The statements over one table of leased work.

    `kind` is the column that says who can run a row. With `key`, only one row of a key waits
    and only one is at work; a row that comes back while its successor waits gives way to it.
    """

    def __init__(
        self,
        table: Table,
        *,
        kind: str,
        key: str | None = None,
        tries: int = 12,
        lease: int = LEASE,
    ) -> None:
        self.table = table
        self.tries = tries
        self.lease = lease  # milliseconds; renewed while the worker lives
        self._keys = list(table.primary_key.columns)
        self.kind = table.c[kind]
        self._claim = self._claiming(key)
        self._back = back = _gives_way(table, key)
        this = and_(*(column == bindparam(f"its_{column.name}") for column in self._keys))
        is_ours = and_(
            table.c.lease == bindparam("its_lease"), table.c.state == "working", text(OPEN)
        )
        self._settle = (
            update(table)
            .where(this, is_ours)
            .values(
                state=case(
                    (and_(bindparam("to") == "waiting", back), "done"), else_=bindparam("to")
                ),
                due_at=bindparam("due"),
                error=bindparam("why"),
                ended_at=bindparam("end"),
            )
        )
        self._release = (
            update(table)
            .where(is_ours)
            .values(
                state=case((back, "done"), else_="waiting"),
                attempts=table.c.attempts - 1,  # it did not fail, it was interrupted
                due_at=bindparam("now"),
            )
        )
        self._renew = update(table).where(is_ours).values(due_at=bindparam("until"))

    def _claiming(self, key: str | None) -> Any:
        table = self.table
        conditions: list[ColumnExpressionArgument[bool]] = [
            text(OPEN),
            table.c.due_at <= bindparam("now"),
            self.kind.in_(bindparam("kinds", expanding=True)),
        ]
        if key is not None:
            at_work = table.alias("at_work")
            conditions.append(
                ~exists().where(
                    at_work.c[key] == table.c[key],
                    at_work.c.state == literal_column("'working'"),
                    or_(*(at_work.c[one.name] != one for one in self._keys)),
                )
            )
        due = (
            select(*self._keys)
            .where(*conditions)
            .order_by(table.c.due_at)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        return (
            update(table)
            .where(tuple_(*self._keys).in_(select(*due.c)))
            .values(
                state="working",
                attempts=table.c.attempts + 1,
                lease=bindparam("to"),
                due_at=bindparam("until"),
            )
            .returning(table)
        )

    def kind_of(self, row: RowMapping) -> str:
        """What a row is, by which its worker knows how to run it."""
        return str(row[self.kind.name])

    def outcome(self, row: RowMapping, state: str, error: str = "", due_at: int = 0) -> Outcome:
        """What became of a row, to be settled."""
        # A vendor's client may put an address with its token into what it raises.
        return Outcome(row, state, due_at or row["due_at"], without_secrets(error))

    # Units of work -------------------------------------------------------------------------

    def claim(
        self, work: Work, lease: str, kinds: Sequence[str], most: int = CLAIM
    ) -> list[RowMapping]:
        """Take what is due, oldest first; nobody else has these rows until the lease ends."""
        taken = work.execute(
            self._claim,
            {
                "now": work.now,
                "until": work.now + self.lease,
                "kinds": list(kinds),
                "most": most,
                "to": lease,
            },
        )
        return sorted(taken.mappings(), key=lambda row: row["created_at"])

    def settle(self, work: Work, outcomes: list[Outcome]) -> list[None]:
        """Write down what became of taken rows, unless someone else has them by now."""
        work.execute(
            self._settle,
            [
                {
                    **{f"its_{column.name}": one.row[column.name] for column in self._keys},
                    "its_lease": one.row["lease"],
                    "to": one.state,
                    "due": one.due_at,
                    "why": one.error[:2000],
                    "end": work.now if one.state in ("done", "dead") else None,
                }
                for one in outcomes
            ],
        )
        return [None] * len(outcomes)

    def release(self, work: Work, lease: str) -> None:
        """Give back everything a lease holds, as if it had not been tried."""
        work.execute(self._release, {"its_lease": lease, "now": work.now})

    def renew(self, work: Work, lease: str) -> None:
        """Keep what a lease holds for another while."""
        work.execute(self._renew, {"its_lease": lease, "until": work.now + self.lease})

    def replay(self, work: Work, *conditions: ColumnElement[bool], most: int = 1_000) -> int:
        """Put dead rows, or ended ones the conditions name, back in line; how many."""
        table = self.table
        found = select(*self._keys).where(
            *conditions or (text(DEAD),), table.c.ended_at.is_not(None)
        )
        ids = work.execute(found.order_by(table.c.ended_at).limit(most)).all()
        again = update(table).values(state="waiting", attempts=0, due_at=work.now, ended_at=None)
        return sum(
            work.execute(again.where(tuple_(*self._keys) == tuple_(*id_), ~self._back)).rowcount
            for id_ in ids
        )

    def dead(self, work: Work, limit: int = 100) -> list[RowMapping]:
        """What was given up, newest first."""
        newest = select(self.table).where(text(DEAD)).order_by(self.table.c.ended_at.desc())
        return list(work.execute(newest.limit(limit)).mappings())

    def depths(self, work: Work) -> dict[str, int]:
        """How many rows wait, are at work and are dead, and the age of the oldest that is due."""
        counted = {"waiting": 0, "working": 0, "dead": 0}
        state = self.table.c.state
        for condition in (OPEN, DEAD):
            many = select(state, func.count()).where(text(condition)).group_by(state)
            counted.update({name: count for name, count in work.execute(many)})
        oldest = work.execute(
            select(func.min(self.table.c.due_at)).where(text(OPEN), state == "waiting")
        ).scalar()
        counted["late_ms"] = max(0, work.now - oldest) if oldest is not None else 0
        return counted

    def trim(self, work: Work, state: str, before: int, most: int = 2_000) -> int:
        """Forget the oldest rows that ended in `state` before a time; how many, at most `most`."""
        old = (
            select(*self._keys)
            .where(self.table.c.ended_at < before, self.table.c.state == state)
            .order_by(self.table.c.ended_at)
            .limit(most)
        )
        gone = delete(self.table).where(tuple_(*self._keys).in_(old))
        return work.execute(gone).rowcount


def _gives_way(table: Table, key: str | None) -> ColumnElement[bool]:
    """Whether another row of the same key waits already."""
    if key is None:
        return literal_column("1 = 0")
    other = table.alias("other")
    return exists().where(
        other.c[key] == table.c[key], other.c.state == literal_column("'waiting'")
    )


Run = Callable[[RowMapping], Awaitable[None]]


class Worker:
    """Takes rows of one queue and runs them, some at a time, until it is stopped."""

    def __init__(
        self,
        db: Database,
        queue: Queue,
        run: Run,
        *,
        name: str,
        kinds: Callable[[], Iterable[str]],
        at_once: int = 16,
        limit: float = 120,
    ) -> None:
        self._db = db
        self._queue = queue
        self._run = run
        self._name = name
        self.kinds = kinds
        self._at_once = at_once
        self._limit = limit  # seconds for one row
        self._lease = random_text(16)
        self._line: asyncio.Queue[RowMapping] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._more = False  # the last claim got all it asked for
        self._busy = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to take work."""
        loops = [self._feed, self._keep_leases, *[self._work] * self._at_once]
        self._tasks = [
            asyncio.create_task(loop(), name=f"{self._name}.{loop.__name__.strip('_')}")
            for loop in loops
        ]

    def wake(self) -> None:
        """Look for work now: some was just stored."""
        self._wake.set()

    async def stop(self, patience: float = 3.0) -> None:
        """Let what runs end within `patience` seconds; give the rest back for others."""
        if not self._tasks:
            return
        self._tasks[0].cancel()  # no new rows
        while not self._line.empty():
            self._line.get_nowait()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._busy:  # noqa: ASYNC110 (once, at the very end)
                    await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=patience)
        await self._db.write(self._queue.release, self._lease)
        self._tasks = []

    async def _feed(self) -> None:
        while True:
            self._wake.clear()
            if not await self._take():
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()

    async def _take(self) -> bool:
        """Get rows into the line; whether that was of use and should be done again."""
        kinds = sorted(self.kinds())
        if not kinds or self._line.qsize() >= self._at_once:
            return False
        try:
            rows: list[RowMapping] = await self._db.write(
                self._queue.claim, self._lease, kinds, CLAIM
            )
        except Exception as error:
            log.warning("cannot_take_work", queue=self._name, reason=repr(error))
            return False
        self._more = len(rows) == CLAIM
        for row in rows:
            self._line.put_nowait(row)
        return self._more

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._queue.lease / 3000)
            try:
                await self._db.write(self._queue.renew, self._lease)
            except Exception as error:
                log.warning("cannot_renew_leases", queue=self._name, reason=repr(error))

    async def _work(self) -> None:
        while True:
            row = await self._line.get()
            self._busy += 1
            try:
                await self._db.batch(self._queue.settle, await self._try(row))
            except Exception as error:  # not written down: its lease ends, and it runs again
                log.warning("cannot_settle_work", queue=self._name, reason=repr(error))
            finally:
                self._busy -= 1
            if self._more and self._line.qsize() < self._at_once:
                self._wake.set()

    async def _try(self, row: RowMapping) -> Outcome:
        kind = self._queue.kind_of(row)
        if row["attempts"] > self._queue.tries:  # taken again and again, and never settled
            return self._give_up(row, row["error"] or "The hub stopped in the middle of each try.")
        limit = asyncio.timeout(self._limit)
        try:
            async with limit:
                await self._run(row)
        except Unavailable as error:
            log.info("work_delayed", queue=self._name, kind=kind, reason=error.message)
            return self._again(row, error.message, (error.retry_after or 0) * 1000)
        except HubError as error:
            return self._give_up(row, error.message)
        except Exception as error:
            reason = f"It took longer than {self._limit} s." if limit.expired() else repr(error)
            log.exception("work_failed", queue=self._name, kind=kind)
            return self._again(row, reason)
        return self._queue.outcome(row, "done")

    def _again(self, row: RowMapping, error: str, at_least: int = 0) -> Outcome:
        if row["attempts"] >= self._queue.tries:
            return self._give_up(row, error)
        longest = min(LONGEST_PAUSE, FIRST_PAUSE << (row["attempts"] - 1))
        pause = max(at_least, random.randint(longest // 2, longest))  # noqa: S311
        return self._queue.outcome(row, "waiting", error, now_ms() + pause)

    def _give_up(self, row: RowMapping, error: str) -> Outcome:
        kind = self._queue.kind_of(row)
        log.error("work_dead", queue=self._name, kind=kind, id=row["id"], reason=error)
        return self._queue.outcome(row, "dead", error)
