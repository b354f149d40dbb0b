"""The products of a shop: a hundred thousand cost a few megabytes until somebody looks at them.

A product is an index and the facts that were said about it; the rest follows from the index, so
that the same shop has the same catalog every time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.shopify.standin.values import Clock, Node, gid, iso, money

# Beyond 2^53, as Shopify's may be: a reader that makes them floats loses the last digit.
FIRST_PRODUCT = 9_007_199_254_740_993
FIRST_VARIANT = 910_000_000_000_000_001
FIRST_ITEM = 920_000_000_000_000_001
SPREAD = 3_600  # seconds between the seeded products' last changes, taken modulo a year
YEAR = 365 * 24 * 3_600

ADJECTIVES = [
    "Linen",
    "Oak",
    "Copper",
    "Wool",
    "Stone",
    "Cedar",
    "Velvet",
    "Amber",
    "Slate",
    "Cotton",
    "Brass",
    "Willow",
]
THINGS = [
    "Throw",
    "Mug",
    "Lamp",
    "Basket",
    "Candle",
    "Apron",
    "Planter",
    "Cushion",
    "Tray",
    "Kettle",
    "Stool",
    "Vase",
    "Rug",
]
COLOURS = ["Sand", "Moss", "Ink", "Rust", "Pearl", "Clay", "Smoke"]
SIZES = ("Small", "Medium", "Large")
VENDORS = ["Kestrel & Co", "Northlight", "Harbour Goods", "Fenwick Mill"]


class Product:
    """One product, as small as it can be; `read` tells everything about it."""

    __slots__ = ("created", "facts", "index", "number", "status", "updated")

    def __init__(self, index: int, number: int, updated: float) -> None:
        self.index = index
        self.number = number
        self.updated = updated
        self.created = updated
        self.status = "ACTIVE"
        self.facts: Node = {}

    @property
    def first_variant(self) -> int:
        return FIRST_VARIANT + self.index * 100


class Catalog:
    """Every product of one shop, by number and in any order a query asks for."""

    def __init__(self, shop: str, currency: str, clock: Clock) -> None:
        self.shop = shop
        self.currency = currency
        self.clock = clock
        self.pictures = f"https://{shop}/cdn"  # where the products' pictures are
        self.products: dict[int, Product] = {}
        self.by_variant: dict[int, Product] = {}  # only variants with a number of their own
        self._by_index: dict[int, Product] = {}
        self._next = 0
        self._orders: dict[str, list[Product]] = {}

    def __len__(self) -> int:
        return len(self.products)

    def add_many(self, count: int) -> None:
        """So many made-up products, last changed at moments spread over a year."""
        now = self.clock.stamp() // 1
        for _ in range(count):
            index = self._next
            self._keep(Product(index, FIRST_PRODUCT + index, now - 60 - index * SPREAD % YEAR))
        self._orders.clear()

    def add(self, *, id: int | None = None, status: str = "ACTIVE", **facts: Any) -> Product:
        """One product with these facts, in GraphQL's names; `price` and `stock` for its variants.

        `variants=[{"title": "Small", "price": "19.99", "inventoryQuantity": 3}]` says it in full.
        """
        index = self._next
        product = Product(index, id or FIRST_PRODUCT + index, self.clock.stamp())
        product.status = status
        self._keep(product)
        self.edit(product, **facts)
        return product

    def edit(self, product: Product, **facts: Any) -> None:
        """Change it and say when."""
        product.status = facts.pop("status", product.status)
        if (price := facts.pop("price", None)) is not None:
            self._each_variant(product, facts, "price", str(price))
        if (stock := facts.pop("stock", None)) is not None:
            self._each_variant(product, facts, "inventoryQuantity", int(stock))
        product.facts = product.facts | facts
        product.updated = self.clock.stamp()
        for variant in product.facts.get("variants", ()):
            if "id" in variant:
                self.by_variant[int(variant["id"])] = product
        self._orders.clear()

    def edit_variant(self, product: Product, number: int, **facts: Any) -> None:
        """Change one variant of it."""
        known = self.read(product)["variants"]
        own = product.facts.get("variants") or self._recipe(product)["variants"]
        self.edit(
            product,
            variants=[
                one | facts if int(shown["legacyResourceId"]) == number else one
                for one, shown in zip(own, known, strict=True)
            ],
        )

    def remove(self, product: Product) -> None:
        del self.products[product.number], self._by_index[product.index]
        self._orders.clear()

    def of_variant(self, number: int) -> Product | None:
        """The product a variant, or its inventory item, belongs to."""
        if number in self.by_variant:
            return self.by_variant[number]
        first = FIRST_ITEM if number >= FIRST_ITEM else FIRST_VARIANT
        return self._by_index.get((number - first) // 100)

    def ordered(self, sort_key: str) -> list[Product]:
        """All products by this key, then by number."""
        if sort_key not in self._orders:
            self._orders[sort_key] = sorted(
                self.products.values(), key=lambda one: (self.rank(one, sort_key), one.number)
            )
        return self._orders[sort_key]

    def after(self, sort_key: str, rank: Any, number: int, *, before: bool = False) -> int:
        """Where in `ordered` the products after this place begin, or those before it end."""
        find = bisect_left if before else bisect_right
        return find(
            self.ordered(sort_key),
            (rank, number),
            key=lambda one: (self.rank(one, sort_key), one.number),
        )

    def rank(self, product: Product, sort_key: str) -> Any:
        match sort_key:
            case "UPDATED_AT":
                return product.updated // 1
            case "CREATED_AT" | "PUBLISHED_AT":
                return product.created // 1
            case "TITLE" | "VENDOR" | "PRODUCT_TYPE" | "INVENTORY_TOTAL":
                name = {"PRODUCT_TYPE": "productType", "INVENTORY_TOTAL": "totalInventory"}
                return self.read(product)[name.get(sort_key, sort_key.lower())]
            case _:
                return 0

    def read(self, product: Product) -> Node:
        """Everything about it, in GraphQL's names."""
        node = self._recipe(product) | product.facts
        variants = [
            self._variant(product, node, place, facts)
            for place, facts in enumerate(node["variants"], 1)
        ]
        node["variants"] = variants
        node["_variants"] = variants
        node["totalInventory"] = sum(one["inventoryQuantity"] for one in variants)
        node["hasOnlyDefaultVariant"] = len(variants) == 1
        node["hasOutOfStockVariants"] = any(not one["availableForSale"] for one in variants)
        prices = [Decimal(one["price"]) for one in variants] or [Decimal(0)]
        node["priceRangeV2"] = {
            "minVariantPrice": money(min(prices), self.currency),
            "maxVariantPrice": money(max(prices), self.currency),
        }
        return node

    def variants(self) -> Iterator[Node]:
        """Every variant, by product number."""
        for product in self.ordered("ID"):
            yield from self.read(product)["variants"]

    def _keep(self, product: Product) -> None:
        self._next = product.index + 1
        self.products[product.number] = product
        self._by_index[product.index] = product

    def _each_variant(self, product: Product, facts: Node, name: str, value: object) -> None:
        variants = facts.get("variants") or product.facts.get("variants")
        variants = variants or self._recipe(product)["variants"]
        facts["variants"] = [one | {name: value} for one in variants]

    def _recipe(self, product: Product) -> Node:
        index = product.index
        thing = THINGS[index % len(THINGS)]
        title = f"{ADJECTIVES[index // len(THINGS) % len(ADJECTIVES)]} {thing}"
        title = title if index < len(THINGS) * len(ADJECTIVES) else f"{title} No. {index}"
        title = product.facts.get("title", title)
        handle = product.facts.get("handle") or "-".join(
            "".join(letter if letter.isalnum() else " " for letter in title.lower()).split()
        )
        updated = iso(datetime.fromtimestamp(product.updated, UTC))
        created = iso(datetime.fromtimestamp(product.created, UTC))
        about = f"{title}: made to last, mended for free. Item {index}."
        active = product.status == "ACTIVE"
        return {
            "__typename": "Product",
            "id": gid("Product", product.number),
            "legacyResourceId": str(product.number),
            "handle": handle,
            "title": title,
            "description": product.facts.get("description", about),
            "descriptionHtml": f"<p>{product.facts.get('description', about)}</p>",
            "vendor": VENDORS[index % len(VENDORS)],
            "productType": thing,
            "tags": [thing.lower(), "home"] + (["new"] if index % 5 == 0 else []),
            "status": product.status,
            "onlineStoreUrl": f"https://{self.shop}/products/{handle}" if active else None,
            "publishedAt": created if active else None,
            "createdAt": created,
            "updatedAt": updated,
            "tracksInventory": True,
            "isGiftCard": False,
            "featuredMedia": self._picture(product.number, title),
            "variants": self._variant_recipes(index),
        }

    def _picture(self, number: int, title: str) -> Node:
        address = f"{self.pictures}/{number}.svg"
        image = {"__typename": "Image", "url": address, "altText": title}
        return {
            "__typename": "MediaImage",
            "id": gid("MediaImage", number),
            "alt": title,
            "preview": {"image": image, "status": "READY"},
        }

    def _variant_recipes(self, index: int) -> list[Node]:
        cents = 495 + index * 739 % 24_000
        if index % 3 == 0:
            return [{"title": "Default Title", "price": f"{cents / 100:.2f}"}]
        colour = COLOURS[index % len(COLOURS)]
        return [
            {"title": f"{colour} / {size}", "price": f"{(cents + 250 * place) / 100:.2f}"}
            for place, size in enumerate(SIZES[: 1 + index % 3])
        ]

    def _variant(self, product: Product, node: Node, place: int, facts: Node) -> Node:
        own = {key: value for key, value in facts.items() if key != "id"}
        number = int(facts.get("id") or product.first_variant + place)
        titles = str(own.get("title", "Default Title")).split(" / ")
        names = ["Title"] if titles == ["Default Title"] else ["Colour", "Size", "Material"]
        quantity = own.get("inventoryQuantity", (product.index * 7 + place * 3) % 40)
        policy = own.get("inventoryPolicy", "DENY")
        variant = {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", number),
            "legacyResourceId": str(number),
            "title": "Default Title",
            "displayName": f"{node['title']} - {own.get('title', 'Default Title')}",
            "sku": f"KC-{product.index:06d}-{place}",
            "barcode": None,
            "price": "10.00",
            "compareAtPrice": None,
            "position": place,
            "taxable": True,
            "inventoryQuantity": quantity,
            "inventoryPolicy": policy,
            "availableForSale": quantity > 0 or policy == "CONTINUE",
            "createdAt": node["createdAt"],
            "updatedAt": node["updatedAt"],
            "selectedOptions": [
                {"name": name, "value": value} for name, value in zip(names, titles, strict=False)
            ],
            "media": [],
            "inventoryItem": {
                "__typename": "InventoryItem",
                "id": gid(
                    "InventoryItem", product.first_variant - FIRST_VARIANT + FIRST_ITEM + place
                ),
                "tracked": True,
            },
            "_product": product.number,
            "_item": product.first_variant - FIRST_VARIANT + FIRST_ITEM + place,
        }
        return variant | own
