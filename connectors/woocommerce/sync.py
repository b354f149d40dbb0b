"""Sync: everything a shop has, in as few requests as it takes.

The newest orders come first, then all products, then coupons and variations. A product says its
lowest price, whether it can be had, and all its sizes and colours; of its variations only the SKUs
are needed, and of a shop with thousands of them, or of coupons, what would be too much at once
comes with the checks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import structlog

from connectors.woocommerce import catalog, codes, rereading, subscriptions
from connectors.woocommerce.mapping import Node
from connectors.woocommerce.orders import read_orders, save_orders
from connectors.woocommerce.paging import SIZE, Batch, Place, by_id
from connectors.woocommerce.slim import COUPON, ORDER, PRODUCT, VARIATION, fields
from core.catalog import count_products
from core.connector import Connection, Progress
from core.db import Work
from core.errors import NotFound, Refused
from core.syncs import ask_for_sync

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

log = structlog.get_logger("woocommerce")

REQUESTS = 54  # pages a full sync of an ordinary shop is worth; of a larger one more
LEAST = 2  # pages of variations that are read even so
PRODUCTS = {"status": "publish", "_fields": fields(PRODUCT)}
VARIATIONS = {"_fields": fields(VARIATION)}
COUPONS = {"_fields": fields(COUPON)}


class Stage(msgspec.Struct, omit_defaults=True):
    """How far a backfill is."""

    at: str = "orders"  # then "products", "coupons", "variations"
    last: int = 0
    seen: int = 0
    pages: int = 0  # read so far

    @property
    def place(self) -> Place:
        """Where its list goes on."""
        return Place(self.last, self.seen)


class _Run:
    """One call of a backfill: how far it is, and what it has done."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.done = self.changed = 0
        self.total: int | None = None

    def on(self, batch: Batch, changed: int) -> None:
        """A page more of the list it is at."""
        self.changed += changed
        self.stage = Stage(self.stage.at, *batch.place, self.stage.pages + 1)

    def next(self, at: str, pages: int = 0) -> None:
        """Go on to another list."""
        self.stage = Stage(at, pages=self.stage.pages + pages)

    def progress(self) -> Progress:
        """The same for the hub."""
        return Progress(self.done, self.total, to_cursor(self.stage), self.changed)


async def backfill(
    shop: WooCommerce, connection: Connection, cursor: str
) -> AsyncIterator[Progress]:
    """Save everything from `cursor` on."""
    run = _Run(to_stage(cursor))
    heard = await subscriptions.look_after(shop, connection, at_once=True)
    if run.stage.at == "orders":
        run.changed += await _newest_orders(shop, connection)
        run.next("products", pages=2)
        yield run.progress()
    if run.stage.at == "products":
        async for _ in _products(shop, connection, run):
            yield run.progress()
        await shop.services.db.write(_ask_for_sweep, connection, run.total or 0)
        run.next("coupons")
        yield run.progress()
    if run.stage.at == "coupons":
        async for _ in _coupons(shop, connection, run):
            yield run.progress()
        run.next("variations")
        yield run.progress()
    async for _ in _variations(shop, connection, run):
        yield run.progress()
    problem = None if heard.check.ok else heard.check
    yield replace(run.progress(), cursor="", problem=problem)


async def _newest_orders(shop: WooCommerce, connection: Connection) -> int:
    """The last hundred orders, and whose they are; older ones are read when somebody looks."""
    asked = {"per_page": str(SIZE), "orderby": "date", "order": "desc", "_fields": fields(ORDER)}
    page = await shop.api.get(connection, "orders", asked, "background")
    orders = read_orders(page.items, connection)
    fates = await shop.services.db.write(save_orders, connection, orders)
    people = await rereading.reread(shop, connection)
    return fates.count("changed") + len(people)


async def _products(shop: WooCommerce, connection: Connection, run: _Run) -> AsyncIterator[Batch]:
    async for batch in by_id(shop.api, connection, "products", PRODUCTS, run.stage.place):
        shelf = catalog.to_shelf(batch.nodes, connection)
        run.on(batch, len(await shop.services.db.write(catalog.save_shelf, connection, shelf)))
        run.done, run.total = run.done + len(batch.nodes), batch.total
        yield batch


async def _coupons(shop: WooCommerce, connection: Connection, run: _Run) -> AsyncIterator[Batch]:
    """As many pages as there is room for beside the variations, one at least."""
    room = max(1, REQUESTS - LEAST - run.stage.pages)
    async for batch in by_id(shop.api, connection, "coupons", COUPONS, run.stage.place):
        run.on(batch, len(await put_coupons(shop, connection, batch.nodes)))
        yield batch
        room -= 1
        if room <= 0:
            return


async def put_coupons(shop: WooCommerce, connection: Connection, found: list[Node]) -> list[str]:
    """Save a page of coupons; the ids of what was news."""
    shelf = codes.to_shelf(found, connection)
    return await shop.services.db.write(codes.save_shelf, connection, shelf)


async def _variations(shop: WooCommerce, connection: Connection, run: _Run) -> AsyncIterator[Batch]:
    """As many pages as there is room for; the checks read on from the beginning."""
    room = max(LEAST, REQUESTS - run.stage.pages)
    async for batch in variation_pages(shop, connection, run.stage.place):
        run.on(batch, await put_variations(shop, connection, batch.nodes))
        yield batch
        room -= 1
        if room <= 0:
            return


async def variation_pages(
    shop: WooCommerce, connection: Connection, place: Place
) -> AsyncIterator[Batch]:
    """All variations of the shop from `place` on; none where it is too old to list them."""
    try:
        async for batch in by_id(shop.api, connection, "variations", VARIATIONS, place):
            yield batch
    except (Refused, NotFound) as error:
        if error.code not in ("no_api", "gone"):
            raise
        log.info("no_list_of_variations", connection=connection.id)


async def put_variations(shop: WooCommerce, connection: Connection, found: list[Node]) -> int:
    """Save a page of variations; how many products it changed."""
    return len(await shop.services.db.write(catalog.save_variants, connection, found))


def _ask_for_sweep(work: Work, connection: Connection, total: int) -> None:
    """Products of an earlier connection may be here that are not there any more."""
    if count_products(work, connection.workspace_id, connection.source) > total:
        ask_for_sync(work, connection.workspace_id, connection.id, "sweep")


def to_stage(cursor: str) -> Stage:
    """The stage of a cursor."""
    try:
        return msgspec.json.decode(cursor, type=Stage) if cursor else Stage()
    except msgspec.MsgspecError:  # of an older version: from the beginning
        return Stage()


def to_cursor(stage: Stage) -> str:
    """The stage as a cursor."""
    return msgspec.json.encode(stage).decode()
