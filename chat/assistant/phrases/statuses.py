"""Statuses: what a shop's own word for a status means, in the visitor's language."""

from __future__ import annotations

import re

from chat.assistant.phrases import catalog
from core.views import Tone

_SEPARATORS = re.compile(r"[\W_]+")
_SAME = {
    "pending": "open, new, created, placed, queued, submitted, requested, initiated, in progress,"
    " pending payment, payment pending, awaiting payment, unpaid, due, partially paid",
    "processing": "in process, preparing, packing, packed, awaiting shipment, label printed",
    "on hold": "hold, paused, waiting, scheduled, delayed, backordered",
    "shipped": "in transit, sent, dispatched, despatched, on the way, en route, shipping,"
    " fulfilled",
    "partially shipped": "partially fulfilled, partially delivered",
    "delivered": "collected, picked up",
    "completed": "complete, succeeded, success, successful, settled, done, finished, credited,"
    " executed, posted, closed, cleared, deposited, withdrawn",
    "cancelled": "canceled, voided, void, aborted",
    "refunded": "fully refunded, reversed",
    "failed": "failure, error, payment failed, bounced",
    "declined": "rejected, denied, refused",
    "returned": "return to sender",
    "authorized": "authorised",
    "unfulfilled": "awaiting fulfillment, awaiting fulfilment, pending fulfillment",
    "ready": "ready for pickup, ready for collection, available",
    "review": "under review, in review, reviewing, verifying, disputed, dispute",
    "paid": "paid out, captured",
}
_KNOWN = {same.strip(): name for name, words in _SAME.items() for same in (name, *words.split(","))}


def meaning(locale: str, status: str, tone: Tone) -> str:
    """The status in this language; "" where the shop's own word says it, or nobody knows it."""
    words = _SEPARATORS.sub(" ", status.casefold()).strip().removeprefix("wc ")
    known = _KNOWN.get(words) or (words if words in catalog(locale)["status"] else "")
    said = catalog(locale)["status"][known] if known else _by_tone(locale, tone)
    return "" if said.casefold() == words else str(said)


def _by_tone(locale: str, tone: Tone) -> str:
    """A word we do not know, whose colour we do: for those who may not read English."""
    return "" if locale == "en" else str(catalog(locale)["tone"].get(tone, ""))
