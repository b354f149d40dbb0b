"""Install: what a shop's keys give us, whether they still do, and the end of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pydantic import SecretStr

from connectors.woocommerce import diagnosis, subscriptions
from connectors.woocommerce.settings import (
    NAME,
    Auth,
    ShopSettings,
    keys_of,
    shop_of,
    short_name,
)
from core import connections
from core.access import Principal
from core.connector import Check, Connection, ConnectionDraft
from core.db import Work
from core.errors import Refused, Unavailable
from core.syncs import ask_for_sync

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

PAGE = f"/console/settings/integrations/connect/{NAME}"


async def draft(shop: WooCommerce, url: str, key: SecretStr, secret: SecretStr) -> ConnectionDraft:
    """The shop behind these keys, as it describes itself; Refused if they do not open it."""
    site = await diagnosis.look(shop, url)
    auth: Auth = "basic" if url.startswith("https://") else "oauth"
    settings = ShopSettings(
        url=url,
        consumer_key=key,
        consumer_secret=secret,
        auth=auth,
        webhook_secret=SecretStr(secrets.token_hex(24)),
        hook_key=SecretStr(secrets.token_hex(20)),
    )
    keys, currency = await diagnosis.opened(shop, settings)
    await diagnosis.may_write(shop, keys)
    name = shop_of(url)
    return ConnectionDraft(
        shop=name,
        title=site.name or name,
        short_name=short_name(name),
        settings=keys,
        details={
            "url": url,
            "title": site.name or name,
            "currency": currency,
            "timezone": site.timezone or None,
            "admin_url": f"{url}/wp-admin/",
            "webhooks": None,  # of an earlier approval
        },
    )


async def join(shop: WooCommerce, by: Principal, found: ConnectionDraft) -> str:
    """Store a proven shop and ask for its first sync; the connection's id."""
    services = shop.services

    def store(work: Work) -> str:
        row = connections.connect(work, services.vault, by, NAME, found)
        ask_for_sync(work, row.workspace_id, row.id, "full")
        return row.id

    return await services.db.write(store)


async def check(shop: WooCommerce, connection: Connection) -> Check:
    """Whether the shop answers to the keys and tells us of changes, and what is wrong if not."""
    link = reconnect_link(keys_of(connection).url)
    try:
        await shop.api.get(connection, diagnosis.CHEAP, {"_fields": "code"})
    except Unavailable as error:
        return Check(
            False,
            f"{connection.shop} cannot be reached at the moment. We go on trying. {error.message}",
            "unreachable",
        )
    except Refused as error:
        found = await diagnosis.explained(shop, keys_of(connection), error)
        return Check(False, found.message, found.code, link)
    return await subscriptions.health(shop, connection)


def reconnect_link(url: str) -> str:
    """The console's page where a merchant connects the shop again."""
    return f"{PAGE}?{urlencode({'shop': url})}"


async def disconnect(shop: WooCommerce, connection: Connection) -> None:
    """Delete our webhooks at the shop; the key stays the merchant's to revoke there."""
    await subscriptions.take_back(shop, connection)
