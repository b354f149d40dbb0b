"""What shoppers see: a front page with the theme's footer, products, and a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.coupons import NotRedeemed
from connectors.woocommerce.standin.pages import escape, page
from connectors.woocommerce.standin.people import Person

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

SHOWN = 24  # products on the front page


class Storefront:
    """Answers at `/` and below it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.head = ""  # HTML that a merchant pasted into header.php
        self.footer = ""  # … or before </body>

    def front(self, user: int) -> web.Response:
        """The shop's page, with the snippet's script for whoever is logged in."""
        visible = [
            one
            for one in self.shop.catalog.products()
            if one.status == "publish" and one.facts.get("catalog_visibility") != "hidden"
        ]
        cards = "".join(self._card(one) for one in visible[-SHOWN:])
        return self._page(self.shop.name, f'<div class="grid">{cards}</div>', user)

    def _card(self, product: Product) -> str:
        name = f'<div class="card"><b>{escape(product.name)}</b><br>'
        bought = next(self.shop.catalog.variations(product.id), product)
        if not bought.charged:
            return f"{name}<small>Not for sale</small></div>"
        return (
            f"{name}{escape(bought.charged)} {self.shop.currency}"
            '<form method="post" action="/checkout/">'
            f'<input type="hidden" name="product" value="{bought.id}"><button>Buy</button>'
            "</form></div>"
        )

    async def buy(self, request: web.Request, user: int) -> web.Response:
        """The whole checkout with one click; it waits for the snippet's two posts."""
        form = await request.post()
        number = str(form.get("product", ""))
        if not number.isdecimal() or int(number) not in self.shop.catalog.all:
            raise web.HTTPNotFound
        code = str(form.get("coupon", ""))
        try:
            order = self.shop.checkout(
                [int(number)],
                customer=user,
                email="" if user else str(form.get("email") or "guest@example.net"),
                coupons=[code] if code else [],
            )
        except NotRedeemed as problem:
            text = f"<section>{escape(problem)}</section>"
            return self._page("Checkout", text, user, status=400)
        await self.shop.snippet.flush()
        total = f"{order.total} {order.currency}"
        text = f"<section>Thank you. Order {escape(order.number)}, {total}.</section>"
        return self._page("Order received", text, user)

    def _page(self, title: str, body: str, user: int, status: int = 200) -> web.Response:
        person = self.shop.people.all.get(user)
        return page(
            title,
            body,
            header=self._header(person),
            head=self.head,
            footer=self.footer + self.shop.snippet.footer(person),
            status=status,
            cached=person is None,
        )

    def _header(self, person: Person | None) -> str:
        links = f'<b>{escape(self.shop.name)}</b><a href="/">Shop</a><a href="/wp-admin/">Admin</a>'
        if person is not None:
            name = escape(person.name)
            return f'{links}<span>Hello {name}</span><a href="/wp-login.php?user=0">Log out</a>'
        people = [one for one in self.shop.people.all.values() if one.role == "customer"]
        logins = "".join(
            f'<a href="/wp-login.php?user={one.id}">Log in as {escape(one.name)}</a>'
            for one in people[:3]
        )
        return links + logins
