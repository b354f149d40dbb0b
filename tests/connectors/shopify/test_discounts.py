"""S5, X1, X3: single-use codes in a shop on Shopify, and what its faults cannot do to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.shopify.discounts import to_input
from connectors.shopify.standin import FAULTS, Standin
from connectors.testing.hubs import RunningHub, Shop
from connectors.testing.patience import until
from core.connector import Connection, DiscountTerms
from core.discount_issuing import issue as go_on
from core.discount_ledger import discounts_of
from core.errors import Conflict, Refused, Unavailable
from core.money import to_money
from tests.connectors.shopify.till import basket, connect, shopify, talk_of

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC).replace(microsecond=123_000)
TERMS = DiscountTerms(
    code="CHAT-7K2M-9QXD",
    title="Chat: 10% off (offer-00)",
    percent="10",
    minimum=to_money(4000, "EUR"),
    starts_at=NOW,
    expires_at=NOW + timedelta(days=7),
)


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, store: Standin) -> Connection:
    return await connect(hub, await shop.agent(), store)


async def issue(hub: RunningHub, connection: Connection, terms: DiscountTerms = TERMS):
    return await shopify(hub).issue(hub.hub.services, connection, terms)


async def find(hub: RunningHub, connection: Connection, code: str = TERMS.code):
    return await shopify(hub).find_code(hub.hub.services, connection, code)


def test_X1_the_terms_in_shopifys_words() -> None:
    asked = to_input(replace(TERMS, percent="12.5", customer="7412345678901"))
    assert asked["customerGets"] == {"value": {"percentage": 0.125}, "items": {"all": True}}
    assert asked["context"] == {"customers": {"add": ["gid://shopify/Customer/7412345678901"]}}
    assert (asked["usageLimit"], asked["appliesOncePerCustomer"]) == (1, True)
    least = asked["minimumRequirement"]["subtotal"]
    assert least == {"greaterThanOrEqualToSubtotal": "40.00"}
    fixed = to_input(replace(TERMS, percent="", amount=to_money(500, "EUR"), minimum=None))
    assert fixed["customerGets"]["value"]["discountAmount"]["amount"] == "5.00"
    assert fixed["context"] == {"all": "ALL"}
    assert "minimumRequirement" not in fixed


async def test_S5_a_code_is_good_for_one_order_of_its_customer(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    kettle = store.shop("kettle")
    ann, ben = kettle.add_customer(first_name="Ann"), kettle.add_customer(first_name="Ben")
    issued = await issue(hub, connection, replace(TERMS, customer=str(ann["legacyResourceId"])))
    assert issued.url == f"https://{connection.details['domain']}/discount/{TERMS.code}"
    lines = basket(store)
    with pytest.raises(Exception, match="available to you"):
        kettle.checkout(lines, customer=ben, code=TERMS.code)
    kettle.checkout(lines, customer=ann, code=TERMS.code)
    with pytest.raises(Exception, match="limit"):
        kettle.checkout(lines, customer=ann, code=TERMS.code)


async def test_X3_a_discount_asked_for_twice_is_one_code(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    assert await issue(hub, connection) == await issue(hub, connection)
    assert len(store.shop("kettle").discounts.nodes) == 1


@pytest.mark.parametrize(
    "other",
    [{"title": "Summer sale"}, {"expires_at": NOW + timedelta(days=8)}],
)
async def test_X3_a_code_of_other_terms_is_taken(
    hub: RunningHub, connection: Connection, other: dict[str, object]
) -> None:
    await issue(hub, connection, replace(TERMS, **other))
    with pytest.raises(Conflict) as caught:
        await issue(hub, connection)
    assert caught.value.code == "code_taken"


async def test_X3_a_code_is_found_or_not(hub: RunningHub, connection: Connection) -> None:
    assert await find(hub, connection) is None
    issued = await issue(hub, connection)
    assert await find(hub, connection) == issued


async def test_X3_a_revoked_code_is_worthless_and_revoking_it_again_is_harmless(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    issued = await issue(hub, connection)
    for _ in range(2):
        await shopify(hub).revoke_code(hub.hub.services, connection, issued)
    kettle = store.shop("kettle")
    with pytest.raises(Exception, match="valid discount"):
        kettle.checkout(basket(store), code=TERMS.code)
    kettle.discounts.delete(next(iter(kettle.discounts.nodes.values())))  # by hand
    await shopify(hub).revoke_code(hub.hub.services, connection, issued)


async def test_a_shop_that_refuses_says_why(
    hub: RunningHub, connection: Connection, store: Standin
) -> None:
    with pytest.raises(Refused, match="too long"):
        await issue(hub, connection, replace(TERMS, code="X" * 300))
    store.shop("kettle").change_scopes("read_orders")
    with pytest.raises(Refused) as caught:
        await issue(hub, connection)
    assert caught.value.code == "missing_permission"


@pytest.mark.parametrize("fault", ["cut_after", "502_after", "503", "truncated_json", "null_roots"])
async def test_X3_whatever_the_fault_there_is_one_code_and_it_is_found(
    hub: RunningHub, connection: Connection, store: Standin, fault: str
) -> None:
    store.fail("discountCodeBasicCreate", fault)
    try:
        first = await issue(hub, connection)
    except Unavailable:
        first = await find(hub, connection)
        assert (first is not None) == FAULTS[fault].took_effect
    again = await issue(hub, connection)
    assert first in (None, again)
    assert len(store.shop("kettle").discounts.nodes) == 1


async def test_X1_a_code_issued_in_a_conversation_is_redeemed_by_its_order(
    hub: RunningHub, shop: Shop, store: Standin
) -> None:
    agent = await shop.agent()
    connection = await connect(hub, agent, store)
    kettle = store.shop("kettle")
    ann = kettle.add_customer(first_name="Ann", email="ann@example.com")
    talk = await talk_of(shop, hub, connection, str(ann["legacyResourceId"]))
    store.fail("discountCodeBasicCreate", "cut_after")  # made, and we never heard
    body = {"id": "offer-0001", "conversation": talk, "percent": "10"}
    answer = await agent.request("POST", "/console/api/discounts", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "reserved"), answer.text
    await go_on(hub.hub.services, shop.workspace_id, "offer-0001")
    again = (await agent.request("POST", "/console/api/discounts", body)).json()
    assert again["state"] == "issued"
    kettle.checkout(basket(store), customer=ann, code=again["code"])
    await store.settled()

    async def redeemed() -> bool:
        (row,), _ = await hub.hub.db.read(discounts_of, shop.workspace_id)
        return row.state == "redeemed"

    await until(redeemed)
    assert len(kettle.discounts.nodes) == 1
    assert Decimal(again["percent"]) == 10
