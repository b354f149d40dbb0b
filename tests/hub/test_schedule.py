"""The schedule: a job that runs by itself runs once a tick, however many processes tick."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from connectors.testing.patience import until
from core import inbox, jobs
from core.crypto import Vault
from core.db import open_database
from core.jobs import Job
from core.services import Services
from hub.plugins import PluginError
from hub.schedule import Schedule


def services_over(db):
    nothing = lambda *_: None  # noqa: E731
    return Services(
        db=db,
        vault=Vault("k" * 48),
        public_url="http://localhost",
        rate_limits=False,
        signal=nothing,
        on_signal=nothing,
        subscribe=nothing,
    )


def ids(work):
    return sorted(work.execute(text("SELECT id FROM jobs WHERE name = 'tea.steep'")).scalars())


async def test_three_processes_make_one_run_a_tick(db, database_url, monkeypatch):
    monkeypatch.setattr("core.queue.POLL", 0.1)
    ran = []

    async def steep(services):
        ran.append(services)

    databases = [open_database(database_url) for _ in range(3)]
    schedules = []
    for database in databases:
        await database.start()
        job = Job("tea.steep", steep, every=timedelta(seconds=1))
        schedules.append(Schedule(services_over(database), [job]))
        await schedules[-1].start()
    await asyncio.sleep(2.5)
    for schedule in schedules:
        await schedule.stop()
    slots = await db.read(ids)
    assert len(slots) >= 3
    assert len(slots) - 1 <= len(ran) <= len(slots)  # the last may have come with the end
    for database in databases:
        await database.stop()


async def test_a_slot_is_made_up_for_at_the_start_and_not_run_again_by_a_restart(db):
    ran = []

    async def steep(services):
        ran.append(1)

    for _ in range(2):
        schedule = Schedule(services_over(db), [Job("tea.steep", steep, every=timedelta(days=1))])
        await schedule.start()
        await until(lambda: len(ran) == 1)
        await asyncio.sleep(0.1)
        await schedule.stop()
    assert ran == [1]


async def test_a_job_without_a_schedule_waits_to_be_asked_for(db):
    ran = asyncio.Event()

    async def steep(services, minutes):
        assert minutes == 4
        ran.set()

    schedule = Schedule(services_over(db), [Job("tea.steep", steep)])
    await schedule.start()
    assert await db.read(ids) == []
    await db.write(lambda work: jobs.enqueue(work, "tea.steep", minutes=4))
    await asyncio.wait_for(ran.wait(), 5)
    await schedule.stop()


async def test_the_hub_forgets_old_runs_by_itself(db):
    def an_old_one(work):
        jobs.enqueue(work, "gone.plugin")
        old = {"state": "done", "ended_at": work.now - inbox.KEPT}
        work.execute(update(jobs.table).values(old))

    await db.write(an_old_one)
    schedule = Schedule(services_over(db), [])
    await schedule.start()

    async def is_gone():
        count = "SELECT count(*) FROM jobs WHERE name = 'gone.plugin'"
        return not await db.read(lambda work: work.execute(text(count)).scalar())

    await until(is_gone)
    await schedule.stop()


def test_two_jobs_of_one_name_stop_the_start():
    with pytest.raises(PluginError, match=r"tea\.steep"):
        Schedule(services_over(None), [Job("tea.steep", None)] * 2)
