"""Diagnosis: what a shop is, whether the keys open it, and which of the known troubles it has."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from connectors.woocommerce.settings import (
    Auth,
    ShopSettings,
    shop_of,
    short_name,
)
from core.connector import ConnectionDraft

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce


async def prove(shop: WooCommerce, url: str, key: SecretStr, secret: SecretStr) -> ConnectionDraft:
    """The shop behind these keys, as it describes itself; Refused if they do not open it."""
    auth: Auth = "basic" if url.startswith("https://") else "oauth"
    settings = ShopSettings(
        url=url,
        consumer_key=key,
        consumer_secret=secret,
        auth=auth,
        webhook_secret=SecretStr(secrets.token_hex(24)),
        hook_key=SecretStr(secrets.token_hex(20)),
    )
    _, currency = await shop.api.ask(
        settings, "GET", "data/currencies/current", {"_fields": "code"}
    )
    details: dict[str, Any] = {
        "url": url,
        "admin_url": f"{url}/wp-admin/",
        "currency": currency.get("code"),
    }
    return ConnectionDraft(
        shop=shop_of(url),
        title=shop_of(url),
        short_name=short_name(shop_of(url)),
        settings=settings,
        details=details,
    )
