"""Orders read live: for whoever looks, kept a minute, and never somebody else's (S4, S5)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.shopify import marking
from connectors.shopify.order_mapping import to_details
from connectors.shopify.settings import SCOPES
from connectors.shopify.standin import Shop as Store
from connectors.shopify.standin import Standin
from connectors.testing.hubs import RunningHub, Shop
from connectors.testing.patience import until
from core import kept
from core.connector import Connection
from core.errors import NotFound, Unavailable
from core.kept import Kept
from core.views import OrderDetails
from tests.connectors.shopify.connected import connected, is_quiet, orders, shopify_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE", 0)


@pytest.fixture
def kettle(store: Standin) -> Store:
    return store.shop("kettle")


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, kettle: Store) -> Connection:
    return await connected(hub, shop, kettle.domain, kettle.token())


async def read(
    hub: RunningHub, connection: Connection, buyer: Any, limit: int = 3
) -> list[OrderDetails]:
    external_id = buyer if isinstance(buyer, str) else str(buyer["legacyResourceId"])
    return await shopify_of(hub).orders_of(hub.hub.services, connection, external_id, limit)


def number_of(node: Any) -> str:
    return str(node["legacyResourceId"])


async def test_S5_a_customers_newest_orders_are_shown_with_everything(
    hub: RunningHub, kettle: Store, connection: Connection
) -> None:
    rosa = kettle.add_customer(first_name="Rosa", last_name="Meyer", email="rosa@kettle.example")
    for days in (3, 2, 1):
        kettle.add_order(customer=rosa, days_ago=days)
    newest = kettle.add_order(customer=rosa, lines=[{"title": "Cup", "price": "6.33"}])
    kettle.fulfil(newest, tracking="JJD1", company="DHL")
    found = await read(hub, connection, rosa)
    assert len(found) == 3
    assert found[0].reference == number_of(newest)
    assert found[0].lines[0].title == "Cup"
    assert found[0].parcels[0].number == "JJD1"
    assert found[0].status_url.startswith("https://")
    assert found[0].customer == number_of(rosa)


async def test_S4_what_was_read_is_on_the_timeline_too(
    hub: RunningHub, kettle: Store, connection: Connection
) -> None:
    kettle.webhooks.lose = True
    rosa = kettle.add_customer(first_name="Rosa", last_name="Meyer", email="rosa@kettle.example")
    order = kettle.add_order(customer=rosa)
    await read(hub, connection, rosa)
    (record,) = await orders(hub, connection, number_of(rosa))
    assert record.reference == number_of(order)
    (again,) = await read(hub, connection, rosa)
    assert record.amount == again.total


async def test_S5_an_order_is_asked_for_once_a_minute(
    hub: RunningHub,
    store: Standin,
    kettle: Store,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rosa = kettle.add_customer(first_name="Rosa")
    order = kettle.add_order(customer=rosa)
    await store.settled()
    await until(lambda: is_quiet(hub))
    connector, services = shopify_of(hub), hub.hub.services
    for _ in range(5):
        await read(hub, connection, rosa)
        await connector.order(services, connection, number_of(order))
    asked = len(store.asked("OrdersOfCustomer")), len(store.asked("OrderInDetail"))
    assert asked == (1, 1)
    monkeypatch.setattr(kept, "SECONDS", -1.0)
    connector.orders.forget(number_of(order), number_of(rosa))
    for _ in range(2):
        await read(hub, connection, rosa)
    assert len(store.asked("OrdersOfCustomer")) == 3


@pytest.mark.parametrize("change", ["refund", "fulfil", "cancel", "new"])
async def test_S5_a_webhook_ends_the_minute(
    hub: RunningHub, store: Standin, kettle: Store, connection: Connection, change: str
) -> None:
    rosa = kettle.add_customer(first_name="Rosa")
    order = kettle.add_order(customer=rosa, lines=[{"title": "Cup", "price": "20.00"}])
    await store.settled()
    await until(lambda: is_quiet(hub))
    (before,) = await read(hub, connection, rosa)
    store.clock.advance(5)
    match change:
        case "refund":
            kettle.refund(order, "5.00")
        case "fulfil":
            kettle.fulfil(order, tracking="JJD1")
        case "cancel":
            kettle.cancel(order)
        case "new":
            kettle.add_order(customer=rosa)

    async def told() -> bool:
        return (await read(hub, connection, rosa)) != [before]

    await until(told)


async def test_S4_nobody_gets_everybodys_orders(
    hub: RunningHub, store: Standin, kettle: Store, connection: Connection
) -> None:
    kettle.add_order(customer=kettle.add_customer(first_name="Rosa"))
    for strange in ("", "0", "guest", "7 OR id:>0", "gid://shopify/Customer/7", "*", "-1"):
        assert await read(hub, connection, strange) == []
    assert await read(hub, connection, "999999") == []


async def test_S5_an_order_nobody_has_is_not_found(hub: RunningHub, connection: Connection) -> None:
    for strange in ("999999", "", "#1001", "1 OR 1", "gid://shopify/Order/1"):
        with pytest.raises(NotFound):
            await shopify_of(hub).order(hub.hub.services, connection, strange)


async def test_S9_one_shops_orders_are_never_kept_for_another(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store, connection: Connection
) -> None:
    samovar = store.shop("samovar")
    theirs = await connected(hub, shop, samovar.domain, samovar.token())
    here = kettle.add_customer(id=7, first_name="Rosa")
    kettle.add_order(customer=here)
    samovar.add_customer(id=7, first_name="Another")
    assert len(await read(hub, connection, "7")) == 1
    assert await read(hub, theirs, "7") == []


async def test_S4_hidden_personal_fields_hide_no_order(
    hub: RunningHub, store: Standin, kettle: Store, connection: Connection
) -> None:
    rosa = kettle.add_customer(first_name="Rosa", email="rosa@kettle.example")
    order = kettle.add_order(customer=rosa)
    store.app_of_hub.protected_data = 1
    (found,) = await read(hub, connection, rosa)
    assert found.reference == number_of(order)
    assert (found.status_url, found.customer) == ("", number_of(rosa))
    one = await shopify_of(hub).order(hub.hub.services, connection, number_of(order))
    assert one.total == found.total


async def test_X4_what_can_be_done_depends_on_what_the_app_may(
    hub: RunningHub, shop: Shop, kettle: Store
) -> None:
    order = kettle.add_order(customer=kettle.add_customer(first_name="Rosa"))
    services, connector = hub.hub.services, shopify_of(hub)
    may_not = await connected(hub, shop, kettle.domain, kettle.token())
    assert (await connector.order(services, may_not, number_of(order))).actions == ()
    scopes = (*SCOPES, "write_orders")
    may = await connected(hub, shop, kettle.domain, kettle.token(*scopes), scopes=scopes)
    connector.orders.forget(number_of(order))
    found = await connector.order(services, may, number_of(order))
    assert set(found.actions) == {"refund", "cancel"}


async def test_S5_a_shop_that_does_not_answer_is_said_to_be_so(
    hub: RunningHub, store: Standin, kettle: Store, connection: Connection
) -> None:
    store.fail("*", "503", times=None)
    with pytest.raises(Unavailable):
        await read(hub, connection, "7")


def test_S5_what_is_kept_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 10)
    answers = Kept()
    order = to_details({"id": "1", "name": "#1"}, "kettle.myshopify.com")
    for place in range(50):
        answers.put(("con", "customer", str(place), 3), (order,))
    assert answers.get(("con", "customer", "0", 3)) is None
    assert answers.get(("con", "customer", "49", 3)) == (order,)
    answers.forget("order", "1")
    assert answers.get(("con", "customer", "49", 3)) is None
    assert not answers._showing
