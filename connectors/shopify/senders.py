"""Senders: which workspaces a webhook of a shop is for, and what its secrets are; remembered.

A webhook is answered in milliseconds, so the look-up is kept for a minute, and forgotten as
soon as a connection changes anywhere on the hub.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from connectors.shopify.settings import NAME, ShopSettings
from core.connections import open_connection, rows_of_shop
from core.db import Work
from core.events import ConnectionChanged, Logged

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

KEPT = 60.0  # seconds
REMEMBERED = 10_000  # shops; also those we do not know


class Owner(NamedTuple):
    """A workspace that has the shop, or had it."""

    workspace_id: str
    connection_id: str
    active: bool


class Sender(NamedTuple):
    """A shop that sends webhooks."""

    owners: tuple[Owner, ...] = ()
    secrets: tuple[str, ...] = ()  # of the active connection's own app, if it has one


class Senders:
    """The shops that have sent something lately."""

    def __init__(self, shopify: Shopify) -> None:
        self._shopify = shopify
        self._known: OrderedDict[str, tuple[float, Sender]] = OrderedDict()
        self._changes = 0
        shopify.services.subscribe(self._hear)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the operator's app signs with."""
        app = self._shopify.options.app
        return app.secrets if app else ()

    async def find(self, shop: str) -> Sender:
        """The shop with its secrets; with neither owners nor secrets if nobody knows it."""
        known = self._known.get(shop)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        before = self._changes
        found = await self._shopify.services.db.read(self._read, shop)
        if before != self._changes:  # a connection changed while we read: ask again next time
            return found
        self._known[shop] = time.monotonic() + KEPT, found
        self._known.move_to_end(shop)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _read(self, work: Work, shop: str) -> Sender:
        rows = rows_of_shop(work, NAME, shop)
        secrets: list[str] = []
        for row in rows:
            if row.state == "active":
                opened = open_connection(row, self._shopify.services.vault, ShopSettings)
                assert isinstance(opened.settings, ShopSettings)
                secrets += opened.settings.app.secrets if opened.settings.app else ()
        owners = [Owner(row.workspace_id, row.id, row.state == "active") for row in rows]
        return Sender(tuple(owners), tuple(secrets))

    def _hear(self, logged: Sequence[Logged]) -> None:
        if any(isinstance(entry.event, ConnectionChanged) for entry in logged):
            self._changes += 1
            self._known.clear()
