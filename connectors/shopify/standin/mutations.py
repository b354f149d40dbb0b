"""What the API can change, one function a mutation; each answers with its payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from connectors.shopify.standin import access
from connectors.shopify.standin.apps import Subscription
from connectors.shopify.standin.call import Call, find
from connectors.shopify.standin.discounts import Refused
from connectors.shopify.standin.nodes import app_node, subscription_node
from connectors.shopify.standin.order_mutations import ORDER_MUTATIONS
from connectors.shopify.standin.plan import Plan
from connectors.shopify.standin.user_errors import not_found, user_error
from connectors.shopify.standin.values import Node, gid, iso, number_of

MOST_METAFIELDS = 25
RESOURCES = (  # those of more than one word
    *("inventory_levels", "inventory_items", "bulk_operations", "draft_orders"),
    *("order_transactions", "fulfillment_events", "fulfillment_orders", "product_listings"),
)
Mutation = Callable[[Call, Node], Node]


# Discounts


def discount_create(call: Call, arguments: Node) -> Node:
    asked: Node = arguments["basicCodeDiscount"]
    try:
        node = call.shop.discounts.create(asked)
    except Refused as refused:
        field = ["basicCodeDiscount", refused.field]
        return {"userErrors": [user_error(refused.message, field, refused.code)]}
    call.shop.discount_changed(node, "discounts/create")
    return {"codeDiscountNode": node, "userErrors": []}


def discount_deactivate(call: Call, arguments: Node) -> Node:
    node = find(call, arguments["id"])
    if node is None:
        return not_found("id", "Code discount")
    call.shop.discounts.stop(node)
    call.shop.discount_changed(node, "discounts/update")
    return {"codeDiscountNode": node, "userErrors": []}


def discount_delete(call: Call, arguments: Node) -> Node:
    node = find(call, arguments["id"])
    if node is None:
        return not_found("id", "Code discount")
    call.shop.discounts.delete(node)
    call.shop.discount_changed(node, "discounts/delete")
    return {"deletedCodeDiscountId": node["id"], "userErrors": []}


# The app's own things


def metafields_set(call: Call, arguments: Node) -> Node:
    own = gid("AppInstallation", call.installation.number)
    asked: list[Node] = arguments["metafields"]
    if len(asked) > MOST_METAFIELDS:
        return {
            "metafields": None,
            "userErrors": [user_error("Too many metafields", ["metafields"])],
        }
    for place, one in enumerate(asked):
        if one["ownerId"] != own and find(call, one["ownerId"]) is None:
            field = ["metafields", str(place), "ownerId"]
            return {"metafields": None, "userErrors": [user_error("Owner does not exist", field)]}
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
    return {name: None, "userErrors": [user_error(message, field)]}


def _topic(enum: str) -> str:
    """ORDERS_CREATE as `orders/create`; some resources have more than one word."""
    words = enum.lower()
    for resource in RESOURCES:
        if words.startswith(resource + "_"):
            return f"{resource}/{words.removeprefix(resource + '_')}"
    resource, _, action = words.partition("_")
    return f"{resource}/{action}"


def web_pixel_create(call: Call, arguments: Node) -> Node:
    if not call.grant.allows("read_customer_events"):
        raise access.denied("webPixelCreate", "`read_customer_events` access scope.")
    if call.installation.pixel:
        return {"webPixel": None, "userErrors": [user_error("Web pixel is taken", [], "TAKEN")]}
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
        errors = [user_error(f"Invalid bulk query: {error.message}", ["query"], "INVALID")]
        return {"bulkOperation": None, "userErrors": errors}
    return call.shop.bulk.run(plan, call.grant.app)


def bulk_cancel(call: Call, arguments: Node) -> Node:
    operation = find(call, arguments["id"])
    if operation is None:
        return {"bulkOperation": None, "userErrors": [user_error("Not found", ["id"])]}
    if operation["status"] not in ("CREATED", "RUNNING"):
        message = f"A bulk operation cannot be canceled when it is {operation['status'].lower()}"
        return {"bulkOperation": operation, "userErrors": [user_error(message, ["id"])]}
    call.shop.bulk.cancel(operation)
    return {"bulkOperation": operation, "userErrors": []}


MUTATIONS: dict[str, Mutation] = {
    "discountCodeBasicCreate": discount_create,
    "discountCodeDeactivate": discount_deactivate,
    "discountCodeDelete": discount_delete,
    **ORDER_MUTATIONS,
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
