"""A strict local Shopify: its schema, its rules, its signatures, and its faults on request."""

from connectors.shopify.standin.apps import (
    CLIENT_ID,
    CLIENT_SECRET,
    WEBHOOKS,
    App,
    Subscription,
)
from connectors.shopify.standin.faults import FAULTS
from connectors.shopify.standin.server import Standin, standin
from connectors.shopify.standin.shop import Shop

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "FAULTS",
    "WEBHOOKS",
    "App",
    "Shop",
    "Standin",
    "Subscription",
    "standin",
]
