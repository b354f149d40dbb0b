"""Actions: refunds and cancellations, each done once however often it is asked for.

A refund carries the hub's key twice: as Shopify's idempotency key, and in its note, by which it
is found when an answer was lost: by then the shop computes another amount.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from connectors.shopify.answers import not_found
from connectors.shopify.client import problems
from connectors.shopify.discounts import refuse
from connectors.shopify.mapping import Node, gid, money, nodes, number, of, to_text
from connectors.shopify.settings import ShopSettings
from core.connector import CancelWish, Connection, Done, RefundPreview, RefundWish
from core.errors import Conflict, Refused, Unavailable
from core.money import to_money
from core.views import Money

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

SCOPE = "write_orders"
LOOKS = 5  # at a cancellation Shopify is still at, before the hub's job looks again
PAUSE = 1.0  # seconds between two of them


async def preview_refund(
    shopify: Shopify, connection: Connection, wish: RefundWish
) -> RefundPreview:
    """What Shopify would give back; Refused if the app may not, or nothing is left."""
    may_act(connection)
    order = await _suggested(shopify, connection, wish)
    seen = of(order.get("suggestedRefund"))
    amount, maximum = money(seen.get("amountSet")), money(seen.get("maximumRefundableSet"))
    if amount is None or maximum is None:
        raise Refused("Shopify does not say what can be given back.", code="refused_operation")
    shipping = money(of(seen.get("shipping")).get("amountSet"))
    return RefundPreview(amount, shipping or to_money(0, amount.currency), maximum)


async def refund(
    shopify: Shopify, connection: Connection, wish: RefundWish, amount: Money, key: str
) -> Done:
    """Give back exactly `amount`, once for each key."""
    may_act(connection)
    known = await _state(shopify, connection, wish.reference)
    for one in nodes(known.get("refunds")):
        if marked(key) in str(one.get("note")):
            return _refunded(one, amount)
    order = await _suggested(shopify, connection, wish)
    seen = of(order.get("suggestedRefund"))
    if (found := money(seen.get("amountSet"))) != amount:
        said = f"{found.text} {found.currency}" if found else "nothing"
        raise Conflict(f"Shopify computes {said} by now. Look again.", code="amount_changed")
    asked = {"input": to_input(wish, amount, seen, key), "key": key}
    data = await shopify.api.run(connection, "refund", asked)
    payload = of(data.get("refundCreate"))
    refuse(payload)
    done = of(payload.get("refund"))
    if not done.get("id"):
        raise Unavailable("Shopify did not say whether it gave the money back.", code="bad_answer")
    return _refunded(done, amount)


async def cancel(shopify: Shopify, connection: Connection, wish: CancelWish, key: str) -> Done:
    """Cancel the order; pending while Shopify is still at it."""
    may_act(connection)
    order = await _state(shopify, connection, wish.reference)
    if order.get("cancelledAt"):
        return _cancelled(order)
    asked = {
        "orderId": gid("Order", wish.reference),
        "reason": "CUSTOMER",
        "restock": wish.restock,
        "notify": wish.notify,
        "refundMethod": {"originalPaymentMethodsRefund": wish.refund},
        "staffNote": f"{wish.reason} {marked(key)}".strip()[:255],
    }
    data = await shopify.api.run(connection, "order_cancel", asked)
    payload = of(data.get("orderCancel"))
    if problems(payload):
        order = await _state(shopify, connection, wish.reference)
        if order.get("cancelledAt"):  # by a call of ours whose answer was lost, or by somebody
            return _cancelled(order)
        refuse(payload)
    return await _await(shopify, connection, wish, of(payload.get("job")))


async def reread_order(shopify: Shopify, connection: Connection, reference: str) -> None:
    """Read the order past the minute's cache; reading it saves its record."""
    shopify.orders.forget(reference)
    await shopify.orders.one(connection, reference)


