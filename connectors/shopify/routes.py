"""Routes: everything the connector serves, gathered from the modules that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.shopify import embedded, oauth, storefront, webhooks
from core.routes import Route, SocketRoute

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify


def routes(shopify: Shopify) -> list[Route | SocketRoute]:
    """What the connector serves; each module adds its own."""
    return [
        *oauth.routes(shopify),
        *embedded.routes(shopify),
        *storefront.routes(shopify),
        *webhooks.routes(shopify),
    ]
