"""What the REST API tells of the site itself, in little and in far too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.woocommerce.standin.errors import no_route
from connectors.woocommerce.standin.values import SITE_ZONE, Json, php_json, symbol

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

# Bytes that the real one answers to a look at the whole API: too much for asking how it is.
INDEX = 1_200_000
NAMESPACE = 250_000
STATUS = 40_000


def answer(shop: Shop, path: str) -> Any | None:
    """The fixed answer at this path below wc/v3, or None if it is not one of these."""
    found = {
        "data/currencies/current": _currency,
        "system_status": _status,
        "settings/general": _settings,
        "": _namespace,
    }.get(path)
    return found(shop) if found else None


def index(shop: Shop, route: str) -> web.Response:
    """`/wp-json/`: public, and 1.2 MB."""
    if route.strip("/"):
        error = no_route()
        return web.json_response(error.body(), status=error.status)
    site = {
        "name": shop.name,
        "description": "",
        "url": shop.home,
        "home": shop.home,
        "gmt_offset": 1,
        "timezone_string": str(SITE_ZONE),
        "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc-analytics", "wp/v2"],
        "authentication": [],
        "routes": _filler(INDEX),
    }
    return web.Response(text=php_json(site), content_type="application/json")


def _filler(size: int) -> Json:
    arguments = {"methods": ["GET"], "args": {"context": {"default": "view", "required": False}}}
    each = len(php_json(arguments)) + 40
    return {f"/wc/v3/made-up-route-{place:06}": arguments for place in range(size // each)}


def _namespace(shop: Shop) -> Json:
    return {"namespace": "wc/v3", "routes": _filler(NAMESPACE)}


def _currency(shop: Shop) -> Json:
    _, entity, name = symbol(shop.currency)
    base = f"{shop.home}/wp-json/wc/v3/data/currencies"
    return {
        "code": shop.currency,
        "name": name,
        "symbol": entity,
        "_links": {
            "self": [{"href": f"{base}/{shop.currency}"}],
            "collection": [{"href": base}],
        },
    }


def _settings(shop: Shop) -> list[Json]:
    values = {
        "woocommerce_store_address": "",
        "woocommerce_default_country": "DE:DE-BE",
        "woocommerce_currency": shop.currency,
        "woocommerce_price_num_decimals": str(shop.digits),
    }
    return [
        {"id": name, "label": name, "type": "text", "default": "", "value": value}
        for name, value in values.items()
    ]


def _status(shop: Shop) -> Json:
    return {
        "environment": {
            "home_url": shop.home,
            "site_url": shop.home,
            "version": "10.5.0",
            "wp_version": "6.9.1",
            "wp_multisite": False,
            "php_version": "8.2",
            "default_timezone": "UTC",
            "secure_connection": shop.home.startswith("https:"),
        },
        "settings": {
            "api_enabled": False,
            "currency": shop.currency,
            "currency_symbol": symbol(shop.currency)[1],
            "number_of_decimals": shop.digits,
            "HPOS_enabled": True,
        },
        "post_type_counts": _filler(STATUS),
    }
