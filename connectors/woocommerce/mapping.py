"""Mapping: WooCommerce's products and customers in the words of the core. Pure.

Ids are numbers there and text here. Times are read from the fields that end in `_gmt`: the
others are in the shop's own zone and do not say which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.woocommerce.plain import to_plain
from core.customers import KEY_LENGTH, PROFILE, VALUE_LENGTH, CustomerDraft
from core.errors import Invalid
from core.ids import to_ms
from core.links import to_link
from core.money import to_currency, to_minor, to_money
from core.products import DETAIL_LENGTH, TAGS, TITLE_LENGTH, ProductDraft
from core.views import Money

Node = dict[str, Any]

DESCRIPTION = 5_000  # characters
SHOPPERS = frozenset({"customer", "subscriber"})  # roles of people who buy, and do nothing else
HIDDEN = "hidden"
UNSORTED = "uncategorized"  # where WooCommerce puts what nobody has sorted
SOLD_ELSEWHERE = frozenset({"external", "grouped"})  # no price of their own is no fault
VARIANTS = "variants"  # the SKUs of a product's variations, among what it is searched by
_NUMBER = re.compile(r"[1-9]\d{0,19}")


# Ids, times, money -----------------------------------------------------------------------


def number(value: Any) -> str:
    """An id as text; empty for 0, which stands for nothing and nobody, and for what is no id."""
    text = "" if isinstance(value, bool) or value is None else str(value)
    return text if _NUMBER.fullmatch(text) else ""


def to_moment(value: Any) -> datetime | None:
    """A time of a `_gmt` field, which is UTC and does not say so; None if there is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_time(value: Any) -> int | None:
    """The same in milliseconds."""
    moment = to_moment(value)
    try:
        return None if moment is None else to_ms(moment)
    except (OverflowError, ValueError):
        return None


def minor(amount: Any, currency: Any) -> tuple[int, str] | None:
    """Major units as exact minor ones and their currency; None if either makes no sense."""
    try:
        code = to_currency(str(currency or ""))
        return to_minor(Decimal(str(amount)), code), code
    except (Invalid, InvalidOperation):
        return None


def money(amount: Any, currency: Any) -> Money | None:
    """The same as people see it."""
    found = minor(amount, currency)
    return None if found is None else to_money(*found)


def link(value: Any) -> str:
    """An http(s) address that may be shown; empty for anything else."""
    try:
        return to_link(value, field="url") if isinstance(value, str) else ""
    except Invalid:
        return ""


def word(value: Any) -> str:
    """A slug, or nothing."""
    return value if isinstance(value, str) else ""


def of(value: Any) -> Node:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def each(value: Any) -> list[Node]:
    """The objects of a list, or none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


# Products --------------------------------------------------------------------------------


def is_variation(node: Node) -> bool:
    """Whether this is one variation of a product: a size, a colour."""
    return node.get("type") == "variation"


def in_catalog(node: Node) -> bool:
    """Whether visitors can find a product: published, not hidden, and behind no password."""
    return (
        node.get("status") == "publish"
        and node.get("catalog_visibility") != HIDDEN
        and not node.get("post_password")
        and not is_variation(node)
    )


def to_product(node: Node, currency: Any, variants: Sequence[str] = ()) -> ProductDraft:
    """The product with all its variations in one; Invalid if it has no id.

    A variable product's price is its lowest and its stock that of any. `variants` are the SKUs
    of its variations, `packed`: they are in another list.
    """
    external_id = number(node.get("id"))
    price = minor(node.get("price"), currency)
    return ProductDraft(
        external_id=external_id,
        title=to_plain(node.get("name"), TITLE_LENGTH) or f"#{external_id}",
        description=_description(node),
        price=price[0] if price else None,
        currency=price[1] if price else None,
        url=link(node.get("permalink")),
        image_url=next((link(one.get("src")) for one in each(node.get("images"))), ""),
        available=_available(node),
        data=_details(node, variants),
        updated_at=to_time(node.get("date_modified_gmt")),
    ).checked()


def _available(node: Node) -> bool:
    """Whether it can be had. The stock's number may be null, or negative, and still it can."""
    priced = str(node.get("price") or "") != "" or word(node.get("type")) in SOLD_ELSEWHERE
    return priced and node.get("stock_status", "instock") in ("instock", "onbackorder")


