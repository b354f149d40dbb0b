"""Orders of guests and customers: their lines, discounts, refunds and states."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.woocommerce.standin.catalog import Ids, Product
from connectors.woocommerce.standin.values import Clock, Json, digits_of, rounded

STATUSES = (
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)
PAID = ("processing", "completed")
HOLDS_STOCK = ("processing", "completed", "on-hold")
TAX = Decimal("0.19")
TAXED = "DE"
ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postcode",
    "country",
    "email",
    "phone",
)
_ZERO = Decimal(0)


@dataclass(slots=True)
class Line:
    """So many of one product; the amounts are net, before and after discounts."""

    id: int
    product: Product
    quantity: int
    price: Decimal  # one of it, as the shop shows it: with tax
    parent_name: str | None
    taxed: bool
    discount: Decimal = _ZERO  # off the whole line, with tax

    def net(self, gross: Decimal, *, discounted: bool) -> Decimal:
        """Without tax. The catalogue's prices include it, so others pay the net price."""
        return rounded((gross - (self.discount if discounted else 0)) / (1 + TAX))

    @property
    def gross(self) -> Decimal:
        return self.price * self.quantity

    def amounts(self, *, discounted: bool) -> tuple[Decimal, Decimal]:
        """Net and tax of the line."""
        net = self.net(self.gross, discounted=discounted)
        full = self.gross - (self.discount if discounted else 0)
        return net, rounded(full - net) if self.taxed else _ZERO


@dataclass(slots=True)
class Refund:
    """Money given back for a part of an order or for all of it."""

    id: int
    amount: Decimal
    reason: str
    created: int
    lines: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """An order, a draft of one, or one in the trash."""

    id: int
    number: str
    status: str
    created: int
    modified: int
    key: str
    customer: int = 0  # a guest's
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    freight: Decimal = _ZERO  # net
    coupons: list[tuple[int, int, str, str, Decimal, Decimal]] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    paid: int | None = None
    completed: int | None = None
    via: str = "checkout"
    method: str = "bacs"
    note: str = ""
    ip: str = "127.0.0.1"
    agent: str = ""
    currency: str = "EUR"
    before_trash: str = ""
    took_stock: bool = False
    meta: list[Json] = field(default_factory=list)
    total_given: Decimal | None = None

    @property
    def taxed(self) -> bool:
        return self.billing.get("country") == TAXED

    @property
    def line_tax(self) -> Decimal:
        return sum((one.amounts(discounted=True)[1] for one in self.lines), _ZERO)

    @property
    def freight_tax(self) -> Decimal:
        return rounded(self.freight * TAX) if self.taxed else _ZERO

    @property
    def total(self) -> Decimal:
        """What the customer pays; a refund does not change it."""
        if self.total_given is not None:
            return self.total_given
        lines = sum((sum(one.amounts(discounted=True)) for one in self.lines), _ZERO)
        return rounded(lines + self.freight + self.freight_tax, digits_of(self.currency))

    @property
    def discount(self) -> tuple[Decimal, Decimal]:
        """Net and tax of what the coupons took off."""
        before = [one.amounts(discounted=False) for one in self.lines]
        after = [one.amounts(discounted=True) for one in self.lines]
        pairs = list(zip(before, after, strict=True))
        return (
            sum((one[0] - other[0] for one, other in pairs), _ZERO),
            sum((one[1] - other[1] for one, other in pairs), _ZERO),
        )

    @property
    def refunded(self) -> Decimal:
        return sum((one.amount for one in self.refunds), _ZERO)


class Orders:
    """All orders by id, trash and drafts included."""

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self.ids = ids
        self.clock = clock
        self.all: dict[int, Order] = {}
        self.number_format = "{id}"  # "2026-{count}": a plugin for sequential numbers is installed
        self.migrated: set[int] = set()  # once in the legacy storage: not found by name
        self._next_item = 1

    def item_id(self) -> int:
        """Lines of all kinds share a sequence of their own."""
        self._next_item += 1
        return self._next_item - 1

    def new(self, status: str, **facts: Any) -> Order:
        """An order without lines yet."""
        now = facts.pop("created", None) or self.clock.second()
        number = self.ids()
        secret = hashlib.md5(f"order {number}".encode(), usedforsecurity=False).hexdigest()[:13]
        shown = self.number_format.format(id=number, count=len(self.all) + 1)
        order = Order(number, shown, status, now, now, f"wc_order_{secret}", **facts)
        self.all[number] = order
        return order

    def add_line(self, order: Order, product: Product, quantity: int, parent: str | None) -> Line:
        price = Decimal(product.charged or "0")
        line = Line(self.item_id(), product, quantity, price, parent, order.taxed)
        order.lines.append(line)
        return line

    def enter(self, order: Order, status: str) -> None:
        """Move to this state and keep the dates that belong to it."""
        now = self.clock.second()
        order.status, order.modified = status, now
        if status in PAID and order.paid is None:
            order.paid = now
        if status == "completed" and order.completed is None:
            order.completed = now

    def refund(self, order: Order, amount: Decimal, reason: str, lines: list[Json]) -> Refund:
        refund = Refund(self.ids(), amount, reason, self.clock.second(), lines)
        order.refunds.insert(0, refund)
        order.modified = self.clock.second()
        return refund

    def matching(self, word: str) -> Iterable[Order]:
        """Those in which the words occur: ids, e-mails, names, phones and names of items."""
        sought = word.lower()
        return (
            one
            for one in self.all.values()
            if sought in _haystack(one, named=one.id not in self.migrated)
        )


def _haystack(order: Order, *, named: bool) -> str:
    if not named:
        return f"{order.id}\n{order.billing.get('email', '')}".lower()
    people = (order.billing.get(name, "") for name in ("email", "first_name", "last_name", "phone"))
    company = (order.billing.get("company", ""), order.shipping.get("last_name", ""))
    names = (line.product.name for line in order.lines)
    return "\n".join((str(order.id), order.number, *people, *company, *names)).lower()
