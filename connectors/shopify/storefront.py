"""Storefront: the app embed's settings in the shop, and its calls through the shop's app proxy."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Meta

from connectors.shopify.app_proxy import read_query
from connectors.shopify.client import Api, problems
from connectors.shopify.settings import NAME, ShopSettings
from core.access import PUBLIC
from core.connections import active_by_shop, connection_row, note_details, open_connection
from core.connector import Check, Connection
from core.crypto import Vault
from core.db import Work
from core.decode import decode
from core.errors import Conflict, HubError, Invalid, Refused, TooMany, Unauthenticated
from core.identity import issue_ticket
from core.ids import moment
from core.routes import Call, Route
from core.services import Services
from core.workspaces import workspace

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

NAMESPACE = "parley"  # of the metafields that the block reads
BLOCK = "parley-chat"  # the block's file
EDITOR = "https://{shop}/admin/themes/current/editor?context=apps&template=index&activateAppId="
LIMIT = 4096  # bytes of body
NOTED_EVERY = timedelta(minutes=5)  # that the embed runs: every note is heard by every console
BURST, REFILL = 30, 0.5  # tickets one customer gets at once, and per second after that
REMEMBERED = 10_000  # customers whose pace a process knows
_HOST = re.compile(r"[a-z0-9.-]{1,253}")

# Setting up ------------------------------------------------------------------------------


async def prepare(api: Api, services: Services, connection: Connection) -> Check | None:
    """Tell the embed which hub and workspace it is for, and note where it is switched on.

    To be called when a shop was connected, and in every full sync: the hub's address may have
    changed. The problem to show if the shop refuses; a sync goes on without the storefront.
    """
    try:
        shop = await api.run(connection, "shop", share="background")
        installed = shop.get("currentAppInstallation") or {}
        client_id = str((installed.get("app") or {}).get("apiKey", ""))
        await _write_settings(api, services, connection, str(installed.get("id", "")))
    except HubError as error:
        log.warning("storefront_not_prepared", connection=connection.id, reason=error.code)
        said = f"The chat could not be set up on the storefront. {error.message}"
        return Check(ok=False, code="storefront", detail=said)
    details = {
        "theme_editor_url": editor_link(connection.shop, client_id),
        "embed_hub": services.public_url,
    }
    await services.db.write(note_details, connection, details)
    return None


async def _write_settings(
    api: Api, services: Services, connection: Connection, installation: str
) -> None:
    found = await services.db.read(workspace, connection.workspace_id)
    values = {"app_id": found.app_id, "hub": services.public_url}
    fields = [
        {
            "ownerId": installation,
            "namespace": NAMESPACE,
            "key": key,
            "type": "single_line_text_field",
            "value": value,
        }
        for key, value in values.items()
    ]
    said = await api.run(connection, "app_metafields_set", {"metafields": fields}, "background")
    if wrong := problems(said.get("metafieldsSet")):
        raise Refused(f"Shopify says: {str(wrong[0].get('message'))[:300]}")


def editor_link(shop: str, client_id: str) -> str:
    """The page of the theme editor where one Save switches the chat on."""
    return f"{EDITOR.format(shop=shop)}{client_id}/{BLOCK}"


# Through the app proxy -------------------------------------------------------------------


class PageSeen(msgspec.Struct):
    """What the page says of itself; not signed, for showing only."""

    url: Annotated[str, Meta(max_length=2048)] = ""


class LoggedIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who is logged in at the shop, for `SoftbetChat('identify', …)`; nobody without `user_id`."""

    app_id: str
    user_id: str = ""
    user_token: str = ""


class Seen(msgspec.Struct):
    seen: bool = True


