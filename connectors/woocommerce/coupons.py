"""Coupons: single-use codes in a shop, found again before one is ever made twice.

Creating a coupon takes no idempotency key, but a code exists once: the shop says that it has
one already, and the coupon's own words say whether that was us.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.mapping import Node, number, to_moment
from connectors.woocommerce.slim import COUPON, fields
from core.connector import Connection, DiscountTerms, IssuedCode
from core.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

LIVE = "publish"


async def issue(shop: WooCommerce, connection: Connection, terms: DiscountTerms) -> IssuedCode:
    """The code, made; or found, if it is there with these terms. Conflict if with others."""
    try:
        node = await shop.api.post(connection, "coupons", to_body(terms))
    except Conflict:
        found = await _by_code(shop, connection, terms.code)
        if found is None or not is_of(found, terms):
            raise Conflict("The shop has this code already.", code="code_taken") from None
        node = found
    if not number(node.get("id")):
        raise Unavailable("The shop did not say whether it made the code.", code="bad_answer")
    return _to_issued(terms.code, node)


async def find_code(shop: WooCommerce, connection: Connection, code: str) -> IssuedCode | None:
    """The code, if the shop has it."""
    node = await _by_code(shop, connection, code)
    return None if node is None else _to_issued(code, node)


async def revoke_code(shop: WooCommerce, connection: Connection, issued: IssuedCode) -> None:
    """Delete the code for good: from the trash it could be taken out again. Gone is done."""
    reference = number(issued.reference)
    if not reference:
        found = await _by_code(shop, connection, issued.code)
        reference = number(found.get("id")) if found else ""
    if not reference:
        return
    try:
        await shop.api.delete(connection, f"coupons/{reference}", {"force": "true"})
    except NotFound:
        return


async def _by_code(shop: WooCommerce, connection: Connection, code: str) -> Node | None:
    """The live coupon of this code, in whatever letters; one in the trash is none."""
    asked = {"code": code.lower(), "per_page": "10", "_fields": fields(COUPON)}
    page = await shop.api.get(connection, "coupons", asked)
    same = [node for node in page.items if str(node.get("code", "")).lower() == code.lower()]
    return next((node for node in same if node.get("status", LIVE) == LIVE), None)


def to_body(terms: DiscountTerms) -> dict[str, Any]:
    """The terms in WooCommerce's words: one use, alone, by one address where one is known.

    It goes with no other coupon, so that what an agent gives is never more than was decided.
    """
    body: dict[str, Any] = {
        "code": terms.code.lower(),
        "description": terms.title,
        "discount_type": "fixed_cart" if terms.amount is not None else "percent",
        "amount": terms.amount.text if terms.amount is not None else terms.percent,
        "individual_use": True,
        "usage_limit": 1,
        "usage_limit_per_user": 1,
    }
    if terms.expires_at is not None:
        body["date_expires_gmt"] = f"{_second(terms.expires_at):%Y-%m-%dT%H:%M:%S}"
    if terms.minimum is not None:
        body["minimum_amount"] = terms.minimum.text
    if terms.email:
        body["email_restrictions"] = [terms.email]
    return body


def is_of(node: Node, terms: DiscountTerms) -> bool:
    """Whether the coupon a shop has is the one of these terms."""
    asked = to_body(terms)
    return (
        node.get("description") == terms.title
        and node.get("discount_type") == asked["discount_type"]
        and _amount(node.get("amount")) == _amount(asked["amount"])
        and _amount(node.get("minimum_amount")) == _amount(asked.get("minimum_amount"))
        and node.get("usage_limit") == 1
        and _emails(node.get("email_restrictions")) == _emails(asked.get("email_restrictions"))
        and to_moment(node.get("date_expires_gmt")) == _second(terms.expires_at)
    )


def _amount(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return None


def _emails(value: Any) -> set[str]:
    return {str(one).lower() for one in value} if isinstance(value, list) else set()


def _second(moment: datetime | None) -> datetime | None:
    """As precise as WooCommerce keeps times."""
    return None if moment is None else moment.astimezone(UTC).replace(microsecond=0)


def _to_issued(code: str, node: Node) -> IssuedCode:
    return IssuedCode(code, number(node.get("id")), "")
