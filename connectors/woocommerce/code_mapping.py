"""Code mapping: WooCommerce's coupons in the words of the core. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.woocommerce.mapping import Node, minor, number, to_time, word
from connectors.woocommerce.plain import to_plain
from core.discount_policy import HUNDRED
from core.shop_code_views import Kind
from core.shop_codes import CODE_LENGTH, TITLE_LENGTH, ShopCodeDraft

TRASH = "trash"
FUTURE = "future"  # published by WordPress at the time it was given
_LIVE = frozenset({"publish", FUTURE})  # drafts, private and pending ones no till takes
_KINDS: dict[str, Kind] = {"percent": "percent", "fixed_cart": "cart", "fixed_product": "product"}
_MOST = 2**53  # uses
_ONLY_SOME = (
    "product_ids",
    "excluded_product_ids",
    "product_categories",
    "excluded_product_categories",
    "exclude_sale_items",
)


def to_shop_code(node: Node, currency: Any) -> ShopCodeDraft:
    """A coupon of a webhook or of the list; Invalid if it has no id or no code.

    Which addresses it is good for ends here: only that there are some is kept.
    """
    kind = _kind(node)
    amount = minor(node.get("amount"), currency) if kind in ("cart", "product") else None
    minimum = minor(node.get("minimum_amount") or 0, currency)
    return ShopCodeDraft(
        external_id=number(node.get("id")),
        code=to_plain(node.get("code"), CODE_LENGTH),
        title=to_plain(node.get("description"), TITLE_LENGTH),
        kind=kind,
        percent=_hundredths(node.get("amount")) if kind == "percent" else None,
        amount=amount[0] if amount else None,
        currency=(amount or minimum or (0, ""))[1],
        minimum=minimum[0] if minimum and minimum[0] > 0 else None,
        free_shipping=node.get("free_shipping") is True,
        starts_at=to_time(node.get("date_created_gmt")) if node.get("status") == FUTURE else None,
        expires_at=to_time(node.get("date_expires_gmt")),
        usage_limit=_count(node.get("usage_limit")) or None,
        used=_count(node.get("usage_count")),
        personal=bool(node.get("email_restrictions")),
        restricted=any(node.get(name) for name in _ONLY_SOME),
        active=word(node.get("status")) in _LIVE,
        updated_at=to_time(node.get("date_modified_gmt")),
    ).checked()


def is_gone(node: Node) -> bool:
    """Whether a coupon is in the trash, from which it may come back."""
    return node.get("status") == TRASH


def _kind(node: Node) -> Kind:
    """What it takes off. Plugins have kinds of their own, such as store credit."""
    kind = _KINDS.get(word(node.get("discount_type")), "other")
    nothing = _hundredths(node.get("amount")) == 0
    return "shipping" if node.get("free_shipping") is True and nothing else kind


def _hundredths(value: Any) -> int | None:
    """A percentage as the core keeps it, rounded; None for what is none."""
    try:
        hundredths = Decimal(str(value)) * 100
        whole = int(hundredths.to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        return None
    return whole if 0 <= whole <= HUNDRED else None


def _count(value: Any) -> int:
    """A number of uses; 0 for what is none."""
    return value if type(value) is int and 0 <= value <= _MOST else 0
