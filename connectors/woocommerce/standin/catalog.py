"""What the shop sells: products and variations, kept small and written out on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.woocommerce.standin.values import Clock, Json, slug


class Ids:
    """Posts, orders, refunds and images share one sequence of ids."""

    def __init__(self, first: int = 10) -> None:
        self._next = first

    def __call__(self) -> int:
        taken = self._next
        self._next += 1
        return taken


@dataclass(slots=True)
class Product:
    """A product, or a variation if it has a parent; `facts` are what differs from the default."""

    id: int
    name: str
    created: int
    modified: int
    type: str = "simple"
    status: str = "publish"
    parent: int = 0
    price: str = ""  # the regular price, as typed
    sale: str = ""
    stock: int | None = None  # None: not managed
    sold: int = 0
    image: int = 0
    sku: str = ""
    options: dict[str, str] = field(default_factory=dict)  # of a variation: Size → M
    choices: dict[str, list[str]] = field(default_factory=dict)  # of a parent: Size → S, M, L
    variations: list[int] = field(default_factory=list)
    facts: Json = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return str(self.facts.get("slug") or slug(self.name))

    @property
    def charged(self) -> str:
        """The price as sold, possibly "": what is not priced cannot be bought."""
        return self.sale or self.price

    @property
    def in_stock(self) -> bool:
        if self.stock is None:
            return bool(self.facts.get("stock_status", "instock") == "instock")
        return self.stock > 0 or self.facts.get("backorders", "no") != "no"


class Catalog:
    """All products and variations by id."""

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self.ids = ids
        self.clock = clock
        self.all: dict[int, Product] = {}

    def products(self) -> Iterator[Product]:
        """Those that `/products` may list: everything but variations."""
        return (one for one in self.all.values() if not one.parent)

    def variations(self, parent: int | None = None) -> Iterator[Product]:
        """The variations of one product, or of all."""
        if parent is None:
            return (one for one in self.all.values() if one.parent)
        return (self.all[one] for one in self.all[parent].variations if one in self.all)

    def find(self, which: int | str | Product) -> Product:
        """By id, SKU or name; KeyError if there is none."""
        if isinstance(which, Product):
            return which
        if isinstance(which, int):
            return self.all[which]
        return next(one for one in self.all.values() if which in (one.sku, one.name))

    def add(self, name: str, price: str = "", **facts: Any) -> Product:
        """A product; `variations=[{"options": {"Size": "M"}, "price": "9"}]` makes it variable."""
        now = facts.pop("created", None) or self.clock.second()
        variations = facts.pop("variations", [])
        product = Product(self.ids(), name, now, now, price=price)
        self.all[product.id] = product
        self.change(product, **facts)
        product.modified = now
        for variation in variations:
            self.add_variation(product, **variation)
        return product

    def add_variation(self, parent: Product, options: dict[str, str], **facts: Any) -> Product:
        """One more variation; the parent becomes variable."""
        name = f"{parent.name} - {', '.join(options.values())}"
        product = Product(self.ids(), name, parent.created, parent.modified, parent=parent.id)
        product.type, product.options = "variation", options
        parent.type, parent.price = "variable", ""
        for title, option in options.items():
            if option not in parent.choices.setdefault(title, []):
                parent.choices[title].append(option)
        parent.variations.append(product.id)
        self.all[product.id] = product
        own = {name: value for name, value in facts.items() if value is not None}
        self.change(product, **own, now=parent.modified)
        return product

    def change(self, product: Product, now: int | None = None, **facts: Any) -> None:
        """Set attributes and REST fields; a variation's change touches its parent."""
        for name, value in facts.items():
            if name in ("name", "type", "status", "price", "sale", "stock", "sku", "image"):
                setattr(product, name, value)
            else:
                product.facts[name] = value
        product.modified = now or self.clock.second()
        if product.parent in self.all:
            self.all[product.parent].modified = product.modified

    def remove(self, product: Product) -> None:
        """Gone for good, with its variations."""
        for one in product.variations:
            self.all.pop(one, None)
        if product.parent in self.all:
            self.all[product.parent].variations.remove(product.id)
        del self.all[product.id]

    def price_range(self, product: Product) -> tuple[Decimal, Decimal] | None:
        """The least and the greatest price of the variations."""
        prices = [Decimal(one.charged) for one in self.variations(product.id) if one.charged]
        return (min(prices), max(prices)) if prices else None
