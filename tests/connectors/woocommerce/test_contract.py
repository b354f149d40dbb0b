"""WooCommerce keeps the contract that every connector keeps."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from connectors.testing import contract
from connectors.testing.contract import Ailment, ConnectorContract, Hook
from connectors.testing.faults import Fault
from connectors.woocommerce.settings import shop_of, short_name
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.errors import WooError, nobody, unauthenticated
from connectors.woocommerce.standin.orders import Order
from connectors.woocommerce.standin.values import php_json

SIGNATURE = "X-WC-Webhook-Signature"


def refusing(error: WooError) -> Fault:
    """A fault that answers as WooCommerce refuses."""

    async def act(request: web.Request, answer: object) -> web.StreamResponse:
        return web.json_response(error.body(), status=error.status)

    return Fault(error.code, act)


AILMENTS: dict[Ailment, str | Fault] = {
    "refused": refusing(nobody("list")),
    "unreachable": "cut_before",
    "forbidden": refusing(unauthenticated("The API key provided does not have read permissions.")),
    "busy": "429_retry_after",
}


class Platform(contract.Platform):
    connector = "woocommerce"

    def __init__(self, stores: dict[str, WooStore]) -> None:
        self.stores = stores

    def source(self, shop: str) -> str:
        return f"woocommerce:{short_name(shop_of(self.stores[shop].home))}"

    def values(self, shop: str) -> dict[str, str]:
        store = self.stores[shop]
        return {
            "url": store.home,
            "consumer_key": store.key.consumer_key,
            "consumer_secret": store.key.consumer_secret,
        }

    def secrets(self, shop: str) -> list[str]:
        store = self.stores[shop]
        hooks = store.webhooks.all.values()
        paths = {urlsplit(one.url).path.rpartition("/")[2] for one in hooks}
        return [store.key.consumer_secret, *(one.secret for one in hooks), *paths]

    async def add_products(self, shop: str, count: int) -> list[str]:
        return [str(one.id) for one in self.stores[shop].add_products(count)]

    async def rename_product(self, shop: str, product: str, title: str) -> None:
        store = self.stores[shop]
        store.clock.advance(2)  # changes are told by the second
        store.edit_product(int(product), name=title)
        await store.tick()

    async def delete_product(self, shop: str, product: str) -> None:
        store = self.stores[shop]
        store.trash_product(int(product))
        await store.tick()

    async def add_customer(self, shop: str, name: str, email: str) -> str:
        store = self.stores[shop]
        first, _, last = name.partition(" ")
        person = store.add_customer(email, first_name=first, last_name=last)
        await store.tick()
        return str(person.id)

    async def add_order(self, shop: str, customer: str | None, amount: str, currency: str) -> str:
        store = self.stores[shop]
        store.currency, kept = currency, store.currency
        tea = store.add_product("Tea", amount, status="private")
        email = "" if customer else "guest@example.net"
        order = store.add_order(
            [(tea, 1)],
            customer=int(customer or 0),
            email=email,
            status="pending",
            total_given=Decimal(amount),
        )
        store.currency = kept
        store.webhooks.queue.clear()
        return str(order.id)

    async def pay_order(self, shop: str, order: str) -> None:
        store = self.stores[shop]
        store.clock.advance(5)
        store.set_status(self._order(shop, order), "processing")
        store.webhooks.queue.clear()

    async def hook_of(self, shop: str, order: str) -> Hook:
        store = self.stores[shop]
        (hook,) = [one for one in store.webhooks.all.values() if one.topic == "order.updated"]
        store.currency, kept = self._order(shop, order).currency, store.currency  # its decimals
        body = php_json(store.rest.read("orders", int(order))).encode()
        store.currency = kept
        signed = hmac.new(hook.secret.encode(), body, hashlib.sha256).digest()
        return Hook(
            urlsplit(hook.url).path,
            {
                "Content-Type": "application/json",
                "X-WC-Webhook-Source": f"{store.home}/",
                "X-WC-Webhook-Topic": hook.topic,
                "X-WC-Webhook-ID": str(hook.id),
                "X-WC-Webhook-Delivery-ID": "one for all of a second",
                SIGNATURE: base64.b64encode(signed).decode(),
            },
            body,
        )

    def forge(self, hook: Hook) -> list[Hook]:
        without = {name: value for name, value in hook.headers.items() if name != SIGNATURE}
        other = base64.b64encode(hashlib.sha256(hook.body).digest()).decode()
        return [
            Hook(hook.path, {**without, SIGNATURE: other}, hook.body),
            Hook(hook.path, {**without, SIGNATURE: ""}, hook.body),
            Hook(hook.path, without, hook.body),
            Hook(hook.path, hook.headers, hook.body + b" "),
            Hook(hook.path, {**hook.headers, "X-WC-Webhook-Topic": "order.deleted"}, hook.body),
        ]

    def ail(self, shop: str, ailment: Ailment, *, times: int | None = 1, skip: int = 0) -> None:
        self.stores[shop].fail("rest", AILMENTS[ailment], times, skip=skip)

    def recover(self) -> None:
        for store in self.stores.values():
            store.recover()

    async def codes(self, shop: str) -> list[str]:
        return [one.code for one in self.stores[shop].coupons.all.values()]

    def _order(self, shop: str, order: str) -> Order:
        return self.stores[shop].orders.all[int(order)]


class TestWooCommerce(ConnectorContract):
    @pytest.fixture
    async def platform(
        self, store: WooStore, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Platform]:
        monkeypatch.setattr("connectors.woocommerce.client.FIRST_WAIT", 0.05)
        async with WooStore() as samovar:
            yield Platform({"kettle": store, "samovar": samovar})
