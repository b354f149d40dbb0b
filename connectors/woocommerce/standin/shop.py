"""One shop: what its merchant and its shoppers do, and what WooCommerce announces of it.

Nothing here is sent at once: `tick` of the deliveries sends it, as the Action Scheduler would.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from connectors.woocommerce.standin import checkout
from connectors.woocommerce.standin.access import Keys
from connectors.woocommerce.standin.catalog import Catalog, Ids, Product
from connectors.woocommerce.standin.checkout import Item
from connectors.woocommerce.standin.coupons import Coupon, Coupons
from connectors.woocommerce.standin.deliveries import Deliveries, Delivery
from connectors.woocommerce.standin.orders import HOLDS_STOCK, Order, Orders, Refund
from connectors.woocommerce.standin.outbound import Outbound
from connectors.woocommerce.standin.people import People, Person
from connectors.woocommerce.standin.rest import Rest
from connectors.woocommerce.standin.snippet import Snippet
from connectors.woocommerce.standin.values import Clock, digits_of
from connectors.woocommerce.standin.webhooks import Webhooks


class Shop:
    """A shop and everything in it."""

    name = "Stand-in shop"
    home = "http://127.0.0.1"

    def __init__(self) -> None:
        self.currency = "EUR"
        self.clock = Clock()
        ids = Ids()
        self.catalog = Catalog(ids, self.clock)
        self.orders = Orders(ids, self.clock)
        self.people = People(self.clock)
        self.coupons = Coupons(ids, self.clock)
        self.keys = Keys(self.clock)
        self.webhooks = Webhooks(self.clock)
        self.outbound = Outbound()
        self.deliveries = Deliveries(self)
        self.snippet = Snippet(self)
        self.rest = Rest(self)

    @property
    def digits(self) -> int:
        """How many decimals the currency has here."""
        return digits_of(self.currency)

    async def tick(self) -> list[Delivery]:
        """Let the Action Scheduler run once; what it sent."""
        await self.snippet.flush()
        return await self.deliveries.tick()

    def announce(self, topic: str, number: int) -> None:
        self.webhooks.announce(topic, number)

    # Products

    def add_product(self, name: str, price: str = "", **facts: Any) -> Product:
        """A product; see `Catalog.add`."""
        product = self.catalog.add(name, price, **facts)
        self.announce("product.created", product.id)
        return product

    def add_variation(self, parent: Product, options: dict[str, str], **facts: Any) -> Product:
        variation = self.catalog.add_variation(parent, options, **facts)
        self.catalog.change(variation)  # now, not when the parent was made
        self.announce("product.created", variation.id)
        return variation

    def edit_product(self, which: int | str | Product, **facts: Any) -> Product:
        """Change a product or a variation; of a variation, that is what is announced."""
        product = self.catalog.find(which)
        self.catalog.change(product, **facts)
        self.announce("product.updated", product.id)
        return product

    def trash_product(self, which: int | str | Product) -> None:
        """Into the trash: still there, with another status, and announced as deleted."""
        product = self.catalog.find(which)
        product.facts["status_before_trash"] = product.status
        self.catalog.change(product, status="trash")
        self.announce("product.deleted", product.id)

    def restore_product(self, which: int | str | Product) -> None:
        """Out of the trash, as it was before."""
        product = self.catalog.find(which)
        self.catalog.change(product, status=product.facts.pop("status_before_trash", "draft"))
        self.announce("product.restored", product.id)
        self.announce("product.updated", product.id)

    def delete_product(self, which: int | str | Product) -> None:
        """Gone for good, and nothing announces it."""
        self.catalog.remove(self.catalog.find(which))

    # People

    def add_customer(self, email: str, **facts: Any) -> Person:
        """A user. Whatever the role, the webhook says `customer.created`."""
        person = self.people.add(email, **facts)
        self.announce("customer.created", person.id)
        return person

    def edit_customer(self, person: Person, **facts: Any) -> Person:
        for name, value in facts.items():
            known = getattr(person, name)
            setattr(person, name, known | value if isinstance(known, dict) else value)
        person.modified = self.clock.second()
        self.announce("customer.updated", person.id)
        return person

    def delete_customer(self, person: Person) -> None:
        del self.people.all[person.id]
        for order in self.orders.all.values():
            if order.customer == person.id:
                order.customer = 0
        self.announce("customer.deleted", person.id)

    # Coupons

    def add_coupon(
        self, code: str, amount: Any = "0", kind: str = "fixed_cart", **facts: Any
    ) -> Coupon:
        """A coupon; see `Coupons.add`. `kind` is percent, fixed_cart or fixed_product."""
        coupon = self.coupons.add(code, amount, kind, **facts)
        self.announce("coupon.created", coupon.id)
        return coupon

    def edit_coupon(self, coupon: Coupon, **facts: Any) -> Coupon:
        self.coupons.change(coupon, **facts)
        self.announce("coupon.updated", coupon.id)
        return coupon

    def trash_coupon(self, coupon: Coupon) -> None:
        coupon.facts["status_before_trash"] = coupon.status
        self.coupons.change(coupon, status="trash")
        self.announce("coupon.deleted", coupon.id)

    def restore_coupon(self, coupon: Coupon) -> None:
        """Out of the trash, as it was before."""
        self.coupons.change(coupon, status=coupon.facts.pop("status_before_trash", "draft"))
        self.announce("coupon.restored", coupon.id)
        self.announce("coupon.updated", coupon.id)

    def delete_coupon(self, coupon: Coupon) -> None:
        """Gone for good, and nothing announces it."""
        del self.coupons.all[coupon.id]

    # Orders

    def add_order(
        self,
        items: Iterable[Item] = (),
        *,
        customer: Person | int = 0,
        email: str = "",
        status: str = "processing",
        coupons: Iterable[str] = (),
        **facts: Any,
    ) -> Order:
        """An order made at once, as over REST or in wp-admin; a guest's without `customer`.

        `NotRedeemed` if a coupon is refused, and then there is no order.
        """
        order = checkout.draft(self, items, customer, email, coupons, **facts)
        self.announce("order.created", order.id)
        self._redeem(order)
        self._enter(order, status, before="pending")
        return order

    def open_checkout(
        self,
        items: Iterable[Item],
        *,
        customer: Person | int = 0,
        email: str = "",
        coupons: Iterable[str] = (),
        **facts: Any,
    ) -> Order:
        """A shopper merely opens the checkout: a draft with her e-mail, and `order.updated`."""
        facts = {"via": "store-api", "agent": "Mozilla/5.0 (a shopper's browser)", **facts}
        order = checkout.draft(self, items, customer, email, coupons, **facts)
        order.status = "checkout-draft"
        self.announce("order.updated", order.id)
        return order

    def buy(self, order: Order, status: str = "on-hold") -> Order:
        """She buys: `order.updated` comes before `order.created`."""
        self.announce("order.updated", order.id)
        self._redeem(order)
        self._enter(order, "pending", before="checkout-draft")
        self._enter(order, status, before="pending")
        self.announce("order.created", order.id)
        return order

    def checkout(self, items: Iterable[Item], **facts: Any) -> Order:
        """The whole checkout of the storefront at once."""
        status = facts.pop("status", "on-hold")
        return self.buy(self.open_checkout(items, **facts), status)

    def set_status(self, order: Order, status: str) -> Order:
        """Another state; `refunded` gives back what is left."""
        before = order.status
        if status == "refunded" and order.refunded < order.total:
            left = order.total - order.refunded
            self.orders.refund(order, left, "Order fully refunded.", [])
        self._enter(order, status, before=before)
        self.announce("order.updated", order.id)
        return order

    def touch_order(self, order: Order) -> None:
        """A change of something else."""
        order.modified = self.clock.second()
        self.announce("order.updated", order.id)

    def refund(self, order: Order, amount: Decimal | str, reason: str = "") -> Refund:
        """Money back: a part of it leaves status and total as they are."""
        refund = self.orders.refund(order, Decimal(amount), reason, [])
        if order.refunded >= order.total:
            self._enter(order, "refunded", before=order.status)
        self.announce("order.updated", order.id)
        return refund

    def trash_order(self, order: Order) -> None:
        order.before_trash = order.status
        order.status, order.modified = "trash", self.clock.second()
        self.announce("order.deleted", order.id)

    def restore_order(self, order: Order) -> None:
        order.status, order.modified = order.before_trash or "pending", self.clock.second()
        self.announce("order.restored", order.id)

    def delete_order(self, order: Order) -> None:
        """Gone for good, and nothing announces it."""
        del self.orders.all[order.id]

    def _enter(self, order: Order, status: str, *, before: str) -> None:
        """The order's new state and all that WooCommerce does because of it."""
        self.orders.enter(order, status)
        if status in HOLDS_STOCK and not order.took_stock:
            self._move_stock(order, -1)
        elif status in ("cancelled", "pending") and order.took_stock:
            self._move_stock(order, 1)
        if status == "cancelled":
            self._give_back_coupons(order)
        if (person := self.people.all.get(order.customer)) and status in HOLDS_STOCK:
            person.paying = person.paying or status != "on-hold"
            person.modified = self.clock.second()
            self.announce("customer.updated", person.id)
        if status != before:
            self.snippet.status_changed(order)

    def _move_stock(self, order: Order, sign: int) -> None:
        order.took_stock = sign < 0
        for line in order.lines:
            product = line.product
            product.sold -= sign * line.quantity
            if product.stock is not None:
                product.stock += sign * line.quantity
            if product.id in self.catalog.all:
                self.catalog.change(product)
                self.announce("product.updated", product.id)

    def _redeem(self, order: Order) -> None:
        """Count the use; the coupon's `date_modified` stays as it is."""
        who = str(order.customer or order.billing.get("email", ""))
        for _, number, *_rest in order.coupons:
            self.coupons.all[number].used_by.append(who)

    def _give_back_coupons(self, order: Order) -> None:
        who = str(order.customer or order.billing.get("email", ""))
        for _, number, *_rest in order.coupons:
            coupon = self.coupons.all.get(number)
            if coupon and who in coupon.used_by:
                coupon.used_by.remove(who)
