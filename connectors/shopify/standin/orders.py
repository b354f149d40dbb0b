"""The orders of a shop and what becomes of them: paid, fulfilled, refunded, cancelled.

Amounts are Decimals under names with "_"; `refreshed` writes what GraphQL shows of them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopify.standin.values import Node, bag, gid, iso, price, rounded

FIRST_ORDER = 930_000_000_000_000_001
FIRST_NUMBER = 1001
GATEWAY = "shopify_payments"
NO_AMOUNT = Decimal(0)


class Orders:
    """Every order of one shop."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.nodes: dict[int, Node] = {}
        self.drafts: dict[int, Node] = {}
        self._numbers = FIRST_NUMBER
        self._ids = FIRST_ORDER

    def new_id(self) -> int:
        """A number no object of this shop has had."""
        self._ids += 1
        return self._ids - 1

    def add(
        self,
        *,
        id: int | None = None,
        lines: list[Node] | None = None,
        customer: Node | None = None,
        email: str | None = None,
        shipping: str = "5.00",
        tax: str = "0",
        discount: tuple[str, Decimal] | None = None,
        presentment: str | None = None,
        rate: str = "1",
        paid: bool = True,
        days_ago: float = 0,
        **facts: Any,
    ) -> Node:
        """A new order; `lines=[{"variant": …, "quantity": 2}]`, or any title and price.

        `discount` is a code and the amount it takes off. Without lines it is for the first
        product, or for a made-up one. What else is given replaces what GraphQL would show.
        """
        currency = self.shop.currency
        moment = self.shop.clock.now()
        if days_ago:
            moment = moment.fromtimestamp(moment.timestamp() - days_ago * 86_400, moment.tzinfo)
        number, identity = self._numbers, id or self.new_id()
        self._numbers += 1
        address = facts.pop("shippingAddress", self._address_of(customer))
        order: Node = {
            "__typename": "Order",
            "id": gid("Order", identity),
            "legacyResourceId": str(identity),
            "name": f"#{number}",
            "number": number,
            "confirmationNumber": f"KC{identity % 10**9:09d}",
            "createdAt": iso(moment),
            "processedAt": iso(moment),
            "updatedAt": iso(moment),
            "cancelledAt": None,
            "cancelReason": None,
            "closedAt": None,
            "closed": False,
            "confirmed": True,
            "test": False,
            "currencyCode": currency,
            "presentmentCurrencyCode": presentment or currency,
            "returnStatus": "NO_RETURN",
            "merchantEditable": True,
            "taxesIncluded": False,
            "statusPageUrl": f"https://{self.shop.domain}/orders/{identity}/authenticate?key=abc",
            "tags": [],
            "note": None,
            "sourceName": "web",
            "email": email or (customer or {}).get("_email"),
            "phone": (customer or {}).get("_phone"),
            "shippingAddress": address,
            "billingAddress": address,
            "shippingLine": {"title": "Standard", "id": gid("ShippingLine", self.new_id())},
            "discountCodes": [discount[0]] if discount else [],
            "discountCode": discount[0] if discount else None,
            "fulfillments": [],
            "refunds": [],
            "transactions": [],
            "_customer": int(customer["legacyResourceId"]) if customer else None,
            "_shipping": Decimal(shipping),
            "_discount": discount[1] if discount else NO_AMOUNT,
            "_tax": Decimal(tax),
            "_paid": NO_AMOUNT,
            "_rate": Decimal(rate),
        }
        order["lineItems"] = [self._line(order, line) for line in lines or [{}]]
        self.nodes[identity] = order
        order.update(facts)
        refreshed(order)
        if paid:
            self.pay(order)
        return order

    def pay(self, order: Node) -> None:
        """Take what is still owed."""
        owed = order["_total"] - order["_paid"]
        order["_paid"] += owed
        order["transactions"].append(self._transaction(order, "SALE", owed))
        self._changed(order)

    def fulfil(
        self,
        order: Node,
        *,
        quantities: dict[int, int] | None = None,
        company: str = "Royal Mail",
        tracking: str = "KC123456789GB",
        delivered: bool = False,
        estimated: str | None = None,
    ) -> Node:
        """Ship all that is left, or `quantities` by line number; the new fulfilment."""
        now = iso(self.shop.clock.now())
        identity = self.new_id()
        shipped = [
            (line, min(line["_open"], (quantities or {}).get(line["_number"], line["_open"])))
            for line in order["lineItems"]
            if quantities is None or line["_number"] in quantities
        ]
        fulfilment: Node = {
            "__typename": "Fulfillment",
            "id": gid("Fulfillment", identity),
            "legacyResourceId": str(identity),
            "name": f"{order['name']}-F{len(order['fulfillments']) + 1}",
            "status": "SUCCESS",
            "displayStatus": "DELIVERED" if delivered else "IN_TRANSIT",
            "createdAt": now,
            "updatedAt": now,
            "inTransitAt": now,
            "estimatedDeliveryAt": estimated,
            "deliveredAt": now if delivered else None,
            "trackingInfo": [
                {
                    "company": company,
                    "number": tracking,
                    "url": f"https://track.example/{tracking}",
                }
            ],
            "fulfillmentLineItems": [
                {
                    "__typename": "FulfillmentLineItem",
                    "id": gid("FulfillmentLineItem", self.new_id()),
                    "quantity": quantity,
                    "lineItem": line,
                }
                for line, quantity in shipped
                if quantity
            ],
        }
        for line, quantity in shipped:
            line["_open"] -= quantity
        order["fulfillments"].append(fulfilment)
        self._changed(order)
        return fulfilment

    def deliver(self, order: Node, fulfilment: Node) -> None:
        """The parcel arrived."""
        now = iso(self.shop.clock.now())
        fulfilment |= {"displayStatus": "DELIVERED", "deliveredAt": now, "updatedAt": now}
        self._changed(order)

    def refund(
        self, order: Node, amount: Decimal, *, items: dict[int, int] | None = None, note: str = ""
    ) -> Node:
        """Give back this amount in the shop's currency, for these quantities by line number."""
        identity = self.new_id()
        for line in order["lineItems"]:
            back = min((items or {}).get(line["_number"], 0), line["_kept"])
            line["_kept"] -= back
            line["_open"] = min(line["_open"], line["_kept"])
        transaction = self._transaction(order, "REFUND", amount)
        refund: Node = {
            "__typename": "Refund",
            "id": gid("Refund", identity),
            "legacyResourceId": str(identity),
            "createdAt": iso(self.shop.clock.now()),
            "updatedAt": iso(self.shop.clock.now()),
            "note": note,
            "totalRefundedSet": _bag(order, amount),
            "transactions": [transaction],
            "_amount": amount,
            "_items": items or {},
            "_order": int(order["legacyResourceId"]),
        }
        order["refunds"].append(refund)
        order["transactions"].append(transaction)
        self._changed(order)
        return refund

    def cancel(self, order: Node, *, reason: str = "CUSTOMER", refund: bool = True) -> None:
        """Call it off, giving back what was paid if asked to."""
        now = iso(self.shop.clock.now())
        order |= {"cancelledAt": now, "cancelReason": reason, "closedAt": now, "closed": True}
        left = order["_paid"] - order["_refunded"]
        if refund and left:
            items = {line["_number"]: line["_kept"] for line in order["lineItems"]}
            self.refund(order, left, items=items, note="Cancelled")
        self._changed(order)

    def edit(self, order: Node, **facts: Any) -> None:
        """Change what GraphQL shows of it."""
        order |= facts
        self._changed(order)

    def _changed(self, order: Node) -> None:
        order["updatedAt"] = iso(self.shop.clock.now())
        refreshed(order)

    def _line(self, order: Node, line: Node) -> Node:
        variant = line.get("variant") or (None if "title" in line else self.shop.any_variant())
        home = self.shop.catalog.of_variant(int(variant["legacyResourceId"])) if variant else None
        product = self.shop.catalog.read(home) if home else None
        identity = line.get("id") or self.new_id()
        quantity = line.get("quantity", 1)
        title = line.get("title") or (product["title"] if product else "Linen throw")
        named = variant["title"] if variant and variant["title"] != "Default Title" else None
        each = Decimal(str(line.get("price") or (variant["price"] if variant else "20.00")))
        return {
            "__typename": "LineItem",
            "id": gid("LineItem", identity),
            "title": title,
            "name": f"{title} - {named}" if named else title,
            "variantTitle": named,
            "sku": line.get("sku") or (variant["sku"] if variant else None),
            "vendor": product["vendor"] if product else None,
            "quantity": quantity,
            "image": product["featuredMedia"]["preview"]["image"] if product else None,
            "requiresShipping": True,
            "_number": identity,
            "_price": each,
            "_kept": quantity,
            "_open": quantity,
            "_product": home.number if home else None,
            "_variant": int(variant["legacyResourceId"]) if variant else None,
        }

    def _transaction(self, order: Node, kind: str, amount: Decimal) -> Node:
        identity = self.new_id()
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", identity),
            "kind": kind,
            "status": "SUCCESS",
            "gateway": GATEWAY,
            "amountSet": _bag(order, amount),
            "createdAt": iso(self.shop.clock.now()),
            "processedAt": iso(self.shop.clock.now()),
            "test": False,
            "_amount": amount,
        }

    def _address_of(self, customer: Node | None) -> Node | None:
        return (customer or {}).get("defaultAddress")


