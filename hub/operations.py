"""Operations: what a load balancer, a monitor and an operator ask a running hub."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from core import inbox, jobs, migrations
from core.access import PUBLIC
from core.db import Work
from core.errors import Unavailable
from core.health import Health
from core.log import heads
from core.routes import Answer, Call, Route
from hub import __version__, metrics

if TYPE_CHECKING:
    from hub.app import Hub

WITHIN = 2.0  # seconds a check may take


class Version(msgspec.Struct):
    version: str


class Part(msgspec.Struct):
    """One part's health."""

    part: str
    ok: bool
    detail: str


class Ready(msgspec.Struct):
    """Whether every part can do its work."""

    ok: bool
    parts: list[Part]


class Operations:
    """The routes of operation of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def alive(self, _: Call) -> Answer:
        """The process answers."""
        return Answer({"ok": True})

    async def version(self, _: Call) -> Version:
        """Which version runs."""
        return Version(__version__)

    async def ready(self, _: Call) -> Answer:
        """Whether the hub can take requests: 200, or 503 naming what cannot."""
        parts = [await self._database(), *await self._plugins()]
        ok = all(part.ok for part in parts)
        described = [Part(part.part, part.ok, part.detail) for part in parts]
        return Answer(Ready(ok, described), 200 if ok else 503)

    async def _database(self) -> Health:
        try:
            async with asyncio.timeout(WITHIN):
                await self._hub.db.write(_probe)
                if await self._hub.db.read(_revision) != migrations.HEAD:
                    return Health("database", ok=False, detail="Run hub migrate.")
        except Exception as error:
            return Health("database", ok=False, detail=type(error).__name__)
        return Health("database", ok=True)

    async def _plugins(self) -> list[Health]:
        answers = await self._hub.plugins.call("check_health", services=self._hub.services)
        quarantined = [
            Health(one.name, ok=False, detail="In quarantine after repeated faults.")
            for one in self._hub.plugins
            if one.quarantined
        ]
        return [answer for _, answer in answers if isinstance(answer, Health)] + quarantined

    async def metrics(self, _: Call) -> Answer:
        """Counters for Prometheus."""
        with suppress(Unavailable, TimeoutError):  # the counters are worth reading all the same
            async with asyncio.timeout(WITHIN):
                for name, queue in (("webhooks", inbox.queue), ("jobs", jobs.queue)):
                    metrics.queue(name, await self._hub.db.read(queue.depths))
        return Answer(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _revision(work: Work) -> str | None:
    return migrations.revision_of(work.connection)


def _probe(work: Work) -> None:
    heads(work)  # a write transaction that writes nothing: it takes the lock and commits


def routes(hub: Hub) -> list[Route]:
    """The routes of operation."""
    own = Operations(hub)
    return [
        Route("GET", "/healthz", own.alive, PUBLIC, "Alive", tag="Operations", rate="page"),
        Route(
            "GET",
            "/readyz",
            own.ready,
            PUBLIC,
            "Ready",
            answer=Ready,
            tag="Operations",
            rate="page",
        ),
        Route(
            "GET",
            "/version",
            own.version,
            PUBLIC,
            "Version",
            answer=Version,
            tag="Operations",
            rate="page",
        ),
        Route("GET", "/metrics", own.metrics, PUBLIC, "Metrics", tag="Operations", rate="page"),
    ]
