"""What Shopify suggests to refund: the lines' prices, the shipping, never more than is left."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopify.standin.orders import GATEWAY, unit_price
from connectors.shopify.standin.values import Node, bag, number_of


def suggested_refund(call: Any, order: Node, arguments: Node) -> Node:
    """`Order.suggestedRefund` for these lines, with or without the shipping."""
    lines = {line["_number"]: line for line in order["lineItems"]}
    goods = sum(
        (
            unit_price(order, lines[number_of(one["lineItemId"])]) * one["quantity"]
            for one in arguments.get("refundLineItems") or ()
            if number_of(one["lineItemId"]) in lines
        ),
        Decimal(0),
    )
    shipping = order["_shipping"] if arguments.get("refundShipping") else Decimal(0)
    left = order["_paid"] - order["_refunded"]
    amount = left if arguments.get("suggestFullRefund") else min(goods + shipping, left)
    sale = next((one for one in order["transactions"] if one["kind"] == "SALE"), None)
    suggested = [
        {
            "__typename": "SuggestedOrderTransaction",
            "gateway": GATEWAY,
            "kind": "SUGGESTED_REFUND",
            "amountSet": _bag(order, amount),
            "parentTransaction": sale,
        }
    ]
    return {
        "__typename": "SuggestedRefund",
        "amountSet": _bag(order, amount),
        "subtotalSet": _bag(order, goods),
        "maximumRefundableSet": _bag(order, left),
        "shipping": {
            "amountSet": _bag(order, shipping),
            "maximumRefundableSet": _bag(order, order["_shipping"]),
        },
        "suggestedTransactions": suggested if sale and amount else [],
    }


def _bag(order: Node, amount: Decimal) -> Node:
    return bag(amount, order["currencyCode"], order["presentmentCurrencyCode"], order["_rate"])
