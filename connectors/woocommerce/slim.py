"""Slim: the fields of the shop's answers and webhooks that the hub reads; the others never stay.

Orders come with a key that opens them to whoever has it, a link to pay, the buyer's address on
the network and whatever plugins add. Of a webhook only this is stored, and of a page only this
is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from connectors.woocommerce.plain import words_of
from core.decode import decode

PRODUCT = words_of(
    "id type parent_id status catalog_visibility post_password name permalink sku global_unique_id"
    " description short_description price stock_status categories brands tags images attributes"
    " date_modified_gmt"
)
VARIATION = words_of("id parent_id sku global_unique_id status")
CUSTOMER = words_of(
    "id role email username first_name last_name date_modified_gmt billing.first_name"
    " billing.last_name billing.company billing.address_1 billing.address_2 billing.city"
    " billing.state billing.postcode billing.country billing.phone"
)
ORDER = words_of(
    "id number status currency total customer_id date_created_gmt date_modified_gmt coupon_lines"
    " refunds"
)
ORDER_IN_DETAIL = (
    *ORDER,
    *words_of("date_paid_gmt needs_payment payment_method_title line_items"),
)
COUPON = words_of(
    "id code amount status description discount_type free_shipping date_created_gmt"
    " date_modified_gmt date_expires_gmt usage_count usage_limit usage_limit_per_user"
    " minimum_amount email_restrictions product_ids excluded_product_ids product_categories"
    " excluded_product_categories exclude_sale_items"
)

# What is kept of the objects in a list.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "attributes": ("options",),
    "brands": ("name",),
    "categories": ("name", "slug"),
    "coupon_lines": ("code", "discount", "discount_tax"),
    "images": ("src",),
    "refunds": ("id", "total"),
    "tags": ("name",),
}
_OF_TOPIC: Mapping[str, tuple[str, ...]] = {
    "coupon": COUPON,
    "customer": CUSTOMER,
    "order": ORDER,
    "product": PRODUCT,
}
LARGEST = 4 * 1024 * 1024


def fields(names: Iterable[str]) -> str:
    """The parameter `_fields`."""
    return ",".join(names)


def slim_body(topic: str, body: bytes) -> bytes:
    """What is stored of a webhook whose signature holds; Invalid if it is no JSON object."""
    payload = decode(body, dict[str, Any], limit=LARGEST, large_numbers=True)
    names = _OF_TOPIC.get(topic.partition(".")[0], ("id",))
    return msgspec.json.encode(slim(payload, names))


def slim(payload: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The payload with only these fields, and of what is in them only what is read."""
    kept: dict[str, Any] = {}
    for name in names:
        head, _, inner = name.partition(".")
        if head not in payload:
            continue
        value = payload[head]
        if inner:
            if isinstance(value, dict) and inner in value:
                kept.setdefault(head, {})[inner] = value[inner]
        elif head == "post_password":
            kept[head] = "set" if value else ""
        elif head == "email_restrictions":  # whose it is, nobody needs to know
            kept[head] = ["set"] if value else []
        elif isinstance(value, list):
            kept[head] = [_part(head, one) for one in value]
        elif not isinstance(value, dict):
            kept[head] = value
    return kept


def _part(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: value[key] for key in _PARTS.get(name, ()) if key in value}
    return value
