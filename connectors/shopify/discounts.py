"""Discounts: single-use codes in a shop, found again before one is ever made twice.

Creating a code takes no idempotency key, but a code exists once: TAKEN says that somebody was
faster, and its title and times say whether that was us.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.shopify.client import problems
from connectors.shopify.mapping import Node, gid, link, of, to_moment, to_text
from core.connector import Connection, DiscountTerms, IssuedCode
from core.errors import Conflict, Refused, Unavailable

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

TAG = "parley"  # by which a merchant finds our codes in the admin
_PASSING = {"INTERNAL_ERROR"}


async def issue(shopify: Shopify, connection: Connection, terms: DiscountTerms) -> IssuedCode:
    """The code, made; or found, if it is there with these terms. Conflict if with others."""
    data = await shopify.api.run(connection, "discount_create", {"input": to_input(terms)})
    payload = of(data.get("discountCodeBasicCreate"))
    if any(problem.get("code") == "TAKEN" for problem in problems(payload)):
        node = await _by_code(shopify, connection, terms.code)
        if node is None or not is_of(node, terms):
            raise Conflict("The shop has this code already.", code="code_taken")
        return _to_issued(connection, terms.code, node)
    refuse(payload)
    node = of(payload.get("codeDiscountNode"))
    if not node.get("id"):
        raise Unavailable("Shopify did not say whether it made the code.", code="bad_answer")
    return _to_issued(connection, terms.code, node)


async def find_code(shopify: Shopify, connection: Connection, code: str) -> IssuedCode | None:
    """The code, if the shop has it."""
    node = await _by_code(shopify, connection, code)
    return None if node is None else _to_issued(connection, code, node)


async def revoke_code(shopify: Shopify, connection: Connection, issued: IssuedCode) -> None:
    """Stop the code; it stays in the admin as expired. One that is gone already is done."""
    data = await shopify.api.run(connection, "discount_deactivate", {"id": issued.reference})
    payload = of(data.get("discountCodeDeactivate"))
    if problems(payload) and await find_code(shopify, connection, issued.code) is not None:
        refuse(payload)


async def _by_code(shopify: Shopify, connection: Connection, code: str) -> Node | None:
    data = await shopify.api.run(connection, "discount_by_code", {"code": code}, whole=True)
    found = data.get("codeDiscountNodeByCode")
    return found if isinstance(found, dict) and found.get("id") else None


def to_input(terms: DiscountTerms) -> dict[str, Any]:
    """The terms in Shopify's words: one use, by one customer where one is named."""
    people: Node = {"all": "ALL"}
    if terms.customer:
        people = {"customers": {"add": [gid("Customer", terms.customer)]}}
    asked: Node = {
        "title": terms.title[:255],
        "code": terms.code,
        "startsAt": _to_iso(terms.starts_at or datetime.now(UTC)),
        "endsAt": None if terms.expires_at is None else _to_iso(terms.expires_at),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": people,
        "customerGets": {"value": _value(terms), "items": {"all": True}},
        "tags": [TAG],
    }
    if terms.minimum is not None:
        least = {"greaterThanOrEqualToSubtotal": terms.minimum.text}
        asked["minimumRequirement"] = {"subtotal": least}
    return asked


def is_of(node: Node, terms: DiscountTerms) -> bool:
    """Whether the discount a shop has is the one of these terms."""
    known = of(node.get("codeDiscount"))
    return (
        known.get("title") == terms.title[:255]
        and known.get("usageLimit") == 1
        and to_moment(known.get("startsAt")) == _second(terms.starts_at)
        and to_moment(known.get("endsAt")) == _second(terms.expires_at)
    )


def _value(terms: DiscountTerms) -> Node:
    if terms.amount is not None:
        return {"discountAmount": {"amount": terms.amount.text, "appliesOnEachItem": False}}
    return {"percentage": float(Decimal(terms.percent) / 100)}  # of the order; no amount of money


def _second(moment: datetime | None) -> datetime | None:
    """As precise as Shopify keeps times."""
    return None if moment is None else moment.astimezone(UTC).replace(microsecond=0)


def _to_iso(moment: datetime) -> str:
    return f"{_second(moment):%Y-%m-%dT%H:%M:%SZ}"


def _to_issued(connection: Connection, code: str, node: Node) -> IssuedCode:
    domain = to_text(connection.details.get("domain"), 255) or connection.shop
    url = link(f"https://{domain}/discount/{quote(code, safe='')}")
    return IssuedCode(code, str(node["id"]), url)


def refuse(payload: Node) -> None:
    """Return if a mutation did its work; else raise what its user errors say."""
    found = problems(payload)
    if not found:
        return
    message = to_text(found[0].get("message"), 300) or "it would not"
    if any(problem.get("code") in _PASSING for problem in found):
        raise Unavailable(f"Shopify failed at this: {message}.", code="vendor_error")
    raise Refused(f"Shopify said: {message}", code="refused_operation")
