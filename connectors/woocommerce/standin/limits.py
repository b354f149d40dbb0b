"""How politely the shop is asked: counts, how many at once, and a host that has had enough."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from connectors.woocommerce.standin.values import Clock

TOO_MANY = (
    "<html><head><title>429 Too Many Requests</title></head><body><center><h1>429 Too Many "
    "Requests</h1></center><hr><center>nginx</center></body></html>"
)


@dataclass(slots=True)
class Limits:
    """Unlimited until `allow`. `most_at_once` is what a test of bounded concurrency asserts."""

    clock: Clock
    requests: int = 0  # 0: as many as you like
    seconds: float = 60.0
    status: int = 429
    retry_after: int | None = None
    takes: float = 0.0  # seconds that every REST request takes
    at_once: int = 0
    most_at_once: int = 0
    refused: int = 0
    _times: deque[float] = field(default_factory=deque)

    def allow(
        self,
        requests: int,
        seconds: float = 60.0,
        *,
        status: int = 429,
        retry_after: int | None = None,
    ) -> None:
        """Answer more than this many within so many seconds with `status`, a page of HTML."""
        self.requests, self.seconds = requests, seconds
        self.status, self.retry_after = status, retry_after
        self._times.clear()

    def refusal(self) -> web.Response | None:
        """What the host answers before PHP is even asked, if it is too much."""
        now = self.clock.now()
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if not self.requests or len(self._times) < self.requests:
            self._times.append(now)
            return None
        self.refused += 1
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return web.Response(
            status=self.status, text=TOO_MANY, content_type="text/html", headers=wait
        )

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        """One request under way, as slow as the shop is set to be."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.takes:
                await asyncio.sleep(self.takes)
            yield
        finally:
            self.at_once -= 1
