"""Install: what a shop's approval gives us, whether it still holds, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.connector import Check, Connection

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify


async def check(shopify: Shopify, connection: Connection) -> Check:
    """Whether the connection works."""
    await shopify.api.run(connection, "shop")
    return Check(ok=True)


async def disconnect(shopify: Shopify, connection: Connection) -> None:
    """Take the keys back."""
