"""Order mapping: Shopify's orders as records of a timeline, and in detail for a panel. Pure.

Webhooks speak REST, live reads GraphQL; both become the same record, word for word, so that
whichever comes last changes nothing but what has changed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from connectors.shopify.mapping import (
    DEFAULT,
    Node,
    has_more,
    link,
    minor,
    minor_of,
    money,
    nodes,
    number,
    of,
    to_customer,
    to_moment,
    to_text,
    to_time,
)
from core.customers import CustomerDraft
from core.errors import Invalid
from core.money import to_money
from core.records import TITLE_LENGTH, RecordDraft
from core.tones import tone
from core.views import Money, OrderDetails, OrderLine, Tracking

KIND: Literal["order"] = "order"
# More telling than whether it was sent: the money went back, or never came.
_UNDONE = {"refunded", "partially refunded", "voided", "expired"}
_SENT = {"fulfilled": "fulfilled", "partial": "partially fulfilled"}
_SENT["partially fulfilled"] = _SENT["partial"]
_NEVER = datetime.fromtimestamp(0, UTC)


class Code(NamedTuple):
    """A discount code that an order redeemed."""

    code: str
    saved: Money | None  # what the order saved by it; only webhooks say


class Order(NamedTuple):
    """An order in the words of the core."""

    record: RecordDraft
    customer: str  # the shop's id of the buyer; empty for a guest's
    buyer: CustomerDraft | None  # what the order says of them
    codes: tuple[Code, ...]

    @property
    def reference(self) -> str:
        """The shop's id of the order."""
        return self.record.reference


def to_order(payload: Node, shop: str, now: int) -> Order:
    """An order of a webhook or of GraphQL; Invalid if it has no id."""
    reference = number(payload.get("id"))
    if not reference:
        raise Invalid("The order has no id.", field="id")
    updated_at = _either(payload, "updated_at", "updatedAt", to_time)
    amount = _total(payload)
    record = RecordDraft(
        kind=KIND,
        reference=reference,
        title=to_text(f"Order {payload.get('name') or reference}", TITLE_LENGTH),
        amount=amount[0] if amount else None,
        currency=amount[1] if amount else None,
        status=_status(payload),
        url=admin_url(shop, reference),
        occurred_at=_either(payload, "processed_at", "processedAt", to_time)
        or _either(payload, "created_at", "createdAt", to_time),
        updated_at=updated_at,
    )
    buyer = to_customer(payload.get("customer"), updated_at)
    return Order(
        record.checked(now), buyer.external_id if buyer else "", buyer, tuple(_codes(payload))
    )


def admin_url(shop: str, reference: str) -> str:
    """Where agents open an order."""
    return f"https://{shop}/admin/orders/{reference}"


def words(value: Any) -> str:
    """An enumeration as people read it: PARTIALLY_REFUNDED is `partially refunded`."""
    return re.sub(r"[\W_]+", " ", to_text(value, 100)).strip().lower()


def _status(payload: Node) -> str:
    """The one word of an order that says most; REST has fewer than GraphQL, so only its own."""
    if payload.get("cancelled_at") or payload.get("cancelledAt"):
        return "cancelled"
    paid = words(payload.get("financial_status") or payload.get("displayFinancialStatus"))
    if paid in _UNDONE:
        return paid
    sent = words(payload.get("fulfillment_status") or payload.get("displayFulfillmentStatus"))
    return _SENT.get(sent) or paid or "open"


def _total(payload: Node) -> tuple[int, str] | None:
    """What the order comes to now, in the currency the customer pays in."""
    for name in ("current_total_price_set", "currentTotalPriceSet", "total_price_set"):
        if found := minor_of(payload.get(name)):
            return found
    return minor(payload.get("current_total_price"), payload.get("currency"))


