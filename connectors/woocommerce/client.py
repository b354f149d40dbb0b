"""Client: requests to a shop's REST API, few at a time, each signed anew.

A GET is tried again when it might work; a change only when it surely did not arrive. Nothing of
an address but its path is logged: the query may hold a signature or the secret itself.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal
from weakref import WeakValueDictionary

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
)

from connectors.http import MEBIBYTE, Busy, Http, NotSent, Reply
from connectors.woocommerce.answers import data_of
from connectors.woocommerce.settings import NAME, Keys, keys_of
from connectors.woocommerce.signing import address
from core.connector import Connection
from core.errors import HubError, Unavailable

log = structlog.get_logger(NAME)

Share = Literal["live", "background"]
TRIES: dict[Share, int] = {"live": 3, "background": 6}
PATIENCE: dict[Share, float] = {"live": 12.0, "background": 120.0}  # seconds, all tries together
WITHIN: dict[Share, float] = {"live": 8.0, "background": 45.0}  # seconds, one try
FIRST_WAIT = 0.5  # seconds; doubled with every try
AT_ONCE = 2  # requests a shop; one of them stays free for people
LIMIT = 16 * MEBIBYTE  # a page of a hundred orders with long texts


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list."""

    items: list[dict[str, Any]]
    total: int  # items in all; 0 on a page past the end
    pages: int


@dataclass(slots=True, weakref_slot=True)
class Gate:
    """Lets two requests at a time through to one shop; of syncs only one."""

    all: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    background: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE - 1))


class Api:
    """The REST API of every connected shop."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.asked: Counter[str] = Counter()  # requests so far: "GET orders"
        self._gates: WeakValueDictionary[str, Gate] = WeakValueDictionary()

    async def get(
        self,
        connection: Connection,
        path: str,
        params: Mapping[str, str] | None = None,
        share: Share = "live",
    ) -> Page:
        """A page of a list such as "orders", or one item as a page of one.

        NotFound, Refused and Unavailable as in `answers.data_of`. Pages are counted by the
        shop's headers: it says 0 of 0 past the end.
        """
        reply, found = await self.ask(keys_of(connection), "GET", path, params, share=share)
        items = found if isinstance(found, list) else [found]
        if not all(isinstance(one, dict) for one in items):
            raise Unavailable("The shop's answer is no list.", code="bad_answer")
        total = _count(reply.headers.get("x-wp-total"), len(items))
        return Page(items, total, _count(reply.headers.get("x-wp-totalpages"), 1))

    async def post(
        self, connection: Connection, path: str, body: Any, share: Share = "live"
    ) -> dict[str, Any]:
        """Make something; what the shop made of it. Unavailable when nobody knows, but NotSent."""
        return await self._change(connection, "POST", path, body, None, share)

    async def put(
        self, connection: Connection, path: str, body: Any, share: Share = "live"
    ) -> dict[str, Any]:
        """Change something; how it is now."""
        return await self._change(connection, "PUT", path, body, None, share)

    async def delete(
        self,
        connection: Connection,
        path: str,
        params: Mapping[str, str] | None = None,
        share: Share = "live",
    ) -> dict[str, Any]:
        """Take something away, with `{"force": "true"}` for good; how it was."""
        return await self._change(connection, "DELETE", path, None, params, share)

    async def _change(
        self,
        connection: Connection,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, str] | None,
        share: Share,
    ) -> dict[str, Any]:
        _, found = await self.ask(keys_of(connection), method, path, params, body, share=share)
        return found if isinstance(found, dict) else {}

    async def ask(
        self,
        keys: Keys,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        share: Share = "live",
    ) -> tuple[Reply, Any]:
        """The same for a shop that is no connection yet: the reply, and its JSON."""
        async for attempt in _tries(method, path, share):
            with attempt:
                async with self._turn(keys.url, share):
                    return await self._once(keys, method, path, params or {}, body, share)
        raise AssertionError("tenacity raises the last failure")

    async def _once(
        self,
        keys: Keys,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Any,
        share: Share,
    ) -> tuple[Reply, Any]:
        self.asked[f"{method} {path.partition('/')[0]}"] += 1
        url, headers = address(keys, method, path, params)
        reply = await self.http.request(
            method,
            url,
            headers={"Accept": "application/json", **headers},
            json=body,
            within=WITHIN[share],
            limit=LIMIT,
        )
        return reply, data_of(reply, keys.host)

    @asynccontextmanager
    async def _turn(self, url: str, share: Share) -> AsyncIterator[None]:
        """One of the shop's few places; whoever reads all leaves one for people."""
        gate = self._gates.setdefault(url, Gate())
        if share == "live":
            async with gate.all:
                yield
        else:
            async with gate.background, gate.all:
                yield


def _count(header: str | None, otherwise: int) -> int:
    return int(header) if header and header.isascii() and header.isdigit() else otherwise


def _may_repeat(method: str, error: BaseException) -> bool:
    """Whether trying again after `error` can do no harm."""
    if isinstance(error, NotSent | Busy):
        return True
    return isinstance(error, Unavailable) and method == "GET"


def _tries(method: str, path: str, share: Share) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(partial(_may_repeat, method)),
        stop=stop_after_attempt(TRIES[share]) | stop_before_delay(PATIENCE[share]),
        wait=_wait,
        before_sleep=partial(_note, method, path),
        reraise=True,
    )


def _wait(state: RetryCallState) -> float:
    """As long as the shop asks for, or twice as long each time; never all at once again."""
    error = _failure(state)
    jitter = random.uniform(1.0, 1.25)  # noqa: S311
    if isinstance(error, HubError) and error.retry_after is not None:
        return float(error.retry_after) * jitter
    return FIRST_WAIT * float(2 ** (state.attempt_number - 1)) * jitter


def _note(method: str, path: str, state: RetryCallState) -> None:
    log.info(
        "shop_call_again",
        request=f"{method} {path}",
        attempt=state.attempt_number,
        reason=str(_failure(state)),
    )


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