def may_act(connection: Connection) -> None:
    """Return if the merchant has switched refunds on; else Refused, saying where."""
    keys = connection.settings
    assert isinstance(keys, ShopSettings)
    if SCOPE not in keys.scopes:
        raise Refused(
            "Refunds and cancellations are not switched on for this shop. An admin does it under "
            "Settings → Integrations → Shopify: connect again with the permission write_orders.",
            code="missing_permission",
            field=SCOPE,
        )


def marked(key: str) -> str:
    """What the note of a refund says of the hub's action."""
    return f"[Parley {key}]"


def to_input(wish: RefundWish, amount: Money, seen: Node, key: str) -> dict[str, Any]:
    """A refund in Shopify's words: the payments it suggested, in the customer's currency."""
    order = gid("Order", wish.reference)
    asked: Node = {
        "orderId": order,
        "currency": amount.currency,
        "notify": wish.notify,
        "note": f"{wish.reason[:200]} {marked(key)}".strip(),
        "refundLineItems": [
            {**item, "restockType": "RETURN" if wish.restock else "NO_RESTOCK"}
            for item in _items(wish)
        ],
        "transactions": [
            {
                "orderId": order,
                "gateway": to_text(one.get("gateway"), 255),
                "kind": "REFUND",
                "amount": part.text,
                "parentId": of(one.get("parentTransaction")).get("id"),
            }
            for one in nodes(seen.get("suggestedTransactions"))
            if (part := money(one.get("amountSet"))) is not None
        ],
    }
    if wish.shipping and (shipping := money(of(seen.get("shipping")).get("amountSet"))):
        asked["shipping"] = {"amount": shipping.text}
    return asked


def _items(wish: RefundWish) -> list[Node]:
    return [
        {"lineItemId": gid("LineItem", line), "quantity": quantity}
        for line, quantity in wish.lines.items()
        if quantity > 0
    ]


async def _suggested(shopify: Shopify, connection: Connection, wish: RefundWish) -> Node:
    _check(wish.reference, *wish.lines)
    asked = {
        "id": gid("Order", wish.reference),
        "items": _items(wish),
        "shipping": wish.shipping,
    }
    data = await shopify.api.run(connection, "suggested_refund", asked, whole=True)
    order = data.get("order")
    if not isinstance(order, dict):
        raise not_found("order")
    if not of(order.get("suggestedRefund")):
        raise Refused("Shopify sees nothing to give back.", code="refused_operation")
    return order


async def _state(shopify: Shopify, connection: Connection, reference: str) -> Node:
    _check(reference)
    asked = {"id": gid("Order", reference)}
    data = await shopify.api.run(connection, "order_refunds", asked, whole=True)
    order = data.get("order")
    if not isinstance(order, dict):
        raise not_found("order")
    return order


def _check(*references: str) -> None:
    for reference in references:
        if not reference or number(reference) != reference:
            raise not_found("order or line")


async def _await(shopify: Shopify, connection: Connection, wish: CancelWish, job: Node) -> Done:
    """Look a few times whether Shopify is done; an agent waits for the answer."""
    for _ in range(LOOKS):
        if job.get("done") or not job.get("id"):
            break
        await asyncio.sleep(PAUSE)
        data = await shopify.api.run(connection, "job", {"id": job["id"]})
        job = of(data.get("job"))
    order = await _state(shopify, connection, wish.reference)
    if order.get("cancelledAt") and job.get("done", True):
        return _cancelled(order)
    return Done("Shopify is cancelling the order.", pending=True)


def _refunded(done: Node, amount: Money) -> Done:
    given = money(done.get("totalRefundedSet")) or amount
    return Done(f"Shopify gave back {given.text} {given.currency}.", given)


def _cancelled(order: Node) -> Done:
    paid = to_text(order.get("displayFinancialStatus"), 40).replace("_", " ").lower()
    return Done(
        f"Cancelled in Shopify; the payment is {paid}." if paid else "Cancelled in Shopify."
    )
