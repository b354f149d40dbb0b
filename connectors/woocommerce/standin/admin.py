"""The pages at /wp-admin/: what a merchant does, by hand, and what can be made to go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

from connectors.woocommerce.standin import admin_pages
from connectors.woocommerce.standin.coupons import NotRedeemed
from connectors.woocommerce.standin.errors import WooError
from connectors.woocommerce.standin.pages import escape, page

if TYPE_CHECKING:
    from connectors.woocommerce.standin.server import WooStore

Form = Mapping[str, str]
ROOT = "/wp-admin"


class Admin:
    """Shows the sections of `admin_pages`, and does what their forms ask for."""

    def __init__(self, store: WooStore) -> None:
        self.store = store

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A section's page, or back to it after something was done."""
        section = request.match_info["page"].strip("/")
        if section not in admin_pages.SECTIONS:
            raise web.HTTPNotFound
        if request.method != "POST":
            return self._show(section, request.query.get("said", ""))
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            said = await ACTIONS[form.get("do", "")](self.store, form)
        except (KeyError, ValueError, ArithmeticError, StopIteration) as error:
            said = f"Not done: {type(error).__name__} {error}"
        except (NotRedeemed, WooError) as problem:
            said = f"Not done: {problem}"
        raise web.HTTPFound(URL(f"{ROOT}/{section}").with_query(said=said))

    def _show(self, section: str, said: str) -> web.Response:
        title, build = admin_pages.SECTIONS[section]
        links = "".join(
            f'<a href="{ROOT}/{path}">{escape(name)}</a>'
            for path, (name, _) in admin_pages.SECTIONS.items()
        )
        header = f'<b>{escape(self.store.name)}</b>{links}<a href="/">Visit shop</a>'
        note = f"<section>{escape(said)}</section>" if said else ""
        return page(title, note + build(self.store), header=header)


async def _add_product(store: WooStore, form: Form) -> str:
    stock = int(form["stock"]) if form.get("stock") else None
    product = store.add_product(form["name"], form["price"], sku=form.get("sku", ""), stock=stock)
    return f"Product {product.id} added."


async def _add_many(store: WooStore, form: Form) -> str:
    store.add_products(int(form["count"]), int(form.get("variations") or 0))
    return f"{form['count']} products added, told to nobody."


async def _edit_product(store: WooStore, form: Form) -> str:
    product = store.catalog.all[int(form["id"])]
    if form.get("price"):
        store.edit_product(product, price=form["price"])
    if form.get("stock"):
        store.edit_product(product, stock=int(form["stock"]))
    return f"Product {product.id} changed."


async def _trash_product(store: WooStore, form: Form) -> str:
    store.trash_product(int(form["id"]))
    return "Moved to the trash."


async def _delete_product(store: WooStore, form: Form) -> str:
    store.delete_product(int(form["id"]))
    return "Deleted permanently; no webhook says so."


async def _checkout(store: WooStore, form: Form) -> str:
    codes = [form["coupon"]] if form.get("coupon") else []
    customer = int(form.get("customer") or 0)
    order = store.checkout(
        [(int(form["product"]), int(form.get("quantity") or 1))],
        customer=customer,
        email="" if customer else form.get("email", ""),
        coupons=codes,
    )
    await store.snippet.flush()
    return f"Order {order.id} bought."


async def _set_status(store: WooStore, form: Form) -> str:
    order = store.set_status(store.orders.all[int(form["id"])], form["status"])
    await store.snippet.flush()
    return f"Order {order.id} is {order.status}."


async def _refund(store: WooStore, form: Form) -> str:
    order = store.orders.all[int(form["id"])]
    store.refund(order, form["amount"], form.get("reason", ""))
    await store.snippet.flush()
    return f"{form['amount']} of order {order.id} given back."


async def _trash_order(store: WooStore, form: Form) -> str:
    store.trash_order(store.orders.all[int(form["id"])])
    return "Moved to the trash."


async def _add_customer(store: WooStore, form: Form) -> str:
    person = store.add_customer(
        form["email"],
        first_name=form.get("first_name", ""),
        last_name=form.get("last_name", ""),
        role=form.get("role", "customer"),
    )
    return f"User {person.id} added."


async def _delete_customer(store: WooStore, form: Form) -> str:
    store.delete_customer(store.people.all[int(form["id"])])
    return "User deleted."


async def _add_coupon(store: WooStore, form: Form) -> str:
    facts = {"email_restrictions": [form["email"]]} if form.get("email") else {}
    coupon = store.add_coupon(form["code"], form["amount"], form["kind"], **facts)
    return f"Coupon {coupon.code} added."


async def _trash_coupon(store: WooStore, form: Form) -> str:
    store.trash_coupon(store.coupons.all[int(form["id"])])
    return "Moved to the trash."


async def _webhook_status(store: WooStore, form: Form) -> str:
    webhook = store.webhooks.all[int(form["id"])]
    store.webhooks.change(webhook, {"status": form["status"]})
    return f"Webhook {webhook.id} is {webhook.status}."


async def _tick(store: WooStore, form: Form) -> str:
    return f"{len(await store.tick())} deliveries sent."


async def _add_key(store: WooStore, form: Form) -> str:
    key = store.keys.add(form["permissions"], form.get("description") or "By hand")
    return f"Key {key.id} added."


async def _revoke_key(store: WooStore, form: Form) -> str:
    store.keys.revoke(store.keys.all[form["key"]])
    return "Key revoked."


async def _fail(store: WooStore, form: Form) -> str:
    times = int(form["times"]) if form.get("times") else None
    store.fail(form.get("match") or "*", form["fault"], times)
    return f"{form['fault']} from now on."


async def _recover(store: WooStore, form: Form) -> str:
    store.recover()
    return "Nothing fails any more."


async def _limit(store: WooStore, form: Form) -> str:
    store.limits.allow(int(form["requests"]), float(form["seconds"]), status=int(form["status"]))
    return f"At most {form['requests']} requests in {form['seconds']} s."


ACTIONS: dict[str, Callable[[WooStore, Form], Awaitable[str]]] = {
    one.__name__.removeprefix("_"): one
    for one in (
        _add_product,
        _add_many,
        _edit_product,
        _trash_product,
        _delete_product,
        _checkout,
        _set_status,
        _refund,
        _trash_order,
        _add_customer,
        _delete_customer,
        _add_coupon,
        _trash_coupon,
        _webhook_status,
        _tick,
        _add_key,
        _revoke_key,
        _fail,
        _recover,
        _limit,
    )
}
