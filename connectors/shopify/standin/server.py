"""The stand-in itself: several shops on one port, told apart by the Host header."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from connectors.shopify.standin import admin, admin_api, oauth, proxy, storefront
from connectors.shopify.standin.apps import App
from connectors.shopify.standin.faults import FAULTS
from connectors.shopify.standin.pages import esc, page
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.values import Clock
from connectors.testing.standin import Recorded, StandinServer, running

Handler = Callable[[Shop, web.Request], Awaitable[web.StreamResponse]]
EXTENSION = Path(__file__).parents[1] / "app" / "extensions" / "parley-chat"


class Standin(StandinServer):
    """Shopify on 127.0.0.1. The first app is the one meant wherever none is named."""

    faults = FAULTS
    untouched = re.compile(r"/admin/?$|/admin/standin|/cdn/|/extensions/")

    def __init__(
        self,
        shops: Iterable[str] = ("kestrel",),
        *,
        port: int = 0,
        apps: Iterable[App] | None = None,
        currency: str = "EUR",
        extension: Path | None = None,
    ) -> None:
        super().__init__(port)
        self.clock = Clock()
        self.apps = list(apps) if apps is not None else [App()]
        self.extension = extension or EXTENSION  # the theme app extension, for the storefront
        self.currency = currency
        self.shops: dict[str, Shop] = {}
        for handle in shops:
            self.open_shop(handle)
        self._routes()

    def open_shop(self, handle: str) -> Shop:
        """One more shop; before the stand-in starts."""
        shop = Shop(
            handle,
            clock=self.clock,
            apps=self.apps,
            place=len(self.shops),
            currency=self.currency,
        )
        self.shops[handle] = shop
        return shop

    @property
    def app_of_hub(self) -> App:
        return self.apps[0]

    def shop(self, handle: str = "") -> Shop:
        """The shop of this name or domain; without one the only or first."""
        return self.shops[handle.partition(".")[0] or next(iter(self.shops))]

    def shop_of(self, request: web.Request) -> Shop:
        """By the Host header, else by `?shop=`, else the only one; 404 otherwise."""
        host = request.headers.get("Host", "").partition(":")[0]
        for name in (host, request.query.get("shop", ""), request.cookies.get("standin_shop", "")):
            handle, _, rest = name.partition(".")
            if handle in self.shops and rest in ("", "myshopify.com", "localhost"):
                return self.shops[handle]
        if len(self.shops) == 1 and not host.endswith(".myshopify.com"):
            return self.shop()
        if "text/html" in request.headers.get("Accept", ""):
            links = "".join(
                f'<p><a href="{esc(request.rel_url.update_query(shop=one.domain))}">{one.title}</a>'
                for one in self.shops.values()
            )
            text = page("Which shop?", f"<h1>Which shop?</h1>{links}")
            raise web.HTTPMultipleChoices("/", text=text, content_type="text/html")
        if request.method == "POST":
            raise web.HTTPNotFound(text='{"errors":"Not Found"}', content_type="application/json")
        raise web.HTTPNotFound(text="Sorry, this shop is currently unavailable.")

    def labels(self, request: Recorded) -> frozenset[str]:
        """A GraphQL request can be matched by its operation's name and its root fields."""
        if not request.path.endswith("/graphql.json"):
            return frozenset()
        return admin_api.operation_names(request.body)

    async def started(self) -> None:
        for shop in self.shops.values():
            shop.bulk.origin = self.url
            await shop.webhooks.start()

    async def stopped(self) -> None:
        for shop in self.shops.values():
            await shop.bulk.stop()
            await shop.webhooks.stop()

    async def settled(self) -> None:
        """Return when no bulk operation runs and no webhook is on its way."""
        for shop in self.shops.values():
            await shop.bulk.settled()
            await shop.webhooks.settled()

    def _routes(self) -> None:
        add = self.app.router.add_route
        for method, path, handler in (
            ("POST", admin_api.PATH, admin_api.answer),
            ("*", "/admin/oauth/authorize", oauth.authorize),
            ("POST", "/admin/oauth/access_token", oauth.access_token),
            ("*", "/{prefix:apps|a|community|tools}/{subpath:[^/]+}{rest:.*}", self._proxied),
        ):
            add(method, path, self._in_shop(handler))
        add("GET", "/bulk/{file}", self._bulk_file)
        for method, path, handle in (*admin.routes(self), *storefront.routes(self)):
            add(method, path, handle)

    def _in_shop(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await handler(self.shop_of(request), request)

        return handle

    async def _proxied(self, shop: Shop, request: web.Request) -> web.StreamResponse:
        customer = storefront.logged_in(shop, request)
        number = customer["legacyResourceId"] if customer else ""
        return await proxy.forward(shop, request, number)

    async def _bulk_file(self, request: web.Request) -> web.StreamResponse:
        if "X-Shopify-Access-Token" in request.headers:
            text = "This is a storage host: it must not be sent the shop's token."
            return web.Response(status=400, text=text)
        number = request.match_info["file"].removesuffix(".jsonl")
        for shop in self.shops.values():
            if number.isdecimal() and int(number) in shop.bulk.operations:
                file = shop.bulk.file(int(number))
                return web.FileResponse(file, headers={"Content-Type": "application/jsonl"})
        raise web.HTTPNotFound


@asynccontextmanager
async def standin(
    shops: Iterable[str] = ("kestrel",),
    *,
    port: int = 0,
    apps: Iterable[App] | None = None,
    currency: str = "EUR",
    extension: Path | None = None,
) -> AsyncIterator[Standin]:
    """Shopify while the block lasts: `async with standin(shops=["kestrel"]) as store:`."""
    store = Standin(shops, port=port, apps=apps, currency=currency, extension=extension)
    async with running(store):
        yield store
