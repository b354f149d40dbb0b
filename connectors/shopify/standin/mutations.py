"""What the API can change, one function a mutation; each answers with its payload."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from connectors.shopify.standin import access
from connectors.shopify.standin.apps import Subscription
from connectors.shopify.standin.call import Call, find
from connectors.shopify.standin.discounts import Refused
from connectors.shopify.standin.nodes import app_node, subscription_node
from connectors.shopify.standin.plan import Plan
from connectors.shopify.standin.values import Node, gid, iso, money, number_of

MOST_METAFIELDS = 25
Mutation = Callable[[Call, Node], Node]


def _error(message: str, field: list[str] | None = None, code: str | None = None) -> Node:
    return {"field": field, "message": message, "code": code, "extraInfo": None}


def _not_found(field: str, what: str) -> Node:
    return {"userErrors": [_error(f"{what} does not exist", [field], "INVALID")]}


# Discounts


def discount_create(call: Call, arguments: Node) -> Node:
    asked: Node = arguments["basicCodeDiscount"]
    try:
        node = call.shop.discounts.create(asked)
    except Refused as refused:
        field = ["basicCodeDiscount", refused.field]
        return {"userErrors": [_error(refused.message, field, refused.code)]}
    call.shop.discount_changed(node, "discounts/create")
    return {"codeDiscountNode": node, "userErrors": []}


def discount_deactivate(call: Call, arguments: Node) -> Node:
    node = find(call, arguments["id"])
    if node is None:
        return _not_found("id", "Code discount")
    call.shop.discounts.stop(node)
    call.shop.discount_changed(node, "discounts/update")
    return {"codeDiscountNode": node, "userErrors": []}


def discount_delete(call: Call, arguments: Node) -> Node:
    node = find(call, arguments["id"])
    if node is None:
        return _not_found("id", "Code discount")
    call.shop.discounts.delete(node)
    call.shop.discount_changed(node, "discounts/delete")
    return {"deletedCodeDiscountId": node["id"], "userErrors": []}


# Orders


def order_cancel(call: Call, arguments: Node) -> Node:
    order = call.order(arguments["orderId"])
    if order is None:
        errors = [_error("Order does not exist", ["orderId"], "NOT_FOUND")]
        return {"job": None, "orderCancelUserErrors": errors, "userErrors": errors}
    if order["cancelledAt"]:
        errors = [_error("Order has already been cancelled", ["orderId"], "INVALID")]
        return {"job": None, "orderCancelUserErrors": errors, "userErrors": errors}
    asked = arguments.get("refundMethod") or {}
    refund = bool(asked.get("originalPaymentMethodsRefund") or arguments.get("refund"))
    call.shop.cancel(order, reason=arguments["reason"], refund=refund)
    job = str(uuid.uuid4())
    call.shop.jobs[job] = call.shop.clock.stamp() + call.shop.job_takes
    return {
        "job": {"id": gid("Job", job), "done": False},
        "orderCancelUserErrors": [],
        "userErrors": [],
    }


def refund_create(call: Call, arguments: Node) -> Node:
    asked: Node = arguments["input"]
    order = call.order(asked["orderId"])
    if order is None:
        return {"userErrors": [_error("Order does not exist", ["orderId"])]}
    lines = {line["_number"]: line for line in order["lineItems"]}
    items = {
        number_of(one["lineItemId"]): one["quantity"] for one in asked.get("refundLineItems") or ()
    }
    for number, quantity in items.items():
        if number not in lines or quantity > lines[number]["_kept"]:
            message = "Refund line items quantity cannot refund more items than were purchased"
            return {"userErrors": [_error(message, ["refundLineItems"])]}
    amount = sum(
        (Decimal(str(one["amount"])) for one in asked.get("transactions") or ()), Decimal()
    )
    amount = amount / order["_rate"]
    if amount > order["_paid"] - order["_refunded"]:
        message = "Refund amount cannot be greater than the amount left to refund"
        return {"userErrors": [_error(message, ["transactions"])]}
    refund = call.shop.refund(order, amount, items, asked.get("note") or "")
    return {"refund": refund, "order": order, "userErrors": []}


def order_update(call: Call, arguments: Node) -> Node:
    asked = dict(arguments["input"])
    order = call.order(asked.pop("id"))
    if order is None:
        return {"userErrors": [_error("Order does not exist", ["id"])]}
    known = {name: value for name, value in asked.items() if name in ("note", "tags", "email")}
    call.shop.edit_order(order, **known)
    return {"order": order, "userErrors": []}


def tags_add(call: Call, arguments: Node) -> Node:
    return _tag(call, arguments, lambda tags: tags | set(arguments["tags"]))


def tags_remove(call: Call, arguments: Node) -> Node:
    return _tag(call, arguments, lambda tags: tags - set(arguments["tags"]))


def _tag(call: Call, arguments: Node, changed: Callable[[set[str]], set[str]]) -> Node:
    node = find(call, arguments["id"])
    scopes = {"Order": "write_orders", "Customer": "write_customers", "Product": "write_products"}
    needed = scopes.get(node["__typename"]) if node else None
    if node is None or needed is None:
        return {"node": None, "userErrors": [_error("Node does not exist", ["id"])]}
    if not call.grant.allows(needed):
        raise access.denied("tagsAdd", f"`{needed}` access scope.")
    tags = sorted(changed(set(node["tags"])))
    if node["__typename"] == "Order":
        call.shop.edit_order(node, tags=tags)
    elif node["__typename"] == "Customer":
        call.shop.edit_customer(node, tags=tags)
    else:
        call.shop.edit_product(node, tags=tags)
    return {"node": node, "userErrors": []}


def draft_order_create(call: Call, arguments: Node) -> Node:
    asked, shop = arguments["input"], call.shop
    total = Decimal(0)
    for place, line in enumerate(asked.get("lineItems") or ()):
        variant = find(call, line["variantId"]) if line.get("variantId") else None
        if line.get("variantId") and variant is None:
            field = ["input", "lineItems", str(place), "variantId"]
            return {"userErrors": [_error("Product variant does not exist", field)]}
        each = Decimal(str(variant["price"] if variant else line["originalUnitPrice"]))
        total += each * line["quantity"]
    if off := asked.get("appliedDiscount"):
        value = Decimal(str(off["value"]))
        total -= total * value / 100 if off["valueType"] == "PERCENTAGE" else value
    identity = shop.orders.new_id()
    draft: Node = {
        "__typename": "DraftOrder",
        "id": gid("DraftOrder", identity),
        "legacyResourceId": str(identity),
        "name": f"#D{len(shop.orders.drafts) + 1}",
        "status": "OPEN",
        "invoiceUrl": f"https://{shop.domain}/{shop.number}/invoices/{identity:x}",
        "totalPriceSet": {
            "shopMoney": money(total, shop.currency),
            "presentmentMoney": money(total, shop.currency),
        },
        "createdAt": iso(shop.clock.now()),
        "updatedAt": iso(shop.clock.now()),
        "tags": asked.get("tags") or [],
        "note2": asked.get("note"),
        "email": asked.get("email"),
    }
    shop.orders.drafts[identity] = draft
    return {"draftOrder": draft, "userErrors": []}


def draft_order_invoice(call: Call, arguments: Node) -> Node:
    draft = find(call, arguments["id"])
    if draft is None:
        return {"draftOrder": None, "userErrors": [_error("Draft order not found", ["id"])]}
    draft["status"] = "INVOICE_SENT"
    return {"draftOrder": draft, "userErrors": []}


# The app's own things


def metafields_set(call: Call, arguments: Node) -> Node:
    own = gid("AppInstallation", call.installation.number)
    asked: list[Node] = arguments["metafields"]
    if len(asked) > MOST_METAFIELDS:
        return {"metafields": None, "userErrors": [_error("Too many metafields", ["metafields"])]}
    for place, one in enumerate(asked):
        if one["ownerId"] != own and find(call, one["ownerId"]) is None:
            field = ["metafields", str(place), "ownerId"]
            return {"metafields": None, "userErrors": [_error("Owner does not exist", field)]}
    return {"metafields": [_metafield(call, own, one) for one in asked], "userErrors": []}


def _metafield(call: Call, own: str, asked: Node) -> Node:
    node = {
        "__typename": "Metafield",
        "id": gid("Metafield", call.shop.orders.new_id()),
        "namespace": asked.get("namespace") or "app",
        "key": asked["key"],
        "type": asked.get("type") or "single_line_text_field",
        "value": asked["value"],
        "ownerType": "API_PERMISSION" if asked["ownerId"] == own else "ORDER",
        "createdAt": iso(call.shop.clock.now()),
        "updatedAt": iso(call.shop.clock.now()),
    }
    where = node["namespace"], node["key"]
    if asked["ownerId"] == own:
        call.installation.metafields[where] = node
    else:
        call.shop.metafields[asked["ownerId"], *where] = node
    return node


def webhook_create(call: Call, arguments: Node) -> Node:
    asked = arguments["webhookSubscription"]
    topic = _topic(arguments["topic"])
    uri = asked.get("uri") or asked.get("callbackUrl") or ""
    if not access.may_subscribe(call.grant, topic):
        message = "You cannot create a webhook subscription with the specified topic"
        return _refused("webhookSubscription", message, ["topic"])
    if not uri.startswith("http"):
        return _refused("webhookSubscription", "Address is invalid", ["webhookSubscription", "uri"])
    taken = [
        one
        for one in call.installation.subscriptions.values()
        if (one.topic, one.uri, one.filter) == (topic, uri, asked.get("filter"))
    ]
    if taken:
        message = "Address for this topic has already been taken"
        return _refused("webhookSubscription", message, ["webhookSubscription", "uri"])
    made = call.shop.webhooks.subscribe(
        call.installation,
        Subscription(
            topic,
            uri,
            tuple(asked.get("includeFields") or ()),
            asked.get("name") or "",
            created=iso(call.shop.clock.now()),
            filter=asked.get("filter"),
        ),
    )
    return {"webhookSubscription": subscription_node(call, made), "userErrors": []}


def webhook_delete(call: Call, arguments: Node) -> Node:
    number = number_of(arguments["id"])
    if call.installation.subscriptions.pop(number, None) is None:
        message = "Webhook subscription does not exist"
        return _refused("deletedWebhookSubscriptionId", message, ["id"])
    return {"deletedWebhookSubscriptionId": arguments["id"], "userErrors": []}


def _refused(name: str, message: str, field: list[str]) -> Node:
    return {name: None, "userErrors": [_error(message, field)]}


def _topic(enum: str) -> str:
    """ORDERS_CREATE as `orders/create`; some resources have more than one word."""
    words = enum.lower()
    for resource in ("inventory_levels", "inventory_items", "bulk_operations", "draft_orders"):
        if words.startswith(resource + "_"):
            return f"{resource}/{words.removeprefix(resource + '_')}"
    resource, _, action = words.partition("_")
    return f"{resource}/{action}"


def web_pixel_create(call: Call, arguments: Node) -> Node:
    if not call.grant.allows("read_customer_events"):
        raise access.denied("webPixelCreate", "`read_customer_events` access scope.")
    if call.installation.pixel:
        return {"webPixel": None, "userErrors": [_error("Web pixel is taken", [], "TAKEN")]}
    settings = arguments["webPixel"]["settings"]
    call.installation.pixel = {"id": gid("WebPixel", 1), "settings": settings}
    return {"webPixel": call.installation.pixel, "userErrors": []}


def app_uninstall(call: Call, arguments: Node) -> Node:
    node = app_node(call)
    call.shop.uninstall(call.grant.app)
    return {"app": node, "userErrors": []}


# Bulk operations


def bulk_run(call: Call, arguments: Node) -> Node:
    try:
        plan = Plan(call, arguments["query"])
    except GraphQLError as error:
        errors = [_error(f"Invalid bulk query: {error.message}", ["query"], "INVALID")]
        return {"bulkOperation": None, "userErrors": errors}
    return call.shop.bulk.run(plan, call.grant.app)


def bulk_cancel(call: Call, arguments: Node) -> Node:
    operation = find(call, arguments["id"])
    if operation is None:
        return {"bulkOperation": None, "userErrors": [_error("Not found", ["id"])]}
    if operation["status"] not in ("CREATED", "RUNNING"):
        message = f"A bulk operation cannot be canceled when it is {operation['status'].lower()}"
        return {"bulkOperation": operation, "userErrors": [_error(message, ["id"])]}
    call.shop.bulk.cancel(operation)
    return {"bulkOperation": operation, "userErrors": []}


MUTATIONS: dict[str, Mutation] = {
    "discountCodeBasicCreate": discount_create,
    "discountCodeDeactivate": discount_deactivate,
    "discountCodeDelete": discount_delete,
    "orderCancel": order_cancel,
    "refundCreate": refund_create,
    "orderUpdate": order_update,
    "tagsAdd": tags_add,
    "tagsRemove": tags_remove,
    "draftOrderCreate": draft_order_create,
    "draftOrderInvoiceSend": draft_order_invoice,
    "metafieldsSet": metafields_set,
    "webhookSubscriptionCreate": webhook_create,
    "webhookSubscriptionDelete": webhook_delete,
    "webPixelCreate": web_pixel_create,
    "appUninstall": app_uninstall,
    "bulkOperationRunQuery": bulk_run,
    "bulkOperationCancel": bulk_cancel,
}


def mutate(call: Call, name: str, arguments: Node, key: str | None) -> Any:
    """Do it, once for each idempotency key; a repeated key gets the first answer again."""
    if name not in MUTATIONS:
        raise GraphQLError(f"The stand-in has no mutation {name} yet: add it to MUTATIONS.")
    if key is None:
        return MUTATIONS[name](call, arguments)
    asked = repr((name, arguments))
    if key in call.shop.idempotent:
        first, answer = call.shop.idempotent[key]
        if first != asked:
            raise GraphQLError(
                "The idempotency key was used with other parameters.",
                extensions={"code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"},
            )
        return answer
    answer = MUTATIONS[name](call, arguments)
    call.shop.idempotent[key] = asked, answer
    return answer
