"""Jobs and the queue below them: once, later, again after a failure or a crash, and given back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import text, update

from connectors.testing.patience import until
from core import jobs
from core.db import open_database
from core.errors import Invalid, Refused, Unavailable
from core.jobs import Job, enqueue, tick
from core.workspaces import create_workspace


def rows(work, columns="state, attempts, error"):
    query = text(f"SELECT {columns} FROM jobs ORDER BY created_at, id")
    return [tuple(row) for row in work.execute(query)]


async def states(db):
    return [state for state, _, _ in await db.read(rows)]


class Kitchen:
    """Runs the job "cook" and keeps what it was asked to cook."""

    def __init__(self, db):
        self.db = db
        self.cooked = []
        self.workers = []

    async def cook(self, services, **args):
        self.cooked.append(args)

    def open(self, run=None, name="cook"):
        worker = jobs.worker(None, self.db, [Job(name, run or self.cook)])
        worker.start()
        self.workers.append(worker)
        return worker

    async def until(self, count, seconds=10):
        await until(lambda: len(self.cooked) >= count, seconds)

    async def over(self, seconds=10):
        """Until nothing waits and nothing is at work."""

        async def nothing_is_open():
            return not {"waiting", "working"} & set(await states(self.db))

        await until(nothing_is_open, seconds)


@pytest.fixture
async def kitchen(db, monkeypatch):
    monkeypatch.setattr("core.queue.POLL", 0.05)
    monkeypatch.setattr("core.queue.FIRST_PAUSE", 20)
    kitchen = Kitchen(db)
    yield kitchen
    for worker in kitchen.workers:
        await worker.stop(0.2)


async def test_a_job_runs_with_its_arguments_and_is_done(db, kitchen):
    shop = await db.write(create_workspace, "Tea shop")
    await db.write(lambda work: enqueue(work, "cook", dish="soup", portions=2))
    await db.write(lambda work: enqueue(work, "cook", workspace_id=shop.id, dish="cake"))
    kitchen.open()
    await kitchen.over()
    assert kitchen.cooked == [
        {"dish": "soup", "portions": 2},
        {"dish": "cake", "workspace_id": shop.id},
    ]
    assert await db.read(rows) == [("done", 1, ""), ("done", 1, "")]


async def test_a_job_asked_for_in_a_unit_that_fails_never_runs(db, kitchen):
    def ask_then_fail(work):
        enqueue(work, "cook")
        raise Invalid("No.")

    with pytest.raises(Invalid):
        await db.write(ask_then_fail)
    assert await db.read(rows) == []


async def test_a_job_for_later_waits_until_then(db, kitchen):
    kitchen.open()
    await db.write(lambda work: enqueue(work, "cook", at=work.now + 400))
    await asyncio.sleep(0.2)
    assert kitchen.cooked == []
    await kitchen.until(1)


async def test_of_one_key_only_one_run_waits(db, kitchen):
    for _ in range(3):
        await db.write(lambda work: enqueue(work, "cook", key="lunch"))
    await db.write(lambda work: enqueue(work, "cook", key="dinner"))
    await db.write(lambda work: enqueue(work, "cook"))
    await db.write(lambda work: enqueue(work, "cook"))
    assert len(await states(db)) == 4


async def test_of_one_key_only_one_run_is_at_work_and_the_next_follows(db, kitchen):
    at_once, most = 0, 0

    async def slowly(services, **args):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.1)
        at_once -= 1
        kitchen.cooked.append(args)

    kitchen.open(slowly)
    await db.write(lambda work: enqueue(work, "cook", key="lunch", n=1))
    await until(lambda: at_once > 0)
    # What changes while a run is at work is the next run's, so it must not be lost.
    await db.write(lambda work: enqueue(work, "cook", key="lunch", n=2))
    await db.write(lambda work: enqueue(work, "cook", key="lunch", n=3))
    await kitchen.until(2)
    await kitchen.over()
    assert kitchen.cooked == [{"n": 1}, {"n": 2}]
    assert most == 1


async def test_a_run_that_fails_while_its_successor_waits_gives_way_to_it(db, kitchen):
    began = asyncio.Event()

    async def fail_first(services, n):
        kitchen.cooked.append(n)
        if n == 1:
            began.set()
            await asyncio.sleep(0.1)
            raise Unavailable("Later.")

    kitchen.open(fail_first)
    await db.write(lambda work: enqueue(work, "cook", key="lunch", n=1))
    await asyncio.wait_for(began.wait(), 5)
    await db.write(lambda work: enqueue(work, "cook", key="lunch", n=2))
    await kitchen.over()
    assert kitchen.cooked == [1, 2]
    assert await states(db) == ["done", "done"]


async def test_unavailable_is_tried_again_after_a_pause(db, kitchen):
    moments = []

    async def third_time_lucky(services):
        moments.append(asyncio.get_running_loop().time())
        if len(moments) < 3:
            raise Unavailable("The oven is cold.")

    kitchen.open(third_time_lucky)
    await db.write(enqueue, "cook")
    await kitchen.over()
    assert await db.read(rows) == [("done", 3, "")]
    assert moments[1] - moments[0] >= 0.009


async def test_a_pause_is_at_least_what_the_vendor_asked_for(db, kitchen):
    async def not_yet(services):
        raise Unavailable("Slow down.", retry_after=3)

    kitchen.open(not_yet)
    before = await db.read(lambda work: work.now)
    await db.write(enqueue, "cook")
    await asyncio.sleep(0.3)
    ((state, due, error),) = await db.read(rows, "state, due_at, error")
    assert (state, error) == ("waiting", "Slow down.")
    assert due >= before + 3000


@pytest.mark.parametrize("refusal", [Refused("Card declined."), Invalid("No such dish.")])
async def test_what_is_refused_is_not_tried_again(db, kitchen, refusal):
    async def refuse(services):
        kitchen.cooked.append(1)
        raise refusal

    kitchen.open(refuse)
    await db.write(enqueue, "cook")
    await kitchen.over()
    assert await db.read(rows) == [("dead", 1, refusal.message)]
    assert kitchen.cooked == [1]


async def test_a_bug_is_tried_again_and_then_dead_with_its_reason(db, kitchen, monkeypatch):
    monkeypatch.setattr(jobs.queue, "tries", 3)

    async def stumble(services):
        kitchen.cooked.append(1)
        raise KeyError("salt")

    kitchen.open(stumble)
    await db.write(enqueue, "cook")
    await kitchen.over()
    assert await db.read(rows) == [("dead", 3, "KeyError('salt')")]


async def test_a_job_that_hangs_is_stopped_and_tried_again(db, kitchen):
    async def hang_once(services):
        kitchen.cooked.append(1)
        if len(kitchen.cooked) == 1:
            await asyncio.sleep(60)

    worker = kitchen.open(hang_once)
    worker._limit = 0.1
    await db.write(enqueue, "cook")
    await kitchen.over()
    assert (await db.read(rows))[0][:2] == ("done", 2)


async def test_two_workers_never_run_the_same_row(db, database_url, kitchen):
    other = open_database(database_url)
    await other.start()
    second = Kitchen(other)

    def many(work):
        for number in range(300):
            enqueue(work, "cook", number=number)

    await db.write(many)
    kitchen.open()
    second.open()
    await kitchen.over(20)
    both = [args["number"] for args in kitchen.cooked + second.cooked]
    assert sorted(both) == list(range(300))
    await second.workers[0].stop(0.2)
    await other.stop()


async def test_a_worker_leaves_alone_what_it_does_not_know(db, kitchen):
    await db.write(enqueue, "bake")
    kitchen.open()
    await asyncio.sleep(0.2)
    assert await states(db) == ["waiting"]
    kitchen.open(name="bake")
    await kitchen.until(1)


async def test_stopping_gives_back_what_is_at_work_as_if_untried(db, kitchen):
    async def slowly(services):
        kitchen.cooked.append(1)
        await asyncio.sleep(60)

    worker = kitchen.open(slowly)
    for _ in range(12):  # more than run at once: some only wait in the worker's line
        await db.write(enqueue, "cook")
    await kitchen.until(jobs.AT_ONCE)
    await worker.stop(0.1)
    assert await db.read(rows) == [("waiting", 0, "")] * 12
    kitchen.open()
    await kitchen.over()


async def test_stopping_waits_for_what_is_nearly_done(db, kitchen):
    began = asyncio.Event()

    async def quick(services):
        began.set()
        await asyncio.sleep(0.2)
        kitchen.cooked.append(1)

    worker = kitchen.open(quick)
    await db.write(enqueue, "cook")
    await asyncio.wait_for(began.wait(), 5)
    await worker.stop(5)
    assert kitchen.cooked == [1]
    assert await states(db) == ["done"]


async def test_a_lease_is_renewed_while_its_worker_lives(db, kitchen, monkeypatch):
    monkeypatch.setattr(jobs.queue, "lease", 300)

    async def slowly(services):
        kitchen.cooked.append(1)
        await asyncio.sleep(1)

    kitchen.open(slowly)
    kitchen.open(slowly)  # would take it as soon as the lease ends
    await db.write(enqueue, "cook")
    await kitchen.over()
    assert kitchen.cooked == [1]
    assert await db.read(rows) == [("done", 1, "")]


def test_a_worker_that_is_killed_in_the_middle_leaves_its_work_to_another(database_url):
    code = textwrap.dedent("""
        import asyncio, sys
        from core import jobs, queue
        from core.db import open_database
        queue.POLL, jobs.queue.lease = 0.05, 500

        async def run(services, **args):
            print("running", flush=True)
            if sys.argv[2] == "hang":
                await asyncio.sleep(60)

        async def main():
            db = open_database(sys.argv[1])
            await db.start()
            await db.write(lambda work: jobs.enqueue(work, "cook", key="lunch"))
            worker = jobs.worker(None, db, [jobs.Job("cook", run)])
            worker.start()
            await asyncio.sleep(60)

        asyncio.run(main())
        """)

    def start(how):
        return subprocess.Popen(
            [sys.executable, "-c", code, database_url, how], stdout=subprocess.PIPE, text=True
        )

    first = start("hang")
    assert first.stdout.readline() == "running\n"
    second = start("work")
    first.kill()
    first.communicate()
    assert second.stdout.readline() == "running\n"
    second.kill()
    second.communicate()


async def test_a_row_that_was_taken_over_is_not_settled_by_its_first_worker(db, kitchen):
    """Its process was asleep for longer than its lease."""
    await db.write(enqueue, "cook")
    (first,) = await db.write(jobs.queue.claim, "first", ["cook"])
    await db.write(lambda work: work.execute(update(jobs.table).values(due_at=work.now)))
    (second,) = await db.write(jobs.queue.claim, "second", ["cook"])
    assert second["attempts"] == 2
    await db.batch(jobs.queue.settle, jobs.queue.outcome(first, "dead", "too late"))
    await db.write(jobs.queue.release, "first")
    assert await db.read(rows) == [("working", 2, "")]
    await db.batch(jobs.queue.settle, jobs.queue.outcome(second, "done"))
    assert await db.read(rows) == [("done", 2, "")]


async def test_of_processes_that_tick_at_once_one_makes_the_run(db, database_url, kitchen):
    other = open_database(database_url)
    await other.start()
    await asyncio.gather(*(each.write(tick, "cook", 7) for each in (db, other) * 5))
    assert await states(db) == ["waiting"]
    kitchen.open()
    await kitchen.over()
    await other.write(tick, "cook", 7)  # a clock that is behind
    assert await states(db) == ["done"]
    await other.write(tick, "cook", 8)
    await kitchen.until(2)
    await other.stop()


async def test_dead_work_is_listed_and_replayed(db, kitchen):
    async def refuse(services, **args):
        raise Refused("Card declined.")

    refusing = kitchen.open(refuse)
    for number in (1, 2):
        await db.write(lambda work, number=number: enqueue(work, "cook", key="pay", number=number))
        await kitchen.over()
    await refusing.stop()
    dead = await db.read(jobs.queue.dead)
    assert [(row["error"], row["args"]) for row in dead] == [
        ("Card declined.", {"number": 2}),
        ("Card declined.", {"number": 1}),
    ]
    assert await db.read(jobs.queue.depths) == {
        "waiting": 0, "working": 0, "dead": 2, "late_ms": 0,
    }  # fmt: skip
    assert await db.write(jobs.queue.replay, jobs.table.c.id == dead[0]["id"]) == 1
    assert await db.write(jobs.queue.replay) == 0  # the other has the same key, of which one waits
    kitchen.open()
    await kitchen.until(1)
    assert kitchen.cooked == [{"number": 2}]
    await kitchen.over()
    assert await db.write(jobs.queue.replay) == 1
    await kitchen.until(2)


async def test_old_runs_are_forgotten_and_new_ones_kept(db, kitchen):
    await db.write(enqueue, "cook")
    await db.write(enqueue, "cook")
    kitchen.open()
    await kitchen.over()
    (one, _) = await db.read(rows, "id, state")

    def age(work):
        old = work.now - jobs.KEPT - 1
        work.execute(update(jobs.table).where(jobs.table.c.id == one[0]).values(ended_at=old))

    await db.write(age)
    assert await db.write(jobs.trim) == 1
    assert await db.write(jobs.trim) == 0
    assert len(await states(db)) == 1


async def test_taking_work_is_cheap_however_much_is_done(db):
    """The database finds what is due by its index, whatever else is in the table."""
    statement = (
        "UPDATE jobs SET state = 'working' WHERE (id) IN (SELECT id FROM jobs WHERE "
        "state IN ('waiting', 'working') AND due_at <= 5 ORDER BY due_at LIMIT 64)"
    )
    if db.dialect == "sqlite":
        plan = await db.write(
            lambda work: work.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all()
        )
    else:
        plan = await db.write(
            lambda work: (
                work.execute(text("SET LOCAL enable_seqscan = off")),
                work.execute(text(f"EXPLAIN {statement}")).all(),
            )[1]
        )
    assert "jobs_open" in str(plan)
