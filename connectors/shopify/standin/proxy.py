"""The app proxy: a page of the storefront answered by the app, signed with who is logged in."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web

from connectors.shopify.standin.apps import App
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.signing import proxy_signature

PATIENCE = aiohttp.ClientTimeout(total=30)
DROPPED = {"cookie", "host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
NOT_RETURNED = {
    "set-cookie",
    "transfer-encoding",
    "content-encoding",
    "content-length",
    "connection",
}


def signed_query(shop: Shop, app: App, customer: str = "", given: str = "") -> str:
    """The query Shopify would add for this customer ("" if nobody is logged in), signed."""
    prefix = f"/{app.proxy_prefix}/{app.proxy_subpath}"
    told: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(given, keep_blank_values=True):
        known = told.setdefault(name, [])
        assert isinstance(known, list)
        known.append(value)
    told |= {
        "shop": shop.domain,
        "logged_in_customer_id": customer,
        "path_prefix": prefix,
        "timestamp": str(int(shop.clock.stamp())),
    }
    told["signature"] = proxy_signature(told, app.secret)
    return urlencode(told, doseq=True)


def app_of(shop: Shop, prefix: str, subpath: str) -> App | None:
    """The installed app this path belongs to."""
    for installation in shop.installations.values():
        app = installation.app
        if installation.installed and (app.proxy_prefix, app.proxy_subpath) == (prefix, subpath):
            return app
    return None


async def forward(shop: Shop, request: web.Request, customer: str) -> web.Response:
    """The app's answer, without cookies in either direction."""
    app = app_of(shop, request.match_info["prefix"], request.match_info["subpath"])
    if app is None:
        return web.Response(status=404, text="Page not found")
    query = signed_query(shop, app, customer, request.rel_url.raw_query_string)
    address = app.absolute(app.proxy_url).rstrip("/") + request.match_info["rest"]
    headers = {
        name: value for name, value in request.headers.items() if name.lower() not in DROPPED
    }
    headers |= {"X-Forwarded-For": request.remote or "", "X-Forwarded-Host": shop.domain}
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.request(
                request.method,
                f"{address}?{query}",
                data=await request.read(),
                headers=headers,
                allow_redirects=False,
            ) as answer,
        ):
            kept = {
                name: value
                for name, value in answer.headers.items()
                if name.lower() not in NOT_RETURNED
            }
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
    except (aiohttp.ClientError, TimeoutError):
        return web.Response(status=502, text="The app could not be reached.")
