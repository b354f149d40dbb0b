"""Topics: what a webhook of a connected shop changes here.

A webhook may come twice, late, in any order, or never; its payload is made when it is sent, so
an update says the same as a creation, and comes before it. Each is a whole state with a time,
exact to the second: what is newer is saved, what may be either is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from connectors.woocommerce import catalog, codes, people
from connectors.woocommerce.mapping import Node, number
from connectors.woocommerce.marking import mark
from connectors.woocommerce.order_mapping import KIND, TRASH, to_order
from connectors.woocommerce.orders import admin_of, remove_orders, save_order
from connectors.woocommerce.settings import ShopSettings
from connectors.woocommerce.slim import LARGEST
from core.connections import connection_row, open_connection
from core.connector import Connection
from core.db import Work
from core.decode import decode
from core.errors import Invalid, NotFound
from core.ids import now_ms
from core.inbox import Delivery

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

log = structlog.get_logger("woocommerce")


class Told(NamedTuple):
    """A webhook of a connected shop, read."""

    shop: WooCommerce
    connection: Connection
    payload: Node

    async def write(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Run a unit of work about this connection."""
        return await self.shop.services.db.write(fn, self.connection, *args)


Topic = Callable[[Told], Awaitable[None]]


# Coming in -------------------------------------------------------------------------------


async def take_in(shop: WooCommerce, delivery: Delivery) -> None:
    """Work on a stored webhook; what its connection no longer wants is done."""
    try:
        row = await shop.services.db.read(
            connection_row, delivery.workspace_id, delivery.connection
        )
    except NotFound:
        return
    if row.state == "active":
        connection = open_connection(row, shop.services.vault, ShopSettings)
        await handle(shop, connection, delivery.topic, delivery.body)


async def handle(shop: WooCommerce, connection: Connection, topic: str, body: bytes) -> None:
    """Save what a webhook of a connected shop says."""
    payload = decode(body, dict[str, Any], limit=LARGEST, large_numbers=True)
    if understood := TOPICS.get(topic):
        if payload.get("id") is None:  # gone before its webhook was made: another tells of that
            return
        if not number(payload["id"]):
            raise Invalid("The webhook has no id.", field="id")
        await understood(Told(shop, connection, payload))
    else:
        log.info("webhook_of_unknown_topic", topic=topic, connection=connection.id)


# Orders ----------------------------------------------------------------------------------


async def order_changed(told: Told) -> None:
    """Save the order as the webhook has it, unless something newer is known."""
    if told.payload.get("status") == TRASH:
        return await order_deleted(told)
    order = to_order(told.payload, admin_of(told.connection), now_ms())
    if order is None:  # somebody has opened the checkout, and bought nothing
        return None

    def save(work: Work, connection: Connection) -> None:
        if save_order(work, connection, order, told=True) == "doubtful":
            mark(work, connection, KIND, [order.reference])

    await told.write(save)
    told.shop.orders.forget(order.reference, order.customer)
    return None


async def order_deleted(told: Told) -> None:
    """Take an order in the trash off its buyer's timeline.

    Of its time nothing is said, and it may be back by now: so it is read, too.
    """
    reference = number(told.payload["id"])

    def remove(work: Work, connection: Connection) -> None:
        remove_orders(work, connection, [reference])
        mark(work, connection, KIND, [reference])

    await told.write(remove)
    told.shop.orders.forget(reference)


async def order_restored(told: Told) -> None:
    """Read an order that was taken out of the trash."""
    await told.write(mark, KIND, [number(told.payload["id"])])


# Products --------------------------------------------------------------------------------


async def product_changed(told: Told) -> None:
    """Save the product; of a variation have the product read, its price may be another."""
    await told.write(catalog.hear, told.payload)


async def product_deleted(told: Told) -> None:
    """Take a product in the trash out of the catalog, and see whether it is back by now."""
    external_id = number(told.payload["id"])

    def remove(work: Work, connection: Connection) -> None:
        catalog.take_down(work, connection, {external_id: None})
        mark(work, connection, catalog.PRODUCT, [external_id])

    await told.write(remove)


async def product_restored(told: Told) -> None:
    """Read a product that was taken out of the trash."""
    await told.write(mark, catalog.PRODUCT, [number(told.payload["id"])])


# Customers -------------------------------------------------------------------------------


async def customer_changed(told: Told) -> None:
    """Save an account of a customer; the shop tells of new editors just as well."""
    await told.write(people.save_people, [told.payload])


async def customer_deleted(told: Told) -> None:
    """Forget what the shop said of somebody."""
    await told.write(people.forget_person, told.payload)


# Coupons ---------------------------------------------------------------------------------


async def coupon_changed(told: Told) -> None:
    """Save the coupon as the webhook has it, unless something newer may be known."""
    await told.write(codes.hear, told.payload)


async def coupon_deleted(told: Told) -> None:
    """Take a coupon in the trash off the list, and see whether it is back by now."""
    await told.write(codes.forget, number(told.payload["id"]))


async def coupon_restored(told: Told) -> None:
    """Read a coupon that was taken out of the trash."""
    await told.write(mark, codes.CODE, [number(told.payload["id"])])


TOPICS: Mapping[str, Topic] = {
    "coupon.created": coupon_changed,
    "coupon.deleted": coupon_deleted,
    "coupon.restored": coupon_restored,
    "coupon.updated": coupon_changed,
    "customer.created": customer_changed,
    "customer.deleted": customer_deleted,
    "customer.updated": customer_changed,
    "order.created": order_changed,
    "order.deleted": order_deleted,
    "order.restored": order_restored,
    "order.updated": order_changed,
    "product.created": product_changed,
    "product.deleted": product_deleted,
    "product.restored": product_restored,
    "product.updated": product_changed,
}
