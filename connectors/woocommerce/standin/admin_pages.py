"""The sections of /wp-admin/: tables of what there is, and forms for what can be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from connectors.woocommerce.standin.access import PERMISSIONS
from connectors.woocommerce.standin.coupons import KINDS
from connectors.woocommerce.standin.orders import STATUSES
from connectors.woocommerce.standin.pages import (
    button,
    escape,
    field,
    form,
    section,
    select,
    table,
)
from connectors.woocommerce.standin.people import ROLES
from connectors.woocommerce.standin.values import local, money

if TYPE_CHECKING:
    from connectors.woocommerce.standin.server import WooStore

SHOWN = 50


def overview(store: WooStore) -> str:
    """Figures, the keys' address, and what was asked for."""
    figures = {
        "Products": sum(1 for _ in store.catalog.products()),
        "Variations": sum(1 for _ in store.catalog.variations()),
        "Orders": len(store.orders.all),
        "Users": len(store.people.all),
        "Coupons": len(store.coupons.all),
        "Webhooks waiting": len(store.webhooks.queue),
    }
    cards = "".join(
        f'<div class="card"><div class="figure">{count:,}</div>{name}</div>'
        for name, count in figures.items()
    )
    counts = [[escape(name), str(count)] for name, count in store.counts().most_common()]
    return (
        f'<section><div class="grid">{cards}</div></section>'
        + section(
            "This shop",
            f"<p>Address <code>{escape(store.home)}</code>, currency {store.currency}, "
            f"PHP {'knows of' if store.https else 'sees no'} https.</p>",
            button("tick", "Run the Action Scheduler now"),
        )
        + section("REST requests", table(["Kind", "Count"], counts), _latest(store))
    )


def _latest(store: WooStore) -> str:
    rest = [one for one in store.requests if one.path.startswith("/wp-json")]
    rows = [
        [
            datetime.fromtimestamp(one.at, UTC).strftime("%H:%M:%S"),
            escape(f"{one.method} {one.path}"),
            str(one.status or "–"),
            escape(one.fault),
        ]
        for one in reversed(rest[-15:])
    ]
    return "<h2>Latest</h2>" + table(["At", "Request", "Answer", "Fault"], rows)


def products(store: WooStore) -> str:
    """The newest products, with forms to add and change them."""
    newest = islice(reversed(store.catalog.all.values()), SHOWN)
    rows = [
        [
            str(one.id),
            escape(one.name),
            escape(one.type),
            escape(one.status),
            escape(one.charged or "–"),
            "–" if one.stock is None else str(one.stock),
            button("trash_product", "Trash", id=one.id)
            + " "
            + button("delete_product", "Delete permanently", id=one.id),
        ]
        for one in newest
    ]
    add = form(
        "add_product",
        "Add",
        field("name", "Name", "Mug"),
        field("price", "Price", "12.50"),
        field("sku", "SKU"),
        field("stock", "Stock", kind="number"),
    )
    many = form(
        "add_many",
        "Add many",
        field("count", "Count", 100, "number"),
        field("variations", "Variations of each", 0, "number"),
    )
    edit = form(
        "edit_product",
        "Change",
        field("id", "Id", kind="number"),
        field("price", "New price"),
        field("stock", "New stock", kind="number"),
    )
    columns = ["Id", "Name", "Type", "Status", "Price", "Stock", ""]
    return section("Add or change", add, edit, many) + section("Newest", table(columns, rows))


def orders(store: WooStore) -> str:
    """The newest orders, with forms to buy, to change a state and to refund."""
    rows = [
        [
            escape(one.number),
            escape(one.billing.get("email", ""))
            + ("" if one.customer else " <small>guest</small>"),
            escape(one.status),
            f"{money(one.total)} {one.currency}",
            money(one.refunded) if one.refunds else "",
            escape(local(one.modified)),
            button("trash_order", "Trash", id=one.id),
        ]
        for one in islice(reversed(store.orders.all.values()), SHOWN)
    ]
    some = next((str(one.id) for one in store.catalog.products() if one.charged), "")
    buy = form(
        "checkout",
        "Buy",
        field("product", "Product id", some, "number"),
        field("quantity", "Quantity", 1, "number"),
        field("customer", "User id (guest: empty)", kind="number"),
        field("email", "Guest's e-mail", "guest@example.net"),
        field("coupon", "Coupon"),
    )
    state = form(
        "set_status",
        "Set",
        field("id", "Order id", kind="number"),
        select("status", "Status", STATUSES),
    )
    back = form(
        "refund",
        "Refund",
        field("id", "Order id", kind="number"),
        field("amount", "Amount", "2.50"),
        field("reason", "Reason"),
    )
    columns = ["Number", "Who", "Status", "Total", "Refunded", "Modified", ""]
    return section("Buy, change, refund", buy, state, back) + section(
        "Newest", table(columns, rows)
    )


