"""The stand-in's server: one shop on 127.0.0.1, with its REST API, pages and webhooks."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any

from aiohttp import ClientSession, web
from yarl import URL

from connectors.testing.standin import Recorded, StandinServer
from connectors.woocommerce.standin import seeding
from connectors.woocommerce.standin.admin import Admin
from connectors.woocommerce.standin.catalog import Product
from connectors.woocommerce.standin.faults import FAULTS
from connectors.woocommerce.standin.keyflow import PATH as KEYFLOW
from connectors.woocommerce.standin.keyflow import KeyFlow
from connectors.woocommerce.standin.limits import Limits
from connectors.woocommerce.standin.pages import page
from connectors.woocommerce.standin.shop import Shop
from connectors.woocommerce.standin.storefront import Storefront
from connectors.woocommerce.standin.tls import context_and_certificate

LOGGED_IN = "wordpress_logged_in"
REST = "/wp-json"


class WooStore(Shop, StandinServer):
    """A WooCommerce shop: `async with WooStore() as store` and it is reachable at `store.url`.

    What merchants and shoppers do are methods of `Shop`; `await store.tick()` delivers webhooks.
    `store.key` is a key that may read and write.
    """

    faults = FAULTS
    untouched = re.compile("/wp-admin")

    def __init__(self, port: int = 0, *, home: str = "", name: str = "Stand-in shop") -> None:
        Shop.__init__(self)
        StandinServer.__init__(self, port)
        self.name = name
        self.home = home
        self.https = False  # True: PHP takes every request for https
        self.https_hidden = False  # True: a proxy ends TLS, and PHP is not told
        self.certificate = ""  # PEM, once `serve_https` was called
        self.plain_permalinks = False
        self.limits = Limits(self.clock)
        self.keyflow = KeyFlow(self)
        self.storefront = Storefront(self)
        self.admin = Admin(self)
        self.key = self.keys.add(description="Made by the stand-in")
        self._add_routes()

    def __repr__(self) -> str:
        return f"<WooStore {self.home}: {len(self.catalog.all)} products>"

    def _add_routes(self) -> None:
        routes = self.app.router
        routes.add_route("*", "/", self._front)
        routes.add_route("*", REST + "/{route:.*}", self._rest)
        routes.add_route("*", KEYFLOW + "/{step:.*}", self._keyflow)
        routes.add_route("*", "/wp-login.php", self._log_in)
        routes.add_get("/shop/", self._front)
        routes.add_post("/checkout/", self._buy)
        routes.add_route("*", "/wp-admin/{page:.*}", self.admin.answer)

    async def started(self) -> None:
        self.home = self.home or self.url
        self.outbound.home = self.home
        await self.outbound.start()
        await self.deliveries.start()

    async def stopped(self) -> None:
        await self.deliveries.stop()
        await self.outbound.stop()

    def believe_https(self) -> None:
        """The shop is at https, and PHP knows: Basic and keys in the query work."""
        self.https, self.https_hidden = True, False
        self.home = self.home.replace("http://", "https://")

    async def serve_https(self) -> str:
        """Answer over TLS as well, and call that home; the address.

        A client trusts it with `context.load_verify_locations(cadata=store.certificate)`.
        """
        assert self._runner is not None, "it is not running"
        context, self.certificate = await asyncio.to_thread(context_and_certificate)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.home = f"https://127.0.0.1:{self._runner.addresses[-1][1]}"
        return self.home

    def hide_https(self) -> None:
        """A proxy ends TLS and PHP is not told: the address is https, and Basic is refused."""
        self.https, self.https_hidden = False, True
        self.home = self.home.replace("http://", "https://")

    def add_products(self, count: int, variations: int = 0, every: int = 1) -> list[Product]:
        """So many products at once; see `seeding.products`."""
        return seeding.products(self, count, variations, every)

    def add_customers(self, count: int) -> None:
        """So many customers at once; see `seeding.customers`."""
        seeding.customers(self, count)

    def add_orders(self, count: int) -> None:
        """So many orders at once; see `seeding.orders`."""
        seeding.orders(self, count)

    def counts(self) -> Counter[str]:
        """How often each kind of REST request came: {"GET products": 50, …}."""
        return Counter(
            f"{one.method} {_kind(one)}" for one in self.requests if one.path.startswith(REST)
        )

    def labels(self, request: Recorded) -> frozenset[str]:
        """ "GET", "products" and "GET products" for a request of that list."""
        if not request.path.startswith(REST):
            return frozenset({request.method})
        kind = _kind(request)
        return frozenset({request.method, kind, f"{request.method} {kind}", "rest"})

    async def approve(self, authorize_url: str, user: int = 1) -> str:
        """Click "Approve" on this page as the administrator; where the browser is sent then.

        "" if the shop shows an error instead.
        """
        url = URL(self.url) / "wc-auth/v1/access_granted/"
        query = URL(authorize_url).query
        async with ClientSession(cookies={LOGGED_IN: str(user)}) as session:
            answer = await session.get(url.with_query(query), allow_redirects=False)
            return answer.headers.get("Location", "")

    def deny(self, authorize_url: str) -> str:
        """Click "Deny": where the browser is sent."""
        return self.keyflow.back(dict(URL(authorize_url).query), success=0)

    def _https(self, request: web.Request) -> bool:
        if self.https_hidden:
            return False
        told = request.headers.get("X-Standin-Https") == "on"
        return self.https or told or request.secure

    async def _front(self, request: web.Request) -> web.StreamResponse:
        if route := request.query.get("rest_route"):
            return await self._answer(request, route)
        return self.storefront.front(_user(request))

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        if self.plain_permalinks:
            return page("Page not found", "<section>Nothing was found.</section>", status=404)
        return await self._answer(request, "/" + request.match_info["route"])

    async def _answer(self, request: web.Request, route: str) -> web.StreamResponse:
        if (refusal := self.limits.refusal()) is not None:
            return refusal
        self.deliveries.visited()
        async with self.limits.counted():
            return await self.rest.answer(request, route, is_https=self._https(request))

    async def _keyflow(self, request: web.Request) -> web.StreamResponse:
        return await self.keyflow.answer(request, _user(request))

    async def _buy(self, request: web.Request) -> web.StreamResponse:
        return await self.storefront.buy(request, _user(request))

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        given: Any = await request.post() if request.method == "POST" else request.query
        target = str(given.get("redirect_to", "/"))
        response = web.HTTPFound(target if target.startswith("/") else "/")
        response.set_cookie(LOGGED_IN, str(given.get("user", "0")), httponly=True)
        raise response


def _user(request: web.Request) -> int:
    number = request.cookies.get(LOGGED_IN, "0")
    return int(number) if number.isdecimal() else 0


def _kind(request: Recorded) -> str:
    """The list it is about: "products", "products/variations", "orders/batch"."""
    route = request.query.get("rest_route") or request.path.removeprefix(REST)
    parts = route.strip("/").split("/")[2:]
    return "/".join(part for part in parts if not part.isdecimal())
