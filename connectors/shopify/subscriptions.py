"""Subscriptions: webhooks that a shop with an app of its own has to be asked for.

The hub's own app brings them in its configuration. A merchant's app may have none, and the shop
drops those made here after eight failures, so they are compared every few minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.shopify.client import problems
from connectors.shopify.mapping import of
from connectors.shopify.paging import Size, pages
from connectors.shopify.settings import ShopSettings
from core.connector import Check, Connection
from core.errors import Refused

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

PATH = "/shopify/webhooks"
# A product's webhook is only a mark; something in it must change, or the shop drops it.
SHORT = {"PRODUCTS_CREATE": ["id", "updated_at"], "PRODUCTS_UPDATE": ["id", "updated_at"]}
PROTECTED = "protected customer data"


async def ensure(shopify: Shopify, connection: Connection) -> Check | None:
    """Have the shop send everything we understand; what to tell the merchant if it will not."""
    keys = connection.settings
    assert isinstance(keys, ShopSettings)
    if keys.app is None:
        return None
    from connectors.shopify.topics import TOPICS

    wanted = {topic.replace("/", "_").upper() for topic in TOPICS}
    try:
        missing = wanted - await _there(shopify, connection, wanted)
        refused = [topic for topic in sorted(missing) if not await _ask(shopify, connection, topic)]
    except Refused as error:
        return _problem(error.message)
    return _problem(f"It refuses {len(refused)} topics: {refused[0]} …") if refused else None


def _problem(why: str) -> Check:
    return Check(
        ok=False,
        code="webhooks_off",
        detail="The shop does not tell us of every change; we look every few minutes instead. "
        f"{why}",
    )


async def _there(shopify: Shopify, connection: Connection, wanted: set[str]) -> set[str]:
    """The topics we hear already; those sent to an address we no longer have are taken back."""
    address, there = shopify.services.public_url + PATH, set()
    found = [
        node
        async for page in pages(
            shopify, connection, "webhooks_page", "webhookSubscriptions", {}, Size(100)
        )
        for node in page.nodes
    ]
    for node in found:
        if node.get("uri") == address:
            there.add(str(node.get("topic")))
        elif str(node.get("uri")).endswith(PATH) and node.get("topic") in wanted:
            await shopify.api.run(
                connection, "webhook_delete", {"id": node.get("id")}, "background"
            )
    return there


async def _ask(shopify: Shopify, connection: Connection, topic: str) -> bool:
    """Whether the shop will send this, or keeps it back for a reason that is told elsewhere."""
    asked = {
        "uri": shopify.services.public_url + PATH,
        "format": "JSON",
        **({"includeFields": SHORT[topic]} if topic in SHORT else {}),
    }
    data = await shopify.api.run(
        connection, "webhook_create", {"topic": topic, "sub": asked}, "background"
    )
    wrong = problems(of(data.get("webhookSubscriptionCreate")))
    said = " ".join(str(one.get("message")).lower() for one in wrong)
    return not wrong or PROTECTED in said or "already been taken" in said
