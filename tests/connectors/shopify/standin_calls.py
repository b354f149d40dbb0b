"""Calls to the stand-in, as bare as a client can be, so that nothing of ours hides its rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, App, Shop, Standin, standin

GRAPHQL = "/admin/api/2026-10/graphql.json"
TOKENS = "/admin/oauth/access_token"
EVERY_SCOPE = (*App().scopes, *App().optional_scopes, "write_pixels", "read_customer_events")


@dataclass
class Caller:
    """Somebody with a token for one shop."""

    store: Standin
    shop: Shop
    session: aiohttp.ClientSession
    token: str = ""

    async def post(self, path: str, json: Any, **headers: str) -> tuple[int, Any]:
        sent = {"Host": self.shop.domain, "X-Shopify-Access-Token": self.token} | headers
        async with self.session.post(self.store.url + path, json=json, headers=sent) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def ask(self, query: str, name: str | None = None, /, **variables: Any) -> Any:
        """The whole answer to a query, which has status 200."""
        body = {"query": query, "variables": variables, "operationName": name}
        status, answer = await self.post(GRAPHQL, body)
        assert status == 200, answer
        return answer

    async def data(self, query: str, name: str | None = None, /, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(query, name, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(self, query: str, /, **variables: Any) -> Any:
        """The first error of an answer."""
        return (await self.ask(query, **variables))["errors"][0]

    async def tokens(self, **asked: Any) -> tuple[int, Any]:
        body = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | asked
        return await self.post(TOKENS, body)


@asynccontextmanager
async def caller(*shops: str, **how: Any) -> AsyncIterator[Caller]:
    """A stand-in, and somebody who may do everything in its (first) shop."""
    jar = aiohttp.CookieJar(unsafe=True)  # keeps the cookies of an IP address, as a browser does
    async with (
        standin(shops or ("kestrel",), **how) as store,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        shop = store.shop()
        yield Caller(store, shop, session, shop.token(*EVERY_SCOPE))


@dataclass
class Hub:
    """The app's side: what it was sent, answering as told."""

    url: str = ""
    status: int = 200
    got: list[tuple[web.BaseRequest, bytes]] = field(default_factory=list)

    @property
    def topics(self) -> list[str]:
        return [request.headers["X-Shopify-Topic"] for request, _ in self.got]


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """An app that takes note of everything it is sent."""
    noted = Hub()

    async def take(request: web.Request) -> web.Response:
        noted.got.append((request, await request.read()))
        return web.Response(status=noted.status, text="noted", headers={"Set-Cookie": "a=b"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    noted.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield noted
    finally:
        await runner.cleanup()
