"""Throttle: how fast a shop may be asked, learned from its answers, with a share kept for chats."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

from core.errors import Unavailable

Share = Literal["live", "background"]
RATE = 100.0  # points a second of the smallest plan
SIZE = 1000.0  # until the shop tells its own
KEPT_FOR_LIVE = 0.2  # of the bucket: a backfill never makes an agent wait
GUESS = 50.0  # what an operation costs until it has been run once
LONGEST = 60.0  # seconds
LONGEST_LIVE = 8.0
REMEMBERED = 10_000


class Throttled(Unavailable):
    """We are too fast: the shop did nothing but say so, or was not even asked."""

    def __init__(self, seconds: float) -> None:
        super().__init__("The shop asks us to slow down.", code="throttled")
        self.seconds = seconds


class Bucket:
    """One shop's points: what is left by our reckoning, corrected by every answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.rate, self.size = RATE, SIZE
        self._left, self._at = SIZE, clock()
        self._flying = 0.0  # asked for and not answered

    def left(self) -> float:
        """The points there are now."""
        now = self._clock()
        self._left = min(self.size, self._left + (now - self._at) * self.rate)
        self._at = now
        return self._left

    def wait(self, cost: float, share: Share) -> float:
        """Seconds until `cost` points may be spent; 0 is now."""
        kept = self.size * KEPT_FOR_LIVE if share == "background" else 0.0
        wanted = min(cost + kept, self.size)  # what costs more than that goes when it is full
        return max(0.0, (wanted - self.left()) / self.rate)

    def take(self, cost: float) -> None:
        """Count points as spent before the shop says so."""
        self._left = self.left() - cost
        self._flying += cost

    def settle(self, cost: float, status: Any = None) -> None:
        """An answer came: the shop's own count replaces ours, less what is still under way."""
        self._flying = max(0.0, self._flying - cost)
        if not isinstance(status, dict):
            return
        size, rate, left = (
            _number(status.get(name))
            for name in ("maximumAvailable", "restoreRate", "currentlyAvailable")
        )
        if size and rate and left is not None:
            self.size, self.rate = size, rate
            self._left, self._at = min(left, size) - self._flying, self._clock()


class Throttle:
    """The buckets of all shops, and what each operation costs."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._costs: dict[str, float] = {}

    def bucket(self, key: str) -> Bucket:
        """The bucket of one app in one shop."""
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket()
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return found

    def cost(self, operation: str) -> float:
        """What an operation is expected to cost."""
        return self._costs.get(operation, GUESS)

    async def enter(self, key: str, operation: str, share: Share) -> float:
        """Wait until the operation may go; the points that were counted for it.

        Throttled if a live one would wait long: somebody sits before a screen.
        """
        bucket, cost = self.bucket(key), self.cost(operation)
        if share == "live" and (wait := bucket.wait(cost, share)) > LONGEST_LIVE:
            raise Throttled(wait)
        while (wait := bucket.wait(cost, share)) > 0:  # noqa: ASYNC110 -- time is what we wait for
            await asyncio.sleep(min(wait, LONGEST) * random.uniform(1.0, 1.2))  # noqa: S311
        bucket.take(cost)
        return cost

    def leave(self, key: str, operation: str, counted: float, told: Any) -> None:
        """Learn from `extensions.cost` of an answer, if it has one."""
        cost = told if isinstance(told, dict) else {}
        asked = _number(cost.get("requestedQueryCost"))
        if asked:
            self._costs[operation] = asked
        self.bucket(key).settle(counted, cost.get("throttleStatus"))


def seconds_to_wait(told: Any) -> float:
    """How long a throttled operation waits by the shop's own numbers."""
    cost = told if isinstance(told, dict) else {}
    status = cost.get("throttleStatus")
    status = status if isinstance(status, dict) else {}
    asked = _number(cost.get("requestedQueryCost")) or GUESS
    left = _number(status.get("currentlyAvailable")) or 0.0
    rate = _number(status.get("restoreRate")) or RATE
    return min(max(asked - left, 1.0) / rate, LONGEST)


def _number(value: Any) -> float | None:
    """A sensible number out of a vendor's answer."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return float(value) if fits else None
