"""What each field shows: from the tables below, else from the node itself.

A field nobody has thought of is null, an empty list or an empty page, and noted in
`Call.guessed`; where the schema forbids null it fails loudly.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLOutputType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from connectors.shopify.standin import access, nodes
from connectors.shopify.standin.call import Call, Resolver, find, product, variant, variant_of
from connectors.shopify.standin.lists import LISTS, orders_of
from connectors.shopify.standin.orders import GATEWAY
from connectors.shopify.standin.paging import page
from connectors.shopify.standin.suggestions import suggested_refund
from connectors.shopify.standin.values import Node, gid, number_of


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


def _own_installation(call: Call, source: Any, arguments: Node) -> Node | None:
    is_own = number_of(arguments["id"]) == call.installation.number
    return nodes.installation_node(call, source, arguments) if is_own else None


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


def _description(call: Call, node: Node, arguments: Node) -> str:
    text, most = str(node["description"]), arguments.get("truncateAt")
    return text if most is None or len(text) <= most else text[: max(most - 3, 0)] + "..."


def _line_product(call: Call, line: Node, arguments: Node) -> Node | None:
    return product(call, line["_product"]) if line["_product"] else None


def _line_variant(call: Call, line: Node, arguments: Node) -> Node | None:
    return variant(call, line["_variant"]) if line["_variant"] else None


def _customer_of(call: Call, order: Node, arguments: Node) -> Node | None:
    return call.shop.people.nodes.get(order["_customer"])


def _some(name: str) -> Resolver:
    """A plain list cut to `first`."""
    return lambda call, source, arguments: source[name][: arguments.get("first")]


def _last_order(call: Call, customer: Node, arguments: Node) -> Node | None:
    return (orders_of(call, customer, {}) or [None])[-1]  # type: ignore[list-item]


def _with_parent(order: Node) -> list[Node]:
    first = next((one for one in order["transactions"] if one["kind"] == "SALE"), None)
    return [one | {"parentTransaction": first} for one in order["transactions"]]


RESOLVERS: dict[str, Resolver] = {
    **LISTS,
    "QueryRoot.shop": nodes.shop_node,
    "QueryRoot.currentAppInstallation": nodes.installation_node,
    "QueryRoot.customerByIdentifier": _customer_by_identifier,
    "QueryRoot.codeDiscountNodeByCode": lambda call, source, arguments: call.shop.discounts.by_code(
        arguments["code"]
    ),
    "QueryRoot.job": _job,
    "QueryRoot.themes": nodes.themes,
    "QueryRoot.appInstallation": _own_installation,
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
        ]
    },
    "OnlineStoreTheme.files": nodes.theme_files,
    "Product.description": _description,
    "Product.variantsCount": lambda call, node, arguments: {
        "count": len(node["_variants"]),
        "precision": "EXACT",
    },
    "Product.options": lambda call, node, arguments: _options(node),
    "Product.media": lambda call, node, arguments: [node["featuredMedia"]],
    "ProductVariant.product": lambda call, node, arguments: product(call, node["_product"]),
    "InventoryItem.variant": lambda call, item, arguments: variant_of(
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
    "Customer.lastOrder": _last_order,
    "Customer.numberOfOrders": lambda call, customer, arguments: str(
        len(call.shop.people.orders_of(customer))
    ),
    "Customer.amountSpent": lambda call, customer, arguments: call.shop.people.spent(customer),
    "Customer.displayName": lambda call, customer, arguments: (
        customer["displayName"] if call.grant.app.protected_data > 1 else ""
    ),
    "DiscountCodeNode.codeDiscount": nodes.code_discount,
}


def _options(node: Node) -> list[Node]:
    values: dict[str, list[str]] = {}
    for one in node["_variants"]:
        for option in one["selectedOptions"]:
            seen = values.setdefault(option["name"], [])
            if option["value"] not in seen:
                seen.append(option["value"])
    return [
        {"id": gid("ProductOption", place), "name": name, "position": place, "values": found}
        for place, (name, found) in enumerate(values.items(), 1)
    ]


def _metafields(call: Call, owner: str) -> list[Node]:
    return [one for (whose, _, _), one in call.shop.metafields.items() if whose == owner]
