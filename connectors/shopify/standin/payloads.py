"""What a webhook says of orders and customers: REST's names and shapes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopify.standin.orders import unit_price
from connectors.shopify.standin.values import Node, gid, number_of, price


def order(shop: Any, node: Node) -> Node:
    """The body of every orders/… topic but orders/delete."""
    customer = shop.people.nodes.get(node["_customer"])
    address = _address(node["shippingAddress"])

    def amount(value: Decimal) -> str:
        return price(value, node["currencyCode"])

    def both(value: Decimal) -> Node:
        return _bag(node, value)

    left = node["_total"] - node["_refunded"]
    statuses = {"UNFULFILLED": None, "PARTIALLY_FULFILLED": "partial", "FULFILLED": "fulfilled"}
    codes = [
        {"code": code, "amount": amount(node["_discount"]), "type": "fixed_amount"}
        for code in node["discountCodes"]
    ]
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "app_id": None,
        "buyer_accepts_marketing": False,
        "cancel_reason": node["cancelReason"] and node["cancelReason"].lower(),
        "cancelled_at": node["cancelledAt"],
        "closed_at": node["closedAt"],
        "confirmation_number": node["confirmationNumber"],
        "confirmed": True,
        "contact_email": node["email"],
        "created_at": node["createdAt"],
        "currency": node["currencyCode"],
        "current_subtotal_price": amount(node["_subtotal"]),
        "current_subtotal_price_set": both(node["_subtotal"]),
        "current_total_discounts": amount(node["_discount"]),
        "current_total_discounts_set": both(node["_discount"]),
        "current_total_price": amount(left),
        "current_total_price_set": both(left),
        "current_total_tax": amount(node["_tax"]),
        "current_total_tax_set": both(node["_tax"]),
        "customer_locale": "en",
        "discount_codes": codes,
        "email": node["email"],
        "estimated_taxes": False,
        "financial_status": node["displayFinancialStatus"].lower(),
        "fulfillment_status": statuses[node["displayFulfillmentStatus"]],
        "landing_site": node.get("_landing"),
        "location_id": None,
        "merchant_of_record_app_id": None,
        "name": node["name"],
        "note": node["note"],
        "note_attributes": node.get("_attributes", []),
        "number": node["number"] - 1000,
        "order_number": node["number"],
        "order_status_url": node["statusPageUrl"],
        "payment_gateway_names": [one["gateway"] for one in node["transactions"][:1]],
        "phone": node["phone"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "processed_at": node["processedAt"],
        "source_name": node["sourceName"],
        "subtotal_price": amount(node["_subtotal"]),
        "subtotal_price_set": both(node["_subtotal"]),
        "tags": ", ".join(node["tags"]),
        "tax_exempt": False,
        "tax_lines": [],
        "taxes_included": node["taxesIncluded"],
        "test": node["test"],
        "token": f"{number_of(node['id']):x}",
        "total_discounts": amount(node["_discount"]),
        "total_discounts_set": both(node["_discount"]),
        "total_line_items_price": amount(node["_whole"]),
        "total_line_items_price_set": both(node["_whole"]),
        "total_outstanding": amount(max(node["_total"] - node["_paid"], Decimal(0))),
        "total_price": amount(node["_total"]),
        "total_price_set": both(node["_total"]),
        "total_shipping_price_set": both(node["_shipping"]),
        "total_tax": amount(node["_tax"]),
        "total_tax_set": both(node["_tax"]),
        "total_tip_received": "0.00",
        "total_weight": 0,
        "updated_at": node["updatedAt"],
        "user_id": None,
        "billing_address": address,
        "customer": customer_of(shop, customer) if customer else None,
        "discount_applications": [],
        "fulfillments": [fulfilment(shop, node, one) for one in node["fulfillments"]],
        "line_items": [_line(node, one) for one in node["lineItems"]],
        "payment_terms": None,
        "refunds": [refund(shop, node, one) for one in node["refunds"]],
        "shipping_address": address,
        "shipping_lines": [
            {
                "id": number_of(node["shippingLine"]["id"]),
                "code": "Standard",
                "title": "Standard",
                "source": "shopify",
                "price": amount(node["_shipping"]),
                "price_set": both(node["_shipping"]),
                "discounted_price": amount(node["_shipping"]),
                "discounted_price_set": both(node["_shipping"]),
                "is_removed": False,
                "tax_lines": [],
                "discount_allocations": [],
            }
        ],
        "duties_included": False,
        "returns": [],
    }


def _line(node: Node, line: Node) -> Node:
    unit = unit_price(node, line)
    off = (line["_price"] - unit) * line["quantity"]
    status = "fulfilled" if not line["_open"] else None
    return {
        "id": line["_number"],
        "admin_graphql_api_id": line["id"],
        "current_quantity": line["_kept"],
        "fulfillable_quantity": line["_open"],
        "fulfillment_service": "manual",
        "fulfillment_status": status if node["fulfillments"] else None,
        "gift_card": False,
        "grams": 0,
        "name": line["name"],
        "price": price(line["_price"], node["currencyCode"]),
        "price_set": _bag(node, line["_price"]),
        "product_exists": line["_product"] is not None,
        "product_id": line["_product"],
        "properties": [],
        "quantity": line["quantity"],
        "requires_shipping": True,
        "sku": line["sku"],
        "taxable": True,
        "title": line["title"],
        "total_discount": price(off, node["currencyCode"]),
        "total_discount_set": _bag(node, off),
        "variant_id": line["_variant"],
        "variant_inventory_management": "shopify",
        "variant_title": line["variantTitle"],
        "vendor": line["vendor"],
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }


def fulfilment(shop: Any, order_node: Node, node: Node) -> Node:
    """The body of fulfillments/create and fulfillments/update."""
    tracking = node["trackingInfo"][0]
    shipment = {"DELIVERED": "delivered", "IN_TRANSIT": "in_transit"}
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "order_id": number_of(order_node["id"]),
        "status": node["status"].lower(),
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "service": "manual",
        "tracking_company": tracking["company"],
        "shipment_status": shipment.get(node["displayStatus"]),
        "location_id": shop.location,
        "email": order_node["email"],
        "destination": _address(order_node["shippingAddress"]),
        "line_items": [
            _line(order_node, one["lineItem"]) | {"quantity": one["quantity"]}
            for one in node["fulfillmentLineItems"]
        ],
        "tracking_number": tracking["number"],
        "tracking_numbers": [tracking["number"]],
        "tracking_url": tracking["url"],
        "tracking_urls": [tracking["url"]],
        "receipt": {},
        "name": node["name"].replace("-F", "."),
    }


def refund(shop: Any, order_node: Node, node: Node) -> Node:
    """The body of refunds/create."""
    lines = {line["_number"]: line for line in order_node["lineItems"]}
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "order_id": number_of(order_node["id"]),
        "created_at": node["createdAt"],
        "processed_at": node["createdAt"],
        "note": node["note"],
        "user_id": None,
        "restock": False,
        "duties": [],
        "order_adjustments": [],
        "refund_shipping_lines": [],
        "refund_line_items": [
            {
                "id": number,
                "quantity": quantity,
                "line_item_id": number,
                "location_id": None,
                "restock_type": "no_restock",
                "subtotal": float(unit_price(order_node, lines[number]) * quantity),
                "total_tax": 0,
                "subtotal_set": _bag(order_node, unit_price(order_node, lines[number]) * quantity),
                "line_item": _line(order_node, lines[number]),
            }
            for number, quantity in node["_items"].items()
            if number in lines
        ],
        "transactions": [transaction(order_node, one) for one in node["transactions"]],
    }


def transaction(order_node: Node, node: Node) -> Node:
    """The body of order_transactions/create."""
    amount = price(node["_amount"], order_node["currencyCode"])
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "order_id": number_of(order_node["id"]),
        "kind": node["kind"].lower(),
        "gateway": node["gateway"],
        "status": node["status"].lower(),
        "message": None,
        "created_at": node["createdAt"],
        "processed_at": node["processedAt"],
        "test": False,
        "parent_id": None,
        "source_name": "web",
        "receipt": {},
        "amount": amount,
        "currency": order_node["currencyCode"],
        "payment_id": f"{order_node['name']}.1",
    }


def fulfilment_event(shop: Any, order_node: Node, node: Node) -> Node:
    """The body of fulfillment_events/create: where the parcel is now."""
    return {
        "id": number_of(node["id"]) + 1,
        "fulfillment_id": number_of(node["id"]),
        "status": node["displayStatus"].lower(),
        "message": None,
        "happened_at": node["updatedAt"],
        "country": "GB",
        "shop_id": shop.number,
        "created_at": node["updatedAt"],
        "updated_at": node["updatedAt"],
        "estimated_delivery_at": node["estimatedDeliveryAt"],
        "order_id": number_of(order_node["id"]),
        "admin_graphql_api_id": gid("FulfillmentEvent", number_of(node["id"]) + 1),
    }


def order_edit(order_node: Node) -> Node:
    """The body of orders/edited."""
    return {
        "order_edit": {
            "id": number_of(order_node["id"]) + 1,
            "app_id": None,
            "created_at": order_node["updatedAt"],
            "committed_at": order_node["updatedAt"],
            "notify_customer": False,
            "order_id": number_of(order_node["id"]),
            "staff_note": "",
            "user_id": None,
            "line_items": {"additions": [], "removals": []},
        }
    }


def customer_of(shop: Any, node: Node) -> Node:
    """The body of customers/create and customers/update, and the customer within an order."""
    number = number_of(node["id"])
    theirs = shop.people.orders_of(node)
    address = _address(node["defaultAddress"])
    return {
        "id": number,
        "admin_graphql_api_id": node["id"],
        "email": node["_email"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "first_name": node["_first"],
        "last_name": node["_last"],
        "orders_count": len(theirs),
        "state": node["state"].lower(),
        "total_spent": shop.people.spent(node)["amount"],
        "last_order_id": number_of(theirs[-1]["id"]) if theirs else None,
        "last_order_name": theirs[-1]["name"] if theirs else None,
        "note": node["note"],
        "verified_email": node["verifiedEmail"],
        "multipass_identifier": None,
        "tax_exempt": False,
        "tags": ", ".join(node["tags"]),
        "currency": shop.currency,
        "phone": node["_phone"],
        "addresses": [address] if address else [],
        "tax_exemptions": [],
        "email_marketing_consent": None,
        "sms_marketing_consent": None,
        "default_address": address,
    }


def deleted_customer(node: Node) -> Node:
    """The body of customers/delete."""
    return {
        "id": number_of(node["id"]),
        "phone": None,
        "addresses": [],
        "tax_exemptions": [],
        "email_marketing_consent": None,
        "sms_marketing_consent": None,
        "admin_graphql_api_id": node["id"],
    }


def privacy(shop: Any, customer: Node, orders_key: str) -> Node:
    """The body of customers/data_request and customers/redact."""
    return {
        "shop_id": shop.number,
        "shop_domain": shop.domain,
        orders_key: [number_of(one["id"]) for one in shop.people.orders_of(customer)],
        "customer": {
            "id": number_of(customer["id"]),
            "email": customer["_email"],
            "phone": customer["_phone"],
        },
    }


PERSONAL = frozenset(
    {
        *("email", "contact_email", "phone", "first_name", "last_name", "order_status_url"),
        *("shipping_address", "billing_address", "destination", "default_address", "addresses"),
    }
)


def without_personal(topic: str, body: Node) -> Node:
    """As an app gets it that is not approved for names, addresses, phone and e-mail: null."""
    if not topic.startswith(("orders/", "customers/", "fulfillments/", "refunds/")):
        return body
    kept = {name: None if name in PERSONAL else value for name, value in body.items()}
    if isinstance(body.get("customer"), dict):
        kept["customer"] = without_personal(topic, body["customer"])
    return kept


def _address(node: Node | None) -> Node | None:
    return node and {
        "first_name": node["firstName"],
        "last_name": node["lastName"],
        "name": node["name"],
        "address1": node["address1"],
        "address2": node["address2"],
        "city": node["city"],
        "zip": node["zip"],
        "province": node["province"],
        "province_code": node["provinceCode"],
        "country": node["country"],
        "country_code": node["countryCodeV2"],
        "phone": node["phone"],
        "company": None,
    }


def _bag(node: Node, value: Decimal) -> Node:
    shop, seen = node["currencyCode"], node["presentmentCurrencyCode"]
    return {
        "shop_money": {"amount": price(value, shop), "currency_code": shop},
        "presentment_money": {
            "amount": price(value * node["_rate"], seen),
            "currency_code": seen,
        },
    }
