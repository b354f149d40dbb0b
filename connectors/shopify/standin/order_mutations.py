"""What the API can do to orders: cancel, refund, note, tag, and drafts of new ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal

from connectors.shopify.standin import access
from connectors.shopify.standin.call import Call, find
from connectors.shopify.standin.user_errors import user_error
from connectors.shopify.standin.values import Node, gid, iso, money, number_of


def order_cancel(call: Call, arguments: Node) -> Node:
    order = call.order(arguments["orderId"])
    if order is None:
        errors = [user_error("Order does not exist", ["orderId"], "NOT_FOUND")]
        return {"job": None, "orderCancelUserErrors": errors, "userErrors": errors}
    if order["cancelledAt"]:
        errors = [user_error("Order has already been cancelled", ["orderId"], "INVALID")]
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
        return {"userErrors": [user_error("Order does not exist", ["orderId"])]}
    lines = {line["_number"]: line for line in order["lineItems"]}
    items = {
        number_of(one["lineItemId"]): one["quantity"] for one in asked.get("refundLineItems") or ()
    }
    for number, quantity in items.items():
        if number not in lines or quantity > lines[number]["_kept"]:
            message = "Refund line items quantity cannot refund more items than were purchased"
            return {"userErrors": [user_error(message, ["refundLineItems"])]}
    amount = sum(
        (Decimal(str(one["amount"])) for one in asked.get("transactions") or ()), Decimal()
    )
    amount = amount / order["_rate"]
    if amount > order["_paid"] - order["_refunded"]:
        message = "Refund amount cannot be greater than the amount left to refund"
        return {"userErrors": [user_error(message, ["transactions"])]}
    refund = call.shop.refund(order, amount, items, asked.get("note") or "")
    return {"refund": refund, "order": order, "userErrors": []}


def order_update(call: Call, arguments: Node) -> Node:
    asked = dict(arguments["input"])
    order = call.order(asked.pop("id"))
    if order is None:
        return {"userErrors": [user_error("Order does not exist", ["id"])]}
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
        return {"node": None, "userErrors": [user_error("Node does not exist", ["id"])]}
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
            return {"userErrors": [user_error("Product variant does not exist", field)]}
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
        return {"draftOrder": None, "userErrors": [user_error("Draft order not found", ["id"])]}
    draft["status"] = "INVOICE_SENT"
    return {"draftOrder": draft, "userErrors": []}


ORDER_MUTATIONS: dict[str, Callable[[Call, Node], Node]] = {
    "orderCancel": order_cancel,
    "refundCreate": refund_create,
    "orderUpdate": order_update,
    "tagsAdd": tags_add,
    "tagsRemove": tags_remove,
    "draftOrderCreate": draft_order_create,
    "draftOrderInvoiceSend": draft_order_invoice,
}
