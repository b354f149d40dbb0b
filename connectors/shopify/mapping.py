"""Mapping: Shopify's customers and products in the words of the core. Pure.

Ids are numbers as text here and on every row; only GraphQL speaks of `gid://shopify/Order/1`.
What Shopify may not tell us is null there and left unsaid here, so that it erases nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from core.customers import KEY_LENGTH, PROFILE, VALUE_LENGTH, CustomerDraft
from core.errors import Invalid
from core.ids import to_ms
from core.links import to_link
from core.money import to_currency, to_minor, to_money
from core.products import DETAIL_LENGTH, TAGS, TITLE_LENGTH, ProductDraft
from core.views import Money

Node = dict[str, Any]

DESCRIPTION = 5_000  # characters
DEFAULT = "Default Title"  # what Shopify calls the only variant of a product
_GID = re.compile(r"(?:gid://shopify/\w+/)?(\d{1,20})(?:\?.*)?")


# Ids, times, texts, money ----------------------------------------------------------------


def gid(kind: str, reference: str) -> str:
    """What GraphQL calls a thing: `gid("Order", "1")` is `gid://shopify/Order/1`."""
    return f"gid://shopify/{kind}/{reference}"


def number(value: Any) -> str:
    """The number within a gid, or a number, as text; empty if it is neither."""
    found = None if isinstance(value, bool) else _GID.fullmatch(str(value))
    return found[1] if found else ""


def to_time(value: Any) -> int | None:
    """An ISO 8601 time in milliseconds, whatever its zone; None if there is none."""
    moment = to_moment(value)
    return None if moment is None else to_ms(moment)


def to_moment(value: Any) -> datetime | None:
    """An ISO 8601 time; None if there is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_text(value: Any, length: int) -> str:
    """Clean text of at most `length` characters; empty for null."""
    if value is None or isinstance(value, dict | list):
        return ""
    whole = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    return whole.strip()[:length].strip()


def minor(amount: Any, currency: Any) -> tuple[int, str] | None:
    """Major units as exact minor ones and their currency; None if either makes no sense."""
    try:
        code = to_currency(str(currency or ""))
        return to_minor(Decimal(str(amount)), code), code
    except (Invalid, InvalidOperation):
        return None


def money(bag: Any) -> Money | None:
    """An amount from a `MoneyBag` (what the customer pays in) or a `MoneyV2`."""
    found = minor_of(bag)
    return None if found is None else to_money(*found)


def minor_of(bag: Any) -> tuple[int, str] | None:
    """The same as minor units and currency, for a row; REST's and GraphQL's shapes."""
    if not isinstance(bag, dict):
        return None
    pairs = (bag, *(bag.get(name) for name in ("presentmentMoney", "presentment_money")))
    for one in pairs:
        if isinstance(one, dict) and "amount" in one:
            return minor(one["amount"], one.get("currencyCode") or one.get("currency_code"))
    return None


def link(value: Any) -> str:
    """An http(s) address that may be shown; empty for anything else."""
    try:
        return to_link(to_text(value, 2048), field="url") or ""
    except Invalid:
        return ""


def of(value: Any) -> Node:
    """An object, or an empty one for null."""
    return value if isinstance(value, dict) else {}


def nodes(connection: Any) -> list[Node]:
    """The nodes of a connection, or of a plain list; null ones left out."""
    found = of(connection).get("nodes") if isinstance(connection, dict) else connection
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def has_more(connection: Any) -> bool:
    """Whether a connection has further pages."""
    return bool(of(of(connection).get("pageInfo")).get("hasNextPage"))


# Products --------------------------------------------------------------------------------


def in_catalog(node: Node) -> bool:
    """Whether visitors can find a product: active, and published in the online store."""
    published = node.get("onlineStoreUrl") or node.get("publishedAt")
    return node.get("status") == "ACTIVE" and bool(published)


def to_product(
    node: Node, domain: str, variants: Sequence[Node] | None = None, *, whole: bool | None = None
) -> ProductDraft:
    """The product with all its variants in one; `domain` is where the shop is visited.

    `variants` come beside a node that was read in bulk. If they are not the `whole` of them,
    whether the product is available is only said if it is.
    """
    listed = nodes(node.get("variants")) if variants is None else variants
    whole = not has_more(node.get("variants")) if whole is None else whole
    price = _price(node)
    return ProductDraft(
        external_id=number(node["id"]),
        title=to_text(node.get("title"), TITLE_LENGTH) or to_text(node.get("handle"), TITLE_LENGTH),
        description=to_text(node.get("description"), DESCRIPTION),
        price=price[0] if price else None,
        currency=price[1] if price else None,
        url=link(node.get("onlineStoreUrl")) or _address(domain, node),
        image_url=link(
            of(of(of(node.get("featuredMedia")).get("preview")).get("image")).get("url")
        ),
        available=_available(node, listed, whole=whole),
        data=_details(node, listed),
        updated_at=to_time(node.get("updatedAt")),
    ).checked()


