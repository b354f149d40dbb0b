"""The storm (D-2): webhooks twice, out of order and lost; every order ends as the shop has it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.shopify import marking
from connectors.shopify.standin import Shop as Store
from connectors.shopify.standin import Standin
from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core.connector import Connection
from core.ids import now_ms
from tests.connectors.shopify.connected import connected, is_quiet, orders, shopify_of

pytestmark = pytest.mark.anyio

ORDERS, CHANGES = 30, 4


@pytest.fixture
async def hub(store: Standin, database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub on a database of each kind: where many write at once, they differ most."""
    async with serve(tmp_path, database_url) as running:
        store.app_of_hub.url = running.url
        yield running


@pytest.fixture
def kettle(store: Standin, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(marking, "PAUSE", 0)
    found = store.shop("kettle")
    found.bucket.size, found.bucket.rate = 20_000, 20_000
    return found


def expected(kettle: Store) -> dict[str, tuple[str, str]]:
    """Status and total of every order, as the shop has them."""
    from connectors.shopify.order_mapping import to_order

    found = {}
    for node in kettle.orders.nodes.values():
        record = to_order(node, kettle.domain, now_ms()).record
        found[record.reference] = (str(record.status), str(record.amount))
    return found


async def here(hub: RunningHub, connection: Connection, buyers: list[Any]) -> dict[str, Any]:
    found = {}
    for buyer in buyers:
        for record in await orders(hub, connection, str(buyer["legacyResourceId"])):
            assert record.amount is not None
            found[record.reference] = (record.status, str(record.amount.minor))
    return found


def change(kettle: Store, order: Any, chance: random.Random) -> None:
    """Something that happens to an order in a shop."""
    match chance.choice(("pay", "fulfil", "refund", "cancel", "edit")):
        case "pay":
            kettle.pay(order)
        case "fulfil":
            kettle.fulfil(order)
        case "refund":
            kettle.refund(order, "1.00")
        case "cancel":
            kettle.cancel(order)
        case "edit":
            kettle.edit_order(order, tags=[str(chance.random())])


def live(kettle: Store, store: Standin, chance: random.Random, *, tick: float) -> None:
    """A busy hour of the shop."""
    for _ in range(ORDERS * CHANGES):
        order = chance.choice(list(kettle.orders.nodes.values()))
        try:
            change(kettle, order, chance)
        except Exception:
            continue
        store.clock.advance(tick)


@pytest.mark.parametrize("tick", [1.0, 0.05], ids=["seconds_apart", "within_seconds"])
async def test_D_2_every_order_ends_in_the_shops_state(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store, tick: float
) -> None:
    chance = random.Random(7)
    connection = await connected(hub, shop, kettle.domain, kettle.token())
    began = now_ms()
    buyers = [kettle.add_customer(first_name=f"Buyer {one}") for one in range(5)]
    kettle.webhooks.hold()
    for one in range(ORDERS):
        kettle.add_order(customer=buyers[one % 5], paid=False)
    kettle.webhooks.copies = 2
    live(kettle, store, chance, tick=tick)
    kettle.webhooks.release("random")
    kettle.webhooks.copies = 1
    await store.settled()
    await until(lambda: is_quiet(hub), 40)
    assert await here(hub, connection, buyers) == expected(kettle)

    kettle.webhooks.lose = True
    live(kettle, store, chance, tick=tick)
    kettle.webhooks.lose = False
    assert await here(hub, connection, buyers) != expected(kettle)
    connector = shopify_of(hub)
    async for _ in connector.reconcile(hub.hub.services, connection, str(began)):
        pass
    assert await here(hub, connection, buyers) == expected(kettle)
