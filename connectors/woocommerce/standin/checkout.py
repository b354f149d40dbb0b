"""From a cart to an order: whose it is, what is in it, and what the coupons take off."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.coupons import Coupon, NotRedeemed
from connectors.woocommerce.standin.orders import Order
from connectors.woocommerce.standin.people import Person
from connectors.woocommerce.standin.values import Json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

Item = Product | tuple[Product, int] | str | int | tuple[str | int, int]
FREIGHT = Decimal("4.12")
_ZERO = Decimal(0)


def draft(
    shop: Shop,
    items: Iterable[Item],
    customer: Person | int,
    email: str,
    codes: Iterable[str],
    **facts: Any,
) -> Order:
    """An order that nobody was told of yet; `NotRedeemed`, and no order, if a coupon is refused."""
    number = customer.id if isinstance(customer, Person) else customer
    facts = _addressed(facts, shop.people.all.get(number), email)
    lines = [_item(shop, one) for one in items]
    subtotal = sum((Decimal(one.charged or 0) * count for one, count in lines), _ZERO)
    known_as = facts["billing"]["email"]
    shopper = str(number or known_as)
    coupons = [_usable(shop, code, shopper, known_as, subtotal) for code in codes]
    facts = {"freight": FREIGHT if lines else _ZERO, "currency": shop.currency, **facts}
    order = shop.orders.new("pending", customer=number, **facts)
    for product, quantity in lines:
        parent = shop.catalog.all.get(product.parent)
        shop.orders.add_line(order, product, quantity, parent.name if parent else None)
    for coupon in coupons:
        _discount(shop, order, coupon)
    return order


def _item(shop: Shop, given: Item) -> tuple[Product, int]:
    which, quantity = given if isinstance(given, tuple) else (given, 1)
    return shop.catalog.find(which), quantity


def _usable(shop: Shop, code: str, shopper: str, email: str, subtotal: Decimal) -> Coupon:
    coupon = shop.coupons.by_code(code)
    if coupon is None:
        raise NotRedeemed(f'Coupon "{code}" does not exist!')
    shop.coupons.check(coupon, shopper, email, subtotal)
    return coupon


def _discount(shop: Shop, order: Order, coupon: Coupon) -> None:
    left = sum((line.gross - line.discount for line in order.lines), _ZERO)
    share = coupon.amount / 100
    if coupon.kind != "percent":
        share = min(Decimal(1), coupon.amount / left) if left else _ZERO
    taken = _ZERO
    for line in order.lines:
        off = ((line.gross - line.discount) * share).quantize(Decimal("0.01"))
        line.discount += off
        taken += off
    entry = (shop.orders.item_id(), coupon.id, coupon.code, coupon.kind, coupon.amount, taken)
    order.coupons.append(entry)


def _addressed(facts: Json, person: Person | None, email: str) -> Json:
    """The order's addresses: given ones over the customer's own."""
    own = person.billing if person else {"country": "DE"}
    named: Json = {}
    if person:
        named = {name: getattr(person, name) for name in ("first_name", "last_name", "email")}
    billing = {**own, **named, **(facts.pop("billing", None) or {})}
    billing["email"] = email or billing.get("email") or ""
    billing.setdefault("country", "DE")
    shipping = facts.pop("shipping", None) or (person.shipping if person else {})
    return {**facts, "billing": billing, "shipping": dict(shipping)}
