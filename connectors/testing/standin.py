"""What the stand-ins of every platform share: a local server that records and can be made to fail.

A platform's stand-in subclasses `StandinServer`, adds its routes to `self.app`, and says in
`labels` by which names a request can be matched. Everything else is here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from connectors.testing.faults import FAULTS, Answer, Fault

KEPT = 2_000  # requests; a benchmark must not fill the memory with them
LARGEST_BODY = 32 * 1024 * 1024


@dataclass(slots=True)
class Recorded:
    """One request as it came in, and what became of it."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float
    labels: frozenset[str] = frozenset()
    status: int | None = None  # None: never answered
    fault: str = ""


Match = str | Callable[[Recorded], bool]


@dataclass(slots=True)
class Trouble:
    """A fault that waits for the requests it is meant for."""

    match: Match
    fault: Fault
    left: int | None  # None: until `recover`
    skip: int = 0
    struck: int = field(default=0, init=False)

    def strikes(self, request: Recorded) -> bool:
        """Whether it is this request's turn; counts it if so."""
        if self.left == 0 or not _is_meant(self.match, request):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left = None if self.left is None else self.left - 1
        self.struck += 1
        return True


def _is_meant(match: Match, request: Recorded) -> bool:
    if callable(match):
        return match(request)
    return match == "*" or match in request.labels or match in request.path


class StandinServer:
    """A platform's double on 127.0.0.1: `async with Double() as double` and it is reachable."""

    faults: Mapping[str, Fault] = FAULTS
    untouched = re.compile(r"/standin/")  # paths of our own pages: not recorded, never failing

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[Recorded] = []
        self.troubles: list[Trouble] = []
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._middleware])
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def fail(
        self, match: Match, fault: str | Fault, times: int | None = 1, *, skip: int = 0
    ) -> Trouble:
        """Make the next `times` matching requests fail (None: all), after letting `skip` pass.

        `match` is "*", a label (an operation's name), a part of the path, or a function.
        """
        trouble = Trouble(match, self.faults[fault] if isinstance(fault, str) else fault, times)
        trouble.skip = skip
        self.troubles.append(trouble)
        return trouble

    def recover(self) -> None:
        """Forget every fault that was asked for."""
        self.troubles.clear()

    def asked(self, match: Match) -> list[Recorded]:
        """The recorded requests that match, oldest first."""
        return [request for request in self.requests if _is_meant(match, request)]

    def labels(self, request: Recorded) -> frozenset[str]:
        """Further names a request can be matched by; a platform overrides it."""
        return frozenset()

    async def started(self) -> None:
        """Called when the address is known; for what needs the running loop."""

    async def stopped(self) -> None:
        """Called before the server goes."""

    async def start(self) -> Self:
        """Listen on 127.0.0.1; a port of 0 becomes a free one."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        await self.started()
        return self

    async def stop(self) -> None:
        """Stop listening and drop what is under way."""
        await self.stopped()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        if self.untouched.match(request.path):
            return await handler(request)
        recorded = await self._record(request)
        trouble = next((one for one in self.troubles if one.strikes(recorded)), None)
        if trouble is not None:
            recorded.fault = trouble.fault.name
            response = await trouble.fault.act(request, handler)
        else:
            response = await handler(request)
        recorded.status = response.status
        return response

    async def _record(self, request: web.Request) -> Recorded:
        recorded = Recorded(
            method=request.method,
            host=request.host,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await request.read(),
            at=time.time(),
        )
        recorded.labels = self.labels(recorded)
        self.requests.append(recorded)
        del self.requests[:-KEPT]
        return recorded


@asynccontextmanager
async def running(server: StandinServer) -> AsyncIterator[StandinServer]:
    """The server while the block lasts, also when it is cancelled."""
    await server.start()
    try:
        yield server
    finally:
        await asyncio.shield(server.stop())
