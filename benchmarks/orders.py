"""The ingest load: batches of orders as a shop posts them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import chain, count, cycle

PATH = "/v1/chat/ingest/records"
CUSTOMERS = 1000
SINGLES = 50_000_000  # references of batches of one start here
ORDER = {
    "kind": "order",
    "reference": "%08d",
    "title": "Order #%08d",
    "amount": 96.64,
    "currency": "EUR",
    "status": "STATUS",
    "url": "https://shop.example/my-account/view-order/%08d/",
    "occurred_at": "2026-01-05T10:00:00Z",
}


@cache
def template(size: int, status: str) -> bytes:
    orders = [ORDER | {"status": status}] * size
    return json.dumps({"external_id": "customer-%04d", "records": orders}).encode()


def batch(number: int, size: int, status: str = "processing") -> bytes:
    """The body of the batch with this number; the same number is the same orders again."""
    references = range(number * size, (number + 1) * size) if size > 1 else (SINGLES + number,)
    thrice = chain.from_iterable((n, n, n) for n in references)
    return template(size, status) % (number % CUSTOMERS, *thrice)


def fresh(first: int, size: int) -> Iterator[bytes]:
    """Batches never posted before."""
    return (batch(number, size) for number in count(first))


def again(known: int, size: int) -> Iterator[bytes]:
    """The first `known` batches over and over, as they were."""
    return (batch(number, size) for number in cycle(range(known)))


def changed(known: int, size: int) -> Iterator[bytes]:
    """The first `known` batches over and over, each time with another status."""
    statuses = cycle(("completed", "refunded", "on-hold"))
    return (batch(number, size, status) for status in statuses for number in range(known))
