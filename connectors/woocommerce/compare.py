"""Compare: what no webhook told is found by asking, as a lost webhook never comes again.

Every few minutes one request for orders and one for products brings what changed, every half hour
one for coupons, which nothing else waits for; at night all products and coupons are compared. A
difference is drift; it is mended at once and counted, so that a merchant sees how well the
webhooks work.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from connectors.woocommerce import catalog, codes, people, rereading, subscriptions
from connectors.woocommerce.mapping import Node, number, to_time
from connectors.woocommerce.marking import mark
from connectors.woocommerce.orders import read_orders, remove_orders, save_orders
from connectors.woocommerce.paging import BEGINNING, Place, by_id
from connectors.woocommerce.slim import CUSTOMER, ORDER, PRODUCT, fields
from connectors.woocommerce.sync import (
    COUPONS,
    PRODUCTS,
    put_coupons,
    put_variations,
    variation_pages,
)
from core import discount_ledger, shop_codes
from core.catalog import external_ids
from core.connector import Connection, Progress
from core.ids import moment, now_ms

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

OVERLAP = timedelta(minutes=2)  # looked at twice: a slow request is saved after a later one
CLOCKS = timedelta(minutes=16)  # how far our clock and a shop's may be apart before it says no
GRACE = 180_000  # milliseconds in which a webhook may still be on its way
NEWCOMERS_EVERY = 3_600_000  # the shop lists customers by when they came, not by change
MOST_NEWCOMERS = 5  # pages
COUPONS_EVERY = 1_800_000  # milliseconds between two looks at what changed of coupons
NIGHTS = 7  # in which everything is looked at that the shop's list of coupons leaves out
ROWS = 1_000
_save_whole = partial(catalog.save_shelf, with_variants=True)
DONE = -1
TRASHED = "id,status,date_modified_gmt"


class Since(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest change that was seen of each kind, by the shop's clock, in milliseconds."""

    orders: int
    products: int
    newcomers: int = 0  # when the newest customers were read, by our clock
    last: int = 0  # variation; DONE when all are read
    seen: int = 0
    coupons: int = 0  # like orders and products, but
    coupons_at: int = 0  # looked at seldom: when last, by our clock
    last_coupon: int = 0  # like variations
    seen_coupons: int = 0


class Tally:
    """What a comparison has found so far."""

    def __init__(self) -> None:
        self.done = self.changed = self.drift = 0

    def count(self, found: list[Node], changed: Iterable[str]) -> int:
        """Add a page and what of it was news; the newest change on it."""
        times = {number(one.get("id")): to_time(one.get("date_modified_gmt")) or 0 for one in found}
        recent, news = now_ms() - GRACE, list(changed)
        self.done += len(found)
        self.changed += len(news)
        self.drift += sum(times.get(external_id, 0) < recent for external_id in news)
        return max(times.values(), default=0)

    def progress(self, since: Since | None = None, total: int | None = None) -> Progress:
        """The same for the hub; what differs is mended at once."""
        cursor = "" if since is None else msgspec.json.encode(since).decode()
        return Progress(self.done, total, cursor, self.changed, self.drift, fixed=self.drift)


# What changed lately ---------------------------------------------------------------------


async def reconcile(
    shop: WooCommerce, connection: Connection, cursor: str
) -> AsyncIterator[Progress]:
    """Save what changed since `cursor`: of each kind all of it, before its place moves on."""
    since, tally, quiet = to_since(cursor), Tally(), _before(now_ms())
    heard = await subscriptions.look_after(shop, connection)
    await rereading.reread(shop, connection)  # what a job could not read is no drift
    newest = await _orders(shop, connection, since.orders, tally)
    since = msgspec.structs.replace(since, orders=max(newest, quiet))
    yield tally.progress(since)
    newest = await _products(shop, connection, since.products, tally)
    since = msgspec.structs.replace(since, products=max(newest, quiet))
    yield tally.progress(since)
    if heard.since is not None:
        await _trash(shop, connection, heard.since, tally)
        await _all_coupons(shop, connection, tally)
    if now_ms() - since.newcomers >= NEWCOMERS_EVERY:
        await _newcomers(shop, connection, tally)
        since = msgspec.structs.replace(since, newcomers=now_ms())
    if now_ms() - since.coupons_at >= COUPONS_EVERY:
        newest = await _coupons(shop, connection, since.coupons or quiet, tally)
        since = msgspec.structs.replace(since, coupons=max(newest, quiet), coupons_at=now_ms())
    if since.last != DONE:
        since = await _some_variations(shop, connection, since)
    if since.last_coupon != DONE:
        since = await _some_coupons(shop, connection, since)
    tally.changed += len(await rereading.reread(shop, connection))
    problem = None if heard.check.ok else heard.check
    yield replace(tally.progress(since), problem=problem)


