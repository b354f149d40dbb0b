"""Order cards: a customer's own order as a conversation shows it, from its record or its shop."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from core.customers import OWN_SOURCE
from core.tones import tone
from core.views import OrderCard, OrderDetails, Record, Step, Tone, Tracking

ARRIVED = {"delivered", "collected", "picked_up", "received"}
SENT = ARRIVED | {"shipped", "fulfilled", "in_transit", "dispatched", "sent", "out_for_delivery"}
PAID = SENT | {"paid", "completed", "complete", "captured", "settled", "refunded", "processing"}
_SEPARATORS = re.compile(r"[\W_]+")


def is_called(record: Record, number: str) -> bool:
    """Whether people call this order by `number`: its reference, or the number in its title."""
    wanted = _key(number)
    if not wanted:
        return False
    named = [word for word in record.title.split() if re.search(r"\d", word)]
    return wanted in {_key(name) for name in (record.reference, *named)}


def _key(name: str) -> str:
    return re.sub(r"[\s#.,:;()№]+", "", name).casefold()


def number_of(record: Record) -> str:
    """What people call an order: the number its title names, else its reference."""
    for word in record.title.split():
        if word.startswith("#") and len(word) > 1:
            return word.strip(".,:;()")[:64]
    return record.reference[:64]


def customers_link(record: Record) -> str:
    """The record's address, if it is for its customer: a connected shop's is for its staff."""
    return record.url if record.source == OWN_SOURCE else ""


def card_of_record(record: Record) -> OrderCard:
    """The order as its record has it."""
    said = _SEPARATORS.sub("_", record.status.casefold()).strip("_").removeprefix("wc_")
    arrived = said in ARRIVED
    sent = said in SENT
    return OrderCard(
        id=record.id,
        number=number_of(record),
        status=record.status[:100],
        tone=record.tone,
        total=record.amount,
        placed_at=record.occurred_at,
        steps=_steps(record.occurred_at, paid=said in PAID, sent=sent, arrived=arrived),
        url=customers_link(record),
    )


def card_of_details(record: Record, details: OrderDetails) -> OrderCard:
    """The order as its shop has it now."""
    parcel = next(iter(details.parcels), None)
    delivered = [one.delivered_at for one in details.parcels if one.delivered_at]
    arrived = bool(details.parcels) and len(delivered) == len(details.parcels)
    status, its_tone = _status(details, parcel)
    sent = bool(details.parcels) or details.fulfilment_tone == "positive"
    paid = details.payment_tone == "positive" or "refunded" in details.payment.casefold()
    return OrderCard(
        id=record.id,
        number=details.number or number_of(record),
        status=status,
        tone=its_tone,
        total=details.total,
        placed_at=details.placed_at,
        steps=_steps(
            details.placed_at,
            paid=paid,
            sent=sent,
            arrived=arrived,
            arrived_at=max(delivered, default=None),
        )
        if details.cancelled_at is None
        else (Step(name="placed", at=details.placed_at),),
        items=sum(line.quantity for line in details.lines),
        parcel=parcel.company if parcel else "",
        tracking=parcel.number if parcel else "",
        tracking_url=parcel.url if parcel else "",
        expected_at=_expected(details.parcels) if not arrived else None,
        url=details.status_url or customers_link(record),
    )


def _status(details: OrderDetails, parcel: Tracking | None) -> tuple[str, Tone]:
    """The one word that tells most, in the shop's own words, and its colour."""
    if details.cancelled_at is not None:
        return "cancelled", "negative"
    if parcel is not None and parcel.status:
        return parcel.status, tone(parcel.status)
    if details.payment_tone != "positive":
        return details.payment, details.payment_tone
    if details.fulfilment:
        return details.fulfilment, details.fulfilment_tone
    return details.payment, details.payment_tone


def _expected(parcels: Iterable[Tracking]) -> datetime | None:
    """When the last parcel on its way is expected."""
    awaited = [one.expected_at for one in parcels if one.expected_at and not one.delivered_at]
    return max(awaited, default=None)


def _steps(
    placed_at: datetime,
    *,
    paid: bool,
    sent: bool,
    arrived: bool,
    arrived_at: datetime | None = None,
) -> tuple[Step, ...]:
    return (
        Step(name="placed", at=placed_at),
        Step(name="paid", done=paid),
        Step(name="shipped", done=sent),
        Step(name="delivered", at=arrived_at, done=arrived),
    )
