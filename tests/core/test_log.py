"""The event log: numbered without gaps in each workspace, and read back as it was told."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from core.events import WidgetSeen
from core.log import events_after, head, heads
from core.workspaces import create_workspace


def see(work, workspace_id, *paths):
    for path in paths:
        work.announce(workspace_id, WidgetSeen(widget="w", host="tea.example", path=path))


@pytest.fixture
async def shop(db):
    return await db.write(create_workspace, "Tea shop")


async def test_a_new_workspace_begins_at_nothing(db, shop):
    assert await db.read(head, shop.id) == (shop.epoch, 0)
    assert await db.read(events_after, shop.id, 0) == []


async def test_what_is_read_back_is_what_was_told(db, shop):
    told = []
    db.listen(told.extend)
    await db.write(see, shop.id, "/1", "/ü")
    logged = await db.read(events_after, shop.id, 0)
    assert logged == told
    first = msgspec.json.decode(logged[1].frame())
    assert first["seq"] == 2
    assert (first["type"], first["path"]) == ("WidgetSeen", "/ü")
    assert await db.read(head, shop.id) == (shop.epoch, 2)


async def test_who_resumes_gets_exactly_what_followed_and_no_more_than_asked_for(db, shop):
    await db.write(see, shop.id, *(f"/{number}" for number in range(1, 11)))
    after = await db.read(events_after, shop.id, 7)
    assert [entry.seq for entry in after] == [8, 9, 10]
    part = await db.read(events_after, shop.id, 2, 3)
    assert [entry.seq for entry in part] == [3, 4, 5]
    assert await db.read(events_after, shop.id, 10) == []


async def test_T2_a_workspaces_log_holds_nothing_of_another(db, shop):
    other = await db.write(create_workspace, "Coffee shop")
    await asyncio.gather(
        *(db.write(see, each.id, f"/{each.name}") for each in (shop, other) for _ in range(20))
    )
    for each in (shop, other):
        logged = await db.read(events_after, each.id, 0)
        assert [entry.seq for entry in logged] == list(range(1, 21))
        assert {entry.event.path for entry in logged} == {f"/{each.name}"}
    assert dict(await db.read(heads)) == {shop.id: 20, other.id: 20}
