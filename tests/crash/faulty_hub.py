"""A hub with one deliberate fault, named by CRASH_FAULT, to prove that the harness notices."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sqlalchemy import text

import core.messages
import core.sqlite
from core.db import Work
from core.messages import Draft, Said
from tests.crash import nursery


def ack_before_commit() -> None:
    """Answer as soon as a message is understood, and save it a moment later."""
    batch = core.sqlite.SqliteDatabase.batch
    counted: dict[str, int] = {}
    later: set[asyncio.Task[Any]] = set()

    async def hasty(self: Any, fn: Any, item: Any) -> Any:
        if not isinstance(item, Draft):
            return await batch(self, fn, item)

        async def save() -> None:
            await asyncio.sleep(0.03)
            await batch(self, fn, item)

        task = asyncio.create_task(save())
        later.add(task)
        task.add_done_callback(later.discard)
        seq = counted[item.conversation_id] = counted.get(item.conversation_id, 0) + 1
        return Said(item.conversation_id, item.id, seq, 0)

    core.sqlite.SqliteDatabase.batch = hasty  # type: ignore[method-assign,assignment]


def no_unique_id() -> None:
    """Forget which ids have been said: a message sent again is kept again."""
    start = core.sqlite.SqliteDatabase.start

    async def without_constraint(self: Any) -> None:
        await start(self)
        await self.write(_drop_unique)

    core.sqlite.SqliteDatabase.start = without_constraint  # type: ignore[method-assign]
    core.messages._Saying._remember = lambda *_: None  # type: ignore[method-assign,assignment]


def _drop_unique(work: Work) -> None:
    found = work.execute(text("SELECT sql FROM sqlite_master WHERE name = 'messages'")).scalar()
    if not found or "UNIQUE" not in found:
        return
    columns = "workspace_id, conversation_id, seq"
    work.execute(text("CREATE TABLE loose AS SELECT * FROM messages"))
    work.execute(text("DROP TABLE messages"))
    work.execute(text("ALTER TABLE loose RENAME TO messages"))
    work.execute(text(f"CREATE UNIQUE INDEX loose_key ON messages ({columns})"))


FAULTS = {"ack_before_commit": ack_before_commit, "no_unique_id": no_unique_id}

if __name__ == "__main__":
    FAULTS[os.environ["CRASH_FAULT"]]()
    nursery.run()
