"""Tea Shop's double: its API, as strict as the real one would be."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiohttp import web

from connectors.testing.standin import StandinServer


@dataclass
class Stock:
    """What a shop has."""

    teas: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    buyers: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, Any] = field(default_factory=dict)


class TeaShopStandin(StandinServer):
    """One shop."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.key = f"tea-key-of-{name}-4711"
        self.secret = f"tea-secret-of-{name}-0815"
        self.stock = Stock()
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self._numbers = count(1)
        add = self.app.router.add_route
        add("GET", "/api/shop", self._shop)
        add("GET", "/api/teas", self._teas)
        add("*", "/api/codes/{code}", self._code)

    def later(self) -> str:
        """The time, a second after the last."""
        self.now += timedelta(seconds=1)
        return self.now.isoformat()

    def new_id(self) -> str:
        """The next number."""
        return f"{next(self._numbers):05}"

    def signed(self, topic: str, body: bytes) -> dict[str, str]:
        """The headers of a webhook; a new delivery each time."""
        said = hmac.new(self.secret.encode(), topic.encode() + b"\n" + body, hashlib.sha256)
        return {
            "X-TeaShop-Topic": topic,
            "X-TeaShop-Delivery": self.new_id(),
            "X-TeaShop-Signature": said.hexdigest(),
        }

    def _check(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise web.HTTPUnauthorized

    async def _shop(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response({"title": f"The {self.name}"})

    async def _teas(self, request: web.Request) -> web.Response:
        self._check(request)
        after, limit = request.query.get("after", ""), int(request.query["limit"])
        teas = [tea for id_, tea in sorted(self.stock.teas.items()) if id_ > after][:limit]
        return web.json_response({"teas": teas, "total": len(self.stock.teas)})

    async def _code(self, request: web.Request) -> web.Response:
        self._check(request)
        code, codes = request.match_info["code"], self.stock.codes
        if request.method == "PUT":
            terms = json.loads(await request.read())
            if codes.setdefault(code, terms) != terms:
                raise web.HTTPConflict
        elif code not in codes:
            raise web.HTTPNotFound
        elif request.method == "DELETE":
            del codes[code]
        return web.json_response({"code": code})
