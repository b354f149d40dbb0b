"""`hub sync`: a connected shop's data brought here now, with a bar that says how far it is."""

from __future__ import annotations

import asyncio

import click

from core import jobs, syncs
from core.connections import ConnectionRow, connections_of
from core.db import Work
from core.errors import Conflict, NotFound
from core.ids import now_ms
from core.syncs import Kind, RunView
from core.workspaces import workspaces
from hub import syncing
from hub.app import Hub
from hub.commands.progress import with_progress
from hub.commands.tools import json_option, open_hub, print_json, run_async

LOOK = 0.2  # seconds between two looks at a run


@click.command()
@click.argument("connection", required=False)
@click.option("--full", is_flag=True, help="Everything anew, not only what changed.")
@click.option("--wait", is_flag=True, help="Stay until it has ended, and say what changed.")
@json_option
@run_async
async def command(connection: str | None, full: bool, wait: bool, as_json: bool) -> None:
    """Sync CONNECTION: its id or its shop; the only one if there is one.

    A running hub does the work. With --wait this process does it, too, if none runs.
    """
    kind: Kind = "full" if full else "check"
    async with open_hub() as hub:
        row = await hub.db.read(_pick, connection)
        began = now_ms()
        await hub.db.write(syncs.ask_for_sync, row.workspace_id, row.id, kind)
        if not wait:
            click.echo(f"Asked for: a running hub syncs {row.title} within seconds.")
            return
        follower = _Follower(hub, row, kind, began)
        run = await with_progress(follower.ended(), follower.how_far)
    if as_json:
        print_json(run)
    else:
        click.echo(_told(row, run))
    if run.state == "failed":
        raise SystemExit(1)


class _Follower:
    """Looks at one sync until it has ended, and lends a hand."""

    def __init__(self, hub: Hub, row: ConnectionRow, kind: Kind, began: int) -> None:
        self._hub, self._row, self._kind, self._began = hub, row, kind, began
        self._run: RunView | None = None

    async def ended(self) -> RunView:
        """The run, once it is over."""
        worker = jobs.worker(self._hub.services, self._hub.db, syncing.JOBS[:1])
        worker.start()
        try:
            while self._run is None or self._run.state == "running":
                await asyncio.sleep(LOOK)
                self._run = await self._hub.db.read(self._newest)
        finally:
            await worker.stop()
        return self._run

    def _newest(self, work: Work) -> RunView | None:
        runs = syncs.runs_of(work, self._row.workspace_id, self._row.id)
        ours = [run for run in runs if run.kind == self._kind and self._is_new(run)]
        return ours[0] if ours else None

    def _is_new(self, run: RunView) -> bool:
        return run.ended_at is None or run.ended_at.timestamp() * 1000 >= self._began

    def how_far(self) -> str:
        """One line for a terminal."""
        if self._run is None:
            return f"{self._row.title}: waiting to begin"
        return f"{self._row.title}: {_bar(self._run)}, {self._run.changed:,} changed"


def _bar(run: RunView) -> str:
    if not run.total:
        return f"{run.done:,} read"
    part = min(run.done / run.total, 1)
    return f"[{'#' * round(part * 24):<24}] {run.done:,} of {run.total:,}"


def _told(row: ConnectionRow, run: RunView) -> str:
    if run.state == "failed":
        return f"{row.title}: it did not work. {run.error}"
    drift = f", {run.drift:,} had been missed" if run.drift else ""
    return f"{row.title}: {run.done:,} read, {run.changed:,} changed{drift}."


def _pick(work: Work, named: str | None) -> ConnectionRow:
    rows = [row for one in workspaces(work) for row in connections_of(work, one.id)]
    active = [row for row in rows if row.state == "active"]
    if named is None and len(active) > 1:
        raise Conflict(f"There are several. {_name_one(active)}")
    found = [row for row in active if named is None or _is_called(row, named)]
    if len(found) == 1:
        return found[0]
    if named and any(_is_called(row, named) for row in rows if row not in active):
        raise NotFound(f"{named} is disconnected. Connect it again with: hub connect")
    known = _name_one(active) if active else "Make one with: hub connect"
    raise NotFound(f"There is no such connection. {known}")


def _name_one(rows: list[ConnectionRow]) -> str:
    return f"Name one: {', '.join(f'{one.shop} ({one.id})' for one in rows)}."


def _is_called(row: ConnectionRow, named: str) -> bool:
    address = named.partition("://")[2] or named
    return named in (row.id, row.source) or address.rstrip("/") == row.shop
