"""A product or variation as the REST API shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.values import Json, dates, image_dates, slug, symbol

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

ALLOWED = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SALE_DATES: Json = dict.fromkeys(
    ("date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt")
)
NO_SIZE = {"length": "", "width": "", "height": ""}
IMAGE_SIZES = ("300x300 300w", "150x150 150w", "600x600 600w", "100x100 100w")


def links(store: Shop, path: str, collection: str, **more: list[Json]) -> Json:
    """The `_links` of one item."""
    base = f"{store.home}/wp-json/wc/v3"
    return {
        "self": [{"href": f"{base}/{path}", "targetHints": {"allow": ALLOWED}}],
        "collection": [{"href": f"{base}/{collection}"}],
        **more,
    }


def product(store: Shop, one: Product) -> Json:
    """All fields of a product; of a variation too, as `/products/{variation}` shows it."""
    shown = _head(store, one) | _pricing(store, one) | _delivery(one) | _rest(store, one)
    shown |= {name: value for name, value in one.facts.items() if name in shown}
    collection = "products"
    up = [{"href": f"{store.home}/wp-json/wc/v3/products/{one.parent}"}]
    more = {"up": up} if one.parent else {}
    shown["_links"] = links(store, f"products/{one.id}", collection, **more)
    return shown


def variation(store: Shop, one: Product) -> Json:
    """A variation as `/products/{id}/variations` shows it: fewer fields, in another order."""
    whole = product(store, one)
    shown = {name: whole[name] for name in _VARIATION if name in whole}
    images = whole["images"]
    plain = ("srcset", "sizes", "thumbnail")
    shown["image"] = (
        {name: value for name, value in images[0].items() if name not in plain} if images else None
    )
    shown["name"] = ", ".join(one.options.values())
    ordered = {name: shown[name] for name in _VARIATION}
    collection = f"products/{one.parent}/variations"
    ordered["_links"] = links(store, f"{collection}/{one.id}", collection, up=whole["_links"]["up"])
    return ordered


_VARIATION = tuple(  # its fields, in their order
    [
        "id",
        "type",
        "date_created",
        "date_created_gmt",
        "date_modified",
        "date_modified_gmt",
        "description",
        "permalink",
        "sku",
        "global_unique_id",
        "price",
        "regular_price",
        "sale_price",
        "date_on_sale_from",
        "date_on_sale_from_gmt",
        "date_on_sale_to",
        "date_on_sale_to_gmt",
        "on_sale",
        "status",
        "purchasable",
        "virtual",
        "downloadable",
        "downloads",
        "download_limit",
        "download_expiry",
        "tax_status",
        "tax_class",
        "manage_stock",
        "stock_quantity",
        "stock_status",
        "backorders",
        "backorders_allowed",
        "backordered",
        "low_stock_amount",
        "weight",
        "dimensions",
        "shipping_class",
        "shipping_class_id",
        "image",
        "attributes",
        "menu_order",
        "meta_data",
        "name",
        "parent_id",
    ]
)


def _head(store: Shop, one: Product) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "slug": one.slug,
        "permalink": permalink(store, one),
        **dates("date_created", one.created),
        **dates("date_modified", one.modified),
        "type": one.type,
        "status": one.status,
        "featured": False,
        "catalog_visibility": "visible",
        "description": "",
        "short_description": "",
        "sku": one.sku,
    }


def permalink(store: Shop, one: Product) -> str:
    """Where a shopper finds it."""
    base = store.catalog.all.get(one.parent, one)
    chosen = "&".join(f"attribute_{_taxonomy(k)}={slug(v)}" for k, v in one.options.items())
    return f"{store.home}/product/{base.slug}/" + (f"?{chosen}" if chosen else "")


def _pricing(store: Shop, one: Product) -> Json:
    span = store.catalog.price_range(one) if one.type == "variable" else None
    price = f"{span[0]:f}" if span else one.charged
    return {
        "price": price,
        "regular_price": "" if one.type == "variable" else one.price,
        "sale_price": one.sale,
        **SALE_DATES,
        "on_sale": bool(one.sale),
        "purchasable": price != "" and one.type not in ("external", "grouped"),
        "total_sales": "0" if one.parent else one.sold,
        "virtual": False,
        "downloadable": False,
        "downloads": [],
        "download_limit": -1,
        "download_expiry": -1,
        "external_url": "",
        "button_text": "",
        "tax_status": "taxable",
        "tax_class": "",
        "manage_stock": one.stock is not None,
        "stock_quantity": one.stock,
    }


def _delivery(one: Product) -> Json:
    backorders = one.facts.get("backorders", "no")
    return {
        "backorders": "no",
        "backorders_allowed": backorders != "no",
        "backordered": backorders != "no" and one.stock is not None and one.stock < 0,
        "low_stock_amount": None,
        "sold_individually": False,
        "weight": "",
        "dimensions": NO_SIZE,
        "shipping_required": not one.facts.get("virtual", False),
        "shipping_taxable": True,
        "shipping_class": "",
        "shipping_class_id": 0,
        "reviews_allowed": not one.parent,
        "average_rating": "0.00",
        "rating_count": 0,
        "upsell_ids": [],
        "cross_sell_ids": [],
        "parent_id": one.parent,
        "purchase_note": "",
    }


def _rest(store: Shop, one: Product) -> Json:
    uncategorised = [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}]
    return {
        "categories": [] if one.parent else uncategorised,
        "brands": [],
        "tags": [],
        "images": images(store, one),
        "attributes": _attributes(one),
        "default_attributes": [],
        "variations": one.variations,
        "grouped_products": [],
        "menu_order": 0,
        "price_html": price_html(store, one),
        "related_ids": [],
        "meta_data": [],
        "stock_status": "instock" if one.in_stock else "outofstock",
        "has_options": bool(one.variations),
        "post_password": "",
        "global_unique_id": "",
    }


def _taxonomy(title: str) -> str:
    return f"pa_{slug(title)}"


def _attributes(one: Product) -> list[Json]:
    if one.parent:
        return [
            {"id": place, "name": title, "slug": _taxonomy(title), "option": option}
            for place, (title, option) in enumerate(one.options.items(), 1)
        ]
    return [
        {
            "id": place,
            "name": title,
            "slug": _taxonomy(title),
            "position": 0,
            "visible": True,
            "variation": True,
            "options": sorted(options),
        }
        for place, (title, options) in enumerate(one.choices.items(), 1)
    ]


def image_of(store: Shop, one: Product) -> tuple[int, str] | None:
    """The id and address of its picture; a variation shows its parent's."""
    shown = one if one.image else store.catalog.all.get(one.parent, one)
    if not shown.image:
        return None
    return shown.image, f"{store.home}/wp-content/uploads/2026/11/{shown.slug}-{shown.image}.jpg"


