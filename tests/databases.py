"""Databases: one opened for a part of a test, beside or instead of the fixture's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from core.db import Database, open_database

T = TypeVar("T")


@asynccontextmanager
async def started(url: str) -> AsyncIterator[Database]:
    """The database of `url`, started; stopped in the end, also when the test fails."""
    database = open_database(url)
    await database.start()
    try:
        yield database
    finally:
        await database.stop()


def on(url: str, fn: Callable[[Database], Awaitable[T]]) -> T:
    """What `fn(database)` answers, over the database of `url` opened for it alone."""

    async def run() -> T:
        async with started(url) as database:
            return await fn(database)

    return asyncio.run(run())
