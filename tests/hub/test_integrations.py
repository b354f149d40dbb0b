"""S9, O3, T1: shops are connected, synced, watched and let go, whatever platform they are of."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from connectors.testing.patience import until
from core import syncs
from core.access import Role
from core.connector import Check
from core.db import Work
from core.errors import Refused, Unavailable
from hub import syncing
from hub.cli import main
from tests.teapots import Teapots, World

pytestmark = pytest.mark.anyio
KEY = "tea-s3cret-canary"


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plugins.toml"
    names = ("chat.plugin", "widget.plugin", "connectors.customer_data.plugin", "tests.teapots")
    path.write_text("\n".join(f'[[plugin]]\nmodule = "{name}"' for name in names))
    monkeypatch.setenv("PLUGINS", str(path))


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, database_url) as running:
        yield running


def world_of(hub: RunningHub) -> World:
    connector = hub.hub.services.connectors["teapots"]
    assert isinstance(connector, Teapots)
    return connector.world


async def connect(agent: Agent, shop: str = "kettle", token: str = KEY) -> str:
    values = {"shop": shop, "token": token}
    answer = await agent.request(
        "POST", "/console/api/integrations/connect", {"connector": "teapots", "values": values}
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["connection"])


async def page(agent: Agent, connection: str) -> dict[str, Any]:
    return dict(await agent.get(f"/console/api/integrations/{connection}"))


async def last_run(agent: Agent, connection: str, state: str = "done") -> dict[str, Any]:
    async def ended() -> dict[str, Any] | None:
        runs = (await page(agent, connection))["runs"]
        return runs[0] if runs and runs[0]["state"] == state else None

    return await until(ended)


async def test_S9_a_connected_shop_is_read_page_by_page_and_says_so(shop: Shop) -> None:
    agent = await shop.agent()
    async with agent.socket() as console:
        connection = await connect(agent)
        run = await last_run(agent, connection)
        told = await console.hear("SyncProgressed", state="done")
    assert (run["kind"], run["done"], run["total"], run["changed"]) == ("full", 5, 5, 5)
    assert (told["connection"], told["done"]) == (connection, 5)
    card = (await agent.get("/console/api/integrations"))["connections"][0]
    assert card["counts"]["products"] == 5
    assert card["connection"]["level"] == "connected"
    assert card["connection"]["source"] == "teapots:kettle"
    assert card["next_sync_at"] > run["started_at"]


async def test_without_its_keys_a_shop_is_approved_elsewhere(shop: Shop) -> None:
    agent = await shop.agent()
    wish = {"connector": "teapots", "values": {"shop": "kettle"}}
    answer = await agent.request("POST", "/console/api/integrations/connect", wish)
    assert answer.json()["redirect"] == "https://kettle.teapots.example/approve"
    assert (await agent.get("/console/api/integrations"))["connections"] == []


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"connector": "coffee", "values": {}}, "connector"),
        ({"connector": "teapots", "values": {}}, "values.shop"),
        ({"connector": "teapots", "values": {"shop": "  "}}, "values.shop"),
        ({"connector": "teapots", "values": {"shop": "a/b"}}, "values.shop"),
        ({"connector": "teapots", "values": {"shop": "a", "sugar": "2"}}, "values.sugar"),
        ({"connector": "customer_data", "values": {}}, "connector"),
    ],
)
async def test_what_cannot_be_connected_names_the_field(
    shop: Shop, wish: dict[str, Any], field: str
) -> None:
    agent = await shop.agent()
    answer = await agent.request("POST", "/console/api/integrations/connect", wish)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_O3_a_shop_of_another_workspace_cannot_be_claimed(hub: RunningHub) -> None:
    first, second = await hub.shop("Kestrel"), await hub.shop("Northfold")
    owner, thief = await first.agent(), await second.agent()
    connection = await connect(owner)
    values = {"shop": "kettle", "token": "another"}
    answer = await thief.request(
        "POST", "/console/api/integrations/connect", {"connector": "teapots", "values": values}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "shop_taken")
    await owner.request("POST", f"/console/api/integrations/{connection}/disconnect")
    assert await connect(thief)  # once it was let go, it is anyone's who proves it


async def test_S9_two_shops_of_one_workspace_keep_to_themselves(shop: Shop) -> None:
    agent = await shop.agent()
    one, other = await connect(agent, "kettle"), await connect(agent, "samovar")
    for connection in (one, other):
        assert (await last_run(agent, connection))["changed"] == 5
    cards = (await agent.get("/console/api/integrations"))["connections"]
    assert {card["connection"]["source"]: card["counts"]["products"] for card in cards} == {
        "teapots:kettle": 5,
        "teapots:samovar": 5,
    }


async def test_D_4_no_page_and_no_row_shows_the_shops_key(hub: RunningHub, shop: Shop) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    seen = json.dumps(await agent.get("/console/api/integrations"))
    seen += json.dumps(await page(agent, connection))

    def rows(work: Work) -> str:
        tables = ("connections", "sync_runs", "audit_entries", "events", "jobs")
        return str([work.execute(text(f"SELECT * FROM {name}")).all() for name in tables])

    assert KEY not in seen + await hub.hub.db.read(rows)


async def test_S9_an_interrupted_first_read_goes_on_from_its_cursor(
    hub: RunningHub, shop: Shop
) -> None:
    world = world_of(hub)
    world.errors = []
    agent = await shop.agent()
    world.page = 1
    real, seen = world.pages, []

    class Breaking(list[str]):
        def append(self, cursor: str) -> None:
            seen.append(cursor)
            if seen == ["0", "1", "2"]:
                raise Unavailable("The kettle is busy.", retry_after=0)
            real.append(cursor)

    world.pages = Breaking()
    connection = await connect(agent)
    run = await last_run(agent, connection)
    assert seen == ["0", "1", "2", "2", "3", "4"]
    assert (run["done"], run["changed"]) == (5, 5)


async def test_a_shop_that_cannot_be_reached_is_degraded_and_tried_again(
    hub: RunningHub, shop: Shop
) -> None:
    world_of(hub).errors = [Unavailable("The kettle is cold.", retry_after=600)]
    agent = await shop.agent()
    connection = await connect(agent)
    run = await last_run(agent, connection, "failed")
    assert run["error"] == "The kettle is cold."
    shown = (await page(agent, connection))["card"]["connection"]
    assert (shown["level"], shown["problem"]["code"]) == ("degraded", "unreachable")
    later = syncs.PAUSE + 1_000

    def due(work: Work) -> str | None:
        work.now += later
        return syncs.due(work, shop.workspace_id, connection, 900_000, 0)

    assert await hub.hub.db.read(due) == "full"
    await agent.request("POST", f"/console/api/integrations/{connection}/sync", {"kind": "full"})
    await last_run(agent, connection)
    assert (await page(agent, connection))["card"]["connection"]["level"] == "connected"


async def test_a_refused_key_fails_in_plain_words(hub: RunningHub, shop: Shop) -> None:
    world_of(hub).errors = [Refused("The shop refuses our key.", code="refused")]
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection, "failed")
    problem = (await page(agent, connection))["card"]["connection"]
    assert (problem["level"], problem["problem"]["text"]) == ("failed", "The shop refuses our key.")


async def test_a_fault_of_the_connector_is_told_without_its_insides(
    hub: RunningHub, shop: Shop
) -> None:
    world_of(hub).errors = [ZeroDivisionError("sugar / 0")]
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection, "failed")
    problem = (await page(agent, connection))["card"]["connection"]["problem"]
    assert problem["code"] == "internal"
    assert "sugar" not in problem["text"]


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (Check(True), "connected"),
        (Check(False, "May not read.", "missing_permission"), "attention"),
        (Check(False, "No answer.", "unreachable"), "degraded"),
        (Check(False, "Wrong key.", "refused"), "failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_S9_a_check_has_four_outcomes(
    hub: RunningHub, shop: Shop, found: Check, level: str
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    world_of(hub).health = found
    answer = await agent.request("POST", f"/console/api/integrations/{connection}/check")
    assert answer.json() == {"ok": found.ok, "code": found.code, "detail": found.detail}
    assert (await page(agent, connection))["card"]["connection"]["level"] == level


async def test_S9_connecting_again_stops_what_the_old_approval_began(
    hub: RunningHub, shop: Shop
) -> None:
    world = world_of(hub)
    agent = await shop.agent()
    gate = asyncio.Event()

    async def slow(*_: Any) -> Check:
        await gate.wait()
        return Check(True)

    connector = hub.hub.services.connectors["teapots"]
    connector.check = slow  # type: ignore[method-assign]  # the run ends, but cannot close yet
    connection = await connect(agent)
    await until(lambda: len(world.pages) == 3)
    assert await connect(agent) == connection
    gate.set()
    await until(lambda: len(world.pages) == 6)
    run = await last_run(agent, connection)
    states = [one["state"] for one in (await page(agent, connection))["runs"]]
    assert run["done"] == 5
    assert states == ["done", "failed"]


async def test_a_disconnected_shop_keeps_its_data_and_loses_its_key(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    await last_run(agent, connection)
    answer = await agent.request("POST", f"/console/api/integrations/{connection}/disconnect")
    assert answer.status_code == 204
    assert world_of(hub).let_go == ["kettle"]
    card = (await page(agent, connection))["card"]
    assert (card["connection"]["state"], card["counts"]["products"]) == ("disconnected", 5)
    again = f"/console/api/integrations/{connection}/sync"
    assert (await agent.request("POST", again, {"kind": "full"})).status_code == 404

    def sealed(work: Work) -> str:
        return str(work.execute(text("SELECT sealed FROM connections")).scalar_one())

    assert await hub.hub.db.read(sealed) == ""


async def test_only_admins_connect_and_disconnect(shop: Shop) -> None:
    agent = await shop.agent(Role.AGENT, "sam")
    wish = {"connector": "teapots", "values": {"shop": "kettle", "token": KEY}}
    answer = await agent.request("POST", "/console/api/integrations/connect", wish)
    assert answer.status_code == 403


async def test_S2_after_everything_come_checks_and_once_a_night_a_sweep(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()
    connection = await connect(agent)
    full = await last_run(agent, connection)
    minute = 60_000

    def due_in(minutes: int, sweep_from: int = 0) -> Any:
        def unit(work: Work) -> str | None:
            work.now += minutes * minute
            return syncs.due(work, shop.workspace_id, connection, 15 * minute, sweep_from)

        return hub.hub.db.read(unit)

    assert await due_in(5) is None
    assert await due_in(16) == "check"
    tonight = syncing.last_night(connection) + 86_400_000
    assert await due_in(60 * 24, tonight) == "sweep"
    await agent.request("POST", f"/console/api/integrations/{connection}/sync", {"kind": "check"})
    await until(lambda: world_of(hub).pages[-1].startswith("since "))
    since = int(world_of(hub).pages[-1].removeprefix("since "))
    assert abs(since / 1000 - _seconds(full["started_at"])) < 1  # nothing between is left out


def _seconds(moment: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


# Without a browser -----------------------------------------------------------------------


def hub_command(*arguments: str, code: int = 0) -> str:
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == code, ran.output + repr(ran.exception)
    return ran.stdout if code == 0 else ran.stderr


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    who = ("--email", "nadia@kestrel.example", "--password", "twelve blue herons")
    hub_command("init", "--workspace", "Kestrel", *who)


def test_hub_connect_and_hub_sync_need_no_browser(operator: None) -> None:
    shop = ("--set", "shop=kettle", "--set", f"token={KEY}")
    made = json.loads(hub_command("connect", "teapots", *shop, "--json"))
    assert made["source"] == "teapots:kettle"
    told = hub_command("sync", made["connection"], "--full", "--wait")
    assert told == "The kettle: 5 read, 5 changed.\n"
    run = json.loads(hub_command("sync", "kettle", "--full", "--wait", "--json"))
    assert (run["state"], run["done"], run["changed"]) == ("done", 5, 0)


def test_hub_sync_says_which_shops_it_knows(operator: None, tmp_path: Path) -> None:
    shop = ("--set", "shop=kettle", "--set", f"token={KEY}")
    made = json.loads(hub_command("connect", "teapots", *shop, "--json"))["connection"]
    assert f"Name one: kettle ({made})." in hub_command("sync", "kestrel", code=1)
    assert json.loads(hub_command("sync", "https://kettle/", "--wait", "--json"))["state"] == "done"
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "parley.db")) as db, db:
        assert db.execute("UPDATE connections SET state = 'disconnected'").rowcount == 1
    assert "kettle is disconnected." in hub_command("sync", "kettle", code=1)


def test_hub_connect_says_what_is_missing(operator: None) -> None:
    assert "Shop address is missing." in hub_command("connect", "teapots", code=1)
    assert "approval" in hub_command("connect", "teapots", "--set", "shop=kettle", code=1)
    assert "NAME=VALUE" in hub_command("connect", "teapots", "--set", "shop", code=2)
    assert "There are: teapots" in hub_command("connect", "coffee", code=1)
    assert "hub connect" in hub_command("sync", code=1)


def test_E1_a_plugin_adds_commands(operator: None) -> None:
    assert hub_command("teapots", "whistle") == "Fweee\n"
    assert "teapots" in hub_command("--help")
