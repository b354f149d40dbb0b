"""What a buyer sees: products, a log-in that is only a choice, a checkout, and the app's embed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.shopify.standin.discounts import Refused
from connectors.shopify.standin.liquid import Block
from connectors.shopify.standin.orders import total_text
from connectors.shopify.standin.pages import esc, page
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Node, price

if TYPE_CHECKING:
    from connectors.shopify.standin.server import Standin

CUSTOMER_COOKIE = "standin_customer"
CODE_COOKIE = "discount_code"
SHELF = 12  # products on the front page
TINTS = ("#d9e6df", "#e9dfd0", "#dfe3ee", "#efe0e2", "#e4ead2", "#e2dceb")
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(store: Standin) -> list[tuple[str, str, Page]]:
    front = Storefront(store)
    return [
        ("GET", "/", front.home),
        ("GET", "/products/{handle}", front.product),
        ("GET", "/cart/{lines}", front.cart_link),
        ("GET", "/discount/{code}", front.discount_link),
        ("GET", "/checkout", front.checkout),
        ("POST", "/checkout", front.buy),
        ("GET", "/orders/{number}/{rest:.*}", front.order),
        ("POST", "/account/login", front.log_in),
        ("GET", "/cdn/{picture}", front.picture),
        ("GET", "/extensions/{asset}", front.asset),
    ]


def logged_in(shop: Shop, request: web.Request) -> Node | None:
    """The customer this browser chose to be."""
    chosen = request.cookies.get(CUSTOMER_COOKIE, "")
    return shop.people.nodes.get(int(chosen)) if chosen.isdecimal() else None


class Storefront:
    """The shop's pages."""

    def __init__(self, store: Standin) -> None:
        self.store = store

    async def home(self, request: web.Request) -> web.Response:
        shop = self.store.shop_of(request)
        shown = list(shop.catalog.products.values())
        shown = [one for one in reversed(shown[:2_000]) if one.status == "ACTIVE"][:SHELF]
        goods = "".join(_tile(shop.read(one), shop.currency) for one in shown)
        nothing = '<p class="soft">Nothing is for sale yet. Add a product in the admin.</p>'
        return self._page(request, shop, f'<div class="goods">{goods}</div>' if goods else nothing)

    async def product(self, request: web.Request) -> web.Response:
        shop, handle = self.store.shop_of(request), request.match_info["handle"]
        found = next(
            (
                node
                for one in shop.catalog.products.values()
                if one.status == "ACTIVE" and (node := shop.read(one))["handle"] == handle
            ),
            None,
        )
        if found is None:
            raise web.HTTPNotFound(text="Page not found")
        options = "".join(
            f'<option value="{one["legacyResourceId"]}"'
            f"{'' if one['availableForSale'] else ' disabled'}>"
            f"{esc(one['title'])}: {esc(one['price'])} {shop.currency}</option>"
            for one in found["variants"]
        )
        return self._page(
            request,
            shop,
            f"""<div class="two"><img alt="" style="width:100%;border-radius:10px"
 src="{_picture(found)}"><div><h1>{esc(found["title"])}</h1><p>{esc(found["description"])}</p>
<form action="/checkout" class="row"><label>Variant<select name="variant">{options}</select></label>
<label>How many<input name="quantity" type="number" value="1" min="1" max="99"></label>
<button class="primary">Buy now</button></form></div></div>""",
        )

    async def checkout(self, request: web.Request) -> web.Response:
        shop = self.store.shop_of(request)
        return self._checkout(request, shop, "")

    def _checkout(self, request: web.Request, shop: Shop, trouble: str) -> web.Response:
        variant, quantity = _chosen(shop, request.query)
        code = request.query.get("discount") or request.cookies.get(CODE_COOKIE, "")
        buyer = logged_in(shop, request)
        mail = (buyer or {}).get("_email") or ""
        return self._page(
            request,
            shop,
            f"""<section class="card narrow"><h1>Checkout</h1>
<p>{quantity} of <b>{esc(variant["displayName"])}</b> at {esc(variant["price"])} {shop.currency}</p>
<p class="bad" role="alert">{esc(trouble)}</p>
<form method="post" class="row" action="/checkout?{esc(request.rel_url.query_string)}">
<label>E-mail<input name="email" type="email" value="{esc(mail)}"></label>
<label>Discount code<input name="code" value="{esc(code)}"></label>
<button class="primary">Pay now</button></form></section>""",
            status=422 if trouble else 200,
        )

    async def buy(self, request: web.Request) -> web.Response:
        shop, form = self.store.shop_of(request), await request.post()
        variant, quantity = _chosen(shop, request.query)
        buyer = logged_in(shop, request)
        try:
            order = shop.checkout(
                [{"variant": variant, "quantity": quantity}],
                customer=buyer,
                code=str(form.get("code", "")).strip(),
                email=str(form.get("email", "")) or None,
            )
        except Refused as refused:
            return self._checkout(request, shop, refused.message)
        done = web.HTTPSeeOther(f"/orders/{order['legacyResourceId']}/thanks")
        done.del_cookie(CODE_COOKIE)
        raise done

    async def order(self, request: web.Request) -> web.Response:
        shop, number = self.store.shop_of(request), request.match_info["number"]
        order = shop.orders.nodes.get(int(number)) if number.isdecimal() else None
        if order is None:
            raise web.HTTPNotFound(text="Page not found")
        lines = "".join(
            f"<li>{one['quantity']} of {esc(one['name'])}</li>" for one in order["lineItems"]
        )
        codes = ", ".join(order["discountCodes"])
        used = f"<p>Discount {esc(codes)} was used.</p>" if codes else ""
        return self._page(
            request,
            shop,
            f"""<section class="card narrow"><h1>Thank you: order {esc(order["name"])}</h1>
<ul>{lines}</ul>{used}<p><b>{total_text(order)}</b>, {order["displayFinancialStatus"].lower()},
{order["displayFulfillmentStatus"].lower()}</p></section>""",
        )

    async def cart_link(self, request: web.Request) -> web.Response:
        """`/cart/{variant}:{quantity}?discount=CODE`, for one line."""
        variant, _, quantity = request.match_info["lines"].partition(",")[0].partition(":")
        query = {"variant": variant, "quantity": quantity or "1"}
        if code := request.query.get("discount"):
            query["discount"] = code
        raise web.HTTPFound(request.rel_url.with_path("/checkout").with_query(query))

    async def discount_link(self, request: web.Request) -> web.Response:
        """A shared code: kept for the checkout."""
        address = request.query.get("redirect", "/")
        is_own = address.startswith("/") and not address.startswith("//")
        found = web.HTTPFound(address if is_own else "/")
        found.set_cookie(CODE_COOKIE, request.match_info["code"], samesite="Lax")
        raise found

    async def log_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        back = web.HTTPSeeOther(request.headers.get("Referer", "/"))
        back.set_cookie(CUSTOMER_COOKIE, str(form.get("customer", "")), samesite="Lax")
        raise back

    async def picture(self, request: web.Request) -> web.Response:
        """A drawing instead of a photograph."""
        number = request.match_info["picture"].partition(".")[0]
        place = int(number) if number.isdecimal() else 0
        tint, turn = TINTS[place % len(TINTS)], place * 37 % 90
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="400" '
            f'height="300" fill="{tint}"/><g transform="rotate({turn} 200 150)" fill="#fff" '
            'opacity=".75"><rect x="120" y="80" width="160" height="140" rx="28"/></g>'
            '<circle cx="200" cy="150" r="34" fill="#12312b" opacity=".55"/></svg>'
        )
        return web.Response(text=drawing, content_type="image/svg+xml")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["asset"]
        folder = self.store.extension / "assets"
        if name not in {one.name for one in folder.glob("*")}:
            raise web.HTTPNotFound
        return web.FileResponse(folder / name)

    def _page(self, request: web.Request, shop: Shop, body: str, status: int = 200) -> web.Response:
        buyer = logged_in(shop, request)
        header = (
            f'<header class="top"><b><a href="/">{esc(shop.title)}</a></b>'
            f'<span class="right">{_log_in(shop, buyer)}</span>'
            '<a href="/admin">Admin</a></header>'
        )
        text = page(shop.title, body, header=header, tail=self._embed(shop, buyer))
        return web.Response(status=status, text=text, content_type="text/html")

    def _embed(self, shop: Shop, buyer: Node | None) -> str:
        """What the theme puts before </body> while the app embed is on."""
        installation = shop.installation()
        if not (shop.embed_on and installation.installed and self.store.extension.exists()):
            return ""
        block = Block(self.store.extension)
        metafields: dict[str, dict[str, Any]] = {}
        for (namespace, key), node in installation.metafields.items():
            metafields.setdefault(namespace, {})[key] = {"value": node["value"]}
        html = block.render(
            {
                "app": {"metafields": metafields},
                "shop": {"permanent_domain": shop.domain, "name": shop.title},
                "customer": buyer and {"id": buyer["legacyResourceId"]},
                "request": {"design_mode": False, "locale": {"iso_code": "en"}},
                "block": {"settings": block.settings},
            }
        )
        return f'{html}<script src="/extensions/{block.script}" defer></script>'


