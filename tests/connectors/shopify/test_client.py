"""The client: one token a call, what is tried again and what never, and how fast it may go."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

import connectors.shopify as package
from connectors.http import Busy, Http, NotSent
from connectors.shopify import client
from connectors.shopify.answers import TooCostly
from connectors.shopify.client import Api, problems
from connectors.shopify.grants import Grants
from connectors.shopify.settings import Settings, ShopSettings, short_name
from connectors.shopify.standin import App, Standin
from connectors.shopify.throttle import Bucket, Throttle, Throttled
from connectors.shopify.tokens import Tokens
from connectors.testing.faults import json_text
from core.connector import Connection
from core.errors import HubError, Refused, Unavailable

pytestmark = pytest.mark.anyio
DISCOUNT: Mapping[str, Any] = {
    "input": {
        "title": "Chat",
        "code": "CHAT-7K2M-9QXD",
        "startsAt": "2026-11-22T10:00:00Z",
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
    }
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a quarter of a second here."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.001)
    for share in ("live", "background"):
        monkeypatch.setitem(client.WITHIN, share, 1.0)


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with Standin(apps=[App(public=False)]) as running:
        yield running


class Client:
    """The client of a hub whose connections all have keys that never need to be renewed."""

    def __init__(self, standin: Standin) -> None:
        settings = Settings(origin=standin.url)
        self.http = Http(trusted=settings.trusted)
        services: Any = SimpleNamespace(db=None, vault=None)
        tokens = Tokens(services, settings, Grants(self.http, settings))
        self.api = Api(self.http, settings, tokens)


@pytest.fixture
async def shopify(standin: Standin) -> AsyncIterator[Client]:
    made = Client(standin)
    yield made
    await made.http.close()


def connection_of(standin: Standin, shop: str = "kestrel") -> Connection:
    """A connection with a token of its own that does not expire."""
    found = standin.shop(shop)
    token = found.install().grant(expires_in=None).token
    return Connection(
        workspace_id="wks",
        id=f"con_{shop}",
        connector="shopify",
        shop=found.domain,
        title=shop,
        source=f"shopify:{short_name(found.domain)}",
        generation=1,
        settings=ShopSettings(source="fixed", access_token=SecretStr(token)),
    )


@pytest.fixture
def kestrel(standin: Standin) -> Connection:
    return connection_of(standin)


# One token a call ------------------------------------------------------------------------


async def test_S9_two_hundred_stores_at_once_each_with_its_own_token(monkeypatch):
    monkeypatch.setitem(client.WITHIN, "live", 30.0)
    names = [f"shop-{number}" for number in range(200)]
    async with Standin(names, apps=[App(public=False)]) as standin:
        shopify = Client(standin)
        stores = [connection_of(standin, name) for name in names]
        answers = await asyncio.gather(
            *(shopify.api.run(store, "shop") for _ in range(3) for store in stores)
        )
        tokens = {store.shop: store.settings.access_token.get_secret_value() for store in stores}
        asked = standin.asked("Shop")
        assert len(asked) == 600
        for request in asked:
            assert request.headers["X-Shopify-Access-Token"] == tokens[request.host]
        for store, answer in zip([*stores] * 3, answers, strict=True):
            assert answer["shop"]["myshopifyDomain"] == store.shop
        assert shopify.http.opened <= 100
        await shopify.http.close()


FORBIDDEN = {"activate_session", "clear_session", "ShopifyResource", "temp", "GraphQL"}


def modules_of_ours() -> list[Path]:
    folder = Path(package.__file__).parent
    return [path for path in folder.rglob("*.py") if "standin" not in path.parts]


@pytest.mark.parametrize("path", modules_of_ours(), ids=lambda path: path.name)
def test_S1_no_code_of_ours_touches_the_librarys_global_session(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in FORBIDDEN
        if isinstance(node, ast.Name):
            assert node.id not in FORBIDDEN
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "shopify":
            assert (node.module, *(one.name for one in node.names)) in {
                ("shopify.utils.shop_url", "sanitize_shop_domain"),
                ("shopify.session_token", "SessionTokenError", "decode_from_header"),
                ("shopify.api_access", "ApiAccess", "ApiAccessError"),
            }
        if isinstance(node, ast.Import):
            assert not any(one.name.split(".")[0] == "shopify" for one in node.names)


async def test_O2_no_call_leaves_for_a_host_that_is_no_shops(shopify, kestrel, standin):
    for shop in ("evil.com", "kestrel.myshopify.com.evil.com", "kestrel.myshopify.com/x", ""):
        with pytest.raises(ValueError, match="not a shop's host"):
            await shopify.api.ask(shop, "shpat_token", "shop")
    assert standin.requests == []


# What is tried again ---------------------------------------------------------------------

PASSING = ["429", "429_retry_after", "500", "502", "503", "504", "530", "cut_before",
           "cut_in_the_middle", "truncated_json", "malformed_json", "html_200", "empty_body",
           "throttled", "internal_server_error", "errors_is_text", "null_data", "no_data",
           "408", "204", "json_deep", "no_http", "wrong_content_type"]  # fmt: skip


@pytest.mark.parametrize("fault", PASSING)
async def test_a_query_is_tried_again_when_it_might_work(shopify, kestrel, standin, fault):
    standin.fail("Shop", fault)
    data = await shopify.api.run(kestrel, "shop")
    assert data["shop"]["myshopifyDomain"] == kestrel.shop
    assert len(standin.asked("Shop")) == 2


@pytest.mark.parametrize("fault", ["429", "throttled", "throttled_429"])
async def test_a_mutation_is_sent_again_when_it_did_not_happen(shopify, kestrel, standin, fault):
    standin.fail("DiscountCreate", fault)
    data = await shopify.api.run(kestrel, "discount_create", DISCOUNT)
    assert problems(data["discountCodeBasicCreate"]) == []
    assert len(standin.asked("DiscountCreate")) == 2


UNCERTAIN = ["cut_after", "timeout_after", "502_after", "cut_before", "500", "503", "504",
             "malformed_json", "html_200", "truncated_json", "cut_in_the_middle",
             "stalls_in_the_middle", "partial", "internal_server_error", "null_data",
             "null_roots"]  # fmt: skip


@pytest.mark.parametrize("fault", UNCERTAIN)
async def test_A_2_a_mutation_of_which_nobody_knows_is_never_sent_again(
    shopify, kestrel, standin, fault
):
    standin.fail("DiscountCreate", fault)
    with pytest.raises(Unavailable) as failure:
        await shopify.api.run(kestrel, "discount_create", DISCOUNT)
    assert not isinstance(failure.value, NotSent | Busy | Throttled)
    assert len(standin.asked("DiscountCreate")) == 1


async def test_S10_a_mutation_with_a_key_is_sent_again_and_happens_once(shopify, kestrel, standin):
    assert client.operation("refund").idempotent
    standin.fail("Refund", "502", times=None)
    with pytest.raises(Unavailable):
        await shopify.api.run(kestrel, "refund", {"input": {}, "key": "k"})
    assert len(standin.asked("Refund")) == client.TRIES["live"]


async def test_a_mutation_that_found_nobody_is_sent_again(shopify, kestrel, standin, monkeypatch):
    real = shopify.http.request
    tries = []

    async def away_at_first(*given: Any, **more: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            raise NotSent("nobody there")
        return await real(*given, **more)

    monkeypatch.setattr(shopify.http, "request", away_at_first)
    await shopify.api.run(kestrel, "discount_create", DISCOUNT)
    assert (len(tries), len(standin.asked("DiscountCreate"))) == (2, 1)


async def test_trying_again_ends(shopify, kestrel, standin):
    standin.fail("Shop", "500", times=None)
    with pytest.raises(Unavailable):
        await shopify.api.run(kestrel, "shop")
    assert len(standin.asked("Shop")) == client.TRIES["live"]


async def test_a_live_call_does_not_wait_as_long_as_a_busy_shop_asks(shopify, kestrel, standin):
    from connectors.testing.faults import status

    standin.fail("Shop", status(429, Retry_After="600"))
    async with asyncio.timeout(5):
        with pytest.raises(Busy) as failure:
            await shopify.api.run(kestrel, "shop")
    assert failure.value.retry_after == 600


# What will not work ----------------------------------------------------------------------

CLEAR = {
    "bad_token": "refused",
    "not_expiring": "refused",
    "401": "refused",
    "frozen": "shop_unavailable",
    "402": "shop_unavailable",
    "locked": "shop_unavailable",
    "423": "shop_unavailable",
    "shop_inactive": "shop_unavailable",
    "forbidden": "forbidden",
    "403": "forbidden",
    "shop_not_found": "not_found",
    "404": "not_found",
    "access_denied": "missing_permission",
    "not_approved": "protected_data",
    "max_cost_exceeded": "too_costly",
    "error_without_code": "refused_operation",
    "unknown_code": "refused_operation",
    "redirected": "redirected",
    "huge_body": "too_large",
    "400": "bad_request",
    "422": "bad_request",
}


@pytest.mark.parametrize("fault", CLEAR)
async def test_what_will_not_work_is_said_once_and_plainly(shopify, kestrel, standin, fault):
    standin.fail("Shop", fault, times=None)
    token = kestrel.settings.access_token.get_secret_value()
    with pytest.raises(Refused) as refusal:
        await shopify.api.ask(kestrel.shop, token, "shop")
    assert refusal.value.code == CLEAR[fault]
    assert len(refusal.value.message) > 20
    assert len(standin.asked("Shop")) == 1
    assert token not in f"{refusal.value!r} {refusal.value.message}"


async def test_a_missing_permission_is_named(shopify, kestrel, standin):
    standin.fail("Shop", "access_denied")
    with pytest.raises(Refused, match="read_products"):
        await shopify.api.run(kestrel, "shop")


async def test_too_costly_a_page_can_be_told_from_the_rest(shopify, kestrel, standin):
    standin.fail("Shop", "max_cost_exceeded")
    with pytest.raises(TooCostly):
        await shopify.api.run(kestrel, "shop")


async def test_hidden_fields_leave_holes_unless_the_whole_is_wanted(shopify, kestrel, standin):
    standin.shop("kestrel").add_order(email="ann@example.com")
    standin.app_of_hub.protected_data = 1
    data = await shopify.api.run(kestrel, "personal_data")
    assert data["orders"]["nodes"][0]["email"] is None
    with pytest.raises(Refused) as refusal:
        await shopify.api.run(kestrel, "personal_data", whole=True)
    assert refusal.value.code == "protected_data"


@pytest.mark.parametrize(
    "answer",
    ['{}', '{"shop":{}}', '{"currentAppInstallation":{}}',
     '{"shop":null,"currentAppInstallation":{}}',
     '{"shop":{"id":null},"currentAppInstallation":{}}',
     '{"shop":{"id":"1"},"currentAppInstallation":{"app":[{"id":null}]}}'],
    ids=range(6),
)  # fmt: skip
async def test_an_answer_without_what_was_asked_for_is_none(shopify, kestrel, standin, answer):
    lacking = json_text("lacking", f'{{"data":{answer}}}')
    standin.fail("Shop", lacking, times=None)
    with pytest.raises(Unavailable, match=r"no data|not whole"):
        await shopify.api.run(kestrel, "shop")


async def test_every_fault_ends_in_an_answer_or_a_clear_state(shopify, kestrel, standin):
    token = kestrel.settings.access_token.get_secret_value()
    for fault in standin.faults:
        standin.fail("Shop", fault)
        try:
            data = await shopify.api.ask(kestrel.shop, token, "shop")
        except HubError as error:
            assert isinstance(error, Refused | Unavailable), fault
            continue
        assert data["shop"]["myshopifyDomain"] == kestrel.shop, fault


# How fast --------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_at_the_shops_own_pace():
    clock = Clock()
    bucket = Bucket(clock)
    bucket.take(1000)
    assert bucket.left() == 0
    assert bucket.wait(100, "live") == 1.0
    bucket.settle(1000, {"maximumAvailable": 2000, "restoreRate": 200, "currentlyAvailable": 100})
    assert (bucket.left(), bucket.wait(300, "live")) == (100, 1.0)
    clock.now = 100
    assert bucket.left() == 2000


def test_a_fifth_of_a_bucket_is_kept_for_chats():
    bucket = Bucket(Clock())
    bucket.take(750)  # 250 of 1000 are left
    assert bucket.wait(100, "background") == pytest.approx(0.5)
    assert bucket.wait(100, "live") == 0
    assert bucket.wait(5000, "background") < 10  # what never fits goes when the bucket is full


def test_what_is_under_way_is_not_counted_twice():
    bucket = Bucket(Clock())
    bucket.take(100)
    bucket.take(100)
    bucket.settle(100, {"maximumAvailable": 1000, "restoreRate": 100, "currentlyAvailable": 950})
    assert bucket.left() == 850  # the second one is still to be paid


@pytest.mark.parametrize(
    "status",
    [None, [], {}, {"maximumAvailable": "1000"}, {"maximumAvailable": -1, "restoreRate": 0,
     "currentlyAvailable": 5}, {"maximumAvailable": 1e300, "restoreRate": True,
     "currentlyAvailable": None}],
    ids=range(6),
)  # fmt: skip
def test_a_shop_that_says_nonsense_does_not_stop_the_clock(status):
    bucket = Bucket(Clock())
    bucket.settle(0, status)
    assert (bucket.size, bucket.rate) == (1000, 100)


async def test_a_backfill_waits_where_a_chat_goes_on(monkeypatch):
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds

    clock, throttle = Clock(), Throttle()
    monkeypatch.setattr("connectors.shopify.throttle.asyncio", SimpleNamespace(sleep=sleep))
    throttle._buckets["kestrel"] = Bucket(clock)
    for _ in range(40):
        counted = await throttle.enter("kestrel", "products_page", "background")
        throttle.leave("kestrel", "products_page", counted, {"requestedQueryCost": 50})
    assert slept
    before = len(slept)
    await throttle.enter("kestrel", "orders_page", "live")
    assert len(slept) == before


async def test_a_throttled_operation_waits_as_long_as_its_points_need(shopify, kestrel, standin):
    standin.shop("kestrel").bucket.drain()
    data = await shopify.api.run(kestrel, "shop")
    assert data["shop"]["myshopifyDomain"] == kestrel.shop
    assert len(standin.asked("Shop")) >= 2


async def test_the_next_page_knows_what_the_last_one_cost(shopify, kestrel):
    await shopify.api.run(kestrel, "shop")
    assert 0 < shopify.api.cost("shop") < 20


# Files -----------------------------------------------------------------------------------


async def test_a_bulk_file_is_fetched_without_a_token(shopify, kestrel, standin):
    standin.shop("kestrel").add_products(5)
    run = await shopify.api.run(
        kestrel, "bulk_run", {"query": client.operation("bulk_products").text}
    )
    await standin.settled()
    bulk = run["bulkOperationRunQuery"]["bulkOperation"]["id"]
    url = (await shopify.api.run(kestrel, "bulk", {"id": bulk}))["bulkOperation"]["url"]
    found = [line async for line in shopify.api.lines(kestrel, url)]
    assert {line["id"].split("/")[3] for line in found} >= {"Product"}
    (asked,) = standin.asked("/bulk/")
    assert "X-Shopify-Access-Token" not in asked.headers
