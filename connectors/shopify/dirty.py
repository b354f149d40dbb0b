"""Dirty: reads again what was marked, as many things at once as the shop allows.

Inventory items lead to their products, products are read with all their variants, orders with
their state. A mark goes only when what was read is saved.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from connectors.shopify import catalog
from connectors.shopify.answers import TooCostly
from connectors.shopify.mapping import Node, gid, has_more, nodes, number, of
from connectors.shopify.marking import Kind, mark
from connectors.shopify.orders import read_orders, save_orders
from connectors.shopify.paging import Size
from connectors.shopify.settings import ShopSettings
from core import marks
from core.connections import connection_row, open_connection
from core.connector import Connection
from core.db import Work
from core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

AT_ONCE = 50
FIRST: dict[Kind, int] = {"item": 50, "product": 20, "order": 50}

Reader = Callable[["Shopify", Connection, list[str]], Awaitable[list[str]]]


async def run(shopify: Shopify, workspace_id: str, connection_id: str) -> None:
    """The job that works off a connection's marks."""

    def opened(work: Work) -> Connection | None:
        try:
            row = connection_row(work, workspace_id, connection_id)
            return open_connection(row, shopify.services.vault, ShopSettings)
        except NotFound:
            return None

    connection = await shopify.services.db.read(opened)
    if connection is None:  # disconnected: there is nobody to ask
        await shopify.services.db.write(marks.forget, workspace_id, connection_id)
        return
    await reread(shopify, connection)


async def reread(shopify: Shopify, connection: Connection) -> list[str]:
    """Read everything marked, until nothing is; what changed here."""
    return [
        external_id async for changed in rereading(shopify, connection) for external_id in changed
    ]


async def rereading(shopify: Shopify, connection: Connection) -> AsyncIterator[list[str]]:
    """The same, part by part."""
    for kind, read in READERS.items():
        size = Size(FIRST[kind], AT_ONCE)
        while taken := await _taken(shopify, connection, kind, size.now):
            try:
                changed = await read(shopify, connection, list(taken))
            except TooCostly:
                if not size.shrink():
                    raise
                continue
            await shopify.services.db.write(marks.clear, connection, kind, taken)
            yield changed


async def _taken(
    shopify: Shopify, connection: Connection, kind: Kind, limit: int
) -> dict[str, int]:
    taken: dict[str, int] = await shopify.services.db.read(marks.take, connection, kind, limit)
    return taken


async def _items(shopify: Shopify, connection: Connection, ids: list[str]) -> list[str]:
    """Mark the products whose stock has changed."""
    found = await _nodes(shopify, connection, "products_of_items", "InventoryItem", ids)
    products = [
        number(of(variant.get("product")).get("id"))
        for node in found.values()
        for variant in nodes(node.get("variants"))
    ]
    await shopify.services.db.write(mark, connection, "product", products)
    return []


async def _products(shopify: Shopify, connection: Connection, ids: list[str]) -> list[str]:
    found = await _nodes(shopify, connection, "products_by_ids", "Product", ids)
    shelf = catalog.Shelf([], {}, [])
    for external_id in ids:
        node = found.get(external_id)
        if node is None:
            shelf.gone[external_id] = None
        elif has_more(node.get("variants")):
            variants = await _variants(shopify, connection, external_id)
            catalog.sort(node, shelf, connection, variants)
        else:
            catalog.sort(node, shelf, connection)
    return await catalog.put(shopify, connection, shelf)


async def _variants(shopify: Shopify, connection: Connection, external_id: str) -> list[Node]:
    """All variants of a product that has more than a page shows; none if it is gone by now."""
    found: list[Node] = []
    after = ""
    while True:
        asked = {"id": gid("Product", external_id), "after": after or None}
        data = await shopify.api.run(connection, "variants_of_product", asked, "background")
        listed = of(of(data.get("product")).get("variants"))
        found += nodes(listed)
        after = str(of(listed.get("pageInfo")).get("endCursor") or "")
        if not has_more(listed) or not after:
            return found


async def _orders(shopify: Shopify, connection: Connection, ids: list[str]) -> list[str]:
    """Orders as they are; one the app may not see any more (60 days) stays as it was."""
    found = await _nodes(shopify, connection, "orders_by_ids", "Order", ids)
    orders = read_orders(found.values(), connection)
    fates = await shopify.services.db.write(save_orders, connection, orders)
    for order in orders:
        shopify.orders.forget(order.reference, order.customer)
    return [order.reference for order, fate in zip(orders, fates, strict=True) if fate == "changed"]


async def _nodes(
    shopify: Shopify, connection: Connection, name: str, kind: str, ids: list[str]
) -> dict[str, Node]:
    """Things by their ids; those the shop has not are left out."""
    asked = {"ids": [gid(kind, external_id) for external_id in ids]}
    data: dict[str, Any] = await shopify.api.run(connection, name, asked, "background")
    listed = data.get("nodes")
    if not isinstance(listed, list) or len(listed) != len(ids):
        raise Unavailable("The shop did not answer for everything.", code="bad_answer")
    return {number(node.get("id")): node for node in nodes(listed)}


READERS: dict[Kind, Reader] = {"item": _items, "product": _products, "order": _orders}
