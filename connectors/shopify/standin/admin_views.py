"""How the merchant's pages look; each is a function of the shop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.shopify.standin.apps import WEBHOOKS
from connectors.shopify.standin.orders import total_text
from connectors.shopify.standin.pages import esc, page
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Node
from connectors.shopify.standin.widgets import button, card, choice, field, form, pill, table, tick

if TYPE_CHECKING:
    from connectors.shopify.standin.server import Standin

SHOWN = 50  # rows of a table
View = Callable[["Standin", Shop], str]


def framed(store: Standin, shop: Shop, here: str, body: str) -> str:
    """A whole page with the menu."""
    links = "".join(
        f'<a href="/admin/standin/{name}" class="{"here" if name == here else ""}">'
        f"{name.capitalize()}</a>"
        for name in VIEWS
    )
    header = (
        f'<header class="top"><b>{esc(shop.title)}</b><nav>{links}</nav>'
        f'<span class="right">{esc(shop.domain)} · stand-in</span>'
        '<a href="/">Storefront</a></header>'
    )
    return page(f"{shop.title} admin", body, header=header)


def products(store: Standin, shop: Shop) -> str:
    latest = list(shop.catalog.products.values())
    rows = [_product_row(shop.read(one)) for one in reversed(latest[-SHOWN:])]
    add = form(
        "add-product",
        field("title", "Title", size=24)
        + field("price", f"Price ({shop.currency})", "19.90", size=8)
        + field("stock", "Stock", "5", "number", 6),
        "Add product",
    )
    many = form("add-products", field("count", "How many", "100", "number", 8), "Make up products")
    return f'<div class="two">{card("New product", add)}{card("Many at once", many)}</div>' + card(
        f"Products: {len(shop.catalog):,}",
        table(["Product", "", "Title, price, stock, status", ""], rows, "No products yet."),
    )


def _product_row(node: Node) -> list[str]:
    number, first = node["legacyResourceId"], node["variants"][0]
    more = len(node["variants"]) - 1
    edit = form(
        "edit-product",
        f'<input type="hidden" name="id" value="{number}">'
        f'<input name="title" value="{esc(node["title"])}" aria-label="Title">'
        f'<input name="price" value="{first["price"]}" size="7" aria-label="Price">'
        f'<input name="stock" value="{first["inventoryQuantity"]}" size="4" aria-label="Stock">'
        + choice(
            "status",
            "",
            [(one, one.lower()) for one in ("ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED")],
            node["status"],
        ),
        "Save",
    )
    return [
        f'<img alt="" src="/cdn/{number}.svg" width="56" height="42" style="border-radius:6px">',
        f"<code>{number}</code>" + (f'<br><span class="soft">{more} more</span>' if more else ""),
        edit,
        button("delete-product", "Delete", "danger", id=number),
    ]


def orders(store: Standin, shop: Shop) -> str:
    goods = [
        (str(one.number), shop.read(one)["title"])
        for one in list(shop.catalog.products.values())[:SHOWN]
    ]
    known = list(shop.people.nodes.values())[:SHOWN]
    people = [("", "nobody"), *((one["legacyResourceId"], one["displayName"]) for one in known)]
    add = form(
        "add-order",
        choice("product", "Product", goods)
        + choice("customer", "Customer", people)
        + field("quantity", "How many", "1", "number", 4)
        + tick("paid", "Paid", on=True),
        "Add order",
    )
    rows = [_order_row(shop, one) for one in reversed(list(shop.orders.nodes.values())[-SHOWN:])]
    return card("New order", add) + card(
        f"Orders: {len(shop.orders.nodes):,}",
        table(["Order", "Customer", "Total", "State", "Code", ""], rows, "No orders yet."),
    )


def _order_row(shop: Shop, order: Node) -> list[str]:
    number = order["legacyResourceId"]
    customer = shop.people.nodes.get(order["_customer"], {})
    acts = [] if order["fullyPaid"] else [button("pay", "Pay", id=number)]
    if not order["cancelledAt"]:
        if order["displayFulfillmentStatus"] != "FULFILLED":
            acts.append(button("fulfil", "Fulfil", id=number))
        elif order["fulfillments"][-1]["displayStatus"] != "DELIVERED":
            acts.append(button("deliver", "Deliver", id=number))
        acts.append(button("cancel", "Cancel", "danger", id=number))
    if order["refundable"]:
        acts.append(button("refund", "Refund half", id=number))
    states = [order["displayFinancialStatus"], order["displayFulfillmentStatus"]]
    states += ["CANCELLED"] if order["cancelledAt"] else []
    return [
        f"<b>{esc(order['name'])}</b>",
        esc(customer.get("displayName", "guest")),
        f'<span class="num">{total_text(order)}</span>',
        " ".join(pill(one, one in ("CANCELLED", "REFUNDED")) for one in states),
        f"<code>{esc(', '.join(order['discountCodes']))}</code>",
        " ".join(acts),
    ]


def customers(store: Standin, shop: Shop) -> str:
    add = form(
        "add-customer", field("name", "Name", size=20) + field("email", "E-mail", size=24), "Add"
    )
    rows = [
        [
            f"<b>{esc(one['displayName'])}</b>",
            esc(one["_email"] or ""),
            f"<code>{one['legacyResourceId']}</code>",
            str(len(shop.people.orders_of(one))),
            " ".join(
                (
                    button("request-data", "Ask for data", id=one["legacyResourceId"]),
                    button("redact-customer", "Redact", "danger", id=one["legacyResourceId"]),
                    button("delete-customer", "Delete", "danger", id=one["legacyResourceId"]),
                )
            ),
        ]
        for one in reversed(list(shop.people.nodes.values())[-SHOWN:])
    ]
    return card("New customer", add) + card(
        f"Customers: {len(shop.people.nodes):,}",
        table(["Name", "E-mail", "Id", "Orders", ""], rows, "No customers yet."),
    )


def discounts(store: Standin, shop: Shop) -> str:
    add = form(
        "add-code",
        field("code", "Code", "WELCOME10") + field("percent", "Percent", "10", "number", 5),
        "Issue code",
    )
    rows = [
        [
            f"<code>{esc(one['_code'])}</code>",
            esc(one["_asked"]["title"]),
            pill(shop.discounts.status(one), shop.discounts.status(one) == "EXPIRED"),
            f"{one['_used']} of {one['_asked'].get('usageLimit') or '∞'}",
            esc(one["_ends"] or ""),
            f'<a href="/discount/{esc(one["_code"])}">Link</a> '
            + button("redeem-code", "Redeem", code=one["_code"]),
        ]
        for one in reversed(list(shop.discounts.nodes.values())[-SHOWN:])
        if not one["_deleted"]
    ]
    return card("New code", add) + card(
        "Codes", table(["Code", "Title", "Status", "Used", "Ends", ""], rows, "No codes yet.")
    )


def app(store: Standin, shop: Shop) -> str:
    installation = shop.installation()
    name = esc(installation.app.title)
    if installation.installed:
        state = f"<p>{name} is installed. {button('uninstall', 'Uninstall', 'danger')} "
    else:
        state = f"<p>{name} is not installed. {button('install', 'Install', 'primary')} "
    state += f'<a href="/admin/apps/{installation.app.handle}">Open the app</a></p>'
    state += (
        "<p>"
        + " ".join(f'<span class="pill">{esc(one)}</span>' for one in sorted(installation.scopes))
        + "</p>"
    )
    embed = (
        f"<p>The app embed is <b>{'on' if shop.embed_on else 'off'}</b>. "
        f"{button('embed', 'Switch it ' + ('off' if shop.embed_on else 'on'))}</p>"
    )
    now = shop.clock.stamp()
    rows = [
        [
            f"<code>{esc(one.token[:8])}…{esc(one.token[-4:])}</code>",
            pill(one.kind),
            "never"
            if one.expires_at is None
            else f"in {one.expires_at - now:,.0f} s"
            if one.expires_at > now
            else pill("expired", True),
        ]
        for one in reversed(list(installation.grants.values())[-SHOWN:])
    ]
    tokens = table(["Access token", "Kind", "Ends"], rows, "No tokens yet.") + (
        f'<p class="row">{button("expire", "Expire access tokens")}'
        f"{button('expire', 'Expire refresh tokens too', refresh=1)}"
        f"{button('redact-shop', 'Send shop/redact', 'danger')}</p>"
    )
    clock = form("advance", field("hours", "Hours", "1", "number", 5), "Move the clock on")
    fields = [
        [f"<code>{esc(namespace)}.{esc(key)}</code>", f"<code>{esc(node['value'])}</code>"]
        for (namespace, key), node in installation.metafields.items()
    ]
    return (
        f'<div class="two">{card("App", state)}{card("Theme", embed)}'
        f"{card('Tokens', tokens)}{card(f'Clock: {shop.clock.now():%d %b %Y %H:%M} UTC', clock)}"
        f"{card('App-data metafields', table(['Name', 'Value'], fields, 'None yet.'))}</div>"
    )


def webhooks(store: Standin, shop: Shop) -> str:
    hooks = shop.webhooks
    behave = form(
        "behave",
        tick("twice", "Everything twice", hooks.copies > 1)
        + tick("lose", "Lose them", hooks.lose)
        + tick("bad_signature", "Sign wrongly", hooks.bad_signature)
        + tick("hold", "Hold (release in reverse)", hooks.held is not None)
        + field("delay", "Delay, s", hooks.delay, "number", 5)
        + field("retry_scale", "Retry pace (1 = 4 h)", hooks.retry_scale, "number", 5),
        "Set",
    )
    topics = [(one, one) for one in WEBHOOKS]
    sending = form("send", choice("topic", "Topic", topics), "Send now") + button(
        "reverse", "The last ten again, in reverse"
    )
    rows = [
        [
            f"<b>{esc(one.topic)}</b>",
            f"<code>{esc(one.id[:8])}</code>",
            " ".join(pill(status, not status.startswith("2")) for status in one.attempts[-6:])
            or pill("on its way"),
            f"{len(one.body):,} B",
            button("again", "Send again", id=one.id)
            + " "
            + button("again", "Twice", id=one.id, times=2),
        ]
        for one in reversed(list(hooks.deliveries)[-SHOWN:])
    ]
    return (
        card("How they go out", behave)
        + card("Send one", sending)
        + card("Deliveries", table(["Topic", "Id", "Answers", "Size", ""], rows, "None yet."))
    )


def requests(store: Standin, shop: Shop) -> str:
    rows = [
        [
            f"{datetime.fromtimestamp(one.at, UTC):%H:%M:%S}",
            esc(one.method),
            f"<code>{esc(one.path)}</code> {esc(', '.join(sorted(one.labels)))}",
            esc(one.host.partition(":")[0]),
            pill(str(one.status or "no answer"), not (one.status and one.status < 400)),
            pill(one.fault, True) if one.fault else "",
        ]
        for one in reversed(store.requests[-SHOWN:])
    ]
    return card(
        "Requests",
        table(["At", "", "What", "Host", "Answer", "Fault"], rows, "Nobody has called yet."),
    )


def faults(store: Standin, shop: Shop) -> str:
    names = [(one, one.replace("_", " ")) for one in store.faults]
    add = form(
        "fail",
        field("match", "Operation, root field or path (* = all)", "*", size=26)
        + choice("fault", "Fault", names)
        + field("times", "Times (empty: always)", "1", size=6),
        "Make it fail",
    )
    rows = [
        [
            f"<code>{esc(one.match)}</code>",
            pill(one.fault.name, True),
            "always" if one.left is None else f"{one.left} left",
            f"struck {one.struck} times",
        ]
        for one in store.troubles
    ]
    return card("Ask for trouble", add) + card(
        "Faults in force",
        table(["What", "Fault", "", ""], rows, "None: everything works.")
        + button("recover", "Forget all faults"),
    )


VIEWS: dict[str, View] = {
    "products": products,
    "orders": orders,
    "customers": customers,
    "discounts": discounts,
    "app": app,
    "webhooks": webhooks,
    "requests": requests,
    "faults": faults,
}
