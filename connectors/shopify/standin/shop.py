"""One shop of the stand-in: what it sells, to whom, and which apps it has.

The methods here are what a merchant or a buyer does. Each changes the shop and, where an app has
subscribed, sends the webhooks that Shopify would.
"""

from __future__ import annotations

import base64
import time
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.shopify.standin import payloads, shop_payloads
from connectors.shopify.standin.apps import App, Grant, Installation
from connectors.shopify.standin.bulk import Bulk
from connectors.shopify.standin.catalog import Catalog, Product
from connectors.shopify.standin.cost import Bucket
from connectors.shopify.standin.discounts import Discounts
from connectors.shopify.standin.orders import Orders
from connectors.shopify.standin.people import People
from connectors.shopify.standin.signing import id_token, query_hmac
from connectors.shopify.standin.values import Clock, Node, number_of
from connectors.shopify.standin.webhooks import Delivery, Webhooks

FIRST_SHOP = 60_000_000_001
MONEY_FORMATS = {"EUR": "€{{amount}}", "USD": "${{amount}}", "GBP": "£{{amount}}"}


class Shop:
    """A shop and everything in it."""

    def __init__(
        self, handle: str, *, clock: Clock, apps: list[App], place: int = 0, currency: str = "EUR"
    ) -> None:
        self.handle = handle
        self.domain = f"{handle}.myshopify.com"
        self.title = handle.replace("-", " ").title()
        self.email = f"owner@{handle}.example"
        self.number = FIRST_SHOP + place
        self.location = 70_000_000_001 + place
        self.currency = currency
        self.money_format = MONEY_FORMATS.get(currency, "{{amount}}")
        self.clock = clock
        self.apps = apps
        self.embed_on = False
        self.own_organisation = True  # client credentials work here
        self.approves_at_once = False  # the authorize page needs nobody to click
        self.catalog = Catalog(self.domain, currency, clock)
        self.orders = Orders(self)
        self.people = People(self, self.orders)
        self.discounts = Discounts(self)
        self.webhooks = Webhooks(self)
        self.bulk = Bulk(self)
        self.bucket = Bucket(clock)
        self.guessed: set[str] = set()  # fields answered with nothing better than null
        self.job_takes = 0.0  # seconds until a job, such as a cancellation, says it is done
        self.jobs: dict[str, float] = {}  # id → when it is done
        self.idempotent: dict[str, tuple[str, Node]] = {}
        self.metafields: dict[tuple[str, str, str], Node] = {}
        self.installations = {
            app.client_id: Installation(app, self.number * 10 + app.number, clock) for app in apps
        }

    def __repr__(self) -> str:
        return f"<Shop {self.domain}: {len(self.catalog)} products>"

    # Products

    def add_products(self, count: int) -> None:
        """So many made-up products, silently; the same ones every time."""
        self.catalog.add_many(count)

    def add_product(self, **facts: Any) -> Node:
        """A product by its facts: `title`, `price`, `stock`, `status`, `variants`, `id` …"""
        product = self.catalog.add(**facts)
        node = self.catalog.read(product)
        self._tell("products/create", shop_payloads.product(self, node))
        return node

    def edit_product(self, product: Node | Product | int, **facts: Any) -> Node:
        """Change its facts; a change of stock is announced as well."""
        found = self.product(product)
        before = self.read(found)
        self.catalog.edit(found, **facts)
        return self._tell_product(found, before)

    def set_stock(self, variant: Node, quantity: int) -> Node:
        """So many of this variant are left."""
        number = number_of(variant["id"])
        found = self.catalog.of_variant(number)
        assert found is not None, "no such variant"
        before = self.read(found)
        self.catalog.edit_variant(found, number, inventoryQuantity=quantity)
        return self._tell_product(found, before)

    def delete_product(self, product: Node | Product | int) -> None:
        found = self.product(product)
        self.catalog.remove(found)
        self._tell("products/delete", {"id": found.number})

    def product(self, which: Node | Product | int) -> Product:
        if isinstance(which, Product):
            return which
        return self.catalog.products[which if isinstance(which, int) else number_of(which["id"])]

    def read(self, product: Product) -> Node:
        return self.catalog.read(product)

    def any_product(self) -> Product:
        """The first product, made if there is none."""
        return next(iter(self.catalog.products.values()), None) or self.catalog.add()

    def any_variant(self) -> Node:
        variant: Node = self.read(self.any_product())["variants"][0]
        return variant

    # Customers

    def add_customer(self, **facts: Any) -> Node:
        """A customer; see `People.add`."""
        customer = self.people.add(**facts)
        self._tell("customers/create", payloads.customer_of(self, customer))
        return customer

    def edit_customer(self, customer: Node, **facts: Any) -> Node:
        self.people.edit(customer, **facts)
        self._tell("customers/update", payloads.customer_of(self, customer))
        return customer

    def delete_customer(self, customer: Node) -> None:
        body = payloads.deleted_customer(customer)
        del self.people.nodes[number_of(customer["id"])]
        self._tell("customers/delete", body)

    # Orders

    def add_order(self, **facts: Any) -> Node:
        """An order; see `Orders.add`. A paid one says so, as Shopify does, in two webhooks."""
        order = self.orders.add(**facts)
        self._tell_order(order, "orders/create", *(["orders/paid"] if order["fullyPaid"] else []))
        return order

    def checkout(
        self, lines: list[Node], *, customer: Node | None = None, code: str = "", **facts: Any
    ) -> Node:
        """An order from the storefront, with its discount code redeemed; `Refused` if it is bad."""
        discount = None
        if code:
            subtotal = sum(
                (Decimal(one["variant"]["price"]) * one.get("quantity", 1) for one in lines),
                Decimal(0),
            )
            discount = (code, self.discounts.redeem(code, subtotal, customer))
        order = self.add_order(lines=lines, customer=customer, discount=discount, **facts)
        if discount and (found := self.discounts.by_code(code)):
            self._tell("discounts/update", shop_payloads.discount(self, found))
        for line in lines:
            left = line["variant"]["inventoryQuantity"] - line.get("quantity", 1)
            self.set_stock(line["variant"], max(left, 0))
        return order

    def pay(self, order: Node) -> Node:
        self.orders.pay(order)
        self._tell_payment(order)
        self._tell_order(order, "orders/paid", "orders/updated")
        return order

    def fulfil(self, order: Node, **facts: Any) -> Node:
        """Ship it; see `Orders.fulfil`."""
        fulfilment = self.orders.fulfil(order, **facts)
        self._tell("fulfillments/create", payloads.fulfilment(self, order, fulfilment))
        done = order["displayFulfillmentStatus"] == "FULFILLED"
        self._tell_order(order, "orders/fulfilled" if done else "orders/partially_fulfilled")
        self._tell_order(order, "orders/updated")
        return fulfilment

    def deliver(self, order: Node) -> Node:
        """The last parcel arrived."""
        fulfilment: Node = order["fulfillments"][-1]
        self.orders.deliver(order, fulfilment)
        self._tell("fulfillments/update", payloads.fulfilment(self, order, fulfilment))
        body = payloads.fulfilment_event(self, order, fulfilment)
        self._tell("fulfillment_events/create", body)
        self._tell_order(order, "orders/updated")
        return fulfilment

    def refund(
        self,
        order: Node,
        amount: str | Decimal,
        items: dict[int, int] | None = None,
        note: str = "",
    ) -> Node:
        refund = self.orders.refund(order, Decimal(amount), items=items, note=note)
        self._tell("refunds/create", payloads.refund(self, order, refund))
        self._tell_payment(order)
        self._tell_order(order, "orders/updated")
        return refund

    def cancel(self, order: Node, *, reason: str = "CUSTOMER", refund: bool = True) -> Node:
        refunds = len(order["refunds"])
        self.orders.cancel(order, reason=reason, refund=refund)
        for one in order["refunds"][refunds:]:
            self._tell("refunds/create", payloads.refund(self, order, one))
        self._tell_order(order, "orders/cancelled", "orders/updated")
        return order

    def edit_order(self, order: Node, **facts: Any) -> Node:
        """Change tags, note and the like."""
        self.orders.edit(order, **facts)
        self._tell_order(order, "orders/updated")
        return order

    def delete_order(self, order: Node) -> None:
        del self.orders.nodes[number_of(order["id"])]
        self._tell("orders/delete", {"id": number_of(order["id"])})

    # Discounts

    def discount_changed(self, node: Node, topic: str) -> None:
        self._tell(topic, shop_payloads.discount(self, node))

    # The app

    def installation(self, app: App | str | None = None) -> Installation:
        """The (first) app in this shop, installed or not."""
        key = app.client_id if isinstance(app, App) else app or self.apps[0].client_id
        return self.installations[key]

    def install(
        self, app: App | None = None, scopes: tuple[str, ...] | None = None
    ) -> Installation:
        """One click in the admin: the scopes of the app's TOML are granted, no redirects."""
        installation = self.installation(app)
        installation.install(frozenset(installation.app.scopes if scopes is None else scopes))
        return installation

    def token(self, *scopes: str, app: App | None = None, expires_in: float | None = 3_600) -> str:
        """An access token out of thin air, with exactly these scopes or the app's."""
        installation = self.install(app, scopes or None)
        return installation.grant(expires_in=expires_in).token

    def uninstall(self, app: App | None = None) -> None:
        """The merchant removes it: tokens die, `app/uninstalled` goes out."""
        installation = self.installation(app)
        installation.uninstall()
        self.webhooks.announce(
            "app/uninstalled", shop_payloads.shop_facts(self), app=installation.app
        )

    def change_scopes(self, *scopes: str, app: App | None = None) -> None:
        """The merchant agreed to other scopes; tokens follow, as `app/scopes_update` tells."""
        installation = self.installation(app)
        body = {
            "id": installation.app.number,
            "previous": sorted(installation.scopes),
            "current": sorted(scopes),
            "updated_at": self.clock.now().isoformat(),
            "shop_id": self.number,
        }
        installation.scopes = frozenset(scopes)
        for grant in installation.grants.values():
            grant.scopes = installation.scopes
        self._tell("app/scopes_update", body)

    def expire_tokens(self, *, refresh: bool = False) -> None:
        """Every access token (and refresh token) of this shop has just run out."""
        for installation in self.installations.values():
            installation.expire(refresh=refresh)

    def grant_of(self, token: str) -> Grant | None:
        """The live grant of this token in this shop."""
        for installation in self.installations.values():
            grant = installation.grants.get(token)
            if grant and (grant.expires_at is None or grant.expires_at > self.clock.stamp()):
                return grant
        return None

    def id_token(self, app: App | None = None, **claims: Any) -> str:
        """A session token as App Bridge would hand it to the app's page."""
        chosen = self.installation(app).app
        now = self.clock.stamp()
        return id_token(self.domain, chosen.client_id, chosen.secret, now=now, **claims)

    def load_url(self, path: str = "/shopify", app: App | None = None, **query: str) -> str:
        """The signed address the admin opens in its frame."""
        chosen = self.installation(app).app
        return f"{chosen.url}{path}?{self.signed(chosen, self._load_query(app) | query)}"

    def signed(self, app: App, query: dict[str, str]) -> str:
        """The query with `hmac` and, unless given, `timestamp`."""
        whole = {"shop": self.domain, "timestamp": str(int(self.clock.stamp()))} | query
        return urlencode(whole | {"hmac": query_hmac(whole, app.secret)})

    def _load_query(self, app: App | None) -> dict[str, str]:
        return {
            "embedded": "1",
            "host": self.host,
            "id_token": self.id_token(app),
            "locale": "en",
            "session": "5f1d",
        }

    @property
    def host(self) -> str:
        """The admin's address as OAuth's `host` carries it."""
        admin = f"admin.shopify.com/store/{self.handle}"
        return base64.b64encode(admin.encode()).decode().rstrip("=")

    # Privacy

    def request_data(self, customer: Node) -> None:
        """A customer asks what the app knows of her."""
        body = payloads.privacy(self, customer, "orders_requested")
        self._tell("customers/data_request", body | {"data_request": {"id": int(time.time())}})

    def redact_customer(self, customer: Node) -> None:
        self._tell("customers/redact", payloads.privacy(self, customer, "orders_to_redact"))

    def redact_shop(self) -> None:
        """What Shopify sends 48 hours after the app was removed."""
        self._tell("shop/redact", {"shop_id": self.number, "shop_domain": self.domain})

    def update(self, **facts: str) -> None:
        """Rename the shop and the like."""
        for name, value in facts.items():
            setattr(self, name, value)
        self._tell("shop/update", shop_payloads.shop_facts(self))

    # Webhooks

    async def send(self, topic: str, payload: Node | bytes | None = None, **how: Any) -> Delivery:
        """Deliver one webhook now; see `Webhooks.send`."""
        (delivery,) = await self.webhooks.send(topic, payload, **how)
        return delivery

    def _tell(self, topic: str, payload: Node) -> None:
        self.webhooks.announce(topic, payload)

    def _tell_product(self, product: Product, before: Node) -> Node:
        node = self.read(product)
        levels = {one["id"]: one["inventoryQuantity"] for one in before["variants"]}
        for variant in node["variants"]:
            if levels.get(variant["id"]) != variant["inventoryQuantity"]:
                self._tell("inventory_levels/update", shop_payloads.inventory_level(self, variant))
        self._tell("products/update", shop_payloads.product(self, node))
        return node

    def _tell_payment(self, order: Node) -> None:
        body = payloads.transaction(order, order["transactions"][-1])
        self._tell("order_transactions/create", body)

    def _tell_order(self, order: Node, *topics: str) -> None:
        for topic in topics:
            self._tell(topic, payloads.order(self, order))
