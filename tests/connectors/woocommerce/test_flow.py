"""The whole of it: a shop is connected, sells, talks, gives a coupon, and falls silent (C5, X1)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from connectors.testing.patience import until
from connectors.woocommerce import marking, subscriptions
from connectors.woocommerce.settings import ShopSettings
from connectors.woocommerce.standin import WooStore
from core.connections import connection_row, note_details, open_connection
from core.connector import Connection
from core.conversations import give_to_customer
from core.customers import customer_by_external_id
from core.db import Work
from tests.connectors.woocommerce.connected import (
    customer,
    fact,
    is_quiet,
    orders,
    owner,
    products,
    visible,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
HOUR = 3600


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE", 0)


async def test_C5_C2_C6_X1_from_the_keys_to_an_hour_of_silence(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    agent = await shop.agent()
    store.clock.advance(-3 * HOUR)
    store.add_products(2_000, variations=9, every=10)
    mug = store.add_product("Vermilion mug", "40.00", stock=90, sku="MUG-1")
    vase = store.add_product("Cerulean vase", "40.00")
    store.clock.advance(3 * HOUR)
    anna = store.add_customer("anna@example.com", first_name="Anna", last_name="Müller")

    # C5: pasted keys; then everything is read, in few requests.
    connection = await _connect(hub, agent, store)
    assert await products(hub, connection) == visible(store)
    assert sum(store.counts().values()) <= 60
    assert len(await _found(agent, "sku-00001-blue-s")) == 1
    page = await agent.get(f"/console/api/integrations/{connection.id}")
    assert page["card"]["connection"]["level"] == "connected", page["card"]["connection"]

    # Orders of a guest and of a customer, by webhooks in the order WooCommerce sends them.
    hers = store.checkout([(mug, 2)], customer=anna)
    guests = store.checkout([(mug, 1)], email="guest@example.net")
    await store.tick()
    await until(lambda: is_quiet(hub), 30)
    assert set(await orders(hub, connection)) == {str(hers.id), str(guests.id)}
    assert await owner(hub, connection, hers.id) == str(anna.id)
    assert await owner(hub, connection, guests.id) is None

    # A coupon in the chat, for her address only, that her next order uses.
    assert fact(await customer(hub, connection, anna.id), "email") == "anna@example.com"
    issued = await _coupon(hub, shop, agent, connection, str(anna.id))
    coupon = store.coupons.by_code(issued["code"])
    assert coupon is not None
    assert coupon.facts["email_restrictions"] == ["anna@example.com"]
    store.checkout([(mug, 2)], customer=anna, coupons=[issued["code"]])
    await store.tick()
    await until(lambda: _state(agent, issued["code"], "redeemed"), 20)

    # An hour in which the shop tells nothing.
    for webhook in store.webhooks.all.values():
        webhook.status = "disabled"
    store.clock.advance(-HOUR / 2)
    late = [store.checkout([(mug, 1)], customer=anna) for _ in range(3)]
    scarf = store.add_product("Viridian scarf", "9.00")
    store.edit_product(vase, price="35.00")
    store.trash_order(guests)
    store.clock.advance(HOUR / 2)
    assert await store.tick() == []
    await hub.hub.db.write(_an_hour_ago, connection)
    run = await _sync(agent, connection, "check")
    assert {str(one.id) for one in late} < set(await orders(hub, connection))
    assert str(guests.id) not in await orders(hub, connection)
    assert [one["title"] for one in await _found(agent, "viridian")] == [scarf.name]
    assert (await _found(agent, "cerulean"))[0]["price"]["text"] == "35.00"
    assert run["drift"] == run["fixed"] >= 5, run
    assert {one.status for one in store.webhooks.all.values()} == {"active"}


async def _connect(hub: RunningHub, agent: Agent, store: WooStore) -> Connection:
    values = {
        "url": store.home,
        "consumer_key": store.key.consumer_key,
        "consumer_secret": store.key.consumer_secret,
    }
    wish = {"connector": "woocommerce", "values": values}
    answer = await agent.request("POST", "/console/api/integrations/connect", wish)
    assert answer.status_code == 200, answer.text
    id_ = str(answer.json()["connection"])
    await until(lambda: _ended(agent, id_), 90)
    row = await hub.hub.db.read(connection_row, agent.principal.workspace_id, id_)
    return open_connection(row, hub.hub.services.vault, ShopSettings)


async def _ended(agent: Agent, connection: str, before: int = 0) -> dict[str, Any] | None:
    runs = (await agent.get(f"/console/api/integrations/{connection}"))["runs"]
    over = [run for run in runs if run["state"] != "running"]
    assert not any(run["state"] == "failed" for run in over), runs
    return dict(over[0]) if len(over) > before else None


async def _sync(agent: Agent, connection: Connection, kind: str) -> dict[str, Any]:
    path = f"/console/api/integrations/{connection.id}"
    before = len((await agent.get(path))["runs"])
    assert (await agent.request("POST", f"{path}/sync", {"kind": kind})).status_code == 202
    return dict(await until(lambda: _ended(agent, connection.id, before), 60))


async def _coupon(
    hub: RunningHub, shop: Shop, agent: Agent, connection: Connection, external_id: str
) -> dict[str, Any]:
    """A code issued in a conversation of a customer whom the shop has proven."""
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Is there a discount?", "talk-of-anna")

        def prove(work: Work) -> None:
            whose = (work, shop.workspace_id, connection.source, external_id)
            known = customer_by_external_id(*whose)
            assert known is not None
            give_to_customer(work, shop.workspace_id, visitor.id, known.id)

        await hub.hub.db.write(prove)
    wish = {"id": f"wish-{uuid4().hex}", "conversation": "talk-of-anna", "percent": "10"}
    answer = await agent.request("POST", "/console/api/discounts", wish)
    assert answer.json()["state"] == "issued", answer.text
    return dict(answer.json())


async def _found(agent: Agent, words: str) -> list[Any]:
    return list((await agent.get(f"/console/api/products?q={words}"))["items"])


async def _state(agent: Agent, code: str, state: str) -> bool:
    items = (await agent.get("/console/api/discounts"))["items"]
    return any(one["code"] == code and one["state"] == state for one in items)


def _an_hour_ago(work: Work, connection: Connection) -> None:
    """Everything was looked at last when the silence began."""
    row = connection_row(work, connection.workspace_id, connection.id)
    last = work.now - HOUR * 1000
    row.cursors = {**row.cursors, "check": str(last)}
    work.add(row)
    looked = {**row.details[subscriptions.KEPT], "looked_at": last}
    note_details(work, connection, {subscriptions.KEPT: looked})