def _price(node: Node) -> tuple[int, str] | None:
    """The lowest price of all variants, in the shop's currency."""
    lowest = of(of(node.get("priceRangeV2")).get("minVariantPrice"))
    return minor(lowest.get("amount"), lowest.get("currencyCode"))


def _available(node: Node, variants: Sequence[Node], *, whole: bool) -> bool | None:
    if any(variant.get("availableForSale") for variant in variants):
        return True
    if variants and whole:
        return False
    if not variants and whole:
        return not node.get("tracksInventory", True) or (node.get("totalInventory") or 0) > 0
    return None


def _address(domain: str, node: Node) -> str:
    handle = to_text(node.get("handle"), DETAIL_LENGTH)
    return link(f"https://{domain}/products/{quote(handle)}") if handle else ""


def _details(node: Node, variants: Sequence[Node]) -> dict[str, Any]:
    """What a search finds the product by, besides its title; empty ones take away old ones."""
    values = [
        value
        for option in nodes(node.get("options"))
        for value in option.get("values") or ()
        if value != DEFAULT
    ]
    return {
        "sku": _short_list(variant.get("sku") for variant in variants),
        "brand": to_text(node.get("vendor"), DETAIL_LENGTH),
        "category": to_text(node.get("productType"), DETAIL_LENGTH),
        "options": _short_list(values),
        "tags": _short_list(node.get("tags") or ()),
    }


def _short_list(values: Iterable[Any]) -> list[str]:
    """At most as many texts as a product may have, each once, none empty, none long."""
    texts = (to_text(value, DETAIL_LENGTH) for value in values)
    return [*dict.fromkeys(text for text in texts if text)][:TAGS]


# Customers -------------------------------------------------------------------------------


def to_customer(payload: Any, at: int | None = None) -> CustomerDraft | None:
    """The buyer of a webhook or an order, or None: a point-of-sale order may have no customer.

    `at` is when it was said, for a customer that carries no time of its own.
    """
    customer = of(payload)
    external_id = number(customer.get("id"))
    if external_id in ("", "0"):
        return None
    said = {
        "name": _name(customer),
        "email": customer.get("email")
        or of(customer.get("defaultEmailAddress")).get("emailAddress"),
        "phone": customer.get("phone") or of(customer.get("defaultPhoneNumber")).get("phoneNumber"),
        "address": _one_line(customer.get("default_address") or customer.get("defaultAddress")),
    }
    profile = {name: to_text(value, PROFILE[name]) for name, value in said.items()}
    return CustomerDraft(
        external_id=external_id,
        profile={name: value for name, value in profile.items() if value},
        attributes=_attributes(customer),
        updated_at=to_time(customer.get("updated_at") or customer.get("updatedAt")) or at,
    )


def _name(customer: Node) -> str:
    """First and last name; `displayName` would be the e-mail of somebody without a name."""
    first = customer.get("first_name") or customer.get("firstName") or ""
    last = customer.get("last_name") or customer.get("lastName") or ""
    return f"{first} {last}".strip()


def _one_line(address: Any) -> str:
    """An address on one line, in the order most of the world writes it."""
    parts = of(address)
    place = f"{parts.get('zip') or ''} {parts.get('city') or ''}".strip()
    region = parts.get("province") or parts.get("provinceCode")
    country = parts.get("country") or parts.get("countryCodeV2")
    street = (parts.get("address1"), parts.get("address2"))
    return ", ".join(str(part).strip() for part in (*street, place, region, country) if part)


def _attributes(customer: Node) -> dict[str, str | None]:
    """What else an agent wants to know of a buyer; only what was said."""
    count = customer.get("orders_count", customer.get("numberOfOrders"))
    spent = minor_of(customer.get("amountSpent")) or minor(
        customer.get("total_spent"), customer.get("currency")
    )
    tags = customer.get("tags")
    said = {
        "orders": None if count is None else str(count),
        "spent": None if spent is None else f"{to_money(*spent).text} {spent[1]}",
        "tags": ", ".join(tags) if isinstance(tags, list) else tags,
    }
    return {
        name[:KEY_LENGTH]: text
        for name, value in said.items()
        if (text := to_text(value, VALUE_LENGTH))
    }
