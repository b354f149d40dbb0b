"""Syncing: runs the connectors' syncs, each connection's own, and decides when one is due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

import structlog

from core import syncs
from core.connections import active_connections, connection_row, note_check
from core.connector import (
    Backfills,
    Check,
    Connection,
    Connector,
    Progress,
    Reconciles,
    Sweeps,
)
from core.db import Work
from core.errors import Conflict, HubError, NotFound, Unavailable
from core.ids import now_ms
from core.jobs import Job
from core.services import Services
from core.syncs import Kind, SyncRun
from hub.connecting import check_now, open_by_id

log = structlog.get_logger("hub.syncing")

DAY = 86_400_000
NIGHT = 3 * 3_600_000  # sweeps begin at three o'clock UTC …
SPREAD = 2 * 3_600_000  # … and within two hours, not all at once
TRIES = 3
LONGEST_WAIT = 30.0  # seconds a shop's "come back later" is waited for within a run


async def sync(services: Services, workspace_id: str, connection_id: str, kind: Kind) -> None:
    """Run one sync of a connection to its end, or write down why it has none."""
    try:
        connector, connection = await open_by_id(services, workspace_id, connection_id)
        await _sync(services, connector, connection, kind)
    except (NotFound, Conflict) as ended:  # disconnected or connected anew: another begins
        log.info("sync_stopped", connection=connection_id, kind=kind, reason=ended.message)


async def _sync(
    services: Services, connector: Connector, connection: Connection, kind: Kind
) -> None:
    run = await services.db.write(syncs.begin, connection, kind)
    try:
        problem = await _run(services, connector, connection, run)
    except HubError as error:  # of an older generation: closing says so
        found = await _is_it_so(services, connector, connection, error)
        await _close(services, connection, run, found, error.message)
    except Exception as error:
        log.exception("sync_broke", connection=connection.id, kind=kind)
        text = "Something broke on our side while reading this shop. Your operator finds it logged."
        await _close(services, connection, run, Check(False, text, "internal"), repr(error))
    else:
        found = problem or await check_now(services, connector, connection)
        await _close(services, connection, run, found)


async def _is_it_so(
    services: Services, connector: Connector, connection: Connection, error: HubError
) -> Check:
    """What to tell of a failure; it is over if the keys were mended while the sync had old ones."""
    if isinstance(error, Unavailable):
        return Check(False, error.message, "unreachable")
    _, now = await open_by_id(services, connection.workspace_id, connection.id)
    if now.settings != connection.settings:
        return await check_now(services, connector, now)
    return Check(False, error.message, error.code)


async def _close(
    services: Services, connection: Connection, run: SyncRun, found: Check, failure: str = ""
) -> None:
    def close(work: Work) -> None:
        syncs.end(work, connection, run, failure)
        note_check(work, connection, found)

    await services.db.write(close)


async def _run(
    services: Services, connector: Connector, connection: Connection, run: SyncRun
) -> Check | None:
    """Save everything a run brings, with a few tries; the last problem it told of."""
    problem = None
    for attempt in range(1, TRIES + 1):
        before = run.done, run.changed, run.drift, run.fixed  # of the part that was interrupted
        try:
            async for far in _steps(services, connector, connection, run):
                await services.db.write(syncs.note_progress, connection, run, _added(before, far))
                problem = far.problem
        except Unavailable as error:
            wait = float(error.retry_after or 2**attempt)
            if attempt == TRIES or wait > LONGEST_WAIT:
                raise
            await asyncio.sleep(wait)
            _, connection = await open_by_id(services, connection.workspace_id, connection.id)
        else:
            break
    return problem


def _added(before: tuple[int, int, int, int], far: Progress) -> Progress:
    done, changed, drift, fixed = before
    return replace(
        far,
        done=done + far.done,
        changed=changed + far.changed,
        drift=drift + far.drift,
        fixed=fixed + far.fixed,
    )


def _steps(
    services: Services, connector: Connector, connection: Connection, run: SyncRun
) -> AsyncIterator[Progress]:
    cursor = connection.cursors.get(run.kind, "")
    if run.kind == "full" and isinstance(connector, Backfills):
        return connector.backfill(services, connection, cursor)
    if run.kind == "check" and isinstance(connector, Reconciles):
        return connector.reconcile(services, connection, cursor)
    if run.kind == "sweep" and isinstance(connector, Sweeps):
        return connector.sweep(services, connection)
    return _nothing()


async def _nothing() -> AsyncIterator[Progress]:
    return
    yield  # what makes it an iterator


async def ask_for_due(services: Services) -> None:
    """Ask for every connection's next sync, where one is due."""
    for workspace_id, connection_id in await services.db.read(active_connections):
        kind = await services.db.read(_due, services, workspace_id, connection_id)
        if kind is not None:  # seldom: looking must not hold up who writes
            await services.db.write(syncs.ask_for_sync, workspace_id, connection_id, kind)


def _due(work: Work, services: Services, workspace_id: str, connection_id: str) -> Kind | None:
    row = connection_row(work, workspace_id, connection_id)
    connector = services.connectors.get(row.connector)
    if connector is None:
        return None
    every = round(connector.manifest.check_every.total_seconds() * 1000)
    night = last_night(connection_id, work.now)
    return syncs.due(work, workspace_id, connection_id, every, night)


def last_night(connection_id: str, now: int | None = None) -> int:
    """When a connection's latest sweep should have begun, in milliseconds."""
    now = now_ms() if now is None else now
    begins = NIGHT + crc32(connection_id.encode()) % SPREAD
    return (now - begins) // DAY * DAY + begins


JOBS = (
    Job(syncs.JOB, sync, long=True),
    Job("hub.syncs", ask_for_due, every=timedelta(minutes=1)),
)
