"""X1, X3: single-use codes in a shop on WooCommerce, and what its faults cannot do to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop
from connectors.woocommerce import marking
from connectors.woocommerce.coupons import to_body
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.coupons import NotRedeemed
from connectors.woocommerce.standin.faults import FAULTS
from core.connector import Connection, DiscountTerms, IssuedCode
from core.conversations import give_to_customer
from core.customers import customer_by_external_id
from core.db import Work
from core.discount_issuing import issue as go_on
from core.discount_ledger import discounts_of
from core.errors import Conflict, Refused, Unavailable
from core.ids import now_ms
from core.money import to_money
from tests.connectors.woocommerce.connected import connected, read_all, woo_of

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC).replace(microsecond=123_000)
TERMS = DiscountTerms(
    code="CHAT-7K2M-9QXD",
    title="Chat: 10% off (offer-00)",
    percent="10",
    minimum=to_money(4000, "EUR"),
    starts_at=NOW,
    expires_at=NOW + timedelta(days=7),
    email="anna@example.com",
)


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE", 3_600_000)


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, store: WooStore) -> Connection:
    return await connected(hub, shop, store)


async def issue(
    hub: RunningHub, connection: Connection, terms: DiscountTerms = TERMS
) -> IssuedCode:
    return await woo_of(hub).issue(hub.hub.services, connection, terms)


async def find(hub: RunningHub, connection: Connection) -> IssuedCode | None:
    return await woo_of(hub).find_code(hub.hub.services, connection, TERMS.code)


async def revoke(hub: RunningHub, connection: Connection, issued: IssuedCode) -> None:
    await woo_of(hub).revoke_code(hub.hub.services, connection, issued)


def buy(store: WooStore, email: str, price: str = "50") -> Any:
    bowl = store.add_product("Bowl", price)
    return store.add_order([(bowl, 1)], email=email, coupons=[TERMS.code])


def test_X1_the_terms_in_woocommerces_words() -> None:
    body = to_body(replace(TERMS, percent="12.5"))
    assert (body["discount_type"], body["amount"]) == ("percent", "12.5")
    assert (body["usage_limit"], body["usage_limit_per_user"]) == (1, 1)
    assert body["individual_use"] is True
    assert body["minimum_amount"] == "40.00"
    assert body["email_restrictions"] == ["anna@example.com"]
    assert body["date_expires_gmt"] == f"{NOW + timedelta(days=7):%Y-%m-%dT%H:%M:%S}"
    fixed = to_body(replace(TERMS, percent="", amount=to_money(500, "JPY"), minimum=None, email=""))
    assert (fixed["discount_type"], fixed["amount"]) == ("fixed_cart", "500")
    assert not {"minimum_amount", "email_restrictions"} & fixed.keys()


async def test_X1_a_code_is_good_for_one_order_of_its_customer(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    issued = await issue(hub, connection)
    coupon = store.coupons.by_code(TERMS.code)
    assert coupon is not None and issued.reference == str(coupon.id)
    with pytest.raises(NotRedeemed, match="valid email"):
        buy(store, "ben@example.com")
    with pytest.raises(NotRedeemed, match="minimum"):
        buy(store, "anna@example.com", "20")
    buy(store, "anna@example.com")
    with pytest.raises(NotRedeemed, match="limit"):
        buy(store, "anna@example.com")


async def test_X1_a_code_ends_at_its_time(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    await issue(hub, connection)
    store.clock.advance(7 * 86_400 + 2)
    with pytest.raises(NotRedeemed, match="expired"):
        buy(store, "anna@example.com")


async def test_X3_a_discount_asked_for_twice_is_one_code(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    assert await issue(hub, connection) == await issue(hub, connection)
    assert len(store.coupons.all) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Summer sale"},
        {"expires_at": NOW + timedelta(days=8)},
        {"percent": "11"},
        {"email": "ben@example.com"},
        {"minimum": None},
        {"percent": "", "amount": to_money(1000, "EUR")},
    ],
)
async def test_X3_a_code_of_other_terms_is_taken(
    hub: RunningHub, connection: Connection, other: dict[str, Any]
) -> None:
    await issue(hub, connection, replace(TERMS, **other))
    with pytest.raises(Conflict) as caught:
        await issue(hub, connection)
    assert caught.value.code == "code_taken"


async def test_X3_a_code_that_is_good_for_many_is_not_ours(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    await issue(hub, connection)
    coupon = store.coupons.by_code(TERMS.code)
    assert coupon is not None
    store.edit_coupon(coupon, usage_limit=50)
    with pytest.raises(Conflict):
        await issue(hub, connection)


async def test_X3_a_code_in_the_trash_is_none(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    assert await find(hub, connection) is None
    issued = await issue(hub, connection)
    assert await find(hub, connection) == issued
    coupon = store.coupons.by_code(TERMS.code)
    assert coupon is not None
    store.trash_coupon(coupon)
    assert await find(hub, connection) is None


async def test_X3_a_revoked_code_is_gone_for_good_and_revoking_it_again_is_harmless(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    issued = await issue(hub, connection)
    for reference in (issued.reference, issued.reference, ""):
        await revoke(hub, connection, replace(issued, reference=reference))
    assert store.coupons.all == {}
    await issue(hub, connection)
    await revoke(hub, connection, replace(issued, reference=""))  # the ledger never heard of it
    assert store.coupons.all == {}


async def test_a_shop_that_refuses_says_why(
    hub: RunningHub, connection: Connection, store: WooStore
) -> None:
    with pytest.raises(Refused, match="Invalid discount amount"):
        await issue(hub, connection, replace(TERMS, percent="120"))
    store.key.permissions = "read"
    with pytest.raises(Refused) as caught:
        await issue(hub, connection)
    assert caught.value.code == "missing_permission"


@pytest.mark.parametrize("fault", ["cut_after", "502_after", "503", "truncated_json"])
async def test_X3_whatever_the_fault_there_is_one_code_and_it_is_found(
    hub: RunningHub, connection: Connection, store: WooStore, fault: str
) -> None:
    store.fail("POST coupons", fault)
    try:
        first = await issue(hub, connection)
    except Unavailable:
        first = await find(hub, connection)
        assert (first is not None) == FAULTS[fault].took_effect
    again = await issue(hub, connection)
    assert first in (None, again)
    assert len(store.coupons.all) == 1


async def test_X1_a_code_issued_in_a_conversation_is_redeemed_by_its_order(
    hub: RunningHub, shop: Shop, store: WooStore, connection: Connection
) -> None:
    agent = await shop.agent()
    anna = store.add_customer("anna@example.com", first_name="Anna")
    await read_all(hub, connection, str(now_ms()), "reconcile")
    visitor = await shop.visitor()
    async with visitor.socket() as socket:
        await socket.say("Hello!", "talk-0001")

    def prove(work: Work) -> None:
        whose = (work, shop.workspace_id, connection.source, str(anna.id))
        customer = customer_by_external_id(*whose, create=True)
        give_to_customer(work, shop.workspace_id, visitor.id, customer.id)

    await hub.hub.db.write(prove)
    await woo_of(hub).orders_of(hub.hub.services, connection, str(anna.id), 1)
    store.fail("POST coupons", "cut_after")  # made, and we never heard
    body = {"id": "offer-0001", "conversation": "talk-0001", "percent": "10"}
    answer = await agent.request("POST", "/console/api/discounts", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "reserved"), answer.text
    await go_on(hub.hub.services, shop.workspace_id, "offer-0001")
    issued = (await agent.request("POST", "/console/api/discounts", body)).json()
    assert issued["state"] == "issued"
    bowl = store.add_product("Bowl", "200")
    store.checkout([(bowl, 1)], customer=anna, coupons=[issued["code"]])
    await read_all(hub, connection, str(now_ms()), "reconcile")
    (row,), _ = await hub.hub.db.read(discounts_of, shop.workspace_id)
    assert (row.state, row.code) == ("redeemed", issued["code"])
    assert len(store.coupons.all) == 1
