"""What each field shows: from the tables below, else from the node itself.

A field nobody has thought of is null, an empty list or an empty page, and noted in
`Call.guessed`; where the schema forbids null it fails loudly.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLOutputType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from connectors.shopify.standin import access, filters, search
from connectors.shopify.standin.apps import Grant, Installation, Subscription
from connectors.shopify.standin.orders import GATEWAY
from connectors.shopify.standin.paging import Connection, page
from connectors.shopify.standin.schema import VERSION, AdminSchema
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.suggestions import suggested_refund
from connectors.shopify.standin.values import Node, gid, iso, kind_of, moment_of, number_of

ORDERS_KEPT_DAYS = 60  # of orders seen without read_all_orders
COUNTED = 10_000  # what a count goes up to unless told


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


def resolve(
    call: Call, on: str, name: str, kind: GraphQLOutputType, source: Any, arguments: Node
) -> Any:
    """The value of one field of one object, after asking whether the token may see it."""
    where = f"{on}.{name}"
    named = get_named_type(kind).name
    access.check(call.admin, call.grant, where, named, name)
    if where in RESOLVERS:
        value = RESOLVERS[where](call, source, arguments)
    elif isinstance(source, dict) and name in source:
        value = source[name]
    else:
        value = _unthought(call, where, kind, named)
    if named.endswith("Connection") and isinstance(value, list):
        numbered = list(enumerate(value))
        return page(numbered, arguments, lambda one: (0, one[0]), show=lambda one: one[1])
    return value


def _unthought(call: Call, where: str, kind: GraphQLOutputType, named: str) -> Any:
    if not where.partition(".")[0].endswith("Payload"):
        call.guessed.add(where)
    if named.endswith("Connection"):
        return []
    if not is_non_null_type(kind):
        return None
    if is_list_type(kind.of_type):
        return []
    plain: dict[str, Any] = {"Boolean": False, "Int": 0, "UnsignedInt64": 0, "Float": 0.0}
    if named in plain:
        return plain[named]
    raise GraphQLError(f"The stand-in has no {where} yet: add it to its resolvers.")


# Lists


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


# Single objects


def find(call: Call, identifier: str) -> Node | None:
    """The object of this gid, if the shop has it."""
    finder = FINDERS.get(kind_of(identifier) or "")
    return finder(call, number_of(identifier)) if finder else None


def _product(call: Call, number: int) -> Node | None:
    found = call.shop.catalog.products.get(number)
    return call.shop.catalog.read(found) if found else None


def _variant_of(call: Call, name: str, number: int) -> Node | None:
    home = call.shop.catalog.of_variant(number)
    variants = call.shop.catalog.read(home)["variants"] if home else []
    return next((one for one in variants if int(one[name]) == number), None)


def _variant(call: Call, number: int) -> Node | None:
    return _variant_of(call, "legacyResourceId", number)


def _item(call: Call, number: int) -> Node | None:
    variant = _variant_of(call, "_item", number)
    return variant["inventoryItem"] if variant else None


def _own_installation(call: Call, number: int) -> Node | None:
    own = _installation(call, None, {})
    return own if number == call.installation.number else None


FINDERS: dict[str, Callable[[Call, int], Node | None]] = {
    "Product": _product,
    "ProductVariant": _variant,
    "InventoryItem": _item,
    "Order": lambda call, number: call.order(str(number)),
    "Customer": lambda call, number: call.shop.people.nodes.get(number),
    "DiscountCodeNode": lambda call, number: call.shop.discounts.by_id(number),
    "BulkOperation": lambda call, number: call.shop.bulk.operations.get(number),
    "DraftOrder": lambda call, number: call.shop.orders.drafts.get(number),
    "AppInstallation": _own_installation,
}


def _by_id(call: Call, source: Any, arguments: Node) -> Node | None:
    return find(call, arguments["id"])


def _nodes(call: Call, source: Any, arguments: Node) -> list[Node | None]:
    found = [find(call, one) for one in arguments["ids"]]
    for node in found:
        if node:
            access.check(call.admin, call.grant, "QueryRoot.nodes", node["__typename"], "nodes")
    return found


def _node(call: Call, source: Any, arguments: Node) -> Node | None:
    return _nodes(call, source, {"ids": [arguments["id"]]})[0]


def _customer_by_identifier(call: Call, source: Any, arguments: Node) -> Node | None:
    asked: Node = arguments["identifier"]
    if "id" in asked:
        return find(call, asked["id"])
    return call.shop.people.find(email=asked.get("emailAddress"), phone=asked.get("phoneNumber"))


def _job(call: Call, source: Any, arguments: Node) -> Node | None:
    number = arguments["id"].rpartition("/")[2]
    until = call.shop.jobs.get(number)
    if until is None:
        return None
    return {"__typename": "Job", "id": arguments["id"], "done": call.shop.clock.stamp() >= until}


def _shop(call: Call, source: Any, arguments: Node) -> Node:
    shop = call.shop
    form = shop.money_format
    return {
        "__typename": "Shop",
        "id": gid("Shop", shop.number),
        "name": shop.title,
        "email": shop.email,
        "contactEmail": shop.email,
        "myshopifyDomain": shop.domain,
        "url": f"https://{shop.domain}",
        "primaryDomain": {"host": shop.domain, "url": f"https://{shop.domain}"},
        "currencyCode": shop.currency,
        "enabledPresentmentCurrencies": [shop.currency],
        "currencyFormats": {
            "moneyFormat": form,
            "moneyWithCurrencyFormat": f"{form} {shop.currency}",
        },
        "ianaTimezone": "Europe/London",
        "timezoneAbbreviation": "GMT",
        "taxesIncluded": True,
        "plan": {
            "displayName": "Grow",
            "publicDisplayName": "Grow",
            "partnerDevelopment": False,
            "shopifyPlus": False,
        },
        "customerAccountsV2": {
            "customerAccountsVersion": "NEW_CUSTOMER_ACCOUNTS",
            "loginRequiredAtCheckout": False,
            "url": f"https://{shop.domain}/account",
        },
    }


def _installation(call: Call, source: Any, arguments: Node) -> Node:
    app, own = call.grant.app, call.installation
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", own.number),
        "launchUrl": f"https://{call.shop.domain}/admin/apps/{app.handle}",
        "accessScopes": [
            {"__typename": "AccessScope", "handle": one} for one in sorted(call.grant.scopes)
        ],
        "app": app_node(call),
        "metafields": list(own.metafields.values()),
    }


def app_node(call: Call) -> Node:
    app = call.grant.app
    return {
        "__typename": "App",
        "id": gid("App", app.number),
        "apiKey": app.client_id,
        "handle": app.handle,
        "title": app.title,
        "webhookApiVersion": VERSION,
    }


def subscription_node(call: Call, one: Subscription) -> Node:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", one.number),
        "topic": one.topic.upper().replace("/", "_"),
        "uri": one.uri,
        "format": "JSON",
        "name": one.name or None,
        "includeFields": list(one.fields),
        "filter": one.filter,
        "apiVersion": {"handle": VERSION, "displayName": VERSION, "supported": True},
        "createdAt": one.created,
        "updatedAt": one.created,
    }


def _subscriptions(call: Call, source: Any, arguments: Node) -> list[Node]:
    wanted = arguments.get("topics")
    nodes = [subscription_node(call, one) for one in call.installation.subscriptions.values()]
    return [one for one in nodes if not wanted or one["topic"] in wanted]


def _themes(call: Call, source: Any, arguments: Node) -> list[Node]:
    shop = call.shop
    handle = f"shopify://apps/{shop.apps[0].handle}/blocks/parley-chat/{shop.apps[0].client_id}"
    blocks = {"17000000001": {"type": handle, "disabled": not shop.embed_on, "settings": {}}}
    told = {"current": {"blocks": blocks}}
    theme = {
        "__typename": "OnlineStoreTheme",
        "id": gid("OnlineStoreTheme", 1),
        "name": "Horizon",
        "role": "MAIN",
        "createdAt": iso(shop.clock.now()),
        "updatedAt": iso(shop.clock.now()),
        "_files": {"config/settings_data.json": json.dumps(told, indent=2)},
    }
    roles = arguments.get("roles")
    return [theme] if not roles or "MAIN" in roles else []


def _theme_files(call: Call, theme: Node, arguments: Node) -> list[Node]:
    wanted = arguments.get("filenames")
    return [
        {
            "__typename": "OnlineStoreThemeFile",
            "filename": name,
            "size": len(content),
            "contentType": "application/json",
            "body": {"__typename": "OnlineStoreThemeFileBodyText", "content": content},
        }
        for name, content in theme["_files"].items()
        if not wanted or name in wanted
    ]


def code_discount(call: Call, node: Node, arguments: Node) -> Node:
    shop, asked = call.shop, node["_asked"]
    percent = node["_value"].get("percentage")
    amount = (node["_value"].get("discountAmount") or {}).get("amount")
    off = f"{percent * 100:g}% off" if percent is not None else f"{amount} {shop.currency} off"
    return {
        "__typename": "DiscountCodeBasic",
        "title": asked["title"],
        "status": shop.discounts.status(node),
        "summary": f"{off} entire order",
        "shortSummary": off,
        "startsAt": node["_starts"],
        "endsAt": node["_ends"],
        "createdAt": node["_created"],
        "updatedAt": node["_created"],
        "usageLimit": asked.get("usageLimit"),
        "appliesOncePerCustomer": asked.get("appliesOncePerCustomer", False),
        "asyncUsageCount": node["_used"],
        "tags": asked.get("tags") or [],
        "combinesWith": asked.get("combinesWith") or {},
        "codesCount": {"count": 1, "precision": "EXACT"},
        "codes": [
            {
                "__typename": "DiscountRedeemCode",
                "id": gid("DiscountRedeemCode", node["_redeem_id"]),
                "code": node["_code"],
                "asyncUsageCount": node["_used"],
            }
        ],
        "shareableUrls": [
            {
                "title": "Home page",
                "targetType": "HOME",
                "url": f"https://{shop.domain}/discount/{node['_code']}",
            }
        ],
    }


def _description(call: Call, product: Node, arguments: Node) -> str:
    text, most = str(product["description"]), arguments.get("truncateAt")
    return text if most is None or len(text) <= most else text[: max(most - 3, 0)] + "..."


def _line_product(call: Call, line: Node, arguments: Node) -> Node | None:
    return _product(call, line["_product"]) if line["_product"] else None


def _line_variant(call: Call, line: Node, arguments: Node) -> Node | None:
    return _variant(call, line["_variant"]) if line["_variant"] else None


def _customer_of(call: Call, order: Node, arguments: Node) -> Node | None:
    return call.shop.people.nodes.get(order["_customer"])


def _some(name: str) -> Resolver:
    """A plain list cut to `first`."""
    return lambda call, source, arguments: source[name][: arguments.get("first")]


def _orders_of(call: Call, customer: Node, arguments: Node) -> list[Node]:
    number = int(customer["legacyResourceId"])
    return [one for one in call.visible_orders() if one["_customer"] == number]


def _last_order(call: Call, customer: Node, arguments: Node) -> Node | None:
    return (_orders_of(call, customer, {}) or [None])[-1]  # type: ignore[list-item]


def _with_parent(order: Node) -> list[Node]:
    first = next((one for one in order["transactions"] if one["kind"] == "SALE"), None)
    return [one | {"parentTransaction": first} for one in order["transactions"]]


RESOLVERS: dict[str, Resolver] = {
    "QueryRoot.shop": _shop,
    "QueryRoot.currentAppInstallation": _installation,
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
    "QueryRoot.customerByIdentifier": _customer_by_identifier,
    "QueryRoot.codeDiscountNodeByCode": lambda call, source, arguments: call.shop.discounts.by_code(
        arguments["code"]
    ),
    "QueryRoot.job": _job,
    "QueryRoot.themes": _themes,
    "QueryRoot.node": _node,
    "QueryRoot.nodes": _nodes,
    **{
        f"QueryRoot.{name}": _by_id
        for name in [
            "product",
            "productVariant",
            "order",
            "customer",
            "bulkOperation",
            "draftOrder",
            "codeDiscountNode",
            "inventoryItem",
            "appInstallation",
        ]
    },
    "OnlineStoreTheme.files": _theme_files,
    "Product.description": _description,
    "Product.variantsCount": lambda call, product, arguments: {
        "count": len(product["_variants"]),
        "precision": "EXACT",
    },
    "Product.options": lambda call, product, arguments: _options(product),
    "Product.media": lambda call, product, arguments: [product["featuredMedia"]],
    "ProductVariant.product": lambda call, variant, arguments: _product(call, variant["_product"]),
    "InventoryItem.variant": lambda call, item, arguments: _variant_of(
        call, "_item", number_of(item["id"])
    ),
    "LineItem.product": _line_product,
    "LineItem.variant": _line_variant,
    "Order.customer": _customer_of,
    "Order.fulfillments": _some("fulfillments"),
    "Order.refunds": _some("refunds"),
    "Order.transactions": lambda call, order, arguments: _with_parent(order)[
        : arguments.get("first")
    ],
    "Order.suggestedRefund": suggested_refund,
    "Order.metafields": lambda call, order, arguments: _metafields(call, order["id"]),
    "Order.paymentGatewayNames": lambda call, order, arguments: [GATEWAY],
    "Fulfillment.trackingInfo": _some("trackingInfo"),
    "Refund.order": lambda call, refund, arguments: call.order(str(refund["_order"])),
    "Customer.orders": _listed("Customer.orders", filters.ORDERS, _orders_of),
    "Customer.lastOrder": _last_order,
    "Customer.numberOfOrders": lambda call, customer, arguments: str(
        len(call.shop.people.orders_of(customer))
    ),
    "Customer.amountSpent": lambda call, customer, arguments: call.shop.people.spent(customer),
    "Customer.displayName": lambda call, customer, arguments: (
        customer["displayName"] if call.grant.app.protected_data > 1 else ""
    ),
    "DiscountCodeNode.codeDiscount": code_discount,
}


def _options(product: Node) -> list[Node]:
    values: dict[str, list[str]] = {}
    for variant in product["_variants"]:
        for option in variant["selectedOptions"]:
            seen = values.setdefault(option["name"], [])
            if option["value"] not in seen:
                seen.append(option["value"])
    return [
        {"id": gid("ProductOption", place), "name": name, "position": place, "values": found}
        for place, (name, found) in enumerate(values.items(), 1)
    ]


def _metafields(call: Call, owner: str) -> list[Node]:
    return [one for (whose, _, _), one in call.shop.metafields.items() if whose == owner]
