"""Coupons: their rules, and what redeeming them changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.standin.catalog import Ids
from connectors.woocommerce.standin.errors import WooError
from connectors.woocommerce.standin.product_json import links
from connectors.woocommerce.standin.values import Clock, Json, dates, money

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

KINDS = ("percent", "fixed_cart", "fixed_product")
_IN_THE_POST = frozenset({"code", "description", "status"})
FACTS: Json = {
    "description": "",
    "individual_use": False,
    "product_ids": [],
    "excluded_product_ids": [],
    "usage_limit": None,
    "usage_limit_per_user": None,
    "limit_usage_to_x_items": None,
    "free_shipping": False,
    "product_categories": [],
    "excluded_product_categories": [],
    "exclude_sale_items": False,
    "email_restrictions": [],
    "meta_data": [],
}


class NotRedeemed(Exception):
    """The shop does not take this code now; the text is what the shopper reads."""


@dataclass(slots=True)
class Coupon:
    """A code and what it takes off."""

    id: int
    code: str
    amount: Decimal
    created: int
    modified: int
    kind: str = "fixed_cart"
    status: str = "publish"
    expires: int | None = None
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(0)
    used_by: list[str] = field(default_factory=list)
    facts: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.code

    @property
    def slug(self) -> str:
        return self.code

    def fact(self, name: str) -> Any:
        return self.facts.get(name, FACTS[name])


class Coupons:
    """All coupons by id, those in the trash included."""

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self.ids = ids
        self.clock = clock
        self.all: dict[int, Coupon] = {}

    def by_code(self, code: str) -> Coupon | None:
        """Whatever the case of the letters; one in the trash frees its code."""
        live = (one for one in self.all.values() if one.status != "trash")
        return next((one for one in live if one.code == code.lower()), None)

    def add(self, code: str, amount: Any = "0", kind: str = "fixed_cart", **facts: Any) -> Coupon:
        """A new coupon, or `WooError` 400."""
        if self.by_code(code):
            raise taken()
        now = self.clock.second()
        coupon = Coupon(self.ids(), code.lower(), Decimal(0), now, now)
        self.change(coupon, amount=amount, kind=kind, **facts)
        self.all[coupon.id] = coupon
        return coupon

    def change(self, coupon: Coupon, **facts: Any) -> None:
        """Set attributes and REST fields, or `WooError` 400 and nothing is changed.

        `date_modified` moves with what WordPress keeps in the post itself, not with the amount,
        the end or anything else.
        """
        kind = facts.pop("kind", coupon.kind)
        amount = _amount(facts.pop("amount", coupon.amount), kind)
        coupon.kind, coupon.amount = kind, amount
        if not _IN_THE_POST.isdisjoint(facts):
            coupon.modified = self.clock.second()
        for name in ("status", "expires", "minimum", "maximum", "code"):
            if name in facts:
                setattr(coupon, name, facts.pop(name))
        coupon.facts |= facts

    def check(self, coupon: Coupon, shopper: str, email: str, subtotal: Decimal) -> None:
        """`NotRedeemed` if this shopper cannot use it for this cart."""
        allowed = [one.lower() for one in coupon.fact("email_restrictions")]
        limit, each = coupon.fact("usage_limit"), coupon.fact("usage_limit_per_user")
        problems = {
            f'Coupon "{coupon.code}" does not exist!': coupon.status != "publish",
            "This coupon has expired.": bool(
                coupon.expires and coupon.expires <= self.clock.second()
            ),
            "Coupon usage limit has been reached.": bool(
                (limit and len(coupon.used_by) >= limit)
                or (each and coupon.used_by.count(shopper) >= each)
            ),
            "Please enter a valid email to use coupon code.": bool(
                allowed and email.lower() not in allowed
            ),
            f"The minimum spend for this coupon is {money(coupon.minimum)}.": bool(
                coupon.minimum and subtotal < coupon.minimum
            ),
        }
        if problem := next((text for text, holds in problems.items() if holds), None):
            raise NotRedeemed(problem)


def taken() -> WooError:
    return WooError(
        400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists"
    )


def _amount(given: Any, kind: str) -> Decimal:
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount < 0 or (kind == "percent" and amount > 100):
        raise WooError(400, "coupon_invalid_amount", "Invalid discount amount.")
    return amount


def shown(store: Shop, one: Coupon) -> Json:
    """A coupon as `/coupons` shows it."""
    return {
        "id": one.id,
        "code": one.code,
        "amount": money(one.amount),
        "status": one.status,
        **dates("date_created", one.created),
        **dates("date_modified", one.modified),
        "discount_type": one.kind,
        "description": one.fact("description"),
        **dates("date_expires", one.expires),
        "usage_count": len(one.used_by),
        **{name: one.fact(name) for name in _MIDDLE},
        "minimum_amount": money(one.minimum),
        "maximum_amount": money(one.maximum),
        "email_restrictions": one.fact("email_restrictions"),
        "used_by": one.used_by,
        "meta_data": one.fact("meta_data"),
        "_links": links(store, f"coupons/{one.id}", "coupons"),
    }


_MIDDLE = tuple(
    name for name in FACTS if name not in ("description", "email_restrictions", "meta_data")
)
