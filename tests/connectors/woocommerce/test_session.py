"""Whoever is logged in at a connected shop is the customer whose orders the shop has."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from connectors.testing.hubs import RunningHub, Shop
from connectors.woocommerce.standin import WooStore
from core.identity_secrets import sign_user_id
from tests.connectors.woocommerce.connected import connected, read_all
from tests.connectors.woocommerce.stage import ANNA, options, play

pytestmark = pytest.mark.anyio

ASK = ["rest", "POST", "parley/v1/identity", {"sec_fetch_site": "same-origin"}]


async def site(shop: Shop, store: WooStore, key: str = "", hub: str = "", **more: Any) -> Any:
    """What the WordPress plugin answers its page, and what it asked the hub."""
    made = shop.made
    settings = options(hub or shop.hub.url, key, made.identity_secret, app_id=made.app_id)
    given = {"options": settings, "home": store.home, "logged_in": 2, **more}
    done = await asyncio.to_thread(play, ASK, **given)
    return done["said"][0][0], done["said"][0][1], done["posted"]


def question(by: Shop, store: WooStore, secret: str = "", **said: Any) -> dict[str, Any]:
    """What the plugin would ask, rightly signed."""
    asked = {"shop": store.home, "user_id": "2", "at": int(time.time()), **said}
    text = f"parley-session|{asked['shop']}|{asked['user_id']}|{asked['at']}"
    signature = sign_user_id(secret or by.made.identity_secret, text)
    return {"app_id": by.made.app_id, "signature": signature, **asked}


async def ask(hub: RunningHub, asked: dict[str, Any]) -> httpx.Response:
    return await hub.http.post("/woocommerce/session", json=asked)


@pytest.mark.php
async def test_C4_C7_a_customer_of_a_connected_shop_finds_their_own_orders(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    anna, ben = (store.add_customer(f"{name}@shop.example") for name in ("anna", "ben"))
    store.add_product("Mug", "19.99", sku="MUG", stock=9)
    hers, _ = store.add_order(["MUG"], customer=anna), store.add_order(["MUG"], customer=ben)
    await read_all(hub, await connected(hub, shop, store))
    users = {str(anna.id): {**ANNA, "ID": anna.id}}
    status, said, posted = await site(shop, store, users=users, logged_in=anna.id)
    assert status == 200 and shop.made.identity_secret not in posted[0]["body"]
    visitor = await shop.visitor(**said)
    assert visitor.session["assurance"] == "token"
    items = (await visitor.request("GET", "/v1/chat/activity")).json()["items"]
    assert [one["reference"] for one in items] == [str(hers.id)]


@pytest.mark.php
async def test_C7_without_a_connection_the_hash_is_the_proof(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    status, said, posted = await site(shop, store)
    assert (status, said["user_id"], said["user_hash"]) == (200, "2", shop.sign("2"))
    assert len(posted) == 1
    _, said, posted = await site(shop, store, key=shop.made.api_key)  # it sends orders itself
    assert said["user_hash"] == shop.sign("2") and posted == []
    _, said, posted = await site(shop, store, woocommerce=False)
    assert said["user_hash"] == shop.sign("2") and posted == []


@pytest.mark.php
@pytest.mark.parametrize("status", [500, 401, 429, 200])
async def test_V6_a_hub_that_cannot_answer_makes_nobody_somebody_else(
    hub: RunningHub, shop: Shop, store: WooStore, status: int
) -> None:
    answer = {"status": status, "headers": {}, "body": "<html>oops</html>"}
    assert (await site(shop, store, answers=[answer]))[:2] == (503, None)
    assert (await site(shop, store, answers=["timed out"]))[:2] == (503, None)


async def test_V1_V2_only_the_shops_own_server_gets_a_ticket(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    await connected(hub, shop, store)
    assert (await ask(hub, question(shop, store))).status_code == 200
    now, good = int(time.time()), question(shop, store)
    for forged in (
        {**good, "user_id": "3"},
        {**good, "shop": "http://another.example"},
        {**good, "at": now - 1},
        {**good, "signature": shop.sign("2")},
        {**good, "signature": ""},
        {**good, "app_id": "icw_" + "x" * 24},
        question(shop, store, secret="a guess"),
        question(shop, store, at=now - 400),
        question(shop, store, at=now + 400),
        question(shop, store, user_id="0"),
    ):
        answer = await ask(hub, forged)
        assert answer.status_code == 401, (forged, answer.text)
    for odd in ({"user_id": "2|3"}, {"user_id": 2}, {"verified": True}, {"at": "now"}):
        assert (await ask(hub, {**good, **odd})).status_code in (400, 422)
    gone = await ask(hub, question(shop, store, shop="https://another.example"))
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_connected")
    assert (await ask(hub, question(shop, store, shop="no shop"))).status_code == 422


async def test_T1_another_workspace_proves_nobody_of_this_ones_shop(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    await connected(hub, shop, store)
    other = await hub.shop("Mallory")
    answer = await ask(hub, question(other, store))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_connected")
    mixed = {**question(other, store), "app_id": shop.made.app_id}
    assert (await ask(hub, mixed)).status_code == 401


async def test_V4_a_ticket_works_once_and_the_question_is_short_lived(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    await connected(hub, shop, store)
    said = (await ask(hub, question(shop, store))).json()
    assert (await shop.visitor(**said)).session["assurance"] == "token"
    again = {"widget": shop.made.app_id, "identity": said}
    assert (await hub.http.post("/v1/chat/session", json=again)).status_code == 401
