"""Tokens: each connection's keys as they are now, renewed early, by one at a time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from weakref import WeakValueDictionary

import structlog

from connectors.shopify.answers import TokenRefused
from connectors.shopify.grants import Grants
from connectors.shopify.settings import NAME, Settings, ShopSettings, reconnect_link
from core.connections import (
    active_connections,
    connection_row,
    current,
    note_check,
    open_connection,
    store_settings,
    take_turn,
)
from core.connector import Check, Connection
from core.crypto import Vault
from core.db import Work
from core.errors import HubError, Refused, Unavailable
from core.ids import now_ms
from core.services import Services

log = structlog.get_logger("shopify")

EARLY = 5 * 60_000  # milliseconds before the end of an access token
TURN = 40_000  # longer than all tries of one renewal take
PAUSE = 0.1  # seconds between two looks at somebody else's turn
QUIET = 60 * 24 * 3_600_000  # a refresh token lives for 90 days: renewed long before
REMEMBERED = 10_000


class Tokens:
    """The keys of every connection. What is remembered here is committed in the database."""

    def __init__(self, services: Services, settings: Settings, grants: Grants) -> None:
        self._services = services
        self._settings = settings
        self._grants = grants
        self._newest: OrderedDict[tuple[str, int], ShopSettings] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def current(self, connection: Connection) -> ShopSettings:
        """The keys to use now: renewed if they end in five minutes."""
        keys = self._known(connection)
        if keys.expires_at is None or keys.expires_at - now_ms() > EARLY:
            return keys
        try:
            return await self.renewed(connection, keys)
        except Unavailable:
            if keys.expires_at > now_ms():
                return keys  # still good: the next call tries again
            raise

    async def renewed(self, connection: Connection, used: ShopSettings) -> ShopSettings:
        """Keys newer than `used`: somebody else's if they were faster, or new from the shop.

        Refused `reapprove` or `refused` when the merchant has to approve again; they are told.
        """
        lock = self._locks.setdefault(connection.id, asyncio.Lock())
        async with lock:
            known = self._known(connection)
            if known.access_token != used.access_token:
                return known
            stored = await self._turn(connection, used)
            if stored.access_token != used.access_token:
                return self._remember(connection, stored)
            return await self._renew(connection, stored)

    async def keep(self) -> None:
        """Renew the keys of shops so quiet that theirs would lapse; a daily job."""
        for connection in await self._services.db.read(_quiet, self._services.vault):
            try:
                await self.renewed(connection, self._known(connection))
            except HubError as error:  # the others' turn comes all the same
                log.warning("keys_not_renewed", connection=connection.id, reason=error.code)

    async def _turn(self, connection: Connection, used: ShopSettings) -> ShopSettings:
        """The stored keys, once they are another's new ones or ours to renew."""
        deadline = now_ms() + TURN + 1000
        while now_ms() < deadline:
            stored = await self._services.db.write(
                _take_turn, self._services.vault, connection, used
            )
            if stored is not None:
                return stored
            await asyncio.sleep(PAUSE)
        raise Unavailable("Another process is renewing the shop's key.", code="busy")

    async def _renew(self, connection: Connection, stored: ShopSettings) -> ShopSettings:
        app = stored.app or self._settings.app
        try:
            if app is None:
                raise TokenRefused(
                    "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET are not set.", code="refused"
                )
            new = await self._grants.again(app, connection.shop, stored)
        except HubError as error:
            await self._give_up(connection, stored, error)
            raise
        # Both tokens in one commit. Should it fail, the old refresh token still holds: the
        # shop lets go of it when the new one is first used, and nobody has it yet.
        await self._services.db.write(store_settings, self._services.vault, connection, new)
        return self._remember(connection, new)

    async def _give_up(self, connection: Connection, stored: ShopSettings, error: HubError) -> None:
        """End the turn, and tell the merchant if it is for them to mend."""
        problem = None
        if isinstance(error, Refused):
            problem = Check(False, error.message, error.code, reconnect_link(connection.shop))

        def end(work: Work) -> None:
            store_settings(work, self._services.vault, connection, stored)
            if problem is not None:
                note_check(work, connection, problem)

        await self._services.db.write(end)

    def _known(self, connection: Connection) -> ShopSettings:
        given = connection.settings
        assert isinstance(given, ShopSettings)
        found = self._newest.get((connection.id, connection.generation))
        return found if found is not None and found.obtained_at >= given.obtained_at else given

    def _remember(self, connection: Connection, keys: ShopSettings) -> ShopSettings:
        self._newest[connection.id, connection.generation] = keys
        self._newest.move_to_end((connection.id, connection.generation))
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        return keys


def _take_turn(
    work: Work, vault: Vault, connection: Connection, used: ShopSettings
) -> ShopSettings | None:
    """The stored keys if they are newer, or if it is our turn to renew them; None: wait."""
    stored = open_connection(current(work, connection), vault, ShopSettings).settings
    assert isinstance(stored, ShopSettings)
    if stored.access_token != used.access_token or take_turn(work, connection, TURN):
        return stored
    return None


def _quiet(work: Work, vault: Vault) -> list[Connection]:
    found = []
    for workspace_id, connection_id in active_connections(work):
        row = connection_row(work, workspace_id, connection_id)
        if row.connector != NAME:
            continue
        try:
            connection = open_connection(row, vault, ShopSettings)
        except HubError as error:  # the others' turn comes all the same
            log.warning("keys_not_read", connection=connection_id, reason=error.code)
            continue
        keys = connection.settings
        assert isinstance(keys, ShopSettings)
        if keys.refresh_token.get_secret_value() and keys.obtained_at < work.now - QUIET:
            found.append(connection)
    return found
