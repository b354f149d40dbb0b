"""What each list can be searched and sorted by; a key that is not here fails loudly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.shopify.standin.catalog import Catalog, Product
from connectors.shopify.standin.search import Filter, date, flag, identifier, number, text
from connectors.shopify.standin.values import Node, moment_of, number_of


def products(catalog: Catalog) -> dict[str, Filter]:
    """Filters of products; those asked most need not know the whole product."""

    def read(name: str) -> Callable[[Product], Any]:
        return lambda product: catalog.read(product)[name]

    def of_variants(name: str) -> Callable[[Product], Any]:
        return lambda product: [one[name] for one in catalog.read(product)["variants"]]

    def words(product: Product) -> str:
        node = catalog.read(product)
        return " ".join([node["title"], node["vendor"], node["productType"], *node["tags"]])

    return {
        "id": identifier(lambda product: product.number),
        "status": text(lambda product: product.status),
        "updated_at": date(lambda product: _second(product.updated)),
        "created_at": date(lambda product: _second(product.created)),
        "published_at": date(lambda product: _second(product.created)),
        "published_status": text(
            lambda product: "published" if product.status == "ACTIVE" else "unpublished"
        ),
        "title": text(read("title")),
        "handle": text(read("handle")),
        "vendor": text(read("vendor")),
        "product_type": text(read("productType")),
        "tag": text(read("tags")),
        "sku": text(of_variants("sku")),
        "price": number(lambda product: [Decimal(one) for one in of_variants("price")(product)]),
        "variant_id": identifier(
            lambda product: [number_of(one) for one in of_variants("id")(product)]
        ),
        "inventory_total": number(read("totalInventory")),
        "gift_card": flag(read("isGiftCard")),
        "default": text(words),
    }


def _second(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp // 1, UTC)


VARIANTS: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "product_id": identifier(lambda node: node["_product"]),
    "product_ids": identifier(lambda node: node["_product"]),
    "sku": text(lambda node: node["sku"]),
    "title": text(lambda node: node["title"]),
    "updated_at": date(lambda node: moment_of(node["updatedAt"])),
    "inventory_quantity": number(lambda node: node["inventoryQuantity"]),
    "default": text(lambda node: f"{node['displayName']} {node['sku']}"),
}
ORDERS: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "name": text(lambda node: [node["name"], node["name"].removeprefix("#")]),
    "customer_id": identifier(lambda node: node["_customer"]),
    "email": text(lambda node: node["email"]),
    "updated_at": date(lambda node: moment_of(node["updatedAt"])),
    "created_at": date(lambda node: moment_of(node["createdAt"])),
    "processed_at": date(lambda node: moment_of(node["processedAt"])),
    "financial_status": text(lambda node: node["displayFinancialStatus"]),
    "fulfillment_status": text(lambda node: node["displayFulfillmentStatus"]),
    "confirmation_number": text(lambda node: node["confirmationNumber"]),
    "discount_code": text(lambda node: node["discountCodes"]),
    "tag": text(lambda node: node["tags"]),
    "test": flag(lambda node: node["test"]),
    "sku": text(lambda node: [line["sku"] for line in node["lineItems"]]),
    "status": text(
        lambda node: [
            "any",
            "cancelled" if node["cancelledAt"] else "closed" if node["closedAt"] else "open",
        ]
    ),
    "default": text(lambda node: f"{node['name']} {node['email']} {node['confirmationNumber']}"),
}
CUSTOMERS: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "email": text(lambda node: node["_email"]),
    "phone": text(lambda node: node["_phone"]),
    "first_name": text(lambda node: node["_first"]),
    "last_name": text(lambda node: node["_last"]),
    "state": text(lambda node: node["state"]),
    "tag": text(lambda node: node["tags"]),
    "country": text(lambda node: (node["defaultAddress"] or {}).get("country")),
    "updated_at": date(lambda node: moment_of(node["updatedAt"])),
    "customer_date": date(lambda node: moment_of(node["createdAt"])),
    "default": text(lambda node: f"{node['displayName']} {node['_email']} {node['_phone']}"),
}
DISCOUNTS: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "title": text(lambda node: node["_asked"]["title"]),
    "tag": text(lambda node: node["_asked"].get("tags") or []),
    "times_used": number(lambda node: node["_used"]),
    "default": text(lambda node: f"{node['_asked']['title']} {node['_code']}"),
}
BULK: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "status": text(lambda node: node["status"]),
    "operation_type": text(lambda node: node["type"]),
    "created_at": date(lambda node: moment_of(node["createdAt"])),
}
WEBHOOKS: Mapping[str, Filter] = {
    "id": identifier(lambda node: number_of(node["id"])),
    "created_at": date(lambda node: moment_of(node["createdAt"])),
    "updated_at": date(lambda node: moment_of(node["createdAt"])),
}
SORTED_BY = {
    "UPDATED_AT": "updatedAt",
    "CREATED_AT": "createdAt",
    "PROCESSED_AT": "processedAt",
    "ORDER_NUMBER": "number",
    "COMPLETED_AT": "completedAt",
    "NAME": "displayName",
    "TITLE": "title",
    "SKU": "sku",
    "INVENTORY_QUANTITY": "inventoryQuantity",
    "TOTAL_PRICE": "_total",
}


def rank(sort_key: str | None) -> Callable[[Node], tuple[Any, int]]:
    """How a list of nodes is ordered by this key; ties, and an unknown key, by number."""
    name = SORTED_BY.get(sort_key or "ID", "")
    return lambda node: (_plain(node.get(name)) or 0, number_of(node["id"]))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