class Proxy:
    """The routes the app proxy calls. Everyone else is told the same."""

    def __init__(self, shopify: Shopify) -> None:
        self._shopify = shopify
        self._noted: dict[str, float] = {}  # by connection
        self._rested_at: OrderedDict[tuple[str, str], float] = OrderedDict()  # by customer

    async def session(self, call: Call) -> LoggedIn:
        """A ticket for the customer who is logged in."""
        connection, customer_id = await self._genuine(call)
        await self._note(call, connection)
        if customer_id and call.services.rate_limits:
            self._pace(connection.id, customer_id)
        work = call.services.db.write if customer_id else call.services.db.read
        return await work(_logged_in, connection, customer_id)

    async def seen(self, call: Call) -> Seen:
        """The embed is running on a page."""
        connection, _ = await self._genuine(call)
        await self._note(call, connection)
        return Seen()

    async def _genuine(self, call: Call) -> tuple[Connection, str]:
        query = read_query(call.query_string, time.time())
        if query is not None:
            found = await call.services.db.read(_connected, call.services.vault, query.shop)
            app = found and self._shopify.options.app_of(found)
            if found is not None and app and query.is_signed_by(app.secrets):
                return found, query.customer_id
        raise Unauthenticated("This is not signed by a connected shop.")

    def _pace(self, connection: str, customer: str) -> None:
        """A shop's customers all come from Shopify's few addresses: each has a pace of theirs."""
        who, now = (connection, customer), time.monotonic()
        rested_at = max(self._rested_at.get(who, 0.0), now) + 1 / REFILL
        if rested_at - now > BURST / REFILL:
            raise TooMany("Too many questions. Try again in a while.", retry_after=ceil(1 / REFILL))
        self._rested_at[who] = rested_at
        self._rested_at.move_to_end(who)
        if len(self._rested_at) > REMEMBERED:
            self._rested_at.popitem(last=False)

    async def _note(self, call: Call, connection: Connection) -> None:
        body = decode(call.body or b"{}", PageSeen, limit=LIMIT)
        page = to_page(body.url) if body.url else ""
        now = time.monotonic()
        if now - self._noted.get(connection.id, -1e9) < NOTED_EVERY.total_seconds():
            return
        self._noted[connection.id] = now
        with suppress(Conflict):  # disconnected at this moment
            await call.services.db.write(_note_seen, connection, page)


def _connected(work: Work, vault: Vault, shop: str) -> Connection | None:
    row = active_by_shop(work, NAME, shop)
    return None if row is None else open_connection(row, vault, ShopSettings)


def _logged_in(work: Work, connection: Connection, customer_id: str) -> LoggedIn:
    app_id = workspace(work, connection.workspace_id).app_id
    if not customer_id:
        return LoggedIn(app_id=app_id)
    ticket = issue_ticket(work, connection.workspace_id, connection.source, customer_id)
    return LoggedIn(app_id=app_id, user_id=ticket.user_id, user_token=ticket.user_token)


def _note_seen(work: Work, connection: Connection, page: str) -> None:
    """Each process remembers for itself; together they write as seldom as one."""
    row = connection_row(work, connection.workspace_id, connection.id)
    if (last := _seen_at(row.details)) and moment(work.now) - last < NOTED_EVERY:
        return
    said: dict[str, Any] = {"embed_seen_at": moment(work.now).isoformat(timespec="seconds")}
    if page:
        said |= {"embed_page": page, "embed_host": page.partition("/")[0]}
    note_details(work, connection, said)


def _seen_at(details: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(details["embed_seen_at"]) if "embed_seen_at" in details else None


def to_page(url: str) -> str:
    """Host and path of a page as people read them: what follows may hold somebody's secrets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or parts.scheme not in ("http", "https"):
        raise Invalid("url must be the address of a page.", field="url")
    if not parts.path.isprintable():
        raise Invalid("url must be the address of a page.", field="url")
    return host + parts.path[:300]


def routes(shopify: Shopify) -> list[Route]:
    """What the app proxy may call."""
    proxy = Proxy(shopify)
    return [
        Route(
            "POST",
            "/shopify/proxy/session",
            proxy.session,
            PUBLIC,
            "A ticket for the customer who is logged in at the shop",
            answer=LoggedIn,
            raw=True,
            limit=LIMIT,
            rate="webhook",
            hidden=True,
        ),
        Route(
            "POST",
            "/shopify/proxy/seen",
            proxy.seen,
            PUBLIC,
            "Say that the app embed is running",
            answer=Seen,
            raw=True,
            limit=LIMIT,
            rate="webhook",
            hidden=True,
        ),
    ]
