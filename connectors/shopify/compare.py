"""Compare: what no webhook told is found by asking: what changed lately, and at night for all.

A difference is drift; it is mended at once and counted, so that a merchant sees how well the
webhooks work.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from connectors.shopify import catalog, dirty, storefront, subscriptions
from connectors.shopify.mapping import Node, in_catalog, number, to_time
from connectors.shopify.marking import mark
from connectors.shopify.orders import read_orders, save_orders
from connectors.shopify.paging import Page, Size, pages, pages_by_id
from core.catalog import external_ids, stands
from core.connector import Check, Connection, Progress
from core.errors import Refused
from core.ids import moment, now_ms

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

OVERLAP = timedelta(minutes=10)  # looked at twice: clocks differ, and a search lags behind
GRACE = 120_000  # milliseconds in which a webhook may still be on its way
FIRST = 25  # things of a page, until the shop says what it costs
LISTED = 250
ROWS = 1_000
MOST = 20_000  # changes in one check
ACTIVE = "status:active"


class Since(msgspec.Struct, frozen=True):
    """The newest change that was seen of each kind, by the shop's clock, in milliseconds."""

    products: int
    orders: int


class Tally:
    """What a comparison has found so far."""

    def __init__(self) -> None:
        self.done = self.changed = self.drift = 0

    def count(self, page: Page, changed: list[str]) -> int:
        """Add a page and what of it was news; the newest change on it."""
        times = {number(node.get("id")): to_time(node.get("updatedAt")) or 0 for node in page.nodes}
        recent = now_ms() - GRACE
        self.done += len(page.nodes)
        self.changed += len(changed)
        self.drift += sum(times.get(external_id, 0) < recent for external_id in changed)
        return max(times.values(), default=0)

    def progress(self, cursor: str, total: int | None = None) -> Progress:
        """The same for the hub; what differs is mended at once."""
        return Progress(self.done, total, cursor, self.changed, self.drift, fixed=self.drift)


# What changed lately ---------------------------------------------------------------------


async def reconcile(
    shopify: Shopify, connection: Connection, cursor: str
) -> AsyncIterator[Progress]:
    """Save what changed since `cursor`, products first."""
    since, tally = to_since(cursor), Tally()
    problem = await subscriptions.ensure(shopify, connection)
    if connection.details.get("embed_hub") != shopify.services.public_url:  # the hub has moved
        problem = await storefront.prepare(shopify.api, shopify.services, connection) or problem
    await dirty.reread(shopify, connection)  # what a job could not read is no drift
    async for page in _changed(shopify, connection, "products", since.products):
        shelf = catalog.to_shelf(page.nodes, connection)
        newest = tally.count(page, await catalog.put(shopify, connection, shelf))
        since = Since(max(since.products, newest), since.orders)
        yield tally.progress(_cursor(since))
    try:
        async for page in _changed(shopify, connection, "orders", since.orders):
            newest = tally.count(page, await _save_orders(shopify, connection, page.nodes))
            since = Since(since.products, max(since.orders, newest))
            yield tally.progress(_cursor(since))
    except Refused as error:
        problem = _without_orders(error)
    tally.changed += len(await dirty.reread(shopify, connection))
    yield replace(tally.progress(_cursor(since)), problem=problem)


async def _changed(
    shopify: Shopify, connection: Connection, kind: str, since: int
) -> AsyncIterator[Page]:
    begins = (moment(since) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = {"products": "products_page", "orders": "orders_changed"}[kind]
    asked = {"query": f"updated_at:>='{begins}'"}
    if kind == "products":
        asked["sortKey"] = "UPDATED_AT"
    read = 0
    async for page in pages(shopify, connection, name, kind, asked, Size(FIRST)):
        yield page
        read += len(page.nodes)
        if read > MOST:  # the shop gives little more in one go; the next check goes on here
            return


async def _save_orders(shopify: Shopify, connection: Connection, found: list[Node]) -> list[str]:
    orders = read_orders(found, connection)
    fates = await shopify.services.db.write(save_orders, connection, orders)
    for order in orders:
        shopify.orders.forget(order.reference, order.customer)
    return [order.reference for order, fate in zip(orders, fates, strict=True) if fate == "changed"]


def _without_orders(error: Refused) -> Check:
    """Products go on without orders; what the merchant can do about it. Else it is raised."""
    if error.code == "protected_data":
        return Check(
            ok=False,
            code=error.code,
            detail="Shopify has not approved the app for customers' data yet, so orders are not "
            "kept up to date. Products are.",
        )
    if error.code != "missing_permission":
        raise error
    return Check(ok=False, code=error.code, detail=error.message)


def to_since(cursor: str) -> Since:
    """The cursor of a check; after a backfill it is the time that began."""
    if cursor.isdigit():
        return Since(int(cursor), int(cursor))
    try:
        return msgspec.json.decode(cursor, type=Since)
    except msgspec.MsgspecError:
        yesterday = now_ms() - 24 * 3_600_000
        return Since(yesterday, yesterday)


def _cursor(since: Since) -> str:
    return msgspec.json.encode(since).decode()


# Everything, at night --------------------------------------------------------------------


async def sweep(shopify: Shopify, connection: Connection) -> AsyncIterator[Progress]:
    """Compare the ids of all products, and read again what is on one side only, or older here.

    Nothing goes because it was not on a list: it goes when the shop, asked for it, has it not.
    """
    await dirty.reread(shopify, connection)
    tally, seen, suspects = Tally(), array("Q"), set[str]()
    async for page in pages_by_id(shopify, connection, "product_ids", ACTIVE, Size(LISTED)):
        there = {
            number(node.get("id")): to_time(node.get("updatedAt"))
            for node in page.nodes
            if in_catalog(node)
        }
        suspects |= await _differing(shopify, connection, there)
        seen.extend(int(external_id) for external_id in there)
        tally.done += len(page.nodes)
        yield tally.progress("")
    suspects |= await _not_listed(shopify, connection, array("Q", sorted(seen)))
    changed = await dirty.reread(shopify, connection)
    tally.changed = len(changed)
    tally.drift = len(suspects & set(changed))
    yield tally.progress("")


async def _differing(
    shopify: Shopify, connection: Connection, there: dict[str, int | None]
) -> set[str]:
    """Mark what is missing or older here; those a webhook should have told of."""
    db = shopify.services.db
    here = await db.read(stands, connection.workspace_id, connection.source, there)
    behind = {
        external_id: at or 0
        for external_id, at in there.items()
        if (here.get(external_id) or 0) < (at or 0) or external_id not in here
    }
    if behind:
        await db.write(mark, connection, "product", behind)
    recent = now_ms() - GRACE
    return {external_id for external_id, at in behind.items() if at < recent}


async def _not_listed(shopify: Shopify, connection: Connection, there: array[int]) -> set[str]:
    """Mark what is here and was not on the shop's list."""
    db, after, found = shopify.services.db, "", set[str]()
    where = (connection.workspace_id, connection.source)
    while rows := await db.read(external_ids, *where, after, ROWS):
        gone = [row.external_id for row in rows if not _is_in(there, row.external_id)]
        if gone:
            await db.write(mark, connection, "product", gone)
        found |= set(gone)
        after = rows[-1].external_id
    return found


def _is_in(listed: array[int], external_id: str) -> bool:
    wanted = int(number(external_id) or 0)
    place = bisect_left(listed, wanted)
    return place < len(listed) and listed[place] == wanted