def customers(store: WooStore) -> str:
    rows = [
        [
            str(one.id),
            escape(one.name),
            escape(one.email),
            escape(one.role),
            button("delete_customer", "Delete", id=one.id) if one.id != 1 else "",
        ]
        for one in islice(store.people.all.values(), SHOWN)
    ]
    add = form(
        "add_customer",
        "Add",
        field("email", "E-mail", "anna@example.com"),
        field("first_name", "First name"),
        field("last_name", "Last name"),
        select("role", "Role", ROLES),
    )
    return section("Add", add) + section("Users", table(["Id", "Name", "E-mail", "Role", ""], rows))


def coupons(store: WooStore) -> str:
    rows = [
        [
            escape(one.code),
            money(one.amount),
            escape(one.kind),
            escape(one.status),
            str(len(one.used_by)),
            escape(", ".join(one.fact("email_restrictions"))),
            escape(local(one.expires) or ""),
            button("trash_coupon", "Trash", id=one.id),
        ]
        for one in reversed(store.coupons.all.values())
    ]
    add = form(
        "add_coupon",
        "Add",
        field("code", "Code", "welcome10"),
        field("amount", "Amount", "10"),
        select("kind", "Type", KINDS),
        field("email", "Only for"),
    )
    columns = ["Code", "Amount", "Type", "Status", "Used", "Only for", "Expires", ""]
    return section("Add", add) + section("Coupons", table(columns, rows))


def webhooks(store: WooStore) -> str:
    """The webhooks, and what they sent."""
    rows = [
        [
            str(one.id),
            escape(one.topic),
            escape(one.url),
            f'<span class="{"good" if one.status == "active" else "bad"}">{one.status}</span>',
            str(one.failures),
            button("webhook_status", "Activate", id=one.id, status="active")
            + button("webhook_status", "Disable", id=one.id, status="disabled"),
        ]
        for one in store.webhooks.all.values()
    ]
    sent = [
        [
            datetime.fromtimestamp(one.at, UTC).strftime("%H:%M:%S"),
            escape(one.topic),
            f'<span class="{"good" if one.arrived else "bad"}">{escape(one.outcome)}</span>',
            f"<small>{escape(one.headers.get('X-WC-Webhook-Delivery-ID', ''))}</small>",
            f"{len(one.body):,} B",
        ]
        for one in islice(reversed(store.deliveries.sent), SHOWN)
    ]
    columns = ["Id", "Topic", "Address", "Status", "Failures", ""]
    waiting = f"<p>{len(store.webhooks.queue)} waiting. </p>"
    return section(
        "Webhooks", table(columns, rows), waiting, button("tick", "Send what is waiting")
    ) + section("Deliveries", table(["At (UTC)", "Topic", "Outcome", "Delivery id", "Size"], sent))


def keys(store: WooStore) -> str:
    rows = [
        [
            str(one.id),
            escape(one.description),
            escape(one.permissions),
            f"<code>{escape(one.consumer_key)}</code><br><code>{escape(one.consumer_secret)}</code>",
            str(one.uses),
            button("revoke_key", "Revoke", key=one.consumer_key),
        ]
        for one in store.keys.all.values()
    ]
    add = form(
        "add_key",
        "Add",
        field("description", "Description"),
        select("permissions", "", PERMISSIONS),
    )
    columns = ["Id", "Description", "Permissions", "Key and secret", "Uses", ""]
    return section("Add", add) + section("Keys", table(columns, rows))


def faults(store: WooStore) -> str:
    """What fails, and forms to make it fail."""
    rows = [
        [
            escape(one.match),
            escape(one.fault.name),
            "until stopped" if one.left is None else str(one.left),
            str(one.struck),
        ]
        for one in store.troubles
    ]
    fail = form(
        "fail",
        "Fail",
        field("match", "Which", "*"),
        select("fault", "How", sorted(store.faults)),
        field("times", "Times (empty: always)", 1, "number"),
    )
    limit = form(
        "limit",
        "Limit",
        field("requests", "Requests (0: no limit)", store.limits.requests, "number"),
        field("seconds", "In seconds", int(store.limits.seconds), "number"),
        select("status", "Answer", ("429", "503")),
    )
    return section("Make it fail", fail, limit) + section(
        "Asked for", table(["Which", "How", "Left", "Struck"], rows), button("recover", "Stop all")
    )


SECTIONS: dict[str, tuple[str, Callable[[WooStore], str]]] = {
    "": ("Dashboard", overview),
    "products": ("Products", products),
    "orders": ("Orders", orders),
    "customers": ("Users", customers),
    "coupons": ("Coupons", coupons),
    "webhooks": ("Webhooks", webhooks),
    "keys": ("REST API keys", keys),
    "faults": ("Faults", faults),
}