async def _orders(shop: WooCommerce, connection: Connection, since: int, tally: Tally) -> int:
    newest = since
    asked = {"modified_after": after(since), "_fields": fields(ORDER)}
    async for batch in by_id(shop.api, connection, "orders", asked):
        orders = read_orders(batch.nodes, connection)
        fates = await shop.services.db.write(save_orders, connection, orders)
        pairs = list(zip(orders, fates, strict=True))
        changed = [one.reference for one, fate in pairs if fate == "changed"]
        newest = max(newest, tally.count(batch.nodes, changed))
        for order, fate in pairs:
            if fate != "same":
                shop.orders.forget(order.reference, order.customer)
    return newest


async def _products(shop: WooCommerce, connection: Connection, since: int, tally: Tally) -> int:
    """Also of products that nobody sees any more: drafts, private and hidden ones go here."""
    newest = since
    asked = {"modified_after": after(since), "_fields": fields(PRODUCT)}
    async for batch in by_id(shop.api, connection, "products", asked):
        shelf = catalog.to_shelf(batch.nodes, connection)
        changed = await shop.services.db.write(catalog.save_shelf, connection, shelf)
        newest = max(newest, tally.count(batch.nodes, changed))
    return newest


async def _trash(shop: WooCommerce, connection: Connection, since: int, tally: Tally) -> None:
    """What went to the trash while webhooks were off: no other list shows it."""
    asked = {"status": "trash", "modified_after": after(_before(since)), "_fields": TRASHED}
    async for batch in by_id(shop.api, connection, "orders", asked):
        names = [number(node.get("id")) for node in batch.nodes]
        tally.count(batch.nodes, await shop.services.db.write(remove_orders, connection, names))
    async for batch in by_id(shop.api, connection, "products", asked):
        gone = {number(node.get("id")): None for node in batch.nodes}
        tally.count(batch.nodes, await shop.services.db.write(catalog.take_down, connection, gone))


async def _newcomers(shop: WooCommerce, connection: Connection, tally: Tally) -> None:
    """The newest customers, until there is a page of nothing new."""
    asked = {"orderby": "registered_date", "order": "desc", "per_page": "100"}
    for page_number in range(1, MOST_NEWCOMERS + 1):
        query = {**asked, "page": str(page_number), "_fields": fields(CUSTOMER)}
        page = await shop.api.get(connection, "customers", query, "background")
        changed = await shop.services.db.write(people.save_people, connection, page.items)
        tally.count(page.items, changed)
        if not changed or page_number >= page.pages:
            return


async def _coupons(shop: WooCommerce, connection: Connection, since: int, tally: Tally) -> int:
    """What is new or moved the coupon's time: not every change does; the night sees the others."""
    newest = since
    asked = {**COUPONS, "modified_after": after(since)}
    async for batch in by_id(shop.api, connection, "coupons", asked):
        changed = await put_coupons(shop, connection, batch.nodes)
        newest = max(newest, tally.count(batch.nodes, changed))
    return newest


async def _some_coupons(shop: WooCommerce, connection: Connection, since: Since) -> Since:
    """One page of those a full sync had no room for."""
    place = Place(since.last_coupon, since.seen_coupons)
    async for batch in by_id(shop.api, connection, "coupons", COUPONS, place):
        await put_coupons(shop, connection, batch.nodes)
        if batch.nodes and batch.place.seen < batch.total:
            last, seen = batch.place
            return msgspec.structs.replace(since, last_coupon=last, seen_coupons=seen)
        break
    return msgspec.structs.replace(since, last_coupon=DONE, seen_coupons=0)


async def _some_variations(shop: WooCommerce, connection: Connection, since: Since) -> Since:
    """One page of those a full sync had no room for."""
    async for batch in variation_pages(shop, connection, Place(since.last, since.seen)):
        await put_variations(shop, connection, batch.nodes)
        if batch.nodes and batch.place.seen < batch.total:
            return msgspec.structs.replace(since, last=batch.place.last, seen=batch.place.seen)
        break
    return msgspec.structs.replace(since, last=DONE, seen=0)