def images(store: Shop, one: Product) -> list[Json]:
    found = image_of(store, one)
    if not found:
        return []
    number, src = found
    stem = src.removesuffix(".jpg")
    sizes = [tuple(size.split()) for size in IMAGE_SIZES]
    srcset = [f"{src} 640w", *(f"{stem}-{size}.jpg {width}" for size, width in sizes)]
    parent = store.catalog.all.get(one.parent, one)
    return [
        {
            "id": number,
            **image_dates(one.created),
            "src": src,
            "name": parent.name,
            "alt": "",
            "srcset": ", ".join(srcset),
            "sizes": "(max-width: 640px) 100vw, 640px",
            "thumbnail": f"{stem}-300x300.jpg",
        }
    ]


def _amount(store: Shop, value: Decimal | str, hidden: bool = False) -> str:
    aria = ' aria-hidden="true"' if hidden else ""
    return (
        f'<span class="woocommerce-Price-amount amount"{aria}><bdi>'
        f'<span class="woocommerce-Price-currencySymbol">{symbol(store.currency)[1]}</span>'
        f"{Decimal(value):,.{store.digits}f}</bdi></span>"
    )


def price_html(store: Shop, one: Product) -> str:
    """The price as the shop's theme shows it."""
    span = store.catalog.price_range(one) if one.type == "variable" else None
    if span and span[0] != span[1]:
        least, greatest = (_amount(store, value, hidden=True) for value in span)
        return f'{least} <span aria-hidden="true">&ndash;</span> {greatest}'
    price = span[0] if span else one.charged
    if price == "":
        return ""
    if one.sale:
        old, new = _amount(store, one.price), _amount(store, one.sale)
        return f'<del aria-hidden="true">{old}</del> <ins aria-hidden="true">{new}</ins>'
    return _amount(store, price)
