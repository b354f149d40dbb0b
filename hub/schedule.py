"""The schedule: ticks for the jobs that run by themselves, and the worker that runs all jobs.

A tick only saves a row named after the job and its slot of time, so of three processes that
tick at once one makes the run; whichever worker is free takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from core import inbox, jobs, offers, sessions, step_up, tombstones, visitors
from core.errors import Unavailable
from core.ids import now_ms
from core.jobs import Job
from core.queue import Worker
from core.services import Services
from hub.plugins import PluginError

log = structlog.get_logger("hub.schedule")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # every process counts its slots from here


class Schedule:
    """One process's clock and its workers for jobs and inbox."""

    def __init__(self, services: Services, registered: Sequence[Job]) -> None:
        self._services = services
        self._jobs = {job.name: job for job in (Job("hub.trim", trim, timedelta(hours=1)),)}
        for job in registered:
            if job.name in self._jobs:
                raise PluginError(f"two jobs are called {job.name!r}")
            self._jobs[job.name] = job
        self._clock = AsyncIOScheduler(timezone=UTC)
        self._workers = [self._worker(long=long) for long in (False, True)]

    def _worker(self, *, long: bool) -> Worker:
        of_kind = [job for job in self._jobs.values() if job.long is long]
        return jobs.worker(self._services, self._services.db, of_kind)

    async def start(self) -> None:
        """Begin to tick and to work; a slot that was slept through is made up for at once."""
        for job in self._jobs.values():
            if job.every is not None:
                await self._tick(job)
                self._clock.add_job(
                    self._tick,
                    IntervalTrigger(seconds=int(job.every.total_seconds()), start_date=EPOCH),
                    [job],
                    coalesce=True,
                    misfire_grace_time=None,
                )
        self._clock.start()
        for worker in self._workers:
            worker.start()
        self._services.inbox.start(self._services)

    async def stop(self) -> None:
        """Tick no more; what is at work ends or is given back."""
        if self._clock.running:
            self._clock.shutdown(wait=False)
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        await self._services.inbox.stop()

    async def _tick(self, job: Job) -> None:
        assert job.every is not None
        slot = now_ms() // round(job.every.total_seconds() * 1000)
        try:
            await self._services.db.write(jobs.tick, job.name, slot)
        except Unavailable as error:  # the next process, or the next tick
            log.warning("tick_missed", job=job.name, reason=error.message)
            return
        for worker in self._workers:
            worker.wake()


async def trim(services: Services) -> None:
    """Forget what is long over, a part at a time."""
    for table in (inbox, jobs, offers, sessions, tombstones, step_up, visitors):
        part = table.trim
        while await services.db.write(part):
            pass
