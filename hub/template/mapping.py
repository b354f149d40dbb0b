"""What Tea Shop sends, in the words of the core: pure, no network, no database, no clock."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from core import CustomerDraft, RecordDraft, to_minor, to_ms


class Order(msgspec.Struct):
    """An order as Tea Shop describes it; what we do not use is left out."""

    number: str
    total: Decimal
    currency: str
    state: str
    changed_at: datetime
    customer_id: str
    customer_name: str = ""


def to_record(order: Order) -> RecordDraft:
    """The order for the customer's timeline; the newest `changed_at` wins."""
    return RecordDraft(
        kind="order",
        reference=order.number,
        title=f"Order {order.number}",
        amount=to_minor(order.total, order.currency),
        currency=order.currency,
        status=order.state,
        updated_at=to_ms(order.changed_at),
    )


def to_customer(order: Order) -> CustomerDraft | None:
    """The buyer, or None: a guest's order belongs to nobody."""
    if order.customer_id in ("", "0"):
        return None
    return CustomerDraft(order.customer_id, {"name": order.customer_name})