def _description(node: Node) -> str:
    texts = (to_plain(node.get(name), DESCRIPTION) for name in ("short_description", "description"))
    return " ".join(text for text in dict.fromkeys(texts) if text)[:DESCRIPTION].strip()


def _details(node: Node, variants: Sequence[str]) -> dict[str, Any]:
    """What a search finds the product by, besides its title; empty ones take away old ones."""
    sorted_in = [one for one in each(node.get("categories")) if one.get("slug") != UNSORTED]
    options = [
        option
        for attribute in each(node.get("attributes"))
        for option in _listed(attribute.get("options"))
    ]
    return {
        "sku": short_list([node.get("sku"), node.get("global_unique_id")]),
        "brand": _names(node.get("brands")),
        "category": _names(sorted_in),
        "options": short_list(options),
        "tags": _names(node.get("tags")),
        VARIANTS: list(variants),
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(found: Any) -> list[str]:
    return short_list(one.get("name") for one in each(found))


def short_list(values: Iterable[Any]) -> list[str]:
    """At most as many texts as a product may have, each once, none empty, none long."""
    texts = (to_plain(value, DETAIL_LENGTH) for value in values)
    return [*dict.fromkeys(text for text in texts if text)][:TAGS]


def packed(skus: Iterable[Any]) -> list[str]:
    """The SKUs of hundreds of variations in as few texts as a product may have."""
    texts: list[str] = []
    for sku in dict.fromkeys(to_plain(one, DETAIL_LENGTH).replace(",", " ") for one in skus):
        if sku and texts and len(texts[-1]) + 2 + len(sku) <= DETAIL_LENGTH:
            texts[-1] += f", {sku}"
        elif sku:
            texts.append(sku)
    return texts[:TAGS]


def unpacked(texts: Iterable[Any]) -> list[str]:
    """The SKUs again."""
    return [sku for text in texts for sku in str(text).split(", ")]


# Customers -------------------------------------------------------------------------------


def is_shopper(node: Node) -> bool:
    """Whether an account is a customer's: the shop tells of editors and admins in one breath."""
    return word(node.get("role")) in SHOPPERS


def to_customer(node: Node) -> CustomerDraft | None:
    """The owner of an account; None for what has no id."""
    external_id = number(node.get("id"))
    if not external_id:
        return None
    billing = of(node.get("billing"))
    said = {
        "name": _name(node) or _name(billing),
        "email": node.get("email"),
        "username": node.get("username"),
        "phone": billing.get("phone"),
        "address": _one_line(billing),
    }
    profile = {name: to_plain(value, PROFILE[name]) for name, value in said.items()}
    return CustomerDraft(
        external_id=external_id,
        profile={name: value for name, value in profile.items() if value},
        attributes=_attributes(node, billing),
        updated_at=to_time(node.get("date_modified_gmt")),
    )


def _name(person: Node) -> str:
    return f"{person.get('first_name') or ''} {person.get('last_name') or ''}".strip()


def _one_line(address: Node) -> str:
    """An address on one line, in the order most of the world writes it."""
    place = f"{address.get('postcode') or ''} {address.get('city') or ''}".strip()
    parts = (
        address.get("address_1"),
        address.get("address_2"),
        place,
        address.get("state"),
        address.get("country"),
    )
    if not any(parts[:3]):  # a country alone is no address
        return ""
    return ", ".join(str(part).strip() for part in parts if part)


def _attributes(node: Node, billing: Node) -> dict[str, str | None]:
    """What else an agent wants to know of a customer; only what was said."""
    said = {"company": billing.get("company"), "country": billing.get("country")}
    if node.get("role") and not is_shopper(node):
        said["role"] = node["role"]
    return {
        name[:KEY_LENGTH]: text
        for name, value in said.items()
        if (text := to_plain(value, VALUE_LENGTH))
    }
