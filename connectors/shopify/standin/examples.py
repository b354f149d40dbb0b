"""A body for every topic, about something the shop has: what is sent when nobody says what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.shopify.standin import payloads, shop_payloads
from connectors.shopify.standin.values import Node, number_of


def example(shop: Any, topic: str) -> Node:
    """A body for this topic about something the shop has; what a test sends without one."""
    resource = topic.partition("/")[0]
    return EXAMPLES.get(topic, EXAMPLES.get(resource, shop_payloads.shop_facts))(shop)


def _last(nodes: dict[int, Node]) -> Node:
    return list(nodes.values())[-1]


def _any_customer(shop: Any) -> Node:
    return _last(shop.people.nodes) if shop.people.nodes else shop.people.add()


def _any_order(shop: Any) -> Node:
    return _last(shop.orders.nodes) if shop.orders.nodes else shop.orders.add()


def _any_product(shop: Any) -> Node:
    return shop_payloads.product(shop, shop.catalog.read(shop.any_product()))


def _any_fulfilment(shop: Any) -> Node:
    found = _any_order(shop)
    if not found["fulfillments"]:
        shop.orders.fulfil(found)
    return payloads.fulfilment(shop, found, found["fulfillments"][-1])


def _any_event(shop: Any) -> Node:
    _any_fulfilment(shop)
    found = _any_order(shop)
    return payloads.fulfilment_event(shop, found, found["fulfillments"][-1])


def _any_transaction(shop: Any) -> Node:
    found = _any_order(shop)
    return payloads.transaction(found, found["transactions"][-1])


def _any_refund(shop: Any) -> Node:
    found = _any_order(shop)
    if not found["refunds"]:
        shop.orders.refund(found, found["_paid"])
    return payloads.refund(shop, found, found["refunds"][-1])


EXAMPLES: dict[str, Callable[[Any], Node]] = {
    "orders": lambda shop: payloads.order(shop, _any_order(shop)),
    "orders/edited": lambda shop: payloads.order_edit(_any_order(shop)),
    "order_transactions": _any_transaction,
    "fulfillment_events": _any_event,
    "inventory_items": lambda shop: shop_payloads.inventory_item(shop, shop.any_variant()),
    "orders/delete": lambda shop: {"id": number_of(_any_order(shop)["id"])},
    "products": _any_product,
    "products/delete": lambda shop: {"id": shop.any_product().number},
    "customers": lambda shop: payloads.customer_of(shop, _any_customer(shop)),
    "customers/delete": lambda shop: payloads.deleted_customer(_any_customer(shop)),
    "customers/data_request": lambda shop: (
        payloads.privacy(shop, _any_customer(shop), "orders_requested")
        | {"data_request": {"id": 9999}}
    ),
    "customers/redact": lambda shop: payloads.privacy(
        shop, _any_customer(shop), "orders_to_redact"
    ),
    "shop/redact": lambda shop: {"shop_id": shop.number, "shop_domain": shop.domain},
    "fulfillments": _any_fulfilment,
    "refunds": _any_refund,
    "inventory_levels": lambda shop: shop_payloads.inventory_level(shop, shop.any_variant()),
    "discounts": lambda shop: shop_payloads.discount(shop, _last(shop.discounts.nodes)),
}
