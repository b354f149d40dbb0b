"""The schema's versions: whether a database has the newest, and bringing it there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from core.errors import HubError

HEAD = "0003_assistant"  # the newest in versions/; a test compares the two
LOCK = 0x5061726C6579  # "Parley": of several processes starting at once, one migrates

T = TypeVar("T")
Progress = Callable[[str], None]


class NewerSchema(HubError):
    """The database was last used by a newer Parley than this one."""

    code = "newer_schema"


async def revision(url: str) -> str | None:
    """The version the database has, None for an empty one. Does not import alembic."""
    if url.startswith("sqlite") and not _file(url).exists():
        return None  # looking must not make it
    return await transact(url, revision_of)


async def is_current(url: str) -> bool:
    """Whether the schema is the one this code was written for."""
    return await revision(url) == HEAD


async def upgrade(url: str, progress: Progress = lambda line: None) -> None:
    """Bring the schema to `HEAD`, in one transaction; processes that start at once take turns."""

    def take_turns(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        if revision_of(connection) != HEAD:  # otherwise another process was first
            _upgrade(connection, progress)

    await transact(url, take_turns, begin="BEGIN IMMEDIATE")


async def transact(url: str, fn: Callable[[Connection], T], begin: str = "BEGIN") -> T:
    """`fn(connection)` in a transaction of its own, outside the hub's pools."""
    if not url.startswith("sqlite"):
        from sqlalchemy.ext.asyncio import create_async_engine  # slow to load, not for SQLite

        from core.postgres import to_async_url

        engine = create_async_engine(to_async_url(url), poolclass=NullPool)
        async with engine.begin() as connection:
            return await connection.run_sync(fn)

    def on_sqlite() -> T:
        _file(url).parent.mkdir(parents=True, exist_ok=True)
        # The file's lock is taken by us (`BEGIN IMMEDIATE`), not by the driver's implicit BEGIN.
        engine = create_engine(
            url, poolclass=NullPool, connect_args={"isolation_level": None, "timeout": 60}
        )
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql(begin)
            outcome = fn(connection)
            connection.commit()
            return outcome

    return await asyncio.to_thread(on_sqlite)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def revision_of(connection: Connection) -> str | None:
    """The version a database has, None for an empty one."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def known() -> set[str]:
    """Every version this code knows; a version's file is named after it."""
    return {path.stem for path in (Path(__file__).parent / "versions").glob("[0-9]*.py")}


def _upgrade(connection: Connection, progress: Progress) -> None:
    from alembic import command

    config = alembic_config()
    before = revision_of(connection)
    if before is not None and before not in known():
        raise NewerSchema(
            f"This database has schema {before}, which this version of Parley does not know: a "
            "newer one used it last. Start that one, or restore a backup."
        )
    began = time.monotonic()

    def applied(step: Any, **_: Any) -> None:
        progress(f"schema {step.up_revision_id}: done after {time.monotonic() - began:.1f} s")

    config.attributes.update(connection=connection, applied=applied)
    command.upgrade(config, "head")


def alembic_config() -> Any:
    """Alembic's configuration; there is no alembic.ini, everything it needs is here."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
