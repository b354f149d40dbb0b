"""What commands that work on the database share: settings, an open database, and output."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import msgspec
import structlog

from core import migrations
from core.crypto import Vault
from core.db import Database, Work, open_database
from core.errors import Conflict, NotFound
from core.workspaces import Workspace, workspaces
from hub.settings import Settings, load_settings

if TYPE_CHECKING:
    from hub.app import Hub


@dataclass(frozen=True, slots=True)
class Tools:
    """The settings, and the database they name."""

    settings: Settings
    db: Database
    vault: Vault


@asynccontextmanager
async def open_tools(*, migrate: bool = False) -> AsyncIterator[Tools]:
    """The database, started and of this version's schema; brought to it if `migrate`."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = load_settings()
    if migrate:
        await migrations.upgrade(settings.database_url)
    elif not await migrations.is_current(settings.database_url):
        raise Conflict("The database is empty or of another version. Run first: hub migrate")
    db = open_database(settings.database_url)
    await db.start()
    try:
        yield Tools(settings, db, Vault(settings.secret_key))
    finally:
        await db.stop()


@asynccontextmanager
async def open_hub() -> AsyncIterator[Hub]:
    """A whole hub that serves nothing and runs no jobs by itself, for what needs its plugins."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    from hub.app import Hub

    hub = Hub(load_settings(worker=False))
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def run_async(fn: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Make an async function a command's callback."""

    @functools.wraps(fn)
    def callback(*args: Any, **options: Any) -> None:
        async def run() -> None:
            await fn(*args, **options)

        asyncio.run(run())

    return callback


def with_tools(
    *, migrate: bool = False
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., None]]:
    """Make an async function over `Tools` a command's callback."""

    def decorate(fn: Callable[..., Awaitable[None]]) -> Callable[..., None]:
        @functools.wraps(fn)
        def callback(*args: Any, **options: Any) -> None:
            async def run() -> None:
                async with open_tools(migrate=migrate) as tools:
                    await fn(tools, *args, **options)

            asyncio.run(run())

        return callback

    return decorate


def pick_workspace(work: Work, named: str | None) -> Workspace:
    """The workspace with this id, app id or name; the only one if none is named."""
    known = workspaces(work)
    if not known:
        raise NotFound("There is no workspace yet. Make one with: hub init")
    names = ", ".join(f"{one.name} ({one.id})" for one in known[:20])
    if named is None:
        if len(known) > 1:
            raise Conflict(f"There are several workspaces; name one with --workspace: {names}.")
        return known[0]
    found = [one for one in known if named in (one.id, one.app_id)]
    found = found or [one for one in known if one.name == named]
    if len(found) != 1:
        problem = "no workspace" if not found else "more than one workspace"
        raise NotFound(f"There is {problem} “{named}”. There are: {names}.")
    return found[0]


workspace_option = click.option(
    "--workspace", metavar="NAME", help="Its name or id. Not needed when there is only one."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print only JSON.")


def ask(what: str, *, hide: bool = False, twice: bool = False) -> str:
    """Ask the operator, on standard error: standard output is for what was asked for."""
    answer: str = click.prompt(what, hide_input=hide, confirmation_prompt=twice, err=True)
    return answer


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    click.echo(msgspec.json.encode(value).decode())


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Rows in columns, the first as headings."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
