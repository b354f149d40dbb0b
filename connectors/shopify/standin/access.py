"""Who may see what: scopes, and Shopify's protected customer data."""

from __future__ import annotations

from graphql import GraphQLError

from connectors.shopify.standin.apps import Grant
from connectors.shopify.standin.schema import AdminSchema

SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"
PROTECTED_PAGE = "https://shopify.dev/docs/apps/launch/protected-customer-data"
PROTECTED_TYPES = ("Order", "Customer")  # level 1
PROTECTED_FIELDS = frozenset(  # level 2: name, address, phone, e-mail
    [
        "Order.email",
        "Order.phone",
        "Order.shippingAddress",
        "Order.billingAddress",
        "Order.statusPageUrl",
        "Customer.firstName",
        "Customer.lastName",
        "Customer.email",
        "Customer.phone",
        "Customer.defaultEmailAddress",
        "Customer.defaultPhoneNumber",
        "Customer.defaultAddress",
        "Customer.addresses",
        "DraftOrder.email",
        "DraftOrder.phone",
        "DraftOrder.shippingAddress",
    ]
)
TOPICS = {  # the scope a subscription needs, by the topic's first word
    "orders": "read_orders",
    "refunds": "read_orders",
    "order_transactions": "read_orders",
    "fulfillment_events": "read_fulfillments",
    "products": "read_products",
    "inventory_levels": "read_inventory",
    "inventory_items": "read_inventory",
    "fulfillments": "read_fulfillments",
    "customers": "read_customers",
    "discounts": "read_discounts",
    "draft_orders": "read_draft_orders",
    "themes": "read_themes",
}


def check(admin: AdminSchema, grant: Grant, where: str, kind: str, field: str) -> None:
    """GraphQLError ACCESS_DENIED unless the token may resolve this field to this type."""
    for place in (where, kind.removesuffix("Connection")):
        if place in admin.scopes:
            text, any_of = admin.scopes[place]
            if not any(grant.allows(scope) for scope in any_of):
                raise denied(field, text)
    _check_protected(grant, where, kind.removesuffix("Connection"), field)


def denied(field: str, required: str) -> GraphQLError:
    return GraphQLError(
        f"Access denied for {field} field. Required access: {required}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": SCOPES_PAGE,
            "requiredAccess": required,
        },
    )


def _check_protected(grant: Grant, where: str, kind: str, field: str) -> None:
    level = grant.app.protected_data
    if level < 1 and kind in PROTECTED_TYPES:
        raise _unapproved(f"access the {kind} object")
    if level < 2 and where in PROTECTED_FIELDS:
        raise _unapproved(f"use the {field} field")


def _unapproved(what: str) -> GraphQLError:
    return GraphQLError(
        f"This app is not approved to {what}. See {PROTECTED_PAGE} for more details.",
        extensions={"code": "ACCESS_DENIED", "documentation": PROTECTED_PAGE},
    )


def may_subscribe(grant: Grant, topic: str) -> bool:
    """Whether a token may subscribe to a topic."""
    scope = TOPICS.get(topic.partition("/")[0])
    protected = topic.startswith(("orders/", "customers/", "refunds/", "fulfillments/"))
    return (scope is None or grant.allows(scope)) and (
        not protected or grant.app.protected_data > 0
    )
