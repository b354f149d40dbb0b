"""A shop of the stand-in, connected to a running hub, with what money needs."""

from __future__ import annotations

from typing import Any

from connectors.shopify.plugin import Shopify
from connectors.shopify.settings import ShopSettings
from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, Standin
from connectors.testing.hubs import Agent, RunningHub, Shop
from core.connections import connection_row, open_connection
from core.connector import Connection
from core.conversations import give_to_customer
from core.customers import customer_by_external_id
from core.db import Work


async def connect(
    hub: RunningHub, agent: Agent, store: Standin, *scopes: str, name: str = "kettle"
) -> Connection:
    """The shop, connected by client credentials; with write_orders unless scopes are named."""
    shop = store.shop(name)
    shop.install(scopes=[*store.app_of_hub.scopes, *(scopes or ("write_orders",))])
    values = {"shop": shop.domain, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer = await agent.request(
        "POST",
        "/console/api/integrations/connect",
        {"connector": "shopify", "values": values},
    )
    assert answer.status_code == 200, answer.text
    return await reopened(hub, agent, answer.json()["connection"])


async def reopened(hub: RunningHub, agent: Agent, connection: str) -> Connection:
    """The connection as it is now."""
    workspace = agent.principal.workspace_id
    row = await hub.hub.db.read(connection_row, workspace, connection)
    return open_connection(row, hub.hub.services.vault, ShopSettings)


def shopify(hub: RunningHub) -> Shopify:
    found = hub.hub.services.connectors["shopify"]
    assert isinstance(found, Shopify)
    return found


async def talk_of(shop: Shop, hub: RunningHub, connection: Connection, external_id: str) -> str:
    """A conversation of a customer whom the shop has proven."""
    visitor = await shop.visitor()
    async with visitor.socket() as socket:
        await socket.say("Hello!", "talk-0001")

    def prove(work: Work) -> None:
        customer = customer_by_external_id(
            work, shop.workspace_id, connection.source, external_id, create=True
        )
        give_to_customer(work, shop.workspace_id, visitor.id, customer.id)

    await hub.hub.db.write(prove)
    return "talk-0001"


def basket(store: Standin, price: str = "50.00") -> list[dict[str, Any]]:
    """One bowl, on its way to the checkout."""
    bowl = store.shop("kettle").add_product(title="Bowl", price=price, stock=9)
    return [{"variant": bowl["variants"][0], "quantity": 1}]


def order_of(store: Standin, **more: Any) -> dict[str, Any]:
    """A paid order of two bowls and shipping."""
    shop = store.shop("kettle")
    lines = [{"title": "Bowl", "price": "20.00", "quantity": 2}]
    order: dict[str, Any] = shop.add_order(lines=lines, shipping="5.00", **more)
    return order
