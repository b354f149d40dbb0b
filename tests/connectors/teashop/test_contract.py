"""Tea Shop keeps the contract that every connector keeps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.testing.contract import Ailment, ConnectorContract, Hook, Platform, deliver
from connectors.testing.faults import status
from connectors.testing.hubs import RunningHub
from tests.connectors.teashop.standin import TeaShopStandin

AILMENTS = {
    "refused": status(401),
    "unreachable": "cut_before",
    "forbidden": status(403),
    "busy": "429_retry_after",
}


@pytest.fixture
def plugins() -> str:
    return '[[plugin]]\nmodule = "tests.connectors.teashop.plugin"'


class TeaShopPlatform(Platform):
    connector = "teashop"

    def __init__(self, hub: RunningHub, shops: dict[str, TeaShopStandin]) -> None:
        self.hub = hub
        self.shops = shops

    def source(self, shop: str) -> str:
        return f"teashop:127.0.0.1-{self.shops[shop].port}"

    def values(self, shop: str) -> dict[str, str]:
        there = self.shops[shop]
        return {"url": there.url, "key": there.key, "secret": there.secret}

    def secrets(self, shop: str) -> list[str]:
        return [self.shops[shop].key, self.shops[shop].secret]

    async def add_products(self, shop: str, count: int) -> list[str]:
        there = self.shops[shop]
        ids = [there.new_id() for _ in range(count)]
        for id_ in ids:
            tea = {"id": id_, "title": f"Tea {id_}", "price": "4.20", "currency": "EUR"}
            there.stock.teas[id_] = {**tea, "changed_at": there.later()}
        return ids

    async def rename_product(self, shop: str, product: str, title: str) -> None:
        there = self.shops[shop]
        there.stock.teas[product].update(title=title, changed_at=there.later())
        await deliver(self.hub, self._hook(shop, "tea", there.stock.teas[product]))

    async def delete_product(self, shop: str, product: str) -> None:
        del self.shops[shop].stock.teas[product]
        await deliver(self.hub, self._hook(shop, "tea.gone", {"id": product}))

    async def add_customer(self, shop: str, name: str, email: str) -> str:
        there = self.shops[shop]
        id_ = there.new_id()
        there.stock.buyers[id_] = {"buyer": id_, "buyer_name": name, "buyer_email": email}
        return id_

    async def add_order(self, shop: str, customer: str | None, amount: str, currency: str) -> str:
        there = self.shops[shop]
        number = there.new_id()
        there.stock.orders[number] = {
            "number": number,
            "total": amount,
            "currency": currency,
            "state": "open",
            "changed_at": there.later(),
            **there.stock.buyers.get(customer or "", {}),
        }
        return number

    async def pay_order(self, shop: str, order: str) -> None:
        there = self.shops[shop]
        there.stock.orders[order].update(state="paid", changed_at=there.later())

    async def hook_of(self, shop: str, order: str) -> Hook:
        return self._hook(shop, "order", self.shops[shop].stock.orders[order])

    def forge(self, hook: Hook) -> list[Hook]:
        name = "X-TeaShop-Signature"
        without = {one: value for one, value in hook.headers.items() if one != name}
        return [
            Hook(hook.path, {**without, name: "0" * 64}, hook.body),
            Hook(hook.path, {**without, name: ""}, hook.body),
            Hook(hook.path, without, hook.body),
        ]

    def ail(self, shop: str, ailment: Ailment, *, times: int | None = 1, skip: int = 0) -> None:
        self.shops[shop].fail("*", AILMENTS[ailment], times, skip=skip)

    def recover(self) -> None:
        for there in self.shops.values():
            there.recover()

    async def codes(self, shop: str) -> list[str]:
        return list(self.shops[shop].stock.codes)

    def _hook(self, shop: str, topic: str, said: Any) -> Hook:
        body = json.dumps(said).encode()
        path = f"/v1/teashop/webhook/127.0.0.1:{self.shops[shop].port}"
        return Hook(path, self.shops[shop].signed(topic, body), body)


class TestTeaShop(ConnectorContract):
    @pytest.fixture
    async def platform(self, hub: RunningHub) -> AsyncIterator[TeaShopPlatform]:
        async with TeaShopStandin("kettle") as kettle, TeaShopStandin("samovar") as samovar:
            yield TeaShopPlatform(hub, {"kettle": kettle, "samovar": samovar})
