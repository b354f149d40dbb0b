"""The storm (D-2): webhooks twice, out of order, lost and off; all ends as the shop has it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from connectors.woocommerce import marking, subscriptions
from connectors.woocommerce.standin import WooStore
from core.connections import connection_row, note_details
from core.connector import Connection
from core.db import Work
from core.ids import now_ms
from tests.connectors.woocommerce.connected import (
    connected,
    is_quiet,
    orders,
    owner,
    products,
    read_all,
    visible,
)

pytestmark = pytest.mark.anyio

ORDERS, CHANGES = 30, 4
HOUR = 3600
UNBOUGHT = ("checkout-draft", "trash")


@pytest.fixture
async def hub(store: WooStore, database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub on a database of each kind: where many write at once, they differ most."""
    async with serve(tmp_path, database_url, outbound_allow="127.0.0.0/8") as running:
        running.hub.services.public_url = running.url
        yield running


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE", 0)


def expected(store: WooStore) -> dict[str, tuple[str, int, str | None]]:
    """Status, total and buyer of every order, as the shop has them."""
    found = {}
    for order in store.orders.all.values():
        if order.status not in UNBOUGHT:
            partly = order.refunds and order.status != "refunded"
            status = "partially refunded" if partly else order.status
            buyer = str(order.customer) if order.customer else None
            found[str(order.id)] = (status, int(order.total * 100), buyer)
    return found


async def here(hub: RunningHub, connection: Connection) -> dict[str, Any]:
    found = {}
    for reference, record in (await orders(hub, connection)).items():
        assert record.amount is not None
        buyer = await owner(hub, connection, reference)
        found[reference] = (record.status, record.amount.minor, buyer)
    return found


def change(store: WooStore, order: Any, chance: random.Random) -> None:
    """Something that happens to an order in a shop."""
    match chance.choice(("pay", "complete", "refund", "cancel", "trash", "touch")):
        case "pay":
            store.set_status(order, "processing")
        case "complete":
            store.set_status(order, "completed")
        case "refund":
            store.refund(order, "1.00")
        case "cancel":
            store.set_status(order, "cancelled")
        case "trash" if order.status == "trash":
            store.restore_order(order)
        case "trash":
            store.trash_order(order)
        case "touch":
            store.touch_order(order)


def live(store: WooStore, chance: random.Random, tick: float) -> None:
    """A busy hour of the shop."""
    for _ in range(ORDERS * CHANGES):
        change(store, chance.choice(list(store.orders.all.values())), chance)
        store.clock.advance(tick)


async def told(hub: RunningHub, store: WooStore, chance: random.Random) -> None:
    """Everything the shop has to say, twice and in any order."""
    sent: list[Any] = []
    for _ in range(20):
        part = await store.tick()
        sent += part
        if not part:
            break
    again = [one for one in sent if one.body.startswith(b"{")]
    chance.shuffle(again)
    for delivery in again:
        hook = next(one for one in store.webhooks.all.values() if one.topic == delivery.topic)
        answer = await hub.http.post(hook.url, content=delivery.body, headers=delivery.headers)
        assert answer.status_code == 200, answer.text
    await until(lambda: is_quiet(hub), 40)


def sell(store: WooStore, mug: Any, buyers: list[Any], count: int) -> None:
    for one in range(count):
        buyer = buyers[one % len(buyers)]
        if buyer is None:
            store.checkout([(mug, 1)], email=f"guest{one}@example.net")
        else:
            store.checkout([(mug, 1)], customer=buyer)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("tick", [1.0, 0.05], ids=["seconds_apart", "within_seconds"])
async def test_D_2_every_order_ends_in_the_shops_state(
    hub: RunningHub, shop: Shop, store: WooStore, tick: float
) -> None:
    chance = random.Random(7)
    store.clock.advance(-HOUR / 6)
    mug = store.add_product("Mug", "23.77", stock=500)
    buyers = [None, *(store.add_customer(f"buyer{one}@example.com") for one in range(4))]
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    began = now_ms()
    sell(store, mug, buyers, ORDERS)
    live(store, chance, tick)
    await told(hub, store, chance)
    assert await here(hub, connection) == expected(store)

    store.webhooks.queue.clear()
    store.deliveries.lose = True
    kept = [one for one in store.orders.all.values() if one.status != "trash"]
    for order in kept:
        store.set_status(order, chance.choice(("completed", "cancelled", "refunded")))
        store.clock.advance(tick)
    sell(store, mug, buyers, 10)
    store.deliveries.lose = False
    assert await here(hub, connection) != expected(store)
    await read_all(hub, connection, str(began), "reconcile")
    assert await here(hub, connection) == expected(store)


async def test_D_2_fifty_orders_of_one_second_are_fifty_orders(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    mug = store.add_product("Mug", "23.77", stock=500)
    anna = store.add_customer("anna@example.com")
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    store.clock.stop()  # all of a second: one delivery id for all of a topic
    sell(store, mug, [anna, None], 50)
    sent = await store.tick()
    created = [one for one in sent if one.topic == "order.created"]
    assert len(created) == 50, {one.outcome for one in sent}
    names = {one.headers["X-WC-Webhook-Delivery-ID"] for one in created}
    assert len(names) == 1
    store.clock.go()
    await until(lambda: is_quiet(hub), 40)
    found = await here(hub, connection)
    assert found == expected(store)
    assert len(found) == 50
    assert sum(buyer is None for _, _, buyer in found.values()) == 25


def _looked_an_hour_ago(work: Work, connection: Connection) -> None:
    known = connection_row(work, connection.workspace_id, connection.id).details
    looked = {**known[subscriptions.KEPT], "looked_at": work.now - 2 * subscriptions.EVERY}
    note_details(work, connection, {subscriptions.KEPT: looked})


@pytest.mark.timeout(120)
async def test_D_2_an_hour_without_webhooks_is_caught_up_by_one_check(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    store.clock.advance(-2 * HOUR)
    store.add_products(120, variations=9, every=10)
    mug, gone = store.add_product("Mug", "23.77", stock=500), store.add_product("Gone", "5")
    anna = store.add_customer("anna@example.com")
    store.clock.advance(2 * HOUR)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    began = str(now_ms() - 2 * HOUR * 1000)
    await read_all(hub, connection, began, "reconcile")
    for webhook in store.webhooks.all.values():
        webhook.status = "disabled"  # seven failures, and nobody is told
    store.clock.advance(-HOUR / 2)
    old = store.add_order([(mug, 1)], customer=anna)
    sell(store, mug, [anna, None], 20)
    store.trash_order(old)
    store.trash_product(gone)
    scarf = store.add_product("Scarf", "9")
    store.edit_product(mug, price="19.00")
    store.clock.advance(HOUR / 2)
    assert await store.tick() == []
    await hub.hub.db.write(_looked_an_hour_ago, connection)
    last = (await read_all(hub, connection, began, "reconcile"))[-1]
    assert last.problem is not None and last.problem.code == "webhooks_off"
    assert last.drift >= 22
    assert {one.status for one in store.webhooks.all.values()} == {"active"}
    assert await here(hub, connection) == expected(store)
    assert await products(hub, connection) == visible(store)
    assert str(scarf.id) in await products(hub, connection)
