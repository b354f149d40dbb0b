"""Webhooks as they really are: late, merged, unsigned at first, and never sent twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.testing.patience import until
from connectors.testing.standin import Recorded
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.deliveries import signature
from connectors.woocommerce.standin.outbound import is_safe
from connectors.woocommerce.standin.webhooks import Webhook
from tests.connectors.woocommerce.callers import Caller, Hub, calling

pytestmark = pytest.mark.anyio
SECRET = "hub-test-secret-0123456789"


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


def listen(store: WooStore, hub: Hub, *topics: str) -> list[Webhook]:
    return [store.webhooks.add(topic, f"{hub.url}/woo", SECRET) for topic in topics]


def told(hub: Hub) -> list[tuple[str, Any]]:
    return [(topic(one), json.loads(one.body)) for one in hub.requests]


def topic(request: Recorded) -> str:
    return request.headers["X-WC-Webhook-Topic"]


async def test_a_webhook_is_active_even_if_nobody_is_there(caller: Caller, store: WooStore) -> None:
    body = {
        "topic": "order.created",
        "delivery_url": "http://127.0.0.1:9/woo",
        "secret": SECRET,
        "status": "paused",
    }
    answer = await caller.post("webhooks", body)
    assert (answer.status, answer.body["status"]) == (201, "active")
    assert SECRET not in json.dumps(answer.body)
    number = answer.body["id"]
    assert store.webhooks.all[number].failures == 0, "the ping's answer is ignored"
    refused = await caller.delete(f"webhooks/{number}")
    assert (refused.status, refused.code) == (501, "woocommerce_rest_trash_not_supported")
    assert (await caller.delete(f"webhooks/{number}", force="true")).status == 200
    bad = await caller.post("webhooks", body | {"topic": "order.paid"})
    assert bad.status == 400


async def test_the_ping_is_a_form_without_a_signature(
    caller: Caller, store: WooStore, hub: Hub
) -> None:
    body = {"topic": "order.created", "delivery_url": f"{hub.url}/woo", "secret": SECRET}
    number = (await caller.post("webhooks", body)).body["id"]
    [ping] = hub.requests
    assert ping.body == f"webhook_id={number}".encode()
    assert not [name for name in ping.headers if name.startswith("X-WC")]


async def test_nothing_is_sent_before_the_scheduler_runs_and_then_as_things_are_now(
    store: WooStore, hub: Hub
) -> None:
    listen(store, hub, "order.created", "order.updated")
    order = store.add_order([store.add_product("Mug", "3")], status="pending")
    for status in ("processing", "on-hold", "completed"):
        store.set_status(order, status)
    assert hub.requests == []
    await store.tick()
    assert [(what, body["status"]) for what, body in told(hub)] == [
        ("order.created", "completed"),
        ("order.updated", "completed"),
    ]


async def test_at_the_checkout_updated_comes_before_created(store: WooStore, hub: Hub) -> None:
    listen(store, hub, "order.created", "order.updated")
    order = store.open_checkout([store.add_product("Mug", "3")], email="a@example.net")
    await store.tick()
    store.buy(order)
    await store.tick()
    assert [(what, body["status"]) for what, body in told(hub)] == [
        ("order.updated", "checkout-draft"),
        ("order.updated", "on-hold"),
        ("order.created", "on-hold"),
    ]


async def test_the_delivery_id_is_shared_within_a_second(store: WooStore, hub: Hub) -> None:
    listen(store, hub, "order.created")
    mug = store.add_product("Mug", "3")
    store.clock.stop()
    for _ in range(6):
        store.add_order([mug])
    await store.tick()
    assert len({one.headers["X-WC-Webhook-Delivery-ID"] for one in hub.requests}) == 1
    assert len({body["id"] for _, body in told(hub)}) == 6
    store.clock.advance(1)
    store.add_order([mug])
    await store.tick()
    assert len({one.headers["X-WC-Webhook-Delivery-ID"] for one in hub.requests}) == 2


async def test_the_signature_is_over_the_escaped_bytes(store: WooStore, hub: Hub) -> None:
    [webhook] = listen(store, hub, "product.created")
    webhook.secret = "a&amp;b"
    store.add_product("Tasse “Größe”", "3", description="<p>x</p>")
    await store.tick()
    [request] = hub.requests
    assert request.body.isascii() and b"<\\/p>" in request.body and b"\\u00f6" in request.body
    made = request.headers["X-WC-Webhook-Signature"]
    assert made == signature("a&b", request.body), "entities in the secret are decoded"


@pytest.mark.parametrize(("status", "fails"), [(200, 0), (204, 0), (301, 0), (302, 0), (303, 1)])
async def test_a_redirect_is_a_success_and_is_not_followed(
    status: int, fails: int, store: WooStore, hub: Hub
) -> None:
    [webhook] = listen(store, hub, "product.created")
    hub.status, hub.location = status, f"{hub.url}/elsewhere" if status > 300 else ""
    store.add_product("Mug", "3")
    await store.tick()
    assert len(hub.requests) == 1 and webhook.failures == fails


async def test_seven_failures_disable_it_silently_and_nothing_is_sent_again(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    [webhook] = listen(store, hub, "product.created")
    hub.status = 500
    for turn in range(7):
        assert webhook.status == "active"
        store.add_product(f"Mug {turn}", "3")
        await store.tick()
    assert webhook.status == "disabled" and len(hub.requests) == 7
    hub.status = 200
    store.add_product("Unheard", "3")
    await store.tick()
    answer = await caller.put(f"webhooks/{webhook.id}", {"status": "active"})
    assert answer.body["status"] == "active"
    await store.tick()
    assert len(hub.requests) == 7, "no ping, and nothing is made up for"
    store.add_product("Heard", "3")
    await store.tick()
    assert told(hub)[-1][1]["name"] == "Heard"


async def test_a_success_forgets_the_failures_before(store: WooStore, hub: Hub) -> None:
    [webhook] = listen(store, hub, "product.created")
    for status in (500, 500, 200):
        hub.status = status
        store.add_product("Mug", "3")
        await store.tick()
    assert webhook.failures == 0


async def test_only_the_trash_is_announced(store: WooStore, hub: Hub) -> None:
    listen(store, hub, "product.deleted", "order.deleted", "coupon.deleted", "customer.deleted")
    mug, anna = store.add_product("Mug", "3"), store.add_customer("anna@example.com")
    order, coupon = store.add_order([mug]), store.add_coupon("abc")
    store.trash_order(order)
    store.trash_coupon(coupon)
    store.trash_product(mug)
    store.delete_customer(anna)
    await store.tick()
    assert [what for what, _ in told(hub)] == [
        "order.deleted",
        "coupon.deleted",
        "product.deleted",
        "customer.deleted",
    ]
    assert told(hub)[0][1] == {"id": order.id}
    store.delete_order(order)
    store.delete_coupon(coupon)
    store.delete_product(mug)
    await store.tick()
    assert len(hub.requests) == 4


async def test_a_variation_is_told_as_a_product_and_an_order_tells_of_stock(
    store: WooStore, hub: Hub
) -> None:
    shirt = store.add_product(
        "Shirt", variations=[{"options": {"Size": "M"}, "price": "9", "stock": 4}]
    )
    listen(store, hub, "product.updated")
    store.edit_product(shirt.variations[0], price="10")
    await store.tick()
    store.add_order([shirt.variations[0]])
    await store.tick()
    assert [(body["type"], body["parent_id"]) for _, body in told(hub)] == [
        ("variation", shirt.id)
    ] * 2
    assert [body["stock_quantity"] for _, body in told(hub)] == [4, 3]


async def test_whoever_gets_an_account_is_called_a_customer(store: WooStore, hub: Hub) -> None:
    listen(store, hub, "customer.created", "customer.updated")
    store.add_customer("ed@example.com", role="editor")
    anna = store.add_customer("anna@example.com")
    store.add_order([store.add_product("Mug", "3")], customer=anna)
    await store.tick()
    assert [(what, body["role"]) for what, body in told(hub)] == [
        ("customer.created", "editor"),
        ("customer.created", "customer"),
        ("customer.updated", "customer"),
    ]


async def test_a_partial_refund_is_an_update_of_the_order(store: WooStore, hub: Hub) -> None:
    order = store.add_order([store.add_product("Mug", "30")])
    listen(store, hub, "order.updated")
    store.refund(order, "3.00", "Teil")
    await store.tick()
    [(_, body)] = told(hub)
    assert body["status"] == "processing" and body["refunds"][0]["total"] == "-3.00"
    assert body["order_key"] in body["payment_url"], "what must never be stored"


async def test_deliveries_wait_for_each_other(store: WooStore, hub: Hub) -> None:
    listen(store, hub, "product.created")
    hub.fail("/woo", "timeout")
    store.outbound.patience = 0.2
    store.add_product("First", "3")
    store.add_product("Second", "3")
    sent = await store.tick()
    assert [one.outcome for one in sent] == ["TimeoutError", "200"]
    assert told(hub)[-1][1]["name"] == "Second"


async def test_without_traffic_nothing_flows_and_polling_makes_it_flow(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    listen(store, hub, "product.created")
    store.deliveries.by_traffic = True
    store.add_product("Mug", "3")
    await asyncio.sleep(0)
    assert hub.requests == []
    await caller.get("data/currencies/current")
    await until(lambda: len(hub.requests) == 1)
    store.add_product("Second", "3")
    await caller.get("data/currencies/current")
    assert len(store.webhooks.queue) == 1, "once a minute and no more"


def test_an_ordinary_shop_calls_public_hosts_on_three_ports_only() -> None:
    for url in ("https://hub.example/x", "http://hub.example:8080/", "https://93.184.216.34/"):
        assert is_safe(url)
    for url in (
        "https://hub.example:8443/",
        "http://127.0.0.1/",
        "http://192.168.1.4/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://a:b@hub.example/",
        "http://[2606:4700::1]/",
        "http://hub.example:x/",
    ):
        assert not is_safe(url)
    assert is_safe("http://127.0.0.1:8089/x", home="http://127.0.0.1:8089")


async def test_a_guarded_shop_never_reaches_a_hub_in_the_house(store: WooStore, hub: Hub) -> None:
    [webhook] = listen(store, hub, "product.created")
    store.outbound.guarded = True
    store.add_product("Mug", "3")
    await store.tick()
    assert hub.requests == [] and webhook.failures == 1
