"""Senders: which connection a webhook's path is of, and what its secrets are; remembered.

A webhook is answered in milliseconds, so the look-up is kept for a minute, and forgotten as
soon as a connection changes anywhere on the hub.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.woocommerce.settings import NAME, ShopSettings
from core.connections import active_by_id, open_connection
from core.connector import Connection
from core.db import Work
from core.events import ConnectionChanged, Logged

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

KEPT = 60.0  # seconds
REMEMBERED = 10_000  # paths; also those we do not know


class Senders:
    """The connections that have been sent something lately."""

    def __init__(self, shop: WooCommerce) -> None:
        self._shop = shop
        self._known: OrderedDict[str, tuple[float, Connection | None]] = OrderedDict()
        self._changes = 0
        shop.services.subscribe(self._hear)

    async def find(self, connection_id: str) -> Connection | None:
        """The active connection of this id; None if there is none."""
        known = self._known.get(connection_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        before = self._changes
        found = await self._shop.services.db.read(self._read, connection_id)
        if before != self._changes:  # a connection changed while we read: ask again next time
            return found
        self._known[connection_id] = time.monotonic() + KEPT, found
        self._known.move_to_end(connection_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _read(self, work: Work, connection_id: str) -> Connection | None:
        row = active_by_id(work, NAME, connection_id)
        if row is None:
            return None
        return open_connection(row, self._shop.services.vault, ShopSettings)

    def _hear(self, logged: Sequence[Logged]) -> None:
        if any(isinstance(entry.event, ConnectionChanged) for entry in logged):
            self._changes += 1
            self._known.clear()
