"""Routes: everything the connector serves, gathered from the modules that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.woocommerce import approval, session, webhooks
from core.routes import Route, SocketRoute

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce


def routes(shop: WooCommerce) -> list[Route | SocketRoute]:
    """What the connector serves; each module adds its own."""
    return [*approval.routes(shop), *session.routes(shop), *webhooks.routes(shop)]
