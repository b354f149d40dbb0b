"""Orders read live: for whoever looks, kept a minute, and never somebody else's (C2, C3)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop
from connectors.woocommerce import marking
from connectors.woocommerce.standin import WooStore
from core import kept
from core.connector import Connection
from core.errors import NotFound, Unavailable
from core.views import OrderDetails
from tests.connectors.woocommerce.connected import connected, hear, orders, owner, woo_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE", 3_600_000)


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, store: WooStore) -> Connection:
    return await connected(hub, shop, store)


async def read(
    hub: RunningHub, connection: Connection, buyer: Any, limit: int = 3
) -> list[OrderDetails]:
    external_id = buyer if isinstance(buyer, str) else str(buyer.id)
    return await woo_of(hub).orders_of(hub.hub.services, connection, external_id, limit)


async def one(hub: RunningHub, connection: Connection, reference: Any) -> OrderDetails:
    return await woo_of(hub).order(hub.hub.services, connection, str(reference))


async def test_a_customers_newest_orders_are_shown_with_everything(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    anna = store.add_customer("anna@example.com", first_name="Anna")
    mug = store.add_product("Mug & <b>Saucer</b>", "23.77", stock=9)
    for _ in range(3):
        store.clock.advance(1)
        store.add_order([(mug, 1)], customer=anna)
    store.clock.advance(1)
    newest = store.add_order([(mug, 2)], customer=anna, status="completed")
    store.refund(newest, "2.50")
    store.clock.advance(-4)
    found = await read(hub, connection, anna)
    assert len(found) == 3
    shown = found[0]
    assert (shown.reference, shown.number) == (str(newest.id), f"#{newest.id}")
    assert (shown.payment, shown.fulfilment) == ("partially refunded", "completed")
    assert shown.refunded is not None and shown.refunded.text == "2.50"
    (line,) = shown.lines
    assert (line.title, line.quantity) == ("Mug & Saucer", 2)
    assert shown.customer == str(anna.id)
    assert shown.admin_url == f"{store.home}/wp-admin/post.php?post={newest.id}&action=edit"
    assert str(newest.id) in await orders(hub, connection)  # and is a record from now on
    assert await owner(hub, connection, newest.id) == str(anna.id)


async def test_C3_a_guests_orders_are_nobodys_list(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    anna = store.add_customer("anna@example.com")
    mug = store.add_product("Mug", "5")
    store.add_order([(mug, 1)], email="anna@example.com")
    for nobody in ("0", "", "-1", "guest", "all", "1 OR 1", "١"):
        assert await read(hub, connection, nobody) == []
    assert await read(hub, connection, anna) == []  # the same address proves nothing
    assert store.counts()["GET orders"] == 1


async def test_a_shop_that_ignores_the_question_shows_nobody_elses_orders(
    hub: RunningHub, connection: Connection, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = store.add_customer("anna@example.com"), store.add_customer("ben@example.com")
    mug = store.add_product("Mug", "5")
    store.add_order([(mug, 1)], customer=ben)
    api = woo_of(hub).api
    get = api.get

    async def deaf(connection: Connection, path: str, params: Any, *more: Any) -> Any:
        return await get(connection, path, {**params, "customer": str(ben.id)}, *more)

    monkeypatch.setattr(api, "get", deaf)
    assert await read(hub, connection, anna) == []
    assert len(await read(hub, connection, ben)) == 1


async def test_an_answer_is_kept_for_a_minute_and_until_something_changes(
    hub: RunningHub,
    connection: Connection,
    store: WooStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna = store.add_customer("anna@example.com")
    mug = store.add_product("Mug", "5")
    order = store.add_order([(mug, 1)], customer=anna, status="processing")
    for _ in range(3):
        await read(hub, connection, anna)
        await one(hub, connection, order.id)
    assert store.counts()["GET orders"] == 2
    store.clock.advance(1)
    store.set_status(order, "completed")
    store.clock.advance(-1)
    from connectors.woocommerce.standin import order_json

    body = _encoded(order_json.order(store.shop if hasattr(store, "shop") else store, order, 2))
    await hear(hub, connection, "order.updated", body)
    assert (await read(hub, connection, anna))[0].fulfilment == "completed"
    assert (await one(hub, connection, order.id)).fulfilment == "completed"
    monkeypatch.setattr(kept, "SECONDS", -1)
    before = store.counts()["GET orders"]
    for _ in range(2):
        await read(hub, connection, anna, 2)
    assert store.counts()["GET orders"] == before + 2


def _encoded(node: dict[str, Any]) -> bytes:
    import json

    return json.dumps(node).encode()


async def test_an_order_that_is_none_is_not_found(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    mug = store.add_product("Mug", "5")
    draft = store.open_checkout([(mug, 1)], email="browsing@example.net")
    trashed = store.add_order([(mug, 1)])
    store.trash_order(trashed)
    for reference in (draft.id, trashed.id, mug.id, 999_999, "x", "", "../customers", "1/refunds"):
        with pytest.raises(NotFound):
            await one(hub, connection, reference)
    assert await orders(hub, connection) == {}


@pytest.mark.parametrize("fault", ["500", "truncated_json", "maintenance", "critical_error"])
async def test_a_shop_that_fails_is_not_a_shop_without_orders(
    hub: RunningHub, connection: Connection, store: WooStore, fault: str
) -> None:
    anna = store.add_customer("anna@example.com")
    store.fail("GET orders", fault, 10)
    with pytest.raises(Unavailable):
        await read(hub, connection, anna)
    store.recover()
    assert await read(hub, connection, anna) == []
