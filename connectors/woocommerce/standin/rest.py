"""The REST API under /wp-json/wc/v3: which address means what, and what every answer carries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.woocommerce.standin import system
from connectors.woocommerce.standin.access import Call
from connectors.woocommerce.standin.errors import WooError, invalid, no_route
from connectors.woocommerce.standin.params import (
    Params,
    link_header,
    only_fields,
    php_query,
    truth,
    words,
)
from connectors.woocommerce.standin.resource import Resource
from connectors.woocommerce.standin.rest_orders import Orders, Refunds
from connectors.woocommerce.standin.rest_others import Coupons, Customers, WebhookList
from connectors.woocommerce.standin.rest_products import Products, Variations
from connectors.woocommerce.standin.values import Json, php_json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

ROOT = "/wc/v3"
HEADERS = {
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
    "Allow": "GET, POST, PUT, PATCH, DELETE",
    "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
}
ACTIONS = {"POST": "create", "PUT": "edit", "PATCH": "edit", "DELETE": "delete"}


class Rest:
    """Answers REST requests of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        kinds = (Products, Variations, Orders, Refunds, Customers, Coupons, WebhookList)
        self.lists: dict[str, Resource] = {kind.path: kind(shop) for kind in kinds}

    def read(self, path: str, number: int) -> Json:
        """One item as a GET shows it."""
        resource = self.lists[path]
        return resource.show(resource.get(number), {})

    async def answer(self, request: web.Request, route: str, *, is_https: bool) -> web.Response:
        """The answer to a route such as "/wc/v3/orders/7"."""
        query = php_query(request.rel_url)
        try:
            if not route.startswith(ROOT):
                return system.index(self.shop, route)
            parts = route.removeprefix(ROOT).strip("/").split("/")
            action = _action(request.method, parts)
            if parts != [""]:
                self._authenticate(request, query, action, is_https)
            return await self._act(request, parts, query)
        except WooError as error:
            return respond(error.body(), error.status)
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            if request.method in ("GET", "HEAD"):
                raise
            wrong = invalid("body", f"{type(error).__name__}: {error}", "rest_invalid_type")
            return respond(wrong.body(), wrong.status)

    def _authenticate(
        self, request: web.Request, query: Params, action: str, is_https: bool
    ) -> None:
        path = request.rel_url.raw_path
        scheme = "https" if is_https else "http"
        address = f"{scheme}://{self.shop.home.partition('://')[2]}{path}"
        call = Call(request.method, path, address, query, request.headers, is_https)
        self.shop.keys.check(call, action)

    async def _act(self, request: web.Request, parts: list[str], query: Params) -> web.Response:
        if (fixed := system.answer(self.shop, "/".join(parts))) is not None:
            return respond(_cut(fixed, query))
        resource, rest = self._resource(parts)
        if rest == ["batch"] and request.method in ("POST", "PUT", "PATCH"):
            return respond(await resource.batch(await _body(request)))
        if not rest:
            return await self._on_list(resource, request, query)
        if len(rest) == 1 and rest[0].isdecimal():
            return await self._on_item(resource, int(rest[0]), request, query)
        raise no_route()

    def _resource(self, parts: list[str]) -> tuple[Resource, list[str]]:
        """The list that the path is about, and what of the path is left."""
        path, *rest = parts
        if len(rest) >= 2 and rest[0].isdecimal():
            inner = self.lists.get(rest[1])
            if path == "products" and isinstance(inner, Variations):
                return inner.of(int(rest[0])), rest[2:]
            if path == "orders" and isinstance(inner, Refunds):
                return inner.of(int(rest[0])), rest[2:]
        if path not in self.lists or path == "refunds":
            raise no_route()
        return self.lists[path], rest

    async def _on_list(
        self, resource: Resource, request: web.Request, query: Params
    ) -> web.Response:
        if request.method == "POST":
            item = await resource.create(await _body(request))
            shown = _cut(resource.show(item, query), query)
            location = {"Location": f"{self.shop.home}/wp-json{ROOT}/{resource.path}/{item.id}"}
            return respond(shown, 201, location)
        if request.method not in ("GET", "HEAD"):
            raise no_route()
        shown, page = resource.page(query)
        address = f"{self.shop.home}{request.rel_url.raw_path}"
        links = link_header(address, query, page.pages)
        headers = page.headers | ({"Link": links} if links else {})
        return respond(_cut(shown, query), headers=headers)

    async def _on_item(
        self, resource: Resource, number: int, request: web.Request, query: Params
    ) -> web.Response:
        if request.method == "DELETE":
            body = await _body(request)
            force = truth(body.get("force", query.get("force", "")))
            return respond(_cut(await resource.remove(number, force=force), query))
        item = resource.get(number)
        if request.method not in ("GET", "HEAD"):
            await resource.update(item, await _body(request))
        return respond(_cut(resource.show(item, query), query))


def _action(method: str, parts: list[str]) -> str:
    if parts[-1] == "batch":
        return "batch"
    if method in ("GET", "HEAD"):
        return "view" if parts[-1].isdecimal() else "list"
    if method == "POST" and parts[-1].isdecimal():
        return "edit"
    return ACTIONS.get(method, "list")


async def _body(request: web.Request) -> Json:
    """The JSON or form that was sent; {} if there is none."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        return dict(await request.post())
    try:
        body = json.loads(raw)
    except ValueError:
        data: Json = {"json_error_code": 4, "json_error_message": "Syntax error"}
        raise WooError(400, "rest_invalid_json", "Invalid JSON body passed.", **data) from None
    return body if isinstance(body, dict) else {}


def _cut(shown: Any, query: Params) -> Any:
    names = words(query.get("_fields", ""))
    if not names:
        return shown
    if isinstance(shown, list):
        return [only_fields(one, names) for one in shown]
    return only_fields(shown, names)


def respond(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as WordPress sends it."""
    return web.Response(
        status=status,
        text=php_json(body),
        content_type="application/json",
        charset="UTF-8",
        headers=HEADERS | (headers or {}),
    )