def _codes(payload: Node) -> list[Code]:
    """The codes of an order; REST says what each saved, in the shop's own currency."""
    found = payload.get("discount_codes") or payload.get("discountCodes") or ()
    codes = []
    for one in found:
        said = one if isinstance(one, dict) else {"code": one}
        saved = minor(said.get("amount"), payload.get("currency"))
        if text := to_text(said.get("code"), 255):
            codes.append(Code(text, to_money(*saved) if saved else None))
    return codes


def _either(payload: Node, rest: str, graphql: str, read: Any) -> Any:
    return read(payload.get(rest) or payload.get(graphql))


# In detail -------------------------------------------------------------------------------


def to_details(node: Node, shop: str, *, may_act: bool = False) -> OrderDetails:
    """Everything a panel shows of an order; `may_act` if the app may cancel and refund."""
    reference = number(node.get("id"))
    payment = words(node.get("displayFinancialStatus"))
    fulfilment = words(node.get("displayFulfillmentStatus"))
    refunded = money(node.get("totalRefundedSet"))
    placed_at = _either(node, "processedAt", "createdAt", to_moment) or _NEVER
    return OrderDetails(
        reference=reference,
        number=to_text(node.get("name"), 100),
        payment=payment,
        payment_tone=tone(payment),
        fulfilment=fulfilment,
        fulfilment_tone=tone(fulfilment),
        # before returns, for what was given back is told beside it
        total=money(node.get("totalPriceSet")) or money(node.get("currentTotalPriceSet")),
        refunded=refunded if refunded and refunded.minor else None,
        lines=tuple(_line(line) for line in nodes(node.get("lineItems"))),
        more_lines=has_more(node.get("lineItems")),
        parcels=tuple(_parcels(node)),
        paid_with=", ".join(words(name) for name in node.get("paymentGatewayNames") or ()),
        placed_at=placed_at,
        updated_at=to_moment(node.get("updatedAt")) or placed_at,
        cancelled_at=to_moment(node.get("cancelledAt")),
        admin_url=admin_url(shop, reference),
        status_url=link(node.get("statusPageUrl")),
        actions=_actions(node) if may_act else (),
        customer=number(of(node.get("customer")).get("id")),
    )


def _line(node: Node) -> OrderLine:
    quantity = int(node.get("quantity") or 0)
    variant = to_text(node.get("variantTitle"), 255)
    return OrderLine(
        id=number(node.get("id")),
        title=to_text(node.get("title"), TITLE_LENGTH),
        detail="" if variant == DEFAULT else variant,
        quantity=quantity,
        refundable=int(node.get("refundableQuantity") or 0),
        total=_times(money(node.get("discountedUnitPriceSet")), quantity),
        image_url=link(of(node.get("image")).get("url")),
    )


def _times(price: Money | None, quantity: int) -> Money | None:
    return None if price is None else to_money(price.minor * quantity, price.currency)


def _parcels(node: Node) -> list[Tracking]:
    """One for each tracking number, or for a fulfilment that has none."""
    return [
        Tracking(
            status=words(sent.get("displayStatus") or sent.get("status")),
            company=to_text(tracking.get("company"), 100),
            number=to_text(tracking.get("number"), 100),
            url=link(tracking.get("url")),
            expected_at=to_moment(sent.get("estimatedDeliveryAt")),
            delivered_at=to_moment(sent.get("deliveredAt")),
        )
        for sent in nodes(node.get("fulfillments"))
        if sent.get("status") != "CANCELLED"
        for tracking in nodes(sent.get("trackingInfo")) or [{}]
    ]


def _actions(node: Node) -> tuple[Literal["refund", "cancel"], ...]:
    """What can still be done with it; the shop has the last word."""
    unsent = node.get("displayFulfillmentStatus") in ("UNFULFILLED", "ON_HOLD", "SCHEDULED")
    actions: list[Literal["refund", "cancel"]] = []
    if node.get("refundable"):
        actions.append("refund")
    if unsent and not node.get("cancelledAt"):
        actions.append("cancel")
    return tuple(actions)
