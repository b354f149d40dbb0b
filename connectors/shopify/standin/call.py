"""One API call, and the objects its token can find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.shopify.standin.apps import Grant, Installation
from connectors.shopify.standin.schema import AdminSchema
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Node, kind_of, moment_of, number_of

ORDERS_KEPT_DAYS = 60  # of orders seen without read_all_orders


@dataclass(slots=True)
class Call:
    """One API call: whose shop, whose token."""

    shop: Shop
    grant: Grant
    admin: AdminSchema
    guessed: set[str] = field(default_factory=set)

    @property
    def installation(self) -> Installation:
        return self.shop.installation(self.grant.app)

    def visible_orders(self) -> list[Node]:
        """All, or with no more than read_orders those of the last 60 days."""
        nodes = list(self.shop.orders.nodes.values())
        if self.grant.allows("read_all_orders"):
            return nodes
        oldest = self.shop.clock.stamp() - ORDERS_KEPT_DAYS * 86_400
        return [one for one in nodes if moment_of(one["createdAt"]).timestamp() >= oldest]

    def order(self, identifier: str) -> Node | None:
        number = number_of(identifier)
        found = self.shop.orders.nodes.get(number)
        return found if found in self.visible_orders() else None


Resolver = Callable[[Call, Any, Node], Any]


def find(call: Call, identifier: str) -> Node | None:
    """The object of this gid, if the shop has it."""
    finder = FINDERS.get(kind_of(identifier) or "")
    return finder(call, number_of(identifier)) if finder else None


def product(call: Call, number: int) -> Node | None:
    found = call.shop.catalog.products.get(number)
    return call.shop.catalog.read(found) if found else None


def variant_of(call: Call, name: str, number: int) -> Node | None:
    home = call.shop.catalog.of_variant(number)
    variants = call.shop.catalog.read(home)["variants"] if home else []
    return next((one for one in variants if int(one[name]) == number), None)


def variant(call: Call, number: int) -> Node | None:
    return variant_of(call, "legacyResourceId", number)


def _item(call: Call, number: int) -> Node | None:
    found = variant_of(call, "_item", number)
    return found["inventoryItem"] if found else None


FINDERS: dict[str, Callable[[Call, int], Node | None]] = {
    "Product": product,
    "ProductVariant": variant,
    "InventoryItem": _item,
    "Order": lambda call, number: call.order(str(number)),
    "Customer": lambda call, number: call.shop.people.nodes.get(number),
    "DiscountCodeNode": lambda call, number: call.shop.discounts.by_id(number),
    "BulkOperation": lambda call, number: call.shop.bulk.operations.get(number),
    "DraftOrder": lambda call, number: call.shop.orders.drafts.get(number),
}
