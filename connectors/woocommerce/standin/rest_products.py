"""`/products`, and the variations that are found nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.woocommerce.standin import product_json
from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.errors import WooError, missing
from connectors.woocommerce.standin.params import Params, choice, chosen, words
from connectors.woocommerce.standin.resource import Resource, trashed
from connectors.woocommerce.standin.values import Json

ORDERBY = ("date", "modified", "id", "include", "title", "slug", "price", "popularity", "rating")
STATUSES = ("any", "future", "trash", "draft", "pending", "private", "publish")
TYPES = ("simple", "grouped", "external", "variable")
STOCK = ("instock", "outofstock", "onbackorder")
RENAMED = {"regular_price": "price", "sale_price": "sale", "stock_quantity": "stock"}


class Products(Resource):
    path = "products"
    invalid_id = "woocommerce_rest_product_invalid_id"

    def select(self, params: Params) -> list[Product]:
        found = _filtered(self.shop.catalog.products(), params)
        if "type" in params:
            kind = choice(params, "type", "", TYPES)
            found = (one for one in found if one.type == kind)
        return chosen(found, params, ORDERBY, "date")

    def find(self, number: int) -> Product:
        """Also a variation: `/products/{variation}` answers."""
        return self.shop.catalog.all[number]

    def show(self, item: Product, params: Params) -> Json:
        return product_json.product(self.shop, item)

    async def create(self, body: Json) -> Product:
        facts = _facts(body)
        self._check_sku(facts.get("sku"), None)
        return self.shop.add_product(str(facts.pop("name", "Product")), **facts)

    async def update(self, item: Product, body: Json) -> None:
        facts = _facts(body)
        self._check_sku(facts.get("sku"), item)
        self.shop.edit_product(item, **facts)

    async def delete(self, item: Product, *, force: bool) -> None:
        if force:
            self.shop.delete_product(item)
        elif item.status == "trash":
            raise trashed("product")
        else:
            self.shop.trash_product(item)

    def _check_sku(self, sku: Any, own: Product | None) -> None:
        others = (one for one in self.shop.catalog.all.values() if one is not own)
        if sku and any(one.sku == sku for one in others):
            raise WooError(400, "product_invalid_sku", "Invalid or duplicated SKU.")


class Variations(Products):
    """The variations of one product, or of all if there is no parent in the path."""

    path = "variations"
    invalid_id = "woocommerce_rest_product_variation_invalid_id"
    parent: int | None = None

    def of(self, parent: int) -> Variations:
        """The same for one product; `WooError` 404 if that is gone."""
        narrowed = Variations(self.shop)
        if parent not in self.shop.catalog.all:
            text = "No product found."
            raise WooError(404, "woocommerce_rest_product_invalid_id", text)
        narrowed.parent = parent
        return narrowed

    def select(self, params: Params) -> list[Product]:
        found = _filtered(self.shop.catalog.variations(self.parent), params)
        return chosen(found, params, ORDERBY, "date")

    def find(self, number: int) -> Product:
        found = self.shop.catalog.all[number]
        if not found.parent or self.parent not in (None, found.parent):
            raise KeyError(number)
        return found

    def show(self, item: Product, params: Params) -> Json:
        return product_json.variation(self.shop, item)

    async def create(self, body: Json) -> Product:
        if self.parent is None:
            raise missing("product_id")
        facts = _facts(body)
        self._check_sku(facts.get("sku"), None)
        options = {one["name"]: one["option"] for one in facts.pop("attributes", [])}
        parent = self.shop.catalog.all[self.parent]
        return self.shop.add_variation(parent, options, **facts)


def _filtered(found: Iterable[Product], params: Params) -> Iterable[Product]:
    status = choice(params, "status", "any", STATUSES)
    wanted = None if status == "any" else status
    stock = choice(params, "stock_status", STOCK[0], STOCK) if "stock_status" in params else None
    skus = set(words(params.get("sku", "")))
    sought = str(params.get("search", "")).lower()
    return (
        one
        for one in found
        if (one.status == wanted if wanted else one.status != "trash")
        and (not stock or one.in_stock == (stock == "instock"))
        and (not skus or one.sku in skus)
        and (not sought or sought in f"{one.name}\n{one.facts.get('description', '')}".lower())
    )


def _facts(body: Json) -> Json:
    """The body in the words of `Catalog`; what only the shop may set is ignored."""
    own = ("id", "price", "date_created", "date_modified", "permalink", "parent_id", "_links")
    facts = {RENAMED.get(name, name): value for name, value in body.items() if name not in own}
    for name in ("price", "sale"):
        if name in facts:
            facts[name] = str(facts[name] or "")
    if facts.pop("manage_stock", None) is False:
        facts["stock"] = None
    if (stock := facts.get("stock")) is not None:
        facts["stock"] = int(stock)
    return facts
