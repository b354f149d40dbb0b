"""The console's HTTP API, one module per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api import (
    articles,
    desk,
    discounts,
    install,
    integrations,
    keys,
    orders,
    privacy,
    session,
    shop_codes,
    team,
)

if TYPE_CHECKING:
    from core.routes import Route
    from hub.app import Hub


def routes(hub: Hub) -> list[Route]:
    """Everything below `/console/api`."""
    return [
        *session.routes(hub),
        *team.ROUTES,
        *keys.ROUTES,
        *install.ROUTES,
        *integrations.ROUTES,
        *desk.ROUTES,
        *discounts.ROUTES,
        *articles.ROUTES,
        *shop_codes.ROUTES,
        *orders.ROUTES,
        *privacy.ROUTES,
    ]
