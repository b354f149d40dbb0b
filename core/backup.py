"""Backups: all data in one file, taken while the hub works, and brought back whole or not at all.

Neither file nor dump holds the SECRET_KEY: without it the secrets sealed in them stay shut.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url, select, text, update

from core import inbox, jobs, migrations
from core.db import table_of
from core.errors import Conflict, HubError, Invalid, NotFound
from core.ids import random_text
from core.workspaces import Workspace

_workspaces = table_of(Workspace)
MAGIC = b"SQLite format 3\0"
DUMP_MAGIC = b"PGDMP"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds, in numbers that tell it from another."""

    revision: str | None
    workspaces: int = 0
    customers: int = 0
    messages: int = 0

    def __str__(self) -> str:
        if self.revision is None:
            return "nothing"
        return (
            f"{self.workspaces:,} workspaces, {self.customers:,} customers, "
            f"{self.messages:,} messages (schema {self.revision})"
        )


async def contents(url: str) -> Contents:
    """What the database of `url` holds now."""
    if await migrations.revision(url) is None:
        return Contents(None)
    return await migrations.transact(url, _count)


def _count(connection: Connection) -> Contents:
    numbers = [
        connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 (a constant)
        for table in ("workspaces", "customers", "messages")
    ]
    return Contents(migrations.revision_of(connection), *numbers)


async def back_up(url: str, file: Path) -> None:
    """Write everything into `file`, which appears only when it is complete."""
    draft = file.with_name(f"{file.name}.{random_text(6)}.part")
    try:
        if url.startswith("sqlite"):
            await asyncio.to_thread(_copy, _path(url), draft)
        else:
            await _postgres(
                "pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={draft}"
            )
        os.chmod(draft, 0o600)
        _to_disk(draft)
        os.replace(draft, file)
        _to_disk(file.parent)
    finally:
        draft.unlink(missing_ok=True)


async def look_into(url: str, file: Path) -> Contents | None:
    """What a backup holds (None: it does not say), or Invalid if it is none for this database."""
    with file.open("rb") as opened:
        beginning = opened.read(len(MAGIC))
    if url.startswith("sqlite"):
        if beginning != MAGIC:
            raise Invalid(f"{file} is not a backup of an SQLite database.")
        return await asyncio.to_thread(_inspect, file)
    if not beginning.startswith(DUMP_MAGIC):
        raise Invalid(f"{file} is not a backup of a PostgreSQL database.")
    await _postgres("pg_restore", None, "--list", "--file=/dev/null", str(file))
    return None


async def restore(url: str, file: Path) -> None:
    """Put the backup in place of what is there; Conflict while a hub uses the database.

    Whoever resumes with what they saw before is told to fetch afresh.
    """
    if url.startswith("sqlite"):
        await asyncio.to_thread(_restore_sqlite, file, _path(url))
    else:
        await migrations.transact(url, _refuse_while_used)
        options = ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction"]
        await _postgres("pg_restore", url, *options, str(file))
        await migrations.transact(url, _start_anew)


def _start_anew(connection: Connection) -> None:
    for workspace_id in connection.execute(select(_workspaces.c.id)).scalars().all():
        this = update(_workspaces).where(_workspaces.c.id == workspace_id)
        connection.execute(this.values(epoch=random_text(12)))
    for table in (inbox.table, jobs.table):  # whoever had it is not at work on this copy
        held = update(table).where(table.c.state == "working")
        again = {"state": "waiting", "attempts": table.c.attempts - 1, "due_at": table.c.created_at}
        connection.execute(held.values(again))


# SQLite ---------------------------------------------------------------------------------------


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _copy(source: Path, target: Path) -> None:
    """A consistent copy in one step: writers go on meanwhile, and are not in it."""
    if not source.exists():
        raise NotFound(f"There is no database at {source}.")
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
    _inspect(target)


def _inspect(file: Path) -> Contents:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(3)").fetchall()
            if found != [("ok",)]:
                raise Invalid(f"{file} is damaged: {found[0][0]}.")
            if not connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone():
                raise Invalid(f"{file} is an SQLite database, but not one of Parley's.")
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if revision not in migrations.known():
                raise migrations.NewerSchema(f"{file} is from a newer version of Parley.")
            numbers = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("workspaces", "customers", "messages")
            )
            return Contents(revision, *numbers)
    except sqlite3.DatabaseError as error:
        raise Invalid(f"{file} is damaged: {error}.") from error


def _restore_sqlite(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f"{target.name}.{random_text(6)}.part")
    try:
        shutil.copyfile(file, staged)
        asyncio.run(migrations.transact(f"sqlite:///{staged}", _start_anew))
        with _alone(target) as writing, closing(sqlite3.connect(staged)) as reading:
            reading.backup(writing)  # one transaction: after a power cut it is the old or the new
    finally:
        for left in target.parent.glob(f"{staged.name}*"):
            left.unlink()


@contextmanager
def _alone(target: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nobody else has one beside, or Conflict."""
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Leaving WAL needs every other connection to be closed.
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "locked"
        if mode != "delete":
            raise Conflict(f"A hub is using {target}. Stop it, then restore.")
        yield connection


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# PostgreSQL -----------------------------------------------------------------------------------


def _refuse_while_used(connection: Connection) -> None:
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    )
    if others:
        raise Conflict(f"{others} connections use the database. Stop every hub, then restore.")


async def _postgres(tool: str, url: str | None, *options: str) -> None:
    """Run one of PostgreSQL's own tools; what it complains of is the error's message."""
    found = shutil.which(tool)
    if found is None:
        raise NotFound(
            f"{tool} is not on this machine. It comes with PostgreSQL's client package "
            "(Debian: apt install postgresql-client)."
        )
    where, environment = _address(url) if url else ([], {})
    process = await asyncio.create_subprocess_exec(
        found,
        *options,
        *where,
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise HubError(f"{tool} failed: {lines[0]}")


def _address(url: str) -> tuple[list[str], Mapping[str, str]]:
    """The database's address without its password, which others on this machine could read."""
    parts = make_url(url)
    shown = parts.set(password=None).render_as_string()
    return [f"--dbname={shown}"], {"PGPASSWORD": str(parts.password)} if parts.password else {}
