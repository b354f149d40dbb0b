"""The lists a query may page through, searched and sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from connectors.shopify.standin import access, filters, search
from connectors.shopify.standin.call import Call, Resolver
from connectors.shopify.standin.nodes import subscription_node
from connectors.shopify.standin.paging import Connection, page
from connectors.shopify.standin.values import Node

COUNTED = 10_000  # what a count goes up to unless told


def _products(call: Call, source: Any, arguments: Node) -> Connection:
    catalog = call.shop.catalog
    sort_key = arguments.get("sortKey") or "ID"
    return page(
        catalog.ordered(sort_key),
        arguments,
        lambda product: (catalog.rank(product, sort_key), product.number),
        matches=_matches(call, "QueryRoot.products", arguments, filters.products(catalog)),
        show=catalog.read,
    )


def _matches(call: Call, where: str, arguments: Node, known: Any) -> Callable[[Any], bool]:
    return search.predicate(
        arguments.get("query"), where, call.admin.filters.get(where, frozenset()), known
    )


def _listed(where: str, known: Any, nodes: Callable[[Call, Any, Node], list[Node]]) -> Resolver:
    """A resolver that searches, sorts and pages these nodes."""

    def resolver(call: Call, source: Any, arguments: Node) -> Connection:
        rank = filters.rank(arguments.get("sortKey"))
        matches = _matches(call, where, arguments, known)
        items = sorted(nodes(call, source, arguments), key=rank)
        return page(items, arguments, rank, matches=matches)

    return resolver


def _count(call: Call, total: int, arguments: Node) -> Node:
    limit = arguments.get("limit", COUNTED)
    at_least = limit is not None and total > limit
    return {
        "count": limit if at_least else total,
        "precision": "AT_LEAST" if at_least else "EXACT",
    }


def _products_count(call: Call, source: Any, arguments: Node) -> Node:
    matches = _matches(
        call, "QueryRoot.productsCount", arguments, filters.products(call.shop.catalog)
    )
    total = sum(1 for one in call.shop.catalog.products.values() if matches(one))
    return _count(call, total, arguments)


def _orders_count(call: Call, source: Any, arguments: Node) -> Node:
    matches = _matches(call, "QueryRoot.ordersCount", arguments, filters.ORDERS)
    return _count(call, sum(1 for one in call.visible_orders() if matches(one)), arguments)


def all_products(call: Call, arguments: Node) -> Iterator[Node]:
    """Every product of a search, one by one: for bulk operations."""
    access.check(call.admin, call.grant, "QueryRoot.products", "Product", "products")
    catalog = call.shop.catalog
    matches = _matches(call, "QueryRoot.products", arguments, filters.products(catalog))
    return (catalog.read(one) for one in list(catalog.ordered("ID")) if matches(one))


def _subscriptions(call: Call, source: Any, arguments: Node) -> list[Node]:
    wanted = arguments.get("topics")
    nodes = [subscription_node(call, one) for one in call.installation.subscriptions.values()]
    return [one for one in nodes if not wanted or one["topic"] in wanted]


def orders_of(call: Call, customer: Node, arguments: Node) -> list[Node]:
    number = int(customer["legacyResourceId"])
    return [one for one in call.visible_orders() if one["_customer"] == number]


LISTS: dict[str, Resolver] = {
    "QueryRoot.products": _products,
    "QueryRoot.productsCount": _products_count,
    "QueryRoot.productVariants": _listed(
        "QueryRoot.productVariants",
        filters.VARIANTS,
        lambda call, source, arguments: list(call.shop.catalog.variants()),
    ),
    "QueryRoot.orders": _listed(
        "QueryRoot.orders",
        filters.ORDERS,
        lambda call, source, arguments: call.visible_orders(),
    ),
    "QueryRoot.ordersCount": _orders_count,
    "QueryRoot.customers": _listed(
        "QueryRoot.customers",
        filters.CUSTOMERS,
        lambda call, source, arguments: list(call.shop.people.nodes.values()),
    ),
    "QueryRoot.codeDiscountNodes": _listed(
        "QueryRoot.codeDiscountNodes",
        filters.DISCOUNTS,
        lambda call, source, arguments: [
            one for one in call.shop.discounts.nodes.values() if not one["_deleted"]
        ],
    ),
    "QueryRoot.bulkOperations": _listed(
        "QueryRoot.bulkOperations",
        filters.BULK,
        lambda call, source, arguments: list(call.shop.bulk.operations.values()),
    ),
    "QueryRoot.webhookSubscriptions": _listed(
        "QueryRoot.webhookSubscriptions", filters.WEBHOOKS, _subscriptions
    ),
    "Customer.orders": _listed("Customer.orders", filters.ORDERS, orders_of),
}
