"""Rereading: reads again what was marked, a hundred things of a kind with one request.

A mark goes only when what was read is saved. What a list does not show is asked for by its own
address: nothing goes here because it was missing somewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from connectors.woocommerce import catalog, codes, people
from connectors.woocommerce.mapping import Node, number
from connectors.woocommerce.marking import Kind
from connectors.woocommerce.order_mapping import is_order
from connectors.woocommerce.orders import read_orders, remove_orders, save_orders
from connectors.woocommerce.settings import ShopSettings
from connectors.woocommerce.slim import COUPON, CUSTOMER, ORDER, PRODUCT, fields
from core import marks
from core.connections import connection_row, open_connection
from core.connector import Connection
from core.db import Work
from core.errors import NotFound

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

AT_ONCE = 100

Reader = Callable[["WooCommerce", Connection, list[str]], Awaitable[list[str]]]


async def run(shop: WooCommerce, workspace_id: str, connection_id: str) -> None:
    """The job that works off a connection's marks."""

    def opened(work: Work) -> Connection | None:
        try:
            row = connection_row(work, workspace_id, connection_id)
            return open_connection(row, shop.services.vault, ShopSettings)
        except NotFound:
            return None

    connection = await shop.services.db.read(opened)
    if connection is None:  # disconnected: there is nobody to ask
        await shop.services.db.write(marks.forget, workspace_id, connection_id)
        return
    await reread(shop, connection)


async def reread(shop: WooCommerce, connection: Connection) -> list[str]:
    """Read everything marked, until nothing is; what changed here."""
    changed: list[str] = []
    for kind, read in READERS.items():
        while taken := await shop.services.db.read(marks.take, connection, kind, AT_ONCE):
            changed += await read(shop, connection, list(taken))
            await shop.services.db.write(marks.clear, connection, kind, taken)
    return changed


async def _products(shop: WooCommerce, connection: Connection, ids: list[str]) -> list[str]:
    found = await _by_ids(shop, connection, "products", PRODUCT, ids)
    alone, gone = await _not_listed(shop, connection, "products", PRODUCT, ids, found)

    def save(work: Work, connection: Connection) -> list[str]:
        shelf = catalog.to_shelf([*found, *alone], connection)
        shelf.gone.update(dict.fromkeys(gone))
        return catalog.save_shelf(work, connection, shelf)

    return await shop.services.db.write(save, connection)


async def _orders(shop: WooCommerce, connection: Connection, ids: list[str]) -> list[str]:
    found = await _by_ids(shop, connection, "orders", ORDER, ids)
    alone, gone = await _not_listed(shop, connection, "orders", ORDER, ids, found)
    away = [*gone, *(number(node.get("id")) for node in [*found, *alone] if not is_order(node))]
    orders = read_orders([*found, *alone], connection)

    def save(work: Work, connection: Connection) -> list[str]:
        fates = save_orders(work, connection, orders)
        changed = [
            one.reference for one, fate in zip(orders, fates, strict=True) if fate == "changed"
        ]
        return changed + remove_orders(work, connection, away)

    changed = await shop.services.db.write(save, connection)
    for order in orders:
        shop.orders.forget(order.reference, order.customer)
    return changed


async def _customers(shop: WooCommerce, connection: Connection, ids: list[str]) -> list[str]:
    """Accounts of any role: they have bought something. Who is gone has no account to read."""
    found = await _by_ids(shop, connection, "customers", CUSTOMER, ids, role="all")
    return await shop.services.db.write(people.save_people, connection, found)


async def _coupons(shop: WooCommerce, connection: Connection, ids: list[str]) -> list[str]:
    """Also those the shop's list never shows: drafts, and what is in the trash."""
    found = await _by_ids(shop, connection, "coupons", COUPON, ids)
    alone, gone = await _not_listed(shop, connection, "coupons", COUPON, ids, found)
    shelf = codes.to_shelf([*found, *alone], connection)
    shelf.gone.extend(gone)
    return await shop.services.db.write(codes.save_shelf, connection, shelf)


async def _by_ids(
    shop: WooCommerce,
    connection: Connection,
    path: str,
    names: Sequence[str],
    ids: list[str],
    **more: str,
) -> list[Node]:
    """Things by their ids; those the shop does not list are left out."""
    asked = {"include": ",".join(ids), "per_page": str(AT_ONCE), "_fields": fields(names), **more}
    page = await shop.api.get(connection, path, asked, "background")
    wanted = set(ids)
    return [node for node in page.items if number(node.get("id")) in wanted]


async def _not_listed(
    shop: WooCommerce,
    connection: Connection,
    path: str,
    names: Sequence[str],
    ids: list[str],
    found: list[Node],
) -> tuple[list[Node], list[str]]:
    """What the list left out: in the trash, there after all when asked for alone, or gone."""
    listed = {number(node.get("id")) for node in found}
    there: list[Node] = []
    gone: list[str] = []
    if missing := [external_id for external_id in ids if external_id not in listed]:
        there = await _by_ids(shop, connection, path, names, missing, status="trash")
    listed |= {number(node.get("id")) for node in there}
    for external_id in ids:
        if external_id in listed:
            continue
        asked = {"_fields": fields(names)}
        try:
            page = await shop.api.get(connection, f"{path}/{external_id}", asked, "background")
            there += page.items
        except NotFound:
            gone.append(external_id)
    return there, gone


READERS: dict[Kind, Reader] = {
    "product": _products,
    "order": _orders,
    "customer": _customers,
    "coupon": _coupons,
}