def _tile(node: Node, currency: str) -> str:
    lowest = price(min(Decimal(one["price"]) for one in node["variants"]), currency)
    sold = "" if node["totalInventory"] > 0 else ' <span class="pill bad">Sold out</span>'
    return f"""<a class="card" href="/products/{esc(node["handle"])}"
 style="text-decoration:none;color:inherit"><img alt="" src="{_picture(node)}">
<span class="text"><b>{esc(node["title"])}</b><span class="soft">{esc(node["vendor"])}</span>
<span class="price">{lowest} {currency}{sold}</span></span></a>"""


def _picture(node: Node) -> str:
    return f"/cdn/{node['legacyResourceId']}.svg"


def _log_in(shop: Shop, buyer: Node | None) -> str:
    options = "".join(
        f'<option value="{one["legacyResourceId"]}"{" selected" if one is buyer else ""}>'
        f"{esc(one['displayName'] or one['id'])}</option>"
        for one in list(shop.people.nodes.values())[:50]
    )
    return (
        '<form method="post" action="/account/login" class="row" style="align-items:center">Logged '
        'in as <select name="customer" aria-label="Logged in as" onchange="this.form.submit()">'
        f'<option value="">nobody</option>{options}</select></form>'
    )


def _chosen(shop: Shop, query: Any) -> tuple[Node, int]:
    number, quantity = query.get("variant", ""), query.get("quantity", "1")
    home = shop.catalog.of_variant(int(number)) if number.isdecimal() else None
    variants = shop.read(home)["variants"] if home else []
    found = next((one for one in variants if one["legacyResourceId"] == number), None)
    if found is None:
        raise web.HTTPNotFound(text="This product is not for sale.")
    return found, int(quantity) if quantity.isdecimal() and 0 < int(quantity) < 100 else 1
