"""S10: a shop on Shopify refunds and cancels once, whatever becomes of its answers."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.shopify import actions
from connectors.shopify.mapping import number
from connectors.shopify.standin import Standin
from connectors.testing.hubs import Agent, RunningHub, Shop
from connectors.testing.patience import until
from core.action_runs import run
from core.audit import audit_entries
from core.connector import CancelWish, Connection, Done, RefundWish
from core.customers import customer_by_external_id
from core.errors import Conflict, NotFound, Refused, Unavailable
from core.money import to_money
from core.records import records_of
from tests.connectors.shopify.till import connect, order_of, shopify

pytestmark = pytest.mark.anyio
KEY = "0a5c0f3e-0f57-4c53-8a39-1d7b4e0d0c11"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PAUSE", 0.01)


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


@pytest.fixture
async def agent(shop: Shop) -> Agent:
    return await shop.agent()


@pytest.fixture
async def connection(hub: RunningHub, agent: Agent, store: Standin) -> Connection:
    return await connect(hub, agent, store)


def wish_for(order: dict[str, Any], quantity: int = 1, **more: Any) -> RefundWish:
    line = number(order["lineItems"][0]["id"])
    return RefundWish(str(order["legacyResourceId"]), {line: quantity}, **more)


async def preview(hub: RunningHub, connection: Connection, wish: RefundWish):
    return await shopify(hub).preview_refund(hub.hub.services, connection, wish)


async def refund(
    hub: RunningHub, connection: Connection, wish: RefundWish, minor: int, key: str = KEY
) -> Done:
    amount = to_money(minor, "EUR")
    return await shopify(hub).refund(hub.hub.services, connection, wish, amount, key)


async def cancel(hub: RunningHub, connection: Connection, order: dict[str, Any], **more: Any):
    wish = CancelWish(str(order["legacyResourceId"]), **more)
    return await shopify(hub).cancel(hub.hub.services, connection, wish, KEY)


def given(order: dict[str, Any]) -> list[str]:
    return [f"{one['_amount']:.2f}" for one in order["refunds"]]


async def test_S10_a_refund_is_what_its_preview_said(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store)
    wish = wish_for(order, shipping=True, reason="Arrived late")
    seen = await preview(hub, connection, wish)
    assert (seen.amount.text, seen.shipping.text, seen.maximum.text) == ("25.00", "5.00", "45.00")
    assert given(order) == []
    done = await refund(hub, connection, wish, seen.amount.minor)
    assert done.amount == seen.amount
    (one,) = order["refunds"]
    assert one["note"] == f"Arrived late [Parley {KEY}]"
    assert order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"


async def test_S10_the_same_key_refunds_once(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store)
    wish = wish_for(order, 2)
    first = await refund(hub, connection, wish, 4000)
    assert (await refund(hub, connection, wish, 4000)).amount == first.amount
    assert given(order) == ["40.00"]


@pytest.mark.parametrize("fault", ["cut_after", "502_after", "503", "cut_before", "null_roots"])
async def test_S10_whatever_the_fault_the_money_goes_back_once(
    hub: RunningHub, connection: Connection, store: Standin, fault: str
) -> None:
    order = order_of(store)
    wish = wish_for(order, 2)
    store.fail("refundCreate", fault, times=None)
    with pytest.raises(Unavailable):
        await refund(hub, connection, wish, 4000)
    store.recover()
    assert (await refund(hub, connection, wish, 4000)).amount == to_money(4000, "EUR")
    assert given(order) == ["40.00"]


async def test_S10_an_amount_that_moved_is_a_conflict(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store)
    store.shop("kettle").refund(order, "44.00")
    with pytest.raises(Conflict) as caught:
        await refund(hub, connection, wish_for(order), 2000)
    assert caught.value.code == "amount_changed"
    assert "1.00 EUR" in caught.value.message


async def test_D8_a_refund_is_in_the_customers_own_currency(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store, presentment="USD", rate="1.1")
    seen = await preview(hub, connection, wish_for(order))
    assert (seen.amount.text, seen.amount.currency) == ("22.00", "USD")
    done = await shopify(hub).refund(
        hub.hub.services, connection, wish_for(order), seen.amount, KEY
    )
    assert done.amount == seen.amount
    assert given(order) == ["20.00"]


async def test_S10_a_cancelled_order_is_done_also_the_second_time(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store)
    first = await cancel(hub, connection, order)
    assert (first.pending, first.detail) == (
        False,
        "Cancelled in Shopify; the payment is refunded.",
    )
    assert (await cancel(hub, connection, order)).detail == first.detail
    assert len(store.asked("orderCancel")) == 1
    assert given(order) == ["45.00"]


async def test_S10_cancelling_without_the_money_gives_none_back(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    order = order_of(store)
    await cancel(hub, connection, order, refund=False)
    assert order["cancelledAt"] and given(order) == []


async def test_S10_a_cancellation_shopify_is_still_at_is_pending(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    store.shop("kettle").job_takes = 3_600
    order = order_of(store)
    assert (await cancel(hub, connection, order)).pending
    store.clock.advance(3_601)
    assert not (await cancel(hub, connection, order)).pending


@pytest.mark.parametrize("fault", ["cut_after", "502_after", "503"])
async def test_S10_whatever_the_fault_an_order_is_cancelled_once(
    hub: RunningHub, connection: Connection, store: Standin, fault: str
) -> None:
    order = order_of(store)
    store.fail("orderCancel", fault)
    try:
        await cancel(hub, connection, order)
    except Unavailable:
        assert not (await cancel(hub, connection, order)).pending
    assert given(order) == ["45.00"]


async def test_S10_without_the_permission_it_says_how_to_switch_it_on(
    hub: RunningHub, agent: Agent, store: Standin
) -> None:
    connection = await connect(hub, agent, store, "read_orders")
    order = order_of(store)
    for attempt in (
        preview(hub, connection, wish_for(order)),
        refund(hub, connection, wish_for(order), 2000),
        cancel(hub, connection, order),
    ):
        with pytest.raises(Refused) as caught:
            await attempt
        assert caught.value.code == "missing_permission"
        assert "Settings → Integrations" in caught.value.message
        assert "write_orders" in caught.value.message
    assert store.asked("orderCancel") == []


@pytest.mark.parametrize("reference", ["1", "", "abc", "1 OR name:*", "99999999999999999999999"])
async def test_S10_an_order_that_is_not_there_is_not_found(
    hub: RunningHub, connection: Connection, reference: str
) -> None:
    for attempt in (
        preview(hub, connection, RefundWish(reference, {"1": 1})),
        refund(hub, connection, RefundWish(reference, {"1": 1}), 100),
        shopify(hub).cancel(hub.hub.services, connection, CancelWish(reference), KEY),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_S10_from_the_console_to_the_shop_and_back_to_the_record(
    hub: RunningHub, shop: Shop, agent: Agent, store: Standin
) -> None:
    connection = await connect(hub, agent, store)
    kettle = store.shop("kettle")
    ann = kettle.add_customer(first_name="Ann", email="ann@example.com")
    order = order_of(store, customer=ann)
    await store.settled()
    record, customer = await until(lambda: known(hub, connection, str(ann["legacyResourceId"])))
    live = await agent.get(f"/console/api/customers/{customer}/orders")
    (shown,) = live["items"]
    assert (shown["record"], shown["store"]) == (record, "Kettle")
    line = shown["lines"][0]["id"]
    seen = await agent.request(
        "POST", f"/console/api/orders/{record}/preview", {"lines": {line: 1}}
    )
    assert seen.status_code == 200, seen.text
    body = {
        "id": KEY,
        "record": record,
        "kind": "refund",
        "lines": {line: 1},
        "reason": "Arrived late",
        "amount": seen.json()["amount"],
    }
    answer = await agent.request("POST", "/console/api/actions", body)
    assert (answer.status_code, answer.json()["state"]) == (201, "done"), answer.text
    assert (await run(hub.hub.services, shop.workspace_id, KEY)).state == "done"
    assert given(order) == ["20.00"]
    found = await hub.hub.db.read(records_of, shop.workspace_id, customer)
    assert found[0].status == "partially refunded"
    entries = await hub.hub.db.read(audit_entries, shop.workspace_id)
    (done,) = [one for one in entries if one.action == "order.refunded"]
    assert (done.before["refunded"], done.after["refunded"]) == ("", "20.00")


async def known(
    hub: RunningHub, connection: Connection, external_id: str
) -> tuple[str, str] | None:
    workspace = connection.workspace_id
    found = await hub.hub.db.read(
        customer_by_external_id, workspace, connection.source, external_id
    )
    if found is None:
        return None
    records = await hub.hub.db.read(records_of, workspace, found.id)
    return (records[0].id, found.id) if records else None
