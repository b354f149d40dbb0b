"""S2, S9: whatever becomes of a sync, the next one comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import update

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core import jobs, syncs
from core.connector import Check, Connection, Progress
from core.db import Work, table_of
from core.errors import Conflict, HubError, Invalid, NotFound
from core.services import Services
from tests.hub.test_integrations import (  # noqa: F401
    KEY,
    connect,
    last_run,
    page,
    plugins,
    world_of,
)

pytestmark = pytest.mark.anyio
QUARTER = 15 * 60_000


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, database_url) as running:
        yield running


async def due(hub: RunningHub, shop: Shop, connection: str, later: int = 60 * 60_000) -> str | None:
    def unit(work: Work) -> str | None:
        work.now += later
        return syncs.due(work, shop.workspace_id, connection, QUARTER, 0)

    return await hub.hub.db.read(unit)


async def test_S2_a_shop_connected_anew_during_a_check_is_checked_again(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    gate, waiting = asyncio.Event(), asyncio.Event()

    async def slow(
        services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        waiting.set()
        await gate.wait()
        yield Progress(0, cursor=cursor)

    hub.hub.services.connectors["teapots"].reconcile = slow  # type: ignore[attr-defined]
    await agent.request("POST", f"/console/api/integrations/{connection}/sync", {"kind": "check"})
    await waiting.wait()
    await connect(agent)
    gate.set()

    async def read_again() -> bool:
        runs = (await page(agent, connection))["runs"]
        return [run["kind"] for run in runs if run["state"] == "done"] == ["full", "full"]

    await until(read_again)
    assert await due(hub, shop, connection) == "check"
    states = {run["state"] for run in (await page(agent, connection))["runs"]}
    assert states == {"done", "failed"}


@pytest.mark.parametrize(
    "error",
    [NotFound("No such teapot."), Conflict("Two lids."), Invalid("A square lid.", field="lid")],
    ids=lambda error: type(error).__name__,
)
async def test_S2_a_sync_that_a_connector_ends_in_any_way_is_over(
    hub: RunningHub, shop: Shop, error: HubError
) -> None:
    world_of(hub).errors = [error]
    agent = await shop.agent()
    connection = await connect(agent)
    run = await last_run(agent, connection, "failed")
    assert run["error"] == error.message
    assert (await page(agent, connection))["card"]["connection"]["level"] != "connected"
    assert await due(hub, shop, connection) == "full"


async def test_S2_a_sync_whose_job_was_given_up_is_asked_for_again(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    runs = table_of(syncs.SyncRun)

    def interrupted(work: Work) -> None:  # as if the hub had been killed eight times
        work.execute(update(runs).values(state="running", ended_at=None))
        work.execute(update(jobs.table).where(jobs.table.c.name == syncs.JOB).values(state="dead"))

    await hub.hub.db.write(interrupted)
    assert await due(hub, shop, connection) == "full"


async def test_S2_a_sync_that_is_at_work_is_not_asked_for_again(
    hub: RunningHub, shop: Shop
) -> None:
    gate = asyncio.Event()

    async def slow(*_: Any) -> Check:
        await gate.wait()
        return Check(True)

    hub.hub.services.connectors["teapots"].check = slow  # type: ignore[method-assign]
    agent = await shop.agent()
    connection = await connect(agent)
    await until(lambda: len(world_of(hub).pages) == 3)
    assert await due(hub, shop, connection) is None
    gate.set()
    await last_run(agent, connection)


async def test_S9_first_reads_of_many_shops_keep_no_other_job_waiting(
    hub: RunningHub, shop: Shop
) -> None:
    gate, reading = asyncio.Event(), set[str]()

    async def slow(services: Services, connection: Connection) -> Check:
        reading.add(connection.shop)
        await gate.wait()
        return Check(True)

    hub.hub.services.connectors["teapots"].check = slow  # type: ignore[method-assign]
    agent = await shop.agent()
    shops = [f"kettle{letter}" for letter in "abcdefgh"]
    connections = [await connect(agent, name) for name in shops]
    await until(lambda: len(reading) == jobs.AT_ONCE)

    def other(work: Work) -> None:
        jobs.enqueue(work, "hub.trim", key="of this test")

    def is_done(work: Work) -> bool:
        return not jobs.is_open(work, "of this test")

    await hub.hub.db.write(other)
    await until(lambda: hub.hub.db.read(is_done))
    gate.set()
    for connection in connections:
        await last_run(agent, connection)


class OlderSettings(BaseModel):
    """What a plugin's next version wants, and no connection of the last one has."""

    token: SecretStr
    lid: str


async def test_D_4_settings_that_a_new_plugin_does_not_know_are_told_to_nobody(
    hub: RunningHub, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    hub.hub.services.connectors["teapots"].settings = OlderSettings  # type: ignore[misc]
    answer = await agent.request("POST", f"/console/api/integrations/{connection}/check")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unknown_settings")
    await agent.request("POST", f"/console/api/integrations/{connection}/sync", {"kind": "check"})
    answer = await agent.request("POST", f"/console/api/integrations/{connection}/disconnect")
    assert answer.status_code == 204
    said = capsys.readouterr()
    assert KEY not in said.out + said.err


async def test_D_5_a_connector_that_cannot_say_goodbye_holds_no_shop(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError

    hub.hub.services.connectors["teapots"].disconnect = broken  # type: ignore[attr-defined]
    answer = await agent.request("POST", f"/console/api/integrations/{connection}/disconnect")
    assert answer.status_code == 204
    assert (await page(agent, connection))["card"]["connection"]["state"] == "disconnected"
