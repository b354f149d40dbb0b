"""Topics: which webhooks there are, what each means, and which mean nothing to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from connectors.shopify import news, privacy
from connectors.shopify.mapping import Node
from connectors.shopify.news import Told, Topic
from connectors.shopify.settings import ShopSettings
from core import inbox
from core.connections import ConnectionRow, connection_row, open_connection
from core.connector import Connection
from core.decode import decode
from core.errors import NotFound
from core.inbox import Delivery
from core.routes import MEBIBYTE

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

LARGEST = 16 * MEBIBYTE  # what is stored was let in by the route already

PRIVACY = privacy.TOPICS  # mandatory; they also come for shops that are connected no more

# What an app subscribes to.
TOPICS: Mapping[str, Topic] = {
    "app/scopes_update": news.look_again,
    "app/uninstalled": news.app_uninstalled,
    "bulk_operations/finish": news.bulk_finished,
    "customers/create": news.customer_changed,
    "customers/delete": news.customer_deleted,
    "customers/update": news.customer_changed,
    "fulfillment_events/create": news.order_in("order_id"),
    "fulfillments/create": news.order_in("order_id"),
    "fulfillments/update": news.order_in("order_id"),
    "inventory_items/update": news.changed("item", "id"),
    "inventory_levels/update": news.changed("item", "inventory_item_id"),
    "order_transactions/create": news.order_in("order_id"),
    "orders/cancelled": news.order_changed,
    "orders/create": news.order_changed,
    "orders/delete": news.order_deleted,
    "orders/edited": news.order_in("order_edit", "order_id"),
    "orders/fulfilled": news.order_changed,
    "orders/paid": news.order_changed,
    "orders/partially_fulfilled": news.order_changed,
    "orders/updated": news.order_changed,
    "products/create": news.changed("product", "id"),
    "products/delete": news.product_deleted,
    "products/update": news.changed("product", "id"),
    "refunds/create": news.order_in("order_id"),
    "shop/update": news.look_again,
}

# Understood, but not subscribed to: each needs a permission that nothing else does.
ALSO: Mapping[str, Topic] = {
    "customers/merge": news.customers_merged,
    "product_listings/add": news.changed("product", "product_listing", "product_id"),
    "product_listings/remove": news.changed("product", "product_listing", "product_id"),
    "product_listings/update": news.changed("product", "product_listing", "product_id"),
    "returns/request": news.order_in("order", "id"),
    "themes/publish": news.theme_published,
}
UNDERSTOOD = {**TOPICS, **ALSO}

# Known, and of no account; why.
IGNORED: Mapping[str, str] = {
    "app_subscriptions/update": "The hub takes no money through Shopify.",
    "carts/update": "A cart is no order, and names nobody.",
    "checkouts/create": "A checkout becomes an order, or nothing.",
    "collections/update": "Collections are not kept; their products tell of themselves.",
    "discounts/create": "The hub's own codes are in its ledger; others are not its business.",
    "discounts/delete": "It names no code; an order or the code's end tells the ledger.",
    "discounts/redeemcode_added": "The hub's own codes are in its ledger.",
    "discounts/update": "It names no code; an order or the code's end tells the ledger.",
    "draft_orders/create": "A draft becomes an order, or nothing.",
}


# Coming in -------------------------------------------------------------------------------


async def take_in(shopify: Shopify, delivery: Delivery) -> None:
    """Work on a stored webhook; what its connection no longer wants is done."""
    try:
        row = await shopify.services.db.read(
            connection_row, delivery.workspace_id, delivery.connection
        )
    except NotFound:
        return
    if delivery.topic in PRIVACY:
        await privacy.take_in(shopify, held_of(shopify, row), delivery.topic, read(delivery.body))
        await shopify.services.db.write(inbox.blank, delivery.workspace_id, delivery.id)
    elif row.state == "active":
        connection = open_connection(row, shopify.services.vault, ShopSettings)
        await handle(shopify, connection, delivery.topic, delivery.body)


async def handle(shopify: Shopify, connection: Connection, topic: str, body: bytes) -> None:
    """Save what a webhook of a connected shop says."""
    if topic in PRIVACY:
        held = privacy.Held(connection.workspace_id, connection.id, connection.source, connection)
        await privacy.take_in(shopify, held, topic, read(body))
    elif understood := UNDERSTOOD.get(topic):
        await understood(Told(shopify, connection, read(body)))
    elif topic not in IGNORED:
        log.info("webhook_of_unknown_topic", topic=topic, connection=connection.id)


def held_of(shopify: Shopify, row: ConnectionRow) -> privacy.Held:
    """The connection as privacy requests see it: also one that is over."""
    opened = (
        open_connection(row, shopify.services.vault, ShopSettings)
        if row.state == "active"
        else None
    )
    return privacy.Held(row.workspace_id, row.id, row.source, opened)


def read(body: bytes) -> Node:
    """The payload; ids beyond 2^53 are exact. Invalid if it is no object."""
    return decode(body, dict[str, Any], limit=LARGEST, large_numbers=True)
