"""Shopify keeps the contract that every connector keeps."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from uuid import uuid4

import pytest

from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, Shop, Standin, payloads
from connectors.testing import contract
from connectors.testing.contract import Ailment, ConnectorContract, Hook
from tests.connectors.shopify.conftest import ADDRESS

AILMENTS: dict[Ailment, str] = {
    "refused": "401",
    "unreachable": "cut_before",
    "forbidden": "access_denied",
    "busy": "429_retry_after",
}


class Platform(contract.Platform):
    connector = "shopify"

    def __init__(self, store: Standin) -> None:
        self.store = store

    def _shop(self, name: str) -> Shop:
        return self.store.shop(name)

    def values(self, shop: str) -> dict[str, str]:
        self._shop(shop).install()
        return {
            "shop": self._shop(shop).domain,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def secrets(self, shop: str) -> list[str]:
        sent = {one.headers.get("X-Shopify-Access-Token", "") for one in self.store.requests}
        return [CLIENT_SECRET, *(token for token in sent if token)]

    async def add_products(self, shop: str, count: int) -> list[str]:
        self._shop(shop).add_products(count)
        return [str(number) for number in self._shop(shop).catalog.products][-count:]

    async def rename_product(self, shop: str, product: str, title: str) -> None:
        self._shop(shop).edit_product(int(product), title=title)
        await self.store.settled()

    async def delete_product(self, shop: str, product: str) -> None:
        self._shop(shop).delete_product(int(product))
        await self.store.settled()

    async def add_customer(self, shop: str, name: str, email: str) -> str:
        first, _, last = name.partition(" ")
        made = self._shop(shop).add_customer(first_name=first, last_name=last, email=email)
        await self.store.settled()
        return str(made["legacyResourceId"])

    async def add_order(self, shop: str, customer: str | None, amount: str, currency: str) -> str:
        where = self._shop(shop)
        where.webhooks.lose = True
        where.currency, kept = currency, where.currency
        buyer = None if customer is None else where.people.nodes[int(customer)]
        lines = [{"title": "Tea", "price": amount, "quantity": 1}]
        order = where.add_order(customer=buyer, lines=lines, shipping="0", paid=False)
        where.currency, where.webhooks.lose = kept, False
        return str(order["legacyResourceId"])

    async def pay_order(self, shop: str, order: str) -> None:
        where = self._shop(shop)
        self.store.clock.advance(5)
        where.webhooks.lose = True
        where.pay(where.orders.nodes[int(order)])
        where.webhooks.lose = False

    async def hook_of(self, shop: str, order: str) -> Hook:
        where = self._shop(shop)
        node = where.orders.nodes[int(order)]
        body = json.dumps(payloads.order(where, node)).encode()
        return Hook(
            ADDRESS,
            {
                "X-Shopify-Topic": "orders/updated",
                "X-Shopify-Shop-Domain": where.domain,
                "X-Shopify-API-Version": "2026-10",
                "X-Shopify-Webhook-Id": str(uuid4()),
                "X-Shopify-Hmac-Sha256": _signed(body),
                "Content-Type": "application/json",
            },
            body,
        )

    def forge(self, hook: Hook) -> list[Hook]:
        name = "X-Shopify-Hmac-Sha256"
        without = {key: value for key, value in hook.headers.items() if key != name}
        return [
            Hook(hook.path, {**without, name: _signed(b"another body")}, hook.body),
            Hook(hook.path, {**without, name: ""}, hook.body),
            Hook(hook.path, without, hook.body),
            Hook(hook.path, hook.headers, hook.body + b" "),
        ]

    def ail(self, shop: str, ailment: Ailment, *, times: int | None = 1, skip: int = 0) -> None:
        host = self._shop(shop).domain
        self.store.fail(
            lambda request: request.host == host and request.path.endswith("graphql.json"),
            AILMENTS[ailment],
            times,
            skip=skip,
        )

    def recover(self) -> None:
        self.store.recover()

    async def codes(self, shop: str) -> list[str]:
        return [node["_code"] for node in self._shop(shop).discounts.nodes.values()]


def _signed(body: bytes) -> str:
    digest = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class TestShopify(ConnectorContract):
    @pytest.fixture
    def platform(self, store: Standin) -> Platform:
        return Platform(store)
