"""The client: every try signed anew, what is tried again and what never, and how politely."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr
from woocommerce.oauth import OAuth

from connectors.http import Busy, Http, Reply
from connectors.testing.faults import Fault
from connectors.woocommerce import client
from connectors.woocommerce.answers import KeyRefused, data_of, plain
from connectors.woocommerce.client import Api
from connectors.woocommerce.settings import ShopSettings
from connectors.woocommerce.signing import address, signed
from connectors.woocommerce.standin import WooStore
from core.connector import Connection
from core.errors import Conflict, HubError, NotFound, Refused, Unavailable

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for half a second here."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.001)
    for share in ("live", "background"):
        monkeypatch.setitem(client.WITHIN, share, 1.0)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    http = Http((ipaddress.ip_network("127.0.0.0/8"),))
    yield Api(http)
    await http.close()


@pytest.fixture
def connection(store: WooStore) -> Connection:
    return connected(store)


def keys(store: WooStore, **others: Any) -> ShopSettings:
    given = {
        "url": store.home,
        "consumer_key": SecretStr(store.key.consumer_key),
        "consumer_secret": SecretStr(store.key.consumer_secret),
        "auth": "oauth",
    }
    return ShopSettings.model_validate({**given, **others})


def connected(store: WooStore, **others: Any) -> Connection:
    return Connection("wsp", "con", "woocommerce", "s", "S", "w:s", 1, keys(store, **others))


# Signing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"per_page": "100", "page": "2", "_fields": "id,billing.email"},
        {"modified_after": "2026-11-22T10:00:00Z", "orderby": "date"},
        {"search": 'a/b c+d%20e&f=g ~*\'()ü帆 "x"'},
        {"include": "1,2,3", "search": "", "code": "50%"},
    ],
)
async def test_C5_a_shop_accepts_our_signature_whatever_is_asked(api, store, params):
    await api.ask(keys(store), "GET", "coupons", params)
    await api.ask(keys(store), "POST", "coupons/batch", params, {})


def test_C5_it_is_the_published_signers_signature(monkeypatch):
    monkeypatch.setattr("connectors.woocommerce.signing.secrets.token_hex", lambda n: "once")
    monkeypatch.setattr(OAuth, "generate_nonce", staticmethod(lambda: "once"))
    at = int(time.time())
    url = "http://shop.example/wp-json/wc/v3/products?per_page=100&search=tea%20pot"
    theirs = OAuth(url, "ck_1", "cs_1", version="wc/v3", method="GET", oauth_timestamp=at)
    ours = signed(
        url.partition("?")[0], "GET", dict(parse_qsl(urlsplit(url).query)), "ck_1", "cs_1"
    )
    same = dict(parse_qsl(urlsplit(theirs.get_oauth_url()).query))
    mine = dict(parse_qsl(urlsplit(ours).query))
    assert mine["oauth_timestamp"] in (str(at), str(at + 1))
    if mine["oauth_timestamp"] == str(at):
        assert mine == same


async def test_C5_every_try_is_signed_anew(api, store, connection):
    store.fail("GET products", "502_after", 2)  # the signature was heard, the answer lost
    page = await api.get(connection, "products", {"_fields": "id"})
    assert page.items == []
    nonces = [one.query["oauth_nonce"] for one in store.asked("GET products")]
    assert len(set(nonces)) == len(nonces) == 3


async def test_C5_a_request_sent_twice_by_a_broken_connection_is_signed_again(
    api, store, connection
):
    for _ in range(3):  # the library sends again what a kept connection has lost
        store.fail("GET products", "cut_after", 1)
        assert (await api.get(connection, "products", {"_fields": "id"})).items == []


async def test_C5_a_secret_is_never_sent_without_encryption(store):
    for auth in ("basic", "query"):
        with pytest.raises(ValueError, match="encryption"):
            address(keys(store, auth=auth), "GET", "orders", {})
    url, headers = address(keys(store), "GET", "orders", {"a": "b"})
    assert store.key.consumer_secret not in url + str(headers)
    url, headers = address(
        keys(store, url="https://shop.example", auth="basic"), "GET", "orders", {"a": "b"}
    )
    assert (url, list(headers)) == (
        "https://shop.example/wp-json/wc/v3/orders?a=b",
        ["Authorization"],
    )


# Answers ---------------------------------------------------------------------------------


async def test_C5_pages_are_counted_by_the_headers_also_past_the_end(api, store, connection):
    store.add_products(230)
    page = await api.get(connection, "products", {"per_page": "100", "_fields": "id"})
    assert (len(page.items), page.total, page.pages) == (100, 230, 3)
    page = await api.get(connection, "products", {"per_page": "100", "page": "9", "_fields": "id"})
    assert (page.items, page.total, page.pages) == ([], 0, 0)
    page = await api.get(connection, f"products/{next(iter(store.catalog.all))}", {})
    assert (len(page.items), page.total, page.pages) == (1, 1, 1)


@pytest.mark.parametrize("fault", ["bom", "php_warning", "wrong_content_type"])
async def test_C5_what_php_prints_around_the_data_is_overlooked(api, store, connection, fault):
    store.add_products(3)
    store.fail("rest", fault, None)
    assert len((await api.get(connection, "products", {"_fields": "id"})).items) == 3
    store.add_coupon("abc", "10")
    made = await api.post(connection, "coupons", {"code": "def", "amount": "5"})
    assert made["code"] == "def"


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("maintenance", Unavailable, "vendor_error"),
        ("critical_error", Unavailable, "vendor_error"),
        ("html_entities", Unavailable, "bad_answer"),
        ("waf_403", Refused, "blocked"),
        ("to_https", Refused, "redirected"),
        ("redirected", Refused, "redirected"),
        ("huge_body", Refused, "too_large"),
        ("truncated_json", Unavailable, "bad_answer"),
        ("no_http", Unavailable, None),
        ("header_flood", Unavailable, None),
    ],
)
async def test_O6_what_else_comes_is_told_in_plain_words(
    api, store, connection, monkeypatch, fault, kind, code
):
    monkeypatch.setitem(client.TRIES, "live", 1)
    store.add_products(1)
    store.fail("rest", fault, None)
    with pytest.raises(kind) as refused:
        await api.get(connection, "products")
    assert code is None or refused.value.code == code
    assert refused.value.message.endswith((".", ")."))
    for hidden in ("oauth", store.key.consumer_key, store.key.consumer_secret, "<"):
        assert hidden not in refused.value.message


async def test_O6_a_redirect_is_never_followed(api, store, connection):
    store.fail("rest", "redirected", None)
    with pytest.raises(Refused):
        await api.get(connection, "products")
    assert len(store.asked("rest")) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list "
               "resources."}, KeyRefused, "refused"),
        (401, {"code": "x", "message": "Consumer secret is invalid."}, Refused, "wrong_secret"),
        (401, {"code": "x", "message": "Invalid signature - provided signature does not match."},
         Refused, "signature"),
        (401, {"code": "x", "message": "Invalid timestamp."}, Refused, "clock"),
        (401, {"code": "x", "message": "The API key provided does not have write permissions."},
         Refused, "missing_permission"),
        (401, {"code": 7, "message": ["x"]}, KeyRefused, "refused"),
        (401, {"code": "x", "message": "Invalid nonce - nonce has already been used."},
         Unavailable, "heard_before"),
        (401, "nonsense", Refused, "blocked"),
        (404, {"code": "woocommerce_rest_product_invalid_id"}, NotFound, "gone"),
        (404, {"code": "woocommerce_rest_shop_order_invalid_id"}, NotFound, "gone"),
        (404, {"code": "rest_no_route"}, Refused, "no_api"),
        (404, None, Refused, "no_api"),
        (410, {"code": "woocommerce_rest_already_trashed"}, NotFound, "gone"),
        (400, {"code": "woocommerce_rest_coupon_code_already_exists", "message": "It is there."},
         Conflict, "woocommerce_rest_coupon_code_already_exists"),
        (400, {"code": "rest_invalid_param", "message": "<b>No</b> such&nbsp;thing" + "x" * 999},
         Refused, "rest_invalid_param"),
        (408, None, Unavailable, "timeout"),
        (302, None, Refused, "redirected"),
        (200, None, Unavailable, "bad_answer"),
    ],
)  # fmt: skip
def test_C5_the_misleading_answers_are_told_apart(status, body, kind, code):
    import json

    raw = b"<html>" if body is None else json.dumps(body).encode()
    with pytest.raises(HubError) as refused:
        data_of(Reply(status, {"location": "http://evil.example"}, raw), "shop.example")
    assert (type(refused.value), refused.value.code) == (kind, code)
    assert "<" not in refused.value.message and "evil" not in refused.value.message
    assert len(refused.value.message) < 400


def test_O6_a_shops_words_are_one_short_line_without_tags():
    assert plain("<p>a\n<script>x</script> &amp; b</p>") == "a x & b"
    assert plain(None) == ""
    assert len(plain("x" * 1000)) == 200


# Again, or not ---------------------------------------------------------------------------


async def test_C5_reading_is_tried_again_and_changing_is_not(api, store, connection):
    store.fail("GET products", "502_after", 2)
    await api.get(connection, "products", {"_fields": "id"})
    assert len(store.asked("GET products")) == 3
    store.fail("POST coupons", "502_after", 1)
    with pytest.raises(Unavailable):
        await api.post(connection, "coupons", {"code": "once", "amount": "5"})
    assert [one.code for one in store.coupons.all.values()] == ["once"]
    assert len(store.asked("POST coupons")) == 1


async def test_C5_a_change_that_surely_did_not_arrive_is_sent_again(api, store, connection):
    store.limits.allow(1, 60, status=429, retry_after=0)
    await api.get(connection, "products", {"_fields": "id"})
    store.fail("POST coupons", busy(), 1)
    store.limits.allow(1000, 60)
    made = await api.post(connection, "coupons", {"code": "once", "amount": "5"})
    assert made["code"] == "once"
    assert len(store.asked("POST coupons")) == 2


def busy(wait: str = "0") -> Fault:
    async def act(request, answer):
        return web.Response(status=429, headers={"Retry-After": wait})

    return Fault("busy", act)


async def test_C5_a_shop_that_asks_for_minutes_is_not_waited_for_by_people(api, store, connection):
    store.fail("rest", busy("600"), None)
    with pytest.raises(Busy) as refused:
        await api.get(connection, "products")
    assert refused.value.retry_after == 600
    assert len(store.asked("rest")) == 1


# Politeness ------------------------------------------------------------------------------


async def test_C5_a_shop_is_asked_two_things_at_once_and_by_syncs_one(api, store, connection):
    store.limits.takes = 0.02
    asked = [api.get(connection, "products", {"_fields": "id"}) for _ in range(8)]
    await asyncio.gather(*asked)
    assert store.limits.most_at_once == 2
    store.limits.most_at_once = 0
    asked = [api.get(connection, "orders", {"_fields": "id"}, "background") for _ in range(5)]
    await asyncio.gather(*asked)
    assert store.limits.most_at_once == 1


async def test_C5_one_slow_shop_holds_up_no_other(api, store, connection):
    store.limits.takes = 0.5
    async with WooStore() as other:
        slow = [asyncio.ensure_future(api.get(connection, "products")) for _ in range(4)]
        await api.get(connected(other), "products")
        assert not any(one.done() for one in slow)
        await asyncio.gather(*slow)


async def test_C5_requests_are_counted(api, store, connection):
    for _ in range(3):
        await api.get(connection, "products", {"_fields": "id"})
    await api.post(connection, "coupons/batch", {})
    assert dict(api.asked) == {"GET products": 3, "POST coupons": 1}


async def test_D_4_neither_log_nor_repr_shows_a_secret(api, store, connection, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    store.fail("rest", "cut_before", None)
    with structlog.testing.capture_logs() as logged, pytest.raises(Unavailable):
        await api.get(connection, "products", {"search": "rosa@kettle.example"})
    assert logged  # it says that it tries again
    said = f"{logged}{capfd.readouterr()}{caplog.text}{connection!r}{connection.settings!r}"
    for secret in (
        store.key.consumer_secret,
        "oauth_signature",
        "rosa",
        quote("rosa@kettle.example"),
    ):
        assert secret not in said
