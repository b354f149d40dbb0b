"""What a webhook says of products, stock, discounts and the shop: REST's names and shapes."""

from __future__ import annotations

from typing import Any

from connectors.shopify.standin.values import Node, gid, number_of


def product(shop: Any, node: Node) -> Node:
    """The body of products/create and products/update."""
    number = number_of(node["id"])
    names: list[str] = [one["name"] for one in node["_variants"][0]["selectedOptions"]]
    return {
        "admin_graphql_api_id": node["id"],
        "body_html": node["descriptionHtml"],
        "created_at": node["createdAt"],
        "handle": node["handle"],
        "id": number,
        "product_type": node["productType"],
        "published_at": node["publishedAt"],
        "template_suffix": None,
        "title": node["title"],
        "updated_at": node["updatedAt"],
        "vendor": node["vendor"],
        "status": node["status"].lower(),
        "published_scope": "global",
        "tags": ", ".join(node["tags"]),
        "variants": [_variant(number, one) for one in node["_variants"]],
        "options": [{"product_id": number, "name": name} for name in names],
        "images": [],
        "image": None,
        "media": [],
        "variant_gids": [
            {"admin_graphql_api_id": one["id"], "updated_at": one["updatedAt"]}
            for one in node["_variants"]
        ],
        "has_variants_that_requires_components": False,
        "category": None,
    }


def _variant(product_number: int, node: Node) -> Node:
    values = [one["value"] for one in node["selectedOptions"]] + [None] * 3
    return {
        "admin_graphql_api_id": node["id"],
        "barcode": node["barcode"],
        "compare_at_price": node["compareAtPrice"],
        "created_at": node["createdAt"],
        "id": number_of(node["id"]),
        "inventory_policy": node["inventoryPolicy"].lower(),
        "position": node["position"],
        "price": node["price"],
        "product_id": product_number,
        "sku": node["sku"],
        "taxable": True,
        "title": node["title"],
        "updated_at": node["updatedAt"],
        "option1": values[0],
        "option2": values[1],
        "option3": values[2],
        "image_id": None,
        "inventory_item_id": node["_item"],
        "inventory_quantity": node["inventoryQuantity"],
        "old_inventory_quantity": node["inventoryQuantity"],
    }


def inventory_level(shop: Any, variant: Node) -> Node:
    item = variant["_item"]
    return {
        "inventory_item_id": item,
        "location_id": shop.location,
        "available": variant["inventoryQuantity"],
        "updated_at": variant["updatedAt"],
        "admin_graphql_api_id": f"{gid('InventoryLevel', shop.location)}?inventory_item_id={item}",
    }


def inventory_item(shop: Any, variant: Node) -> Node:
    """The body of inventory_items/update."""
    return {
        "id": variant["_item"],
        "sku": variant["sku"],
        "created_at": variant["createdAt"],
        "updated_at": variant["updatedAt"],
        "requires_shipping": True,
        "cost": None,
        "tracked": True,
        "country_harmonized_system_codes": [],
        "admin_graphql_api_id": gid("InventoryItem", variant["_item"]),
    }


def discount(shop: Any, node: Node) -> Node:
    now = shop.clock.now().isoformat()
    if node["_deleted"]:
        return {"admin_graphql_api_id": node["id"], "deleted_at": now}
    return {
        "admin_graphql_api_id": node["id"],
        "title": node["_asked"]["title"],
        "status": shop.discounts.status(node),
        "created_at": node["_created"],
        "updated_at": now,
    }


def shop_facts(shop: Any) -> Node:
    """The body of shop/update and app/uninstalled."""
    return {
        "id": shop.number,
        "name": shop.title,
        "email": shop.email,
        "domain": shop.domain,
        "province": "England",
        "country": "GB",
        "address1": "1 Harbour Lane",
        "zip": "BS1 4DJ",
        "city": "Bristol",
        "primary_locale": "en",
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": shop.clock.now().isoformat(),
        "country_code": "GB",
        "country_name": "United Kingdom",
        "currency": shop.currency,
        "customer_email": shop.email,
        "timezone": "(GMT+00:00) Europe/London",
        "iana_timezone": "Europe/London",
        "shop_owner": "Kit Kestrel",
        "money_format": shop.money_format,
        "money_with_currency_format": f"{shop.money_format} {shop.currency}",
        "plan_display_name": "Grow",
        "plan_name": "professional",
        "myshopify_domain": shop.domain,
        "has_storefront": True,
        "enabled_presentment_currencies": [shop.currency],
    }