def _bag(order: Node, amount: Decimal) -> Node:
    return bag(amount, order["currencyCode"], order["presentmentCurrencyCode"], order["_rate"])


def unit_price(order: Node, line: Node) -> Decimal:
    """What one piece costs after the order's discount, which is spread by value."""
    whole = sum((one["_price"] * one["quantity"] for one in order["lineItems"]), NO_AMOUNT)
    if not whole:
        return NO_AMOUNT
    share = order["_discount"] * line["_price"] / whole
    return rounded(line["_price"] - share, order["currencyCode"])


def refreshed(order: Node) -> Node:
    """The order with every total and status following from its lines and payments."""
    for line in order["lineItems"]:
        unit = unit_price(order, line)
        line |= {
            "currentQuantity": line["_kept"],
            "refundableQuantity": line["_kept"],
            "unfulfilledQuantity": line["_open"],
            "fulfillableQuantity": line["_open"],
            "originalUnitPriceSet": _bag(order, line["_price"]),
            "discountedUnitPriceSet": _bag(order, unit),
            "originalTotalSet": _bag(order, line["_price"] * line["quantity"]),
            "discountedTotalSet": _bag(order, unit * line["quantity"]),
        }
    whole = sum((one["_price"] * one["quantity"] for one in order["lineItems"]), NO_AMOUNT)
    subtotal = max(whole - order["_discount"], NO_AMOUNT)
    total = subtotal + order["_shipping"] + order["_tax"]
    refunded = sum((one["_amount"] for one in order["refunds"]), NO_AMOUNT)
    order |= {"_subtotal": subtotal, "_total": total, "_refunded": refunded, "_whole": whole}
    order |= {
        "currentSubtotalPriceSet": _bag(order, max(subtotal - refunded, NO_AMOUNT)),
        "subtotalPriceSet": _bag(order, subtotal),
        "totalShippingPriceSet": _bag(order, order["_shipping"]),
        "totalTaxSet": _bag(order, order["_tax"]),
        "totalDiscountsSet": _bag(order, order["_discount"]),
        "totalPriceSet": _bag(order, total),
        "currentTotalPriceSet": _bag(order, max(total - refunded, NO_AMOUNT)),
        "totalRefundedSet": _bag(order, refunded),
        "totalReceivedSet": _bag(order, order["_paid"]),
        "totalOutstandingSet": _bag(order, max(total - order["_paid"], NO_AMOUNT)),
        "fullyPaid": order["_paid"] >= total,
        "refundable": order["_paid"] > refunded,
        "displayFinancialStatus": financial_status(order),
        "displayFulfillmentStatus": fulfilment_status(order),
    }
    return order


def financial_status(order: Node) -> str:
    if order["_refunded"] and order["_refunded"] >= order["_paid"]:
        return "REFUNDED"
    if order["_refunded"]:
        return "PARTIALLY_REFUNDED"
    if order["_paid"] >= order["_total"]:
        return "PAID"
    return "VOIDED" if order["cancelledAt"] else "PENDING"


def fulfilment_status(order: Node) -> str:
    if not order["fulfillments"]:
        return "UNFULFILLED"
    is_open = any(line["_open"] for line in order["lineItems"])
    return "PARTIALLY_FULFILLED" if is_open else "FULFILLED"


def total_text(order: Node) -> str:
    """The whole order's price, for people."""
    return f"{price(order['_total'], order['currencyCode'])} {order['currencyCode']}"
