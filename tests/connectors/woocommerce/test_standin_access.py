"""Every way of not being let in, as a real shop was seen to do it."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from woocommerce import API

from connectors.woocommerce.standin import WooStore
from tests.connectors.woocommerce.callers import Answer, Caller, calling

pytestmark = pytest.mark.anyio
CANNOT = ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
WRONG = "woocommerce_rest_authentication_error"


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        store.add_products(3)
        yield store


@pytest.fixture
async def caller(store: WooStore) -> AsyncIterator[Caller]:
    async with calling(store) as caller:
        yield caller


def said(answer: Answer) -> tuple[str, str]:
    assert answer.status == 401 and answer.body["data"] == {"status": 401}
    return answer.code, answer.message


def basic(name: str, secret: str) -> dict[str, str]:
    token = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def own(store: WooStore) -> dict[str, str]:
    return basic(store.key.consumer_key, store.key.consumer_secret)


async def test_the_published_client_reads_and_writes_over_http(store: WooStore) -> None:
    api = API(store.url, store.key.consumer_key, store.key.consumer_secret)
    params = {"per_page": 2, "search": "Kettle “Größe", "status": "publish"}
    read = await asyncio.to_thread(api.get, "products", params=params)
    assert read.status_code == 200 and read.headers["X-WP-Total"] == "1"
    body = {"code": "Häppy", "amount": "5"}
    written = await asyncio.to_thread(api.post, "coupons", body)
    assert written.status_code == 201 and written.json()["code"] == "häppy"
    gone = await asyncio.to_thread(
        api.delete, f"coupons/{written.json()['id']}", params={"force": True}
    )
    assert gone.status_code == 200


async def test_basic_over_http_is_told_what_nobody_is_told(store: WooStore, caller: Caller) -> None:
    url = f"{store.url}/wp-json/wc/v3/orders"
    query = f"consumer_key={store.key.consumer_key}&consumer_secret={store.key.consumer_secret}"
    assert said(await caller.raw("GET", url)) == CANNOT
    assert said(await caller.raw("GET", url, headers=own(store))) == CANNOT
    assert said(await caller.raw("GET", f"{url}?{query}")) == CANNOT


async def test_an_unknown_key_is_told_the_same(store: WooStore, caller: Caller) -> None:
    other = store.keys.add()
    store.keys.revoke(other)
    assert said(await caller.get("orders", key=other)) == CANNOT


async def test_only_a_wrong_secret_says_so(store: WooStore, caller: Caller) -> None:
    wrong = store.keys.add()
    url = caller.signed("GET", "orders", key=wrong)
    wrong.consumer_secret = "cs_another"
    text = "Invalid signature - provided signature does not match."
    assert said(await caller.raw("GET", url)) == (WRONG, text)
    store.believe_https()
    auth = basic(wrong.consumer_key, "cs_guessed")
    answer = await caller.raw("GET", f"{store.url}/wp-json/wc/v3/orders", headers=auth)
    assert said(answer) == (WRONG, "Consumer secret is invalid.")


async def test_over_https_basic_and_keys_in_the_query_work(store: WooStore, caller: Caller) -> None:
    store.believe_https()
    url = f"{store.url}/wp-json/wc/v3/orders"
    query = f"consumer_key={store.key.consumer_key}&consumer_secret={store.key.consumer_secret}"
    assert (await caller.raw("GET", url, headers=own(store))).status == 200
    assert (await caller.raw("GET", f"{url}?{query}")).status == 200


async def test_it_answers_over_real_tls_to_whoever_trusts_its_certificate(
    store: WooStore, caller: Caller
) -> None:
    home = await store.serve_https()
    trusting = ssl.create_default_context(cadata=store.certificate)
    url = f"{home}/wp-json/wc/v3/orders"
    assert (await caller.raw("GET", url, headers=own(store), ssl=trusting)).status == 200
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await caller.raw("GET", url)
    store.hide_https()
    assert said(await caller.raw("GET", url, headers=own(store), ssl=trusting)) == CANNOT


async def test_one_request_can_say_that_it_came_over_https(store: WooStore, caller: Caller) -> None:
    url = f"{store.url}/wp-json/wc/v3/orders"
    answer = await caller.raw("GET", url, headers=own(store) | {"X-Standin-Https": "on"})
    assert answer.status == 200


async def test_behind_a_proxy_that_does_not_tell_php_basic_is_refused(
    store: WooStore, caller: Caller
) -> None:
    store.hide_https()
    url = f"{store.url}/wp-json/wc/v3/orders"
    forwarded = {"X-Forwarded-Proto": "https"}
    assert said(await caller.raw("GET", url, headers=own(store) | forwarded)) == CANNOT
    plain = store.home.replace("https:", "http:")
    assert (await caller.get("orders", home=plain)).status == 200, "signed as if it were http"


async def test_application_passwords_work_over_https_only(store: WooStore, caller: Caller) -> None:
    password = store.keys.add_application_password()
    auth = basic("admin", password.consumer_secret)
    url = f"{store.url}/wp-json/wc/v3/orders"
    assert said(await caller.raw("GET", url, headers=auth)) == CANNOT
    store.believe_https()
    assert (await caller.raw("GET", url, headers=auth)).status == 200


async def test_another_host_name_breaks_the_signature(caller: Caller, store: WooStore) -> None:
    store.home = "http://www.shop.example"
    text = "Invalid signature - provided signature does not match."
    assert said(await caller.get("orders", home=store.url)) == (WRONG, text)
    assert (await caller.get("orders")).status == 200


async def test_a_clock_that_is_wrong_by_more_than_15_minutes_is_refused(caller: Caller) -> None:
    for skew in (-901, 901):
        answer = await caller.get("orders", oauth_timestamp=int(time.time()) + skew)
        assert said(answer) == (WRONG, "Invalid timestamp.")
    late = int(time.time()) - 800
    assert (await caller.get("orders", oauth_timestamp=late)).status == 200


async def test_a_signed_address_works_once(caller: Caller) -> None:
    url = caller.signed("GET", "orders")
    assert (await caller.raw("GET", url)).status == 200
    text = "Invalid nonce - nonce has already been used."
    assert said(await caller.raw("GET", url)) == (WRONG, text)


async def test_a_read_key_reads_and_does_not_write(store: WooStore, caller: Caller) -> None:
    caller.key = store.keys.add("read")
    assert (await caller.get("orders")).status == 200
    text = "The API key provided does not have write permissions."
    for path in ("coupons", "webhooks"):
        assert said(await caller.post(path, {})) == (WRONG, text)


async def test_plain_permalinks_never_authenticate(store: WooStore, caller: Caller) -> None:
    store.believe_https()
    url = f"{store.url}/?rest_route=/wc/v3/orders"
    assert said(await caller.raw("GET", url, headers=own(store))) == CANNOT
    store.plain_permalinks = True
    answer = await caller.get("orders", home=store.home)
    assert answer.status == 404 and "text/html" in answer.headers["Content-Type"]


async def test_a_list_in_php_brackets_is_signed_with_its_index(
    store: WooStore, caller: Caller
) -> None:
    assert (await caller.get("orders", **{"status[0]": "completed"})).status == 200
    assert (await caller.get("orders", **{"status[]": "completed"})).status == 401
    store.believe_https()
    url = f"{store.url}/wp-json/wc/v3/orders?status[]=completed&status[]=processing"
    assert (await caller.raw("GET", url, headers=own(store))).status == 200


async def test_the_link_header_repeats_the_secret(store: WooStore, caller: Caller) -> None:
    assert "oauth_signature=" in (await caller.get("products", per_page=1)).headers["Link"]
    store.believe_https()
    query = f"consumer_key={store.key.consumer_key}&consumer_secret={store.key.consumer_secret}"
    url = f"{store.url}/wp-json/wc/v3/products?per_page=1&{query}"
    assert store.key.consumer_secret in (await caller.raw("GET", url)).headers["Link"]


async def test_each_kind_of_request_has_its_own_misleading_words(
    store: WooStore, caller: Caller
) -> None:
    base = f"{store.url}/wp-json/wc/v3"
    told = {
        ("GET", "/orders/1"): "Sorry, you cannot view this resource.",
        ("POST", "/orders"): "Sorry, you are not allowed to create resources.",
        ("PUT", "/orders/1"): "Sorry, you are not allowed to edit this resource.",
        ("DELETE", "/orders/1"): "Sorry, you are not allowed to delete this resource.",
    }
    for (method, path), text in told.items():
        assert (await caller.raw(method, base + path)).message == text
