"""The approval page: who may approve, what is posted, and which answers the shop takes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.access import Key
from tests.connectors.woocommerce.callers import Caller, Hub, calling

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        yield store


@pytest.fixture
async def caller(store: WooStore) -> AsyncIterator[Caller]:
    async with calling(store) as caller:
        yield caller


def asking(store: WooStore, hub: Hub, **other: str) -> str:
    query = {
        "app_name": "Parley",
        "scope": "read_write",
        "user_id": "state-1",
        "return_url": f"{hub.url}/back",
        "callback_url": f"{hub.url}/keys",
        **other,
    }
    return f"{store.url}/wc-auth/v1/authorize?{urlencode(query)}"


async def test_an_anonymous_browser_is_sent_to_log_in(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    answer = await caller.raw("GET", asking(store, hub))
    assert answer.status == 302 and "/wc-auth/v1/login/" in answer.headers["Location"]
    page = await caller.raw("GET", answer.headers["Location"])
    assert "you need to be logged in" in page.body


async def test_the_administrator_sees_who_asks_and_the_keys_open_the_shop(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    admin = {"Cookie": "wordpress_logged_in=1"}
    page = await caller.raw("GET", asking(store, hub, app_name="<b>Parley"), headers=admin)
    assert page.status == 200 and "&lt;b&gt;Parley" in page.body and "Deny" in page.body
    assert await store.approve(asking(store, hub)) == f"{hub.url}/back?success=1&user_id=state-1"
    told = json.loads(hub.requests[0].body)
    key = Key(0, "", "", told["consumer_key"], told["consumer_secret"])
    assert (await caller.get("data/currencies/current", key=key)).status == 200
    assert (await caller.post("coupons", {"code": "a"}, key=key)).status == 201


async def test_a_customer_may_not_approve(store: WooStore, hub: Hub) -> None:
    anna = store.add_customer("anna@example.com")
    assert await store.approve(asking(store, hub), user=anna.id) == ""
    assert hub.requests == []


@pytest.mark.parametrize("status", [201, 204, 400, 500])
async def test_any_answer_but_200_undoes_the_key(status: int, store: WooStore, hub: Hub) -> None:
    hub.status, before = status, len(store.keys.all)
    assert await store.approve(asking(store, hub)) == ""
    assert len(store.keys.all) == before


async def test_a_link_works_again_after_a_failed_attempt(store: WooStore, hub: Hub) -> None:
    hub.status = 500
    assert await store.approve(asking(store, hub)) == ""
    hub.status = 200
    assert await store.approve(asking(store, hub))
    assert await store.approve(asking(store, hub)), "and again after a good one"
    assert len({json.loads(one.body)["consumer_key"] for one in hub.requests}) == 3


async def test_a_redirect_is_followed_without_the_keys(store: WooStore, hub: Hub) -> None:
    hub.status, hub.location, before = 302, f"{hub.url}/keys", len(store.keys.all)
    assert await store.approve(asking(store, hub)) == ""
    assert [one.method for one in hub.requests[:2]] == ["POST", "GET"]
    assert hub.requests[1].body == b"" and len(store.keys.all) == before


async def test_denying_says_so_and_makes_no_key(store: WooStore, hub: Hub) -> None:
    before = len(store.keys.all)
    back = store.deny(asking(store, hub, user_id="a|b", return_url=f"{hub.url}/back?x=1"))
    assert back == f"{hub.url}/back?x=1&success=0&user_id=ab"
    assert len(store.keys.all) == before and hub.requests == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"app_name": ""}, "Missing parameter app_name"),
        ({"user_id": "0"}, "Missing parameter user_id"),
        ({"scope": "admin"}, "Invalid scope"),
        ({"callback_url": "http://hub.example/keys"}, "over SSL"),
    ],
)
async def test_a_request_that_is_not_right_is_denied(
    wrong: dict[str, str], why: str, store: WooStore, hub: Hub, caller: Caller
) -> None:
    answer = await caller.raw("GET", asking(store, hub, **wrong))
    assert answer.status == 401 and why in answer.body


async def test_a_scheme_is_added_and_a_guarded_shop_does_not_call_home(
    store: WooStore, hub: Hub
) -> None:
    checked = store.keyflow.checked
    query = {"app_name": "a", "user_id": "a", "return_url": "http://a.example", "scope": "read"}
    assert checked(query | {"callback_url": "a.example/k"})["callback_url"] == (
        "https://a.example/k"
    )
    store.outbound.guarded = True
    assert await store.approve(asking(store, hub)) == ""
    assert hub.requests == []


async def test_a_test_can_do_without_anyone_clicking(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    store.keyflow.approves_at_once = True
    answer = await caller.raw("GET", asking(store, hub, scope="read"))
    assert answer.status == 302 and "success=1" in answer.headers["Location"]
    told = json.loads(hub.requests[0].body)
    assert told["key_permissions"] == "read"
