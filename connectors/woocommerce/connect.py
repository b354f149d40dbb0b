"""Connect: what a merchant types, and whether keys or an approval prove the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.woocommerce import approval, install
from connectors.woocommerce.settings import checked_key, checked_secret, to_url
from core.access import Principal
from core.connector import Approval, ConnectionDraft, SetupField, SetupStep
from core.errors import Invalid

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

PERMISSIONS = (  # as a merchant reads them
    ("Products and stock", "read"),
    ("Orders", "read"),
    ("Customers", "read"),
    ("Coupons", "read and write"),
    ("Webhooks", "read and write"),
)
FIELDS = (
    SetupField("url", "Shop address", placeholder="https://shop.example"),
    SetupField(
        "consumer_key",
        "Consumer key",
        help="In WordPress: WooCommerce, Settings, Advanced, REST API, Add key. Choose Read/Write. "
        "Not needed where you approve in the shop.",
        placeholder="ck_",
        required=False,
    ),
    SetupField(
        "consumer_secret", "Consumer secret", placeholder="cs_", secret=True, required=False
    ),
)


def steps(hub: str) -> Sequence[SetupStep]:
    """What a merchant does to connect."""
    return (
        SetupStep("Type the shop's address", "As in your browser: https://shop.example."),
        SetupStep(
            "Approve in the shop, or paste keys",
            "The shop shows what Parley may do, and asks once. Where the shop cannot call this "
            "server, paste a consumer key and secret instead.",
        ),
        SetupStep("Add the plugin or the snippet", "The widget then shows on the shop's pages."),
    )


async def connect(
    shop: WooCommerce, principal: Principal, values: Mapping[str, str]
) -> ConnectionDraft | Approval:
    """A shop proven by the keys that were typed, or where the merchant approves."""
    url = to_url(values.get("url", ""))
    key, secret = values.get("consumer_key", ""), values.get("consumer_secret", "")
    if not key and not secret:
        return await approval.leave(shop, principal, url)
    for name, value, label in (
        ("consumer_key", key, "Consumer key"),
        ("consumer_secret", secret, "Consumer secret"),
    ):
        if not value:
            raise Invalid(f"{label} is missing.", field=f"values.{name}")
    return await install.draft(shop, url, checked_key(key), checked_secret(secret))
