"""Sync: the whole catalog of a shop, page by page or by one export.

Up to 2,000 products come page by page. Of more, the latest come at once, so that a search finds
something within seconds, and then all by an export. Orders are not fetched: what happened since
the shop was connected is kept true, and the rest is read when somebody looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import structlog

from connectors.shopify import bulk, catalog, dirty, storefront, subscriptions
from connectors.shopify.bulk import Export
from connectors.shopify.mapping import Node, nodes, of
from connectors.shopify.paging import Size, pages_by_id
from core.catalog import count_products
from core.connector import Check, Connection, Progress
from core.db import Work
from core.errors import Refused
from core.syncs import ask_for_sync

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

LARGE = 2_000  # products from which on an export is faster than pages
FIRST = 25  # products of a page, until the shop says what it costs
ACTIVE = "status:active"
ACCESS = "read_products"


class Place(msgspec.Struct, omit_defaults=True):
    """How far a backfill is: which way it goes, and what it has behind it."""

    way: str = ""  # "pages" or "export"
    after: str = ""  # the last product that is saved
    export: str = ""
    saved: int = 0  # products of the export that are saved


async def backfill(
    shopify: Shopify, connection: Connection, cursor: str
) -> AsyncIterator[Progress]:
    """Save the whole catalog from `cursor` on."""
    place = _to_place(cursor)
    problem = await _prepare(shopify, connection)
    total = await _count(shopify, connection)
    far = Progress(0, total, cursor)
    async for far in _everything(shopify, connection, place, total):
        yield far
    async for changed in dirty.rereading(shopify, connection):  # products of many variants
        far = replace(far, changed=far.changed + len(changed))
        yield far
    await shopify.services.db.write(_ask_for_sweep, connection, total)
    yield replace(far, cursor="", problem=problem)


async def _everything(
    shopify: Shopify, connection: Connection, place: Place, total: int
) -> AsyncIterator[Progress]:
    """By export if the catalog is large; by pages otherwise, and where the export fails."""
    if place.way == "export" or (not place.way and total > LARGE):
        try:
            async for far in _by_export(shopify, connection, place, total):
                yield far
            return
        except Refused as error:
            if error.code not in ("no_file", "no_export"):
                raise
            log.warning("no_export", connection=connection.id, reason=error.message)
            place = Place("pages")
    async for far in _by_pages(shopify, connection, place, total):
        yield far


async def _by_pages(
    shopify: Shopify, connection: Connection, place: Place, total: int
) -> AsyncIterator[Progress]:
    done = changed = 0
    listed = pages_by_id(shopify, connection, "products_page", ACTIVE, Size(FIRST), place.after)
    async for page in listed:
        changed += len(await _put(shopify, connection, page.nodes))
        done += len(page.nodes)
        yield Progress(done, total, _cursor(Place("pages", page.cursor)), changed)


async def _by_export(
    shopify: Shopify, connection: Connection, place: Place, total: int
) -> AsyncIterator[Progress]:
    """The latest products, then all of them. An export that is over is not asked for again."""
    if not place.export:
        yield Progress(0, total, "", changed=await _latest(shopify, connection))
        place = Place("export", export=await bulk.begin(shopify, connection))
    async for _ in bulk.until_over(shopify, connection, place.export):
        yield Progress(0, total, _cursor(place))
    export = await bulk.look(shopify, connection, place.export)
    if export.status != "COMPLETED":
        _check_failure(export)
    if export.url:
        async for far in bulk.take(shopify, connection, export, place.saved):
            at = Place("export", export=export.id, saved=place.saved + far.products)
            yield Progress(far.products, total, _cursor(at), far.changed)
    if not export.is_whole:
        raise Refused(f"The export ended as {export.status}.", code="no_export")


def _check_failure(export: Export) -> None:
    """What an export that failed means: no permission is for the merchant, else pages go on."""
    if export.error == "ACCESS_DENIED":
        raise Refused(
            f"The shop does not let us read its products. Connect it again, and approve {ACCESS}.",
            code="missing_permission",
            field=ACCESS,
        )
    log.warning("export_failed", export=export.id, status=export.status, error=export.error)


async def _latest(shopify: Shopify, connection: Connection) -> int:
    """The first page, of what changed last: a search finds something within seconds."""
    asked = {"query": ACTIVE, "sortKey": "UPDATED_AT", "reverse": True, "first": FIRST}
    data = await shopify.api.run(connection, "products_page", asked, "background")
    return len(await _put(shopify, connection, nodes(data.get("products"))))


async def _prepare(shopify: Shopify, connection: Connection) -> Check | None:
    """What a connected shop needs besides; what to tell the merchant if it does not work."""
    problem = await subscriptions.ensure(shopify, connection)
    return await storefront.prepare(shopify.api, shopify.services, connection) or problem


async def _count(shopify: Shopify, connection: Connection) -> int:
    data = await shopify.api.run(connection, "products_count", {"query": ACTIVE}, "background")
    return int(of(data.get("productsCount")).get("count") or 0)


def _ask_for_sweep(work: Work, connection: Connection, total: int) -> None:
    """Products of an earlier connection may be here that are not there any more."""
    if count_products(work, connection.workspace_id, connection.source) > total:
        ask_for_sync(work, connection.workspace_id, connection.id, "sweep")


async def _put(shopify: Shopify, connection: Connection, found: list[Node]) -> list[str]:
    return await catalog.put(shopify, connection, catalog.to_shelf(found, connection))


def _to_place(cursor: str) -> Place:
    try:
        return msgspec.json.decode(cursor, type=Place) if cursor else Place()
    except msgspec.MsgspecError:  # of an older version: from the beginning
        return Place()


def _cursor(place: Place) -> str:
    return msgspec.json.encode(place).decode()
