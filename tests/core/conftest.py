"""What many tests of the core start from: a shop, and what was announced in it."""

from __future__ import annotations

import pytest

from core.db import Database
from core.events import Event
from core.workspaces import create_workspace


@pytest.fixture
async def shop(db: Database) -> str:
    """The id of an empty workspace."""
    return (await db.write(create_workspace, "Tea shop")).id


@pytest.fixture
def heard(db: Database) -> list[Event]:
    """Every event from now on, as it is announced."""
    events: list[Event] = []
    db.listen(lambda logged: events.extend(entry.event for entry in logged))
    return events
