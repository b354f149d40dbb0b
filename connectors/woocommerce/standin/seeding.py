"""Many made-up products, customers and orders: the same every time, and told to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.values import Json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

NAMES = (
    "Beanie",
    "Kettle \u201cGröße XL\u201d & <b>Deluxe</b>",
    "Vase",
    "帆布袋",
    "Teekanne",
    "Poster",
    "Sneakers",
    "Coffee Grinder",
    "Crème brûlée set",
    "Wallet",
)
PEOPLE = (
    ("Anna", "Müller"),
    ("Björn", "Schmidt"),
    ("Chloé", "Dubois"),
    ("Dávid", "Nagy"),
    ("Ezgi", "Yılmaz"),
    ("Frank", "O'Neil"),
)
COLORS = ("Blue", "Green", "Red", "Black", "White")
SIZES = ("S", "M", "L", "XL", "XXL")
STATUSES = ("processing", "completed", "on-hold", "pending", "cancelled", "failed")
ROUND = 50  # of so many products in a row, a few are odd


def products(shop: Shop, count: int, variations: int = 0, every: int = 1) -> list[Product]:
    """So many products. Every `every`-th is variable, with so many variations (at most 25).

    Of fifty in a row one is a draft, one private, one hidden, one behind a password and one has no
    price; stock is now and then negative, zero or not managed.
    """
    start = shop.clock.second() - count
    return [_product(shop, place, start + place, variations, every) for place in range(count)]


def _product(shop: Shop, place: int, created: int, variations: int, every: int) -> Product:
    name = f"{NAMES[place % len(NAMES)]} {place + 1}"
    cents = 199 + place * 737 % 19_000
    variable = bool(variations) and place % every == 0
    odd: dict[int, Json] = {
        7: {"status": "draft"},
        17: {"status": "private"},
        27: {"catalog_visibility": "hidden"},
    }
    odd |= {37: {"post_password": "open-sesame"}, 47: {"price": ""}}
    facts: Json = {
        "sku": f"SKU-{place + 1:05}",
        "stock": None if variable else (None, 12, 0, -2, 140)[place % 5],
        "image": shop.catalog.ids(),
        "description": f"<p>{NAMES[place % len(NAMES)]}, made for tests.</p>\n",
        "price": f"{cents // 100}.{cents % 100:02}",
        **odd.get(place % ROUND, {}),
    }
    product = shop.catalog.add(name, created=created, **facts)
    for turn in range(variations if variable else 0):
        color, size = COLORS[turn // len(SIZES) % len(COLORS)], SIZES[turn % len(SIZES)]
        shop.catalog.add_variation(
            product,
            {"Color": color, "Size": size},
            price=f"{cents // 100 + turn}",
            stock=(10, 0, 3)[turn % 3],
            sku=f"SKU-{place + 1:05}-{color}-{size}".lower(),
        )
    return product


def customers(shop: Shop, count: int) -> None:
    """So many customers, cust1@example.com and so on."""
    for place in range(count):
        first, last = PEOPLE[place % len(PEOPLE)]
        address = {
            "first_name": first,
            "last_name": last,
            "address_1": f"Straße {place + 1}",
            "city": "Stadt",
            "postcode": "10115",
            "country": ("DE", "DE", "FR", "AT")[place % 4],
        }
        email = f"cust{place + 1}@example.com"
        phone = {"phone": f"+49 30 555 {100 + place:04}"}
        billing = address | {"email": email} | phone
        shop.people.add(
            email, first_name=first, last_name=last, billing=billing, shipping=dict(address)
        )


def orders(shop: Shop, count: int) -> None:
    """So many orders in all states; every sixth is a guest's, some are refunded in part."""
    goods = [one for one in shop.catalog.products() if one.charged][:200]
    buyers = [one.id for one in shop.people.all.values() if one.role == "customer"]
    goods = goods or [shop.add_product("Beanie", "19.90")]
    start = shop.clock.second() - count * 60
    for place in range(count):
        guest = place % 6 == 0 or not buyers
        status = STATUSES[place % len(STATUSES)]
        order = shop.add_order(
            [(goods[place % len(goods)], 1 + place % 3)],
            customer=0 if guest else buyers[place % len(buyers)],
            email=f"guest{place + 1}@example.net" if guest else "",
            status=status,
            created=start + place * 60,
        )
        if status == "completed" and place % 20 == 1:
            shop.refund(order, "2.50", "Partial")
        order.modified = order.created
