"""`/orders` and their refunds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.woocommerce.standin import order_json
from connectors.woocommerce.standin.coupons import NotRedeemed
from connectors.woocommerce.standin.errors import WooError, gone, invalid
from connectors.woocommerce.standin.orders import STATUSES, Order, Refund
from connectors.woocommerce.standin.params import Params, choices, chosen, truth, whole
from connectors.woocommerce.standin.resource import Resource, trashed
from connectors.woocommerce.standin.values import Json

ORDERBY = ["date", "modified", "id", "include", "title", "slug"]


class Orders(Resource):
    path = "orders"
    invalid_id = "woocommerce_rest_shop_order_invalid_id"

    def select(self, params: Params) -> list[Order]:
        """`any` leaves out the trash, and nothing else: drafts of checkouts are in."""
        status = choices(params, "status", "any", ("any", "trash", *STATUSES))
        found = self.shop.orders.matching(str(params.get("search", "")))
        customer = whole(params, "customer", 0, 0) if "customer" in params else None
        product = whole(params, "product", 0, 0) if "product" in params else None
        kept = (
            one
            for one in found
            if (one.status in status or ("any" in status and one.status != "trash"))
            and (customer is None or one.customer == customer)
            and (product is None or product in {line.product.id for line in one.lines})
        )
        return chosen(kept, params, ORDERBY, "date")

    def find(self, number: int) -> Order:
        return self.shop.orders.all[number]

    def show(self, item: Order, params: Params) -> Json:
        return order_json.order(self.shop, item, whole(params, "dp", self.shop.digits, 0))

    async def create(self, body: Json) -> Order:
        status = _status(body, "pending")
        if truth(body.get("set_paid", False)):
            status = "processing"
        given = body.get("line_items") or []
        lines = [(self._product(one), int(one.get("quantity", 1))) for one in given]
        codes = [str(one.get("code", "")) for one in body.get("coupon_lines") or []]
        try:
            order = self.shop.add_order(
                lines, status=status, coupons=codes, via="rest-api", **_people(body)
            )
        except NotRedeemed as problem:
            raise WooError(400, "woocommerce_rest_invalid_coupon", str(problem)) from None
        await self.shop.snippet.flush()
        return order

    async def update(self, item: Order, body: Json) -> None:
        status = _status(body, item.status)
        for name in ("billing", "shipping"):
            getattr(item, name).update(body.get(name) or {})
        item.note = str(body.get("customer_note", item.note))
        if status != item.status:
            self.shop.set_status(item, status)
        else:
            self.shop.touch_order(item)
        await self.shop.snippet.flush()

    async def delete(self, item: Order, *, force: bool) -> None:
        if force:
            self.shop.delete_order(item)
        elif item.status == "trash":
            raise trashed("order")
        else:
            self.shop.trash_order(item)

    def _product(self, line: Json) -> Any:
        number = int(line.get("variation_id") or line.get("product_id") or 0)
        if number not in self.shop.catalog.all:
            raise WooError(
                400,
                "woocommerce_rest_required_product_reference",
                "Product ID or SKU is required.",
            )
        return self.shop.catalog.all[number]


def _status(body: Json, default: str) -> str:
    status = str(body.get("status", default)).removeprefix("wc-")
    if status not in STATUSES and status != default:
        allowed = ", ".join(("auto-draft", *STATUSES[:-1]))
        why = f"status is not one of {allowed}, and {STATUSES[-1]}."
        raise invalid("status", why, "rest_not_in_enum")
    return status


def _people(body: Json) -> Json:
    names = {"customer_id": "customer", "payment_method": "method", "customer_note": "note"}
    facts = {names[name]: body[name] for name in names if name in body}
    facts |= {name: body[name] for name in ("billing", "shipping", "currency") if name in body}
    return facts


class Refunds(Resource):
    """The refunds of one order."""

    path = "refunds"
    invalid_id = "woocommerce_rest_shop_order_refund_invalid_id"
    order: Order

    def of(self, number: int) -> Refunds:
        narrowed = Refunds(self.shop)
        if number not in self.shop.orders.all:
            raise gone("woocommerce_rest_invalid_order_id", "Invalid order ID.")
        narrowed.order = self.shop.orders.all[number]
        return narrowed

    def select(self, params: Params) -> list[Refund]:
        return list(self.order.refunds)

    def find(self, number: int) -> Refund:
        return {one.id: one for one in self.order.refunds}[number]

    def show(self, item: Refund, params: Params) -> Json:
        return order_json.refund(self.shop, self.order, item)

    async def create(self, body: Json) -> Refund:
        try:
            amount = Decimal(str(body.get("amount", "")))
        except InvalidOperation:
            amount = Decimal(0)
        left = self.order.total - self.order.refunded
        if not amount.is_finite() or not 0 < amount <= left:
            text = "Invalid refund amount."
            raise WooError(400, "woocommerce_rest_invalid_order_refund", text)
        refund = self.shop.refund(self.order, amount, str(body.get("reason", "")))
        await self.shop.snippet.flush()
        return refund

    async def update(self, item: Refund, body: Json) -> None:
        raise gone("rest_no_route")

    async def delete(self, item: Refund, *, force: bool) -> None:
        self.order.refunds.remove(item)
        self.shop.touch_order(self.order)