def after(since: int) -> str:
    """What `modified_after` takes: UTC and a Z, and never `dates_are_gmt` beside it.

    With both WordPress shifts the time twice; without either it is the shop's own zone.
    """
    return (moment(since) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_since(cursor: str) -> Since:
    """The cursor of a check; after a backfill it is the time that began, by our clock."""
    if cursor.isdigit():
        began = _before(int(cursor))
        return Since(began, began, newcomers=int(cursor), coupons=began)
    try:
        return msgspec.json.decode(cursor, type=Since)
    except msgspec.MsgspecError:
        yesterday = now_ms() - 24 * 3_600_000
        return Since(yesterday, yesterday)


def _before(now: int) -> int:
    """A moment that is over by every shop's clock, or the shop would not talk to us."""
    return now - round(CLOCKS.total_seconds() * 1000)


# Everything, at night --------------------------------------------------------------------


async def sweep(shop: WooCommerce, connection: Connection) -> AsyncIterator[Progress]:
    """Compare all products, variations and coupons: also what leaves no trace in any time.

    Deleting for good is announced by nobody; stock and sale prices change without a new time.
    """
    await rereading.reread(shop, connection)
    tally, seen = Tally(), array("Q")
    variants: dict[str, list[str]] = {}
    async for batch in variation_pages(shop, connection, BEGINNING):
        for parent, skus in catalog.variants_of(batch.nodes).items():
            variants.setdefault(parent, []).extend(skus)
    async for batch in by_id(shop.api, connection, "products", PRODUCTS):
        shelf = catalog.to_shelf(batch.nodes, connection, variants)
        changed = await shop.services.db.write(_save_whole, connection, shelf)
        tally.count(batch.nodes, changed)
        seen.extend(int(draft.external_id) for draft in shelf.drafts)
        yield tally.progress(total=batch.total)
    await _all_coupons(shop, connection, tally)
    missing = await _not_listed(shop, connection, seen)
    changed = await rereading.reread(shop, connection)
    tally.changed += len(changed)
    tally.drift += len(missing & set(changed))
    yield replace(tally.progress(), total=tally.done)


async def _all_coupons(shop: WooCommerce, connection: Connection, tally: Tally) -> None:
    """Compare all coupons; those not on the list are asked for by their own addresses."""
    found, seen = Tally(), set[str]()  # people are shown the number of products
    async for batch in by_id(shop.api, connection, "coupons", COUPONS):
        found.count(batch.nodes, await put_coupons(shop, connection, batch.nodes))
        seen |= {number(node.get("id")) for node in batch.nodes}
    db, where = shop.services.db, (connection.workspace_id, connection.source)
    unlisted = set(await db.read(discount_ledger.issued_references, *where))
    last = ""
    while rows := await db.read(shop_codes.external_ids, *where, last, ROWS):
        unlisted |= {name for name, active in rows if active or _is_tonights(name)}
        last = rows[-1][0]
    await db.write(mark, connection, codes.CODE, unlisted - seen)
    changed = await rereading.reread(shop, connection)
    tally.changed += found.changed + len(changed)
    tally.drift += found.drift + len(unlisted.intersection(changed) - seen)


def _is_tonights(external_id: str) -> bool:
    """The list leaves drafts out, so each costs a request of its own: a seventh of them a night."""
    return int(number(external_id) or 0) % NIGHTS == now_ms() // 86_400_000 % NIGHTS


async def _not_listed(shop: WooCommerce, connection: Connection, there: array[int]) -> set[str]:
    """Mark what is here and was not on the shop's list."""
    db, last, found = shop.services.db, "", set[str]()
    where = (connection.workspace_id, connection.source)
    while rows := await db.read(external_ids, *where, last, ROWS):
        gone = [row.external_id for row in rows if not _is_in(there, row.external_id)]
        if gone:
            await db.write(mark, connection, "product", gone)
        found |= set(gone)
        last = rows[-1].external_id
    return found


def _is_in(listed: array[int], external_id: str) -> bool:
    wanted = int(number(external_id) or 0)
    place = bisect_left(listed, wanted)
    return place < len(listed) and listed[place] == wanted
