"""Observers: hands committed events to the plugins that asked for them, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain

import structlog

from core.events import EVENTS, Event, Logged
from core.services import Services
from hub.plugins import Plugins

log = structlog.get_logger("hub.observers")

WAITING = 10_000  # events in line before the oldest are given up; the log still has them


class Observers:
    """The `on_event` hooks, called one event at a time beside the requests."""

    def __init__(self, services: Services, plugins: Plugins) -> None:
        self._services = services
        self._plugins = plugins
        self._wanted: set[type[Event]] = set()
        self._line: asyncio.Queue[Logged] = asyncio.Queue(WAITING)

    def start(self) -> None:
        """Listen, if any plugin does; an event that none of them hears costs nothing here."""
        names = self._plugins.implements("on_event")
        hearing = [one.plugin.hears for one in self._plugins if one.name in names]
        if not hearing:
            return
        everything = () in hearing
        self._wanted = set(EVENTS if everything else chain.from_iterable(hearing))
        self._services.subscribe(self._queue)
        self._services.spawn(self._hand_over_forever(), "hub.observers")

    def _queue(self, entries: Sequence[Logged]) -> None:
        for entry in entries:
            if type(entry.event) not in self._wanted:
                continue
            if self._line.full():
                lost = self._line.get_nowait()
                log.error("observers_behind", workspace=lost.workspace_id, seq=lost.seq)
            self._line.put_nowait(entry)

    async def _hand_over_forever(self) -> None:
        while True:
            entry = await self._line.get()
            await self._plugins.call("on_event", services=self._services, event=entry)
