"""OAuth: a merchant approves the app in their shop, and we get the shop's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.shopify.settings import Settings
from core.access import Principal
from core.connector import Approval, ConnectionDraft, SetupField, SetupStep
from core.errors import Invalid

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

FIELDS: tuple[SetupField, ...] = ()


def steps(hub: str, settings: Settings) -> Sequence[SetupStep]:
    """What a merchant does to connect."""
    return ()


async def connect(
    shopify: Shopify, principal: Principal, values: Mapping[str, str]
) -> ConnectionDraft | Approval:
    """Soon."""
    raise Invalid("Not yet.", field="shop")
