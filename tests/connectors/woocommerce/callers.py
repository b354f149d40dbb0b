"""Who talks to the stand-in in these tests: a signing client, and the hub that it calls."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from woocommerce.oauth import OAuth
from yarl import URL

from connectors.testing.standin import StandinServer
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.access import Key


@dataclass(slots=True)
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def message(self) -> str:
        return str(self.body["message"])


class Caller:
    """Asks the REST API as the published client would; each request is signed anew."""

    def __init__(self, store: WooStore, session: aiohttp.ClientSession) -> None:
        self.store = store
        self.session = session
        self.key = store.key

    def signed(self, method: str, path: str, **params: Any) -> str:
        at = params.pop("oauth_timestamp", int(time.time()))
        key: Key = params.pop("key", self.key)
        home = params.pop("home", self.store.home)
        url = f"{home}/wp-json/wc/v3/{path}?{urlencode(params)}".rstrip("?")
        oauth = OAuth(
            url=url,
            consumer_key=key.consumer_key,
            consumer_secret=key.consumer_secret,
            version="wc/v3",
            method=method,
            oauth_timestamp=at,
        )
        return str(oauth.get_oauth_url()).replace(home, self.store.url)

    async def raw(self, method: str, url: str, **more: Any) -> Answer:
        async with self.session.request(
            method, URL(url, encoded=True), allow_redirects=False, **more
        ) as reply:
            text = await reply.text()
            body = await reply.json() if reply.content_type == "application/json" else text
            return Answer(reply.status, body, reply.headers)

    async def get(self, path: str, **params: Any) -> Answer:
        return await self.raw("GET", self.signed("GET", path, **params))

    async def post(self, path: str, body: Any, **params: Any) -> Answer:
        return await self.raw("POST", self.signed("POST", path, **params), json=body)

    async def put(self, path: str, body: Any) -> Answer:
        return await self.raw("PUT", self.signed("PUT", path), json=body)

    async def delete(self, path: str, **params: Any) -> Answer:
        return await self.raw("DELETE", self.signed("DELETE", path, **params))


class Hub(StandinServer):
    """Whoever the shop calls: answers 200, or what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.location = ""
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.status, headers=headers)


@asynccontextmanager
async def calling(store: WooStore) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Caller(store, session)
