"""News: what a webhook of a connected shop changes here, one function for each kind of news.

A webhook may come twice, late, out of order, or never. An order carries its whole state and the
time of it; a product is only marked, to be read again; what no webhook told, the check of every
few minutes finds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.shopify import bulk, catalog, install, privacy
from connectors.shopify.mapping import Node, number, of, to_customer
from connectors.shopify.marking import Kind, mark
from connectors.shopify.order_mapping import KIND, to_order
from connectors.shopify.orders import remove_orders, save_order
from core import tombstones
from core.connections import note_check, note_details
from core.connector import Connection
from core.customers import CustomerDraft, customer_by_external_id, save_customer
from core.db import Work
from core.errors import Invalid
from core.ids import moment, now_ms
from core.records import records_of

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

MERGED = 250  # orders of a customer who was taken up by another


class Told(NamedTuple):
    """A webhook of a connected shop, read."""

    shopify: Shopify
    connection: Connection
    payload: Node

    async def write(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Run a unit of work about this connection."""
        return await self.shopify.services.db.write(fn, self.connection, *args)


Topic = Callable[[Told], Awaitable[None]]


# Orders ----------------------------------------------------------------------------------


async def order_changed(told: Told) -> None:
    """Save the order as the webhook has it, unless something newer is known."""
    order = to_order(told.payload, told.connection.shop, now_ms())

    def save(work: Work, connection: Connection) -> None:
        if save_order(work, connection, order, told=True) == "tie":
            mark(work, connection, "order", [order.reference])

    await told.write(save)
    told.shopify.orders.forget(order.reference, order.customer)


async def order_deleted(told: Told) -> None:
    """Take the order off its buyer's timeline."""
    await told.write(remove_orders, [_id(told.payload)])
    told.shopify.orders.forget(_id(told.payload))


def order_in(*path: str) -> Topic:
    """For what belongs to an order that `path` names: the order is read again."""

    async def part_of_an_order_changed(told: Told) -> None:
        reference = number(_at(told.payload, path))
        await told.write(mark, "order", [reference])
        told.shopify.orders.forget(reference)

    return part_of_an_order_changed


# Products --------------------------------------------------------------------------------


async def product_deleted(told: Told) -> None:
    """Take the product out of the catalog."""
    await told.write(catalog.take_down, {_id(told.payload): None})


def changed(kind: Kind, *path: str) -> Topic:
    """For a product, or an item of the inventory, whose id is at `path`: it is read again."""

    async def thing_changed(told: Told) -> None:
        await told.write(mark, kind, [number(_at(told.payload, path))])

    return thing_changed


# Customers -------------------------------------------------------------------------------


async def customer_changed(told: Told) -> None:
    """Save what the shop knows of a customer; what is not said stays."""
    draft = to_customer(told.payload)
    if draft is None:
        raise Invalid("The customer has no id.", field="id")

    def save(work: Work, connection: Connection) -> None:
        where = (connection.workspace_id, connection.source)
        gone = tombstones.buried_by_now(work, *where, privacy.CUSTOMER, [draft.external_id])
        if (draft.updated_at or 0) > gone.get(draft.external_id, -1):
            save_customer(work, *where, draft)

    await told.write(save)


async def customer_deleted(told: Told) -> None:
    """Forget what the shop said of a customer; orders and conversations stay the merchant's."""

    def forget(work: Work, connection: Connection) -> None:
        where = (connection.workspace_id, connection.source)
        external_id = _id(told.payload)
        row = customer_by_external_id(work, *where, external_id)
        tombstones.bury(work, *where, privacy.CUSTOMER, [external_id])
        if row is not None:
            nothing = CustomerDraft(
                external_id, dict.fromkeys(row.profile), dict.fromkeys(row.attributes)
            )
            save_customer(work, *where, nothing)

    await told.write(forget)


async def customers_merged(told: Told) -> None:
    """Read the orders of the one who was taken up: they belong to the other now."""
    gone = number(told.payload.get("admin_graphql_api_customer_deleted_id"))
    if told.payload.get("status") == "failed" or not gone:
        return

    def reread(work: Work, connection: Connection) -> None:
        where = (connection.workspace_id, connection.source)
        row = customer_by_external_id(work, *where, gone)
        if row is not None:
            theirs = records_of(work, connection.workspace_id, row.id, limit=MERGED)
            mark(work, connection, "order", [one.reference for one in theirs if one.kind == KIND])

    await told.write(reread)


# The app and the shop --------------------------------------------------------------------


async def app_uninstalled(told: Told) -> None:
    """Let go of the shop, unless its keys still work: then the word came late."""
    await install.uninstalled(told.shopify.services, told.connection)


async def look_again(told: Told) -> None:
    """Check the connection: name, currency, address or permissions may be others."""
    found = await told.shopify.check(told.shopify.services, told.connection)
    await told.write(note_check, found)


async def bulk_finished(told: Told) -> None:
    """Wake whoever waits for an export."""
    bulk.wake(number(told.payload.get("admin_graphql_api_id")))


async def theme_published(told: Told) -> None:
    """Another theme is live: whether it shows the chat is not known until it does."""
    published = {"theme_published_at": moment(now_ms()).isoformat(), "embed_seen_at": None}
    await told.write(note_details, published)


def _at(payload: Node, path: tuple[str, ...]) -> Any:
    for name in path[:-1]:
        payload = of(payload.get(name))
    return payload.get(path[-1])


def _id(payload: Node) -> str:
    found = number(payload.get("id"))
    if not found:
        raise Invalid("The webhook has no id.", field="id")
    return found
