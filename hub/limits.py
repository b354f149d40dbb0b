"""Limits: how often a key, a visitor, an agent or an address may call, by kind of route.

Each caller has a bucket that refills steadily. One number a caller is enough for it (the time
at which its bucket will be full again): 0.7 µs a request where the `limits` package takes 13,
which at 3,000 requests a second would be a twentieth of the core. Sign-in uses `limits`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv6Address
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from core.access import Principal
from core.errors import TooMany

if TYPE_CHECKING:
    from hub.settings import Settings

SWEEP = 10_000  # callers remembered before those with full buckets are forgotten


class Rate(NamedTuple):
    """`burst` at once, refilled at `per_second`; by address, or by whoever proved themselves."""

    per_second: float
    burst: int
    by_address: bool = False


RATES = {
    "default": Rate(20, 200),
    "ingest": Rate(100, 100),
    "poll": Rate(2, 60),
    "session": Rate(1, 60, by_address=True),  # an office behind one address, not a flood
    "signin": Rate(0.5, 30, by_address=True),  # tries at one account are counted in hub/signin.py
    "webhook": Rate(500, 5_000, by_address=True),  # a platform sends for many shops at once
    "search": Rate(5, 100, by_address=True),  # by anybody, as one types
    "verdict": Rate(0.1, 20, by_address=True),  # whether an article helped: a count of people
    "page": Rate(100, 400, by_address=True),
    "bad_token": Rate(1, 60, by_address=True),  # keys and tokens that were none
}


class Limiter:
    """The buckets of one process."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._on = settings.rate_limits
        self._clock = clock
        self._full_at: dict[tuple[str, str, str], float] = {}
        self._sweep_at = SWEEP

    def check(self, rate: str, principal: Principal, address: str) -> dict[str, str]:
        """Take one from the caller's bucket; the headers that say so, or TooMany."""
        if not self._on:
            return {}
        per_second, burst, by_address = RATES[rate]
        if by_address or principal.kind == "public":
            caller = (rate, "", to_network(address))
        else:
            caller = (rate, principal.workspace_id, principal.id)
        now = self._clock()
        full_at = max(self._full_at.get(caller, 0.0), now) + 1 / per_second
        left = int(burst - (full_at - now) * per_second + 1e-6)
        if full_at - now > burst / per_second + 1e-9:
            wait = ceil(full_at - now - burst / per_second)
            raise TooMany(f"Too many requests. Try again in {wait} s.", retry_after=wait)
        self._full_at[caller] = full_at
        if len(self._full_at) > self._sweep_at:
            self._sweep(now)
        return {
            "ratelimit-limit": str(burst),
            "ratelimit-remaining": str(left),
            "ratelimit-reset": str(ceil(full_at - now)),
        }

    def _sweep(self, now: float) -> None:
        self._full_at = {caller: at for caller, at in self._full_at.items() if at > now}
        self._sweep_at = max(SWEEP, 2 * len(self._full_at))


def to_network(address: str) -> str:
    """What one caller can hold: an IPv4 address, or the /64 that any IPv6 customer is given."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
