"""The stand-in against what a real shop sent: same fields, same types, same headers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.deliveries import signature
from tests.connectors.woocommerce.callers import Hub

FIXTURES = Path(__file__).parents[3] / "connectors" / "woocommerce" / "fixtures"
pytestmark = pytest.mark.anyio

PAGES = ("products", "variations", "orders", "customers", "coupons")
# Where the real shop's own types vary, or a captured plugin added something.
VARIES = {"related_ids", "srcset", "sizes", "thumbnail", "alt"}


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        store.add_products(60, variations=9, every=6)
        store.add_customers(20)
        store.add_coupon("welcome10", "10", "percent")
        store.add_orders(40)
        yield store


def captured(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def body_of(capture: Any) -> Any:
    return json.loads(base64.b64decode(capture["body_base64"]))


def kinds(values: list[Any]) -> set[str]:
    """The types of a field; a list is described by its items."""
    found = {type(value).__name__ for value in values}
    return {"number" if one in ("int", "float") else one for one in found}


def differences(real: list[Any], ours: list[Any], where: str = "") -> list[str]:
    """Fields of one that the other lacks, and fields whose type the real shop never sent."""
    dicts = [one for one in real if isinstance(one, dict)]
    mine = [one for one in ours if isinstance(one, dict)]
    wrong: list[str] = []
    if not dicts or not mine:
        return wrong
    expected, present = list(merged(dicts)), list(merged(mine))
    if expected != present and not where.endswith("_links"):
        wrong.append(f"{where}: {[one for one in expected if one not in present]} missing")
        wrong += [f"{where}.{name} is not real" for name in present if name not in expected]
    for name in set(expected) & set(present) - VARIES:
        one = [each[name] for each in dicts if name in each]
        other = [each[name] for each in mine if name in each]
        unknown = kinds(one) == {"NoneType"}  # it was null in what was captured
        if not unknown and not kinds(other) <= kinds(one) | {"NoneType"}:
            wrong.append(f"{where}.{name}: {kinds(other)} but {kinds(one)}")
        wrong += differences(inner(one), inner(other), f"{where}.{name}")
    return [one for one in wrong if not one.endswith("[] missing")]


def merged(items: list[Any]) -> dict[str, None]:
    return {name: None for item in items for name in item}


def inner(values: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for value in values:
        flat += value if isinstance(value, list) else [value]
    return flat


@pytest.mark.parametrize("page", PAGES)
async def test_every_rest_page_has_the_fields_and_types_of_the_real_one(
    page: str, store: WooStore
) -> None:
    resource = store.rest.lists[page]
    if page == "orders":
        store.add_order([(store.catalog.find("SKU-00002"), 2)], coupons=["welcome10"])
    shown = json.loads(json.dumps([resource.show(one, {}) for one in resource.select({})]))
    assert len(shown) > 0
    assert differences(captured(f"rest_{page}"), shown) == []


@pytest.mark.parametrize(
    "name",
    [
        "order.created",
        "order.created.guest",
        "order.updated.refund",
        "product.created",
        "product.updated",
        "product.updated.variation",
        "coupon.created",
        "customer.updated",
        "order.deleted",
        "customer.deleted",
    ],
)
async def test_every_webhook_has_the_headers_and_fields_of_the_real_one(
    name: str, store: WooStore, hub: Hub
) -> None:
    capture = captured(name)
    topic = ".".join(name.split(".")[:2])
    webhook = store.webhooks.add(topic, hub.url + "/hook", "hub-test-secret-0123456789")
    number = {
        "order": next(iter(store.orders.all)),
        "product": store.catalog.find("SKU-00002").id,
        "coupon": next(iter(store.coupons.all)),
        "customer": 2,
    }[topic.partition(".")[0]]
    if name.endswith("variation"):
        number = next(store.catalog.variations()).id
    store.announce(topic, number)
    await store.tick()
    [request] = hub.requests
    missing = set(capture["headers"]) - set(request.headers)
    assert missing == set()
    for header in ("User-Agent", "Content-Type", "X-WC-Webhook-Topic", "X-WC-Webhook-Event"):
        assert request.headers[header] == capture["headers"][header]
    assert request.headers["X-WC-Webhook-ID"] == str(webhook.id)
    assert len(request.headers["X-WC-Webhook-Delivery-ID"]) == 32
    assert request.headers["X-WC-Webhook-Signature"] == signature(webhook.secret, request.body)
    assert differences([body_of(capture)], [json.loads(request.body)]) == []


def test_every_captured_signature_is_the_one_the_stand_in_would_have_made() -> None:
    proven = 0
    for path in FIXTURES.glob("*.json"):
        capture = json.loads(path.read_text())
        if not isinstance(capture, dict) or "secret" not in capture:
            continue
        for one in capture.get("deliveries", [capture]):
            headers = dict(one["headers"])
            if "X-WC-Webhook-Signature" in headers:
                raw = base64.b64decode(one["body_base64"])
                assert headers["X-WC-Webhook-Signature"] == signature(capture["secret"], raw)
                proven += 1
    assert proven >= 20


async def test_the_ping_is_the_real_one(store: WooStore, hub: Hub) -> None:
    capture = captured("webhook_ping")
    webhook = store.webhooks.add("order.created", hub.url + "/hook", "s")
    await store.deliveries.ping(webhook)
    [request] = hub.requests
    assert request.headers["Content-Type"] == capture["headers"]["Content-Type"]
    assert set(capture["headers"]) == set(request.headers)
    assert request.body == f"webhook_id={webhook.id}".encode()


async def test_the_callback_with_the_keys_is_the_real_one(store: WooStore, hub: Hub) -> None:
    capture = captured("wc_auth_callback")
    address = (
        f"{store.url}/wc-auth/v1/authorize?app_name=Parley&scope=read_write&user_id=tenant-7|a"
        f"&return_url={hub.url}/back&callback_url={hub.url}/callback?state=abc"
    )
    back = await store.approve(address)
    [request] = hub.requests
    told, real = json.loads(request.body), body_of(capture)
    assert list(told) == list(real) and kinds(list(told.values())) == kinds(list(real.values()))
    assert set(capture["headers"]) == set(request.headers)
    assert request.headers["Content-Type"] == capture["headers"]["Content-Type"]
    assert told["user_id"] == "tenant-7|a", "whole in the post"
    assert back == f"{hub.url}/back?success=1&user_id=tenant-7a", "without its | in the redirect"


async def test_the_footer_prints_what_the_real_one_did(store: WooStore) -> None:
    capture = captured("snippet_wp_footer")
    store.snippet.install("http://127.0.0.1:9099", "wgk_testbed_key", capture["identity_secret"])
    assert store.snippet.footer(store.people.all[2]) == capture["script"][0]
    assert store.snippet.footer(None) == ""


async def test_the_snippets_posts_are_the_real_ones(store: WooStore, hub: Hub) -> None:
    real = captured("snippet_customer_statuses")["requests"][0]
    store.snippet.install(hub.url, "wgk_testbed_key", "secret")
    store.add_order(["SKU-00002"], customer=2)
    await store.tick()
    [request] = hub.requests
    assert request.path == real["path"]
    sent, expected = dict(request.headers), dict(real["headers"])
    assert set(sent) == set(expected)
    assert sent["Authorization"] == expected["Authorization"]
    assert differences([body_of(real)], [json.loads(request.body)]) == []
