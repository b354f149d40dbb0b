"""The whole of it: a shop is connected, sells, talks, gives a discount, and leaves no trace."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from connectors.shopify import marking
from connectors.shopify.standin import Standin
from connectors.shopify.standin.proxy import signed_query
from connectors.testing.hubs import RunningHub, Shop, Visitor
from connectors.testing.patience import until
from core.db import Work, table_of
from core.privacy import find_remains
from core.products import Product

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
_products = table_of(Product)
CANARY = "rosa.canary@kettle.example"
PRODUCTS = 5_000  # more than are read page by page


async def test_S1_to_S10_from_one_approval_to_the_last_trace(
    hub: RunningHub, shop: Shop, store: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "PAUSE", 0)
    hub.hub.services.public_url = hub.url
    kettle, agent = store.shop("kettle"), await shop.agent()
    kettle.approves_at_once = True
    kettle.add_products(PRODUCTS)
    rosa = kettle.add_customer(first_name="Rosa", last_name="Canary", email=CANARY)

    # S1, O3: one approval, in the browser of the admin who asked.
    wish = {"connector": "shopify", "values": {"shop": "kettle"}}
    asked = await agent.request("POST", "/console/api/integrations/connect", wish)
    async with httpx.AsyncClient() as browser:
        approved = await browser.get(asked.json()["redirect"])
    back = await hub.http.get(approved.headers["location"], headers={"Cookie": agent.cookie})
    (connection,) = parse_qs(urlsplit(back.headers["location"]).query)["connection"]

    # S2: found before everything is read; then all of it is there.
    await until(lambda: _found(agent), 20)
    page = await until(lambda: _ended(agent, connection), 60)
    assert page["card"]["counts"]["products"] == PRODUCTS
    assert page["card"]["connection"]["level"] == "connected"

    # S6, O5: the shop's signed proxy says who is logged in; S8: an order arrives.
    visitor = await _logged_in(hub, shop, store, rosa)
    lines = [{"title": "Fern mug", "price": "40.00", "quantity": 2}]
    order = kettle.add_order(customer=rosa, lines=lines, shipping="0", paid=True)
    (record,) = await until(lambda: _activity(visitor), 20)
    assert (record["title"], record["amount"]["text"]) == (f"Order {order['name']}", "80.00")

    # S7: the agent sees who is writing, and the order as it is now.
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Is there a discount?", "talk-of-rosa")
        opened = await agent.get("/console/api/conversations/talk-of-rosa")
        assert opened["customer"]["verified"] and opened["customer"]["name"] == "Rosa Canary"
        live = await agent.get(f"/console/api/customers/{opened['customer']['id']}/orders")
        assert live["problem"] == "" and live["items"][0]["lines"][0]["title"] == "Fern mug"

        # S5, X1: a single-use code, into the conversation.
        wish = {"id": f"wish-{uuid4().hex}", "conversation": "talk-of-rosa", "percent": "10"}
        issued = await agent.request("POST", "/console/api/discounts", wish)
        assert issued.json()["state"] == "issued", issued.text
        said = await widget.hear("MessageAdded", conversation="talk-of-rosa")
        while not said["message"]["cards"]:
            said = await widget.hear("MessageAdded", conversation="talk-of-rosa")
        (card,) = said["message"]["cards"]
        assert card["code"] == issued.json()["code"]
        assert card["url"].startswith("https://kettle.myshopify.com/discount/CHAT-")

        # X3: used at the checkout, it is redeemed here.
        variant = kettle.any_variant()
        kettle.checkout([{"variant": variant, "quantity": 9}], customer=rosa, code=card["code"])
        await until(lambda: _state(agent, card["code"], "redeemed"), 20)
        assert await console.hear("DiscountChanged")

    # S9: uninstalled over there, disconnected here; its data stay until Shopify asks.
    kettle.request_data(rosa)
    await store.settled()
    kettle.redact_customer(rosa)
    await until(lambda: _remains(hub, shop, CANARY, "Rosa Canary", none=True), 20)
    kettle.uninstall()
    await until(lambda: _is_disconnected(agent, connection), 20)
    assert await _count(hub, shop) == PRODUCTS
    kettle.redact_shop()
    await until(lambda: _gone(hub, shop), 60)


async def _found(agent: Any) -> list[Any]:
    return list((await agent.get("/console/api/products?q=a"))["items"])


async def _ended(agent: Any, connection: str) -> dict[str, Any] | None:
    page = await agent.get(f"/console/api/integrations/{connection}")
    assert not any(run["state"] == "failed" for run in page["runs"]), page["runs"]
    return page if any(run["state"] == "done" for run in page["runs"]) else None


async def _logged_in(hub: RunningHub, shop: Shop, store: Standin, customer: Any) -> Visitor:
    """A browser on the storefront, proven by what the app proxy was signed."""
    query = signed_query(
        store.shop("kettle"), store.app_of_hub, customer=customer["legacyResourceId"]
    )
    answer = await hub.http.post(f"/shopify/proxy/session?{query}")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return await shop.visitor(user_id=said["user_id"], user_token=said["user_token"])


async def _activity(visitor: Visitor) -> list[Any]:
    answer = await visitor.request("GET", "/v1/chat/activity")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def _state(agent: Any, code: str, state: str) -> bool:
    items = (await agent.get("/console/api/discounts"))["items"]
    return any(one["code"] == code and one["state"] == state for one in items)


async def _remains(hub: RunningHub, shop: Shop, *words: str, none: bool) -> bool:
    return (await hub.hub.db.read(find_remains, shop.workspace_id, list(words)) == []) is none


async def _is_disconnected(agent: Any, connection: str) -> bool:
    page = await agent.get(f"/console/api/integrations/{connection}")
    return bool(page["card"]["connection"]["state"] == "disconnected")


async def _count(hub: RunningHub, shop: Shop) -> int:
    def read(work: Work) -> int:
        mine = select(func.count()).where(_products.c.workspace_id == shop.workspace_id)
        return int(work.execute(mine.select_from(_products)).scalar_one())

    return await hub.hub.db.read(read)


async def _gone(hub: RunningHub, shop: Shop) -> bool:
    return await _count(hub, shop) == 0
