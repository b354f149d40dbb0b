"""Tones: the colour of a status, which each shop words in its own way."""

from __future__ import annotations

import re
from functools import lru_cache

from core.views import Tone

_SEPARATORS = re.compile(r"[\W_]+")
_WORDS: dict[Tone, str] = {
    "positive": """
        paid, completed, complete, fulfilled, delivered, succeeded, success, successful, settled,
        approved, active, confirmed, captured, closed, done, finished, accepted, credited,
        received, collected, picked up, available, redeemed, resolved, won, ok, cleared,
        paid out, partially fulfilled, deposited, withdrawn, executed, posted, verified""",
    "warning": """
        pending, on hold, hold, processing, in process, in progress, authorized, authorised,
        unfulfilled, partially paid, partially refunded, awaiting payment, awaiting shipment,
        awaiting fulfillment, awaiting fulfilment, awaiting pickup, waiting, open, new, created,
        placed, queued, scheduled, submitted, requested, initiated, under review, in review,
        review, reviewing, unpaid, due, overdue, partial, delayed, backordered, back ordered,
        checkout draft, draft, pending payment, payment pending, preparing, packing, incomplete,
        action required, requires action, requires payment method, requires confirmation, paused,
        restocked, verifying, unconfirmed, pending fulfillment""",
    "negative": """
        failed, failure, refunded, cancelled, canceled, voided, void, chargeback, charge
        back, charged back, declined, rejected, denied, expired, error, disputed, dispute,
        fraud, fraudulent, lost, returned, return to sender, undeliverable, delivery failed,
        attempted delivery, reversed, refused, blocked, abandoned, deleted, trash, trashed,
        uncollectible, payment failed, fully refunded, insufficient funds, suspended,
        aborted, bounced, terminated""",
    "info": """
        in transit, shipped, shipping, out for delivery, dispatched, despatched, sent, on the way,
        label printed, label purchased, ready for pickup, ready for collection, ready, packed,
        partially shipped, partially delivered, en route, picked, handed over, returning,
        return in progress, exchanged""",
}
_TONES = {
    " ".join(words.split()): tone for tone, text in _WORDS.items() for words in text.split(",")
}


@lru_cache(maxsize=1024)
def tone(status: str) -> Tone:
    """The colour of a free-text status; neutral for words nobody has taught us."""
    words = _SEPARATORS.sub(" ", status.casefold()).strip()
    return _TONES.get(words) or _TONES.get(words.removeprefix("wc "), "neutral")
