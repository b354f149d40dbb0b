"""The merchant's page: what she would do in Shopify's admin, and what goes wrong on request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from aiohttp import web

from connectors.shopify.standin import admin_views
from connectors.shopify.standin.discounts import Refused
from connectors.shopify.standin.examples import example
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Node, iso
from connectors.shopify.standin.webhooks import Delivery

if TYPE_CHECKING:
    from connectors.shopify.standin.server import Standin

Form = dict[str, str]
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
AGAIN = 10  # deliveries that "in reverse" repeats


def routes(store: Standin) -> list[tuple[str, str, Page]]:
    admin = Admin(store)
    return [
        ("GET", "/admin", admin.show),
        ("GET", "/admin/standin/{page}", admin.show),
        ("POST", "/admin/standin/do/{action}", admin.do),
        ("GET", "/admin/apps/{handle}", admin.open_app),
    ]


class Admin:
    """The pages and what their buttons do."""

    def __init__(self, store: Standin) -> None:
        self.store = store

    async def show(self, request: web.Request) -> web.Response:
        name = request.match_info.get("page", "products")
        view = admin_views.VIEWS.get(name)
        if view is None:
            raise web.HTTPNotFound(text="There is no such page.")
        shop = self.store.shop_of(request)
        text = admin_views.framed(self.store, shop, name, view(self.store, shop))
        response = web.Response(text=text, content_type="text/html")
        response.set_cookie("standin_shop", shop.domain, samesite="Lax")
        return response

    async def open_app(self, request: web.Request) -> web.Response:
        """The app as the merchant opens it; the first time this installs it."""
        shop = self.store.shop_of(request)
        if not shop.installation().installed:
            shop.install()
        raise web.HTTPFound(shop.load_url())

    async def do(self, request: web.Request) -> web.Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise web.HTTPForbidden(text="This form belongs to the stand-in's own page.")
        shop, act = self.store.shop_of(request), ACTIONS.get(request.match_info["action"])
        if act is None:
            raise web.HTTPNotFound(text="There is no such button.")
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            act(self.store, shop, form)
        except (Refused, ValueError, KeyError, ArithmeticError) as error:
            return web.Response(status=400, text=f"That did not work: {error}")
        raise web.HTTPSeeOther(request.headers.get("Referer", "/admin"))


def _product(shop: Shop, form: Form) -> Node:
    return shop.read(shop.product(int(form["id"])))


def _order(shop: Shop, form: Form) -> Node:
    return shop.orders.nodes[int(form["id"])]


def _customer(shop: Shop, form: Form) -> Node:
    return shop.people.nodes[int(form["id"])]


def add_product(store: Standin, shop: Shop, form: Form) -> None:
    shop.add_product(
        title=form["title"], price=f"{float(form['price']):.2f}", stock=int(form["stock"] or 0)
    )


def edit_product(store: Standin, shop: Shop, form: Form) -> None:
    """Only what was changed, so that a price for all variants is not set by saving the title."""
    node = _product(shop, form)
    facts: Node = {"title": form["title"], "status": form["status"]}
    if form["price"] != node["variants"][0]["price"]:
        facts["price"] = f"{float(form['price']):.2f}"
    if int(form["stock"]) != node["variants"][0]["inventoryQuantity"]:
        facts["stock"] = int(form["stock"])
    shop.edit_product(node, **facts)


def add_customer(store: Standin, shop: Shop, form: Form) -> None:
    first, _, last = form["name"].partition(" ")
    shop.add_customer(first_name=first, last_name=last, email=form["email"] or None)


def add_order(store: Standin, shop: Shop, form: Form) -> None:
    product = shop.product(int(form["product"])) if form.get("product") else shop.any_product()
    customer = shop.people.nodes.get(int(form["customer"])) if form.get("customer") else None
    line = {"variant": shop.read(product)["variants"][0], "quantity": int(form["quantity"] or 1)}
    shop.add_order(lines=[line], customer=customer, paid="paid" in form)


def refund(store: Standin, shop: Shop, form: Form) -> None:
    order = _order(shop, form)
    shop.refund(order, min(order["_total"] / 2, order["_paid"] - order["_refunded"]))


def add_code(store: Standin, shop: Shop, form: Form) -> None:
    now = shop.clock.now()
    node = shop.discounts.create(
        {
            "title": form["code"],
            "code": form["code"],
            "startsAt": iso(now),
            "endsAt": iso(now + timedelta(days=2)),
            "usageLimit": 1,
            "context": {"all": "ALL"},
            "customerGets": {"value": {"percentage": float(form["percent"]) / 100}},
        }
    )
    shop.discount_changed(node, "discounts/create")


def redeem_code(store: Standin, shop: Shop, form: Form) -> None:
    line = {"variant": shop.any_variant(), "quantity": 1}
    shop.checkout([line], customer=_first(shop), code=form["code"])


def _first(shop: Shop) -> Node | None:
    return next(iter(shop.people.nodes.values()), None)


def switch_embed(store: Standin, shop: Shop, form: Form) -> None:
    shop.embed_on = not shop.embed_on


def behave(store: Standin, shop: Shop, form: Form) -> None:
    """How the next webhooks go out."""
    hooks = shop.webhooks
    hooks.copies = 2 if "twice" in form else 1
    hooks.lose, hooks.bad_signature = "lose" in form, "bad_signature" in form
    hooks.delay = float(form.get("delay") or 0)
    hooks.retry_scale = float(form.get("retry_scale") or 0)
    if "hold" in form and hooks.held is None:
        hooks.hold()
    elif "hold" not in form and hooks.held is not None:
        hooks.release("reverse")


def send(store: Standin, shop: Shop, form: Form) -> None:
    topic = form["topic"]
    shop.webhooks.announce(topic, example(shop, topic))


def again(store: Standin, shop: Shop, form: Form) -> None:
    delivery = _delivery(shop, form["id"])
    for _ in range(int(form.get("times", "1"))):
        shop.webhooks.again(delivery)


def reverse(store: Standin, shop: Shop, form: Form) -> None:
    """The latest deliveries once more, the newest first."""
    hooks = shop.webhooks
    latest = list(hooks.deliveries)[-AGAIN:]
    hooks.held = latest
    hooks.release("reverse")


def _delivery(shop: Shop, identity: str) -> Delivery:
    return next(one for one in shop.webhooks.deliveries if one.id == identity)


def fail(store: Standin, shop: Shop, form: Form) -> None:
    times = int(form["times"]) if form.get("times") else None
    store.fail(form["match"] or "*", form["fault"], times)


def advance(store: Standin, shop: Shop, form: Form) -> None:
    store.clock.advance(float(form["hours"]) * 3_600)


Action = Callable[["Standin", Shop, Form], object]
ACTIONS: dict[str, Action] = {
    "add-product": add_product,
    "edit-product": edit_product,
    "delete-product": lambda store, shop, form: shop.delete_product(int(form["id"])),
    "add-products": lambda store, shop, form: shop.add_products(int(form["count"])),
    "add-customer": add_customer,
    "delete-customer": lambda store, shop, form: shop.delete_customer(_customer(shop, form)),
    "request-data": lambda store, shop, form: shop.request_data(_customer(shop, form)),
    "redact-customer": lambda store, shop, form: shop.redact_customer(_customer(shop, form)),
    "redact-shop": lambda store, shop, form: shop.redact_shop(),
    "add-order": add_order,
    "pay": lambda store, shop, form: shop.pay(_order(shop, form)),
    "fulfil": lambda store, shop, form: shop.fulfil(
        _order(shop, form), tracking=f"KC{uuid4().int % 10**9:09d}GB"
    ),
    "deliver": lambda store, shop, form: shop.deliver(_order(shop, form)),
    "refund": refund,
    "cancel": lambda store, shop, form: shop.cancel(_order(shop, form)),
    "add-code": add_code,
    "redeem-code": redeem_code,
    "install": lambda store, shop, form: shop.install(),
    "uninstall": lambda store, shop, form: shop.uninstall(),
    "embed": switch_embed,
    "expire": lambda store, shop, form: shop.expire_tokens(refresh="refresh" in form),
    "advance": advance,
    "behave": behave,
    "send": send,
    "again": again,
    "reverse": reverse,
    "fail": fail,
    "recover": lambda store, shop, form: store.recover(),
}
