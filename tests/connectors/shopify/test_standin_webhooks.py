"""The stand-in sends what Shopify sends: signed, again, late, in any order, and for the shopper."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.shopify.standin import CLIENT_SECRET, WEBHOOKS, App, Subscription, signing
from connectors.testing.patience import until
from tests.connectors.shopify.standin_calls import Caller, Hub, caller, hub

SUBSCRIBE = """mutation($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id topic uri } userErrors { message } } }"""


@pytest.fixture
async def app() -> AsyncIterator[Hub]:
    async with hub() as one:
        yield one


@pytest.fixture
async def call(app: Hub) -> AsyncIterator[Caller]:
    """A shop whose app listens to every topic, as its TOML says."""
    hooks = [Subscription(topic, "/shopify/webhooks") for topic in WEBHOOKS]
    async with caller(apps=[App(url=app.url, webhooks=hooks)]) as one:
        yield one


async def test_S8_what_happens_in_the_shop_is_told_signed(call: Caller, app: Hub) -> None:
    ann = call.shop.add_customer()
    order = call.shop.add_order(customer=ann)
    await call.store.settled()
    assert sorted(app.topics) == ["customers/create", "orders/create", "orders/paid"]
    for request, body in app.got:
        assert request.path == "/shopify/webhooks"
        signed = request.headers["X-Shopify-Hmac-Sha256"]
        assert signed == signing.webhook_hmac(body, CLIENT_SECRET)
        assert request.headers["X-Shopify-Shop-Domain"] == call.shop.domain
        assert request.headers["X-Shopify-API-Version"] == "2026-10"
        assert {"X-Shopify-Webhook-Id", "X-Shopify-Event-Id", "X-Shopify-Triggered-At"} < set(
            request.headers
        )
    told = json.loads(app.got[app.topics.index("orders/create")][1])
    assert told["admin_graphql_api_id"] == order["id"]
    assert told["total_price"] == "9.95" and told["customer"]["email"] == ann["email"]


async def test_an_order_is_told_of_through_its_whole_life(call: Caller, app: Hub) -> None:
    order = call.shop.add_order(paid=False)
    for step in (call.shop.pay, call.shop.fulfil, call.shop.deliver):
        step(order)
    call.shop.refund(order, "1.00")
    call.shop.cancel(order)
    call.shop.delete_order(order)
    await call.store.settled()
    assert {
        "orders/create",
        "orders/paid",
        "orders/fulfilled",
        "orders/updated",
        "orders/cancelled",
        "orders/delete",
        "fulfillments/create",
        "fulfillments/update",
        "refunds/create",
    } == set(app.topics)


MORE = ("fulfillment_events/create", "inventory_items/update", "order_transactions/create")
TOPICS = (*WEBHOOKS, *MORE, "orders/edited", "orders/partially_fulfilled")


@pytest.mark.parametrize("topic", [one for one in TOPICS if not one.startswith("discounts")])
async def test_every_topic_has_a_body_of_its_own(call: Caller, app: Hub, topic: str) -> None:
    delivery = await call.shop.send(topic)
    assert delivery.arrived and app.topics == [topic]
    assert json.loads(app.got[0][1])


async def test_nothing_is_told_to_an_app_that_is_not_installed(call: Caller, app: Hub) -> None:
    call.shop.uninstall()
    call.shop.add_product()
    call.shop.redact_shop()
    await call.store.settled()
    assert app.topics == ["app/uninstalled", "shop/redact"]


async def test_a_subscription_made_by_the_api_is_told_only_its_fields(
    call: Caller, app: Hub
) -> None:
    call.shop.apps[0].webhooks.clear()
    sub = {"uri": f"{app.url}/own", "includeFields": ["id", "updated_at"], "name": "hub"}
    made = await call.data(SUBSCRIBE, topic="PRODUCTS_UPDATE", sub=sub)
    assert made["webhookSubscriptionCreate"]["webhookSubscription"]["topic"] == "PRODUCTS_UPDATE"
    twice = await call.data(SUBSCRIBE, topic="PRODUCTS_UPDATE", sub=sub)
    assert "already been taken" in twice["webhookSubscriptionCreate"]["userErrors"][0]["message"]
    product = call.shop.add_product()
    call.shop.edit_product(product, title="New name")
    await call.store.settled()
    ((request, body),) = app.got
    assert request.path == "/own" and request.headers["X-Shopify-Name"] == "hub"
    assert json.loads(body).keys() == {"id", "updated_at"}


async def test_a_topic_needs_its_scope(call: Caller) -> None:
    call.token = call.shop.token("read_products")
    sub = {"uri": "https://hub.example/w"}
    refused = await call.data(SUBSCRIBE, topic="ORDERS_CREATE", sub=sub)
    assert refused["webhookSubscriptionCreate"]["userErrors"]


async def test_a_refused_webhook_is_tried_eight_times_more_and_the_subscription_goes(
    call: Caller, app: Hub
) -> None:
    call.shop.apps[0].webhooks.clear()
    call.shop.webhooks.retry_scale = 1e-6
    app.status = 503
    await call.data(SUBSCRIBE, topic="PRODUCTS_CREATE", sub={"uri": f"{app.url}/own"})
    call.shop.add_product()
    await call.store.settled()
    assert len(app.got) == 9
    assert len({request.headers["X-Shopify-Webhook-Id"] for request, _ in app.got}) == 1
    assert len({body for _, body in app.got}) == 1
    assert call.shop.installation().subscriptions == {}


async def test_a_toml_subscription_survives_failures(call: Caller, app: Hub) -> None:
    call.shop.webhooks.retry_scale = 1e-6
    app.status = 503
    call.shop.add_product()
    await call.store.settled()
    app.status = 200
    call.shop.add_product()
    await call.store.settled()
    assert call.shop.webhooks.deliveries[-1].arrived


async def test_webhooks_come_twice_late_in_reverse_or_wrongly_signed_on_request(
    call: Caller, app: Hub
) -> None:
    hooks = call.shop.webhooks
    hooks.hold()
    for title in ("first", "second", "third"):
        call.shop.add_product(title=title)
    assert app.got == []
    hooks.release("reverse")
    await call.store.settled()
    assert [json.loads(body)["title"] for _, body in app.got] == ["third", "second", "first"]
    app.got.clear()
    hooks.copies, hooks.bad_signature = 2, True
    call.shop.add_product()
    await call.store.settled()
    (first, body), (second, _) = app.got
    assert first.headers["X-Shopify-Webhook-Id"] == second.headers["X-Shopify-Webhook-Id"]
    assert first.headers["X-Shopify-Hmac-Sha256"] != signing.webhook_hmac(body, CLIENT_SECRET)
    hooks.lose = True
    app.got.clear()
    call.shop.add_product()
    await call.store.settled()
    assert app.got == []


async def test_a_finished_bulk_operation_is_told_without_its_address(
    call: Caller, app: Hub
) -> None:
    call.shop.add_products(3)
    query = "mutation($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: false) "
    query += "{ bulkOperation { id } } }"
    made = await call.data(query, q="{ products { edges { node { id } } } }")
    await call.store.settled()
    (told,) = [json.loads(body) for _, body in app.got]
    assert app.topics == ["bulk_operations/finish"]
    identifier = made["bulkOperationRunQuery"]["bulkOperation"]["id"]
    assert told["admin_graphql_api_id"] == identifier and told["status"] == "completed"
    assert "url" not in told


async def test_O5_the_app_proxy_says_who_is_logged_in_and_drops_cookies(
    call: Caller, app: Hub
) -> None:
    ann = call.shop.add_customer()
    number = ann["legacyResourceId"]
    await call.store.settled()
    app.got.clear()

    async def visit(cookie: str, query: str = "") -> Any:
        async with call.session.post(
            f"{call.store.url}/apps/parley/session{query}",
            data=b"hello",
            headers={"Host": call.shop.domain, "Cookie": cookie},
        ) as answer:
            assert answer.status == 200 and "Set-Cookie" not in answer.headers
        request, body = app.got[-1]
        assert body == b"hello" and "Cookie" not in request.headers
        assert request.path == "/shopify/proxy/session"
        assert request.headers["X-Forwarded-Host"] == call.shop.domain
        return request.query

    for cookie, expected in (
        (f"standin_customer={number}", number),
        ("standin_customer=99", ""),
        ("other=1", ""),
    ):
        query = await visit(cookie)
        values = {name: value for name, value in query.items()}
        assert values.pop("signature") == signing.proxy_signature(values, CLIENT_SECRET)
        assert values["logged_in_customer_id"] == expected
        assert values["path_prefix"] == "/apps/parley" and values["shop"] == call.shop.domain
    forged = await visit("", f"?logged_in_customer_id={number}&signature=x")
    assert forged["logged_in_customer_id"] == ""


async def test_the_app_proxy_is_gone_with_the_app(call: Caller, app: Hub) -> None:
    call.shop.uninstall()
    async with call.session.post(f"{call.store.url}/apps/parley/session") as answer:
        assert answer.status == 404


async def test_a_delayed_webhook_arrives_in_the_end(call: Caller, app: Hub) -> None:
    call.shop.webhooks.delay = 0.05
    call.shop.add_product()
    assert app.got == []
    await until(lambda: len(app.got) == 1)


async def test_an_unapproved_app_is_told_nothing_personal(call: Caller, app: Hub) -> None:
    call.shop.apps[0].protected_data = 1
    call.shop.add_order(customer=call.shop.add_customer(email="ann@example.com"))
    await call.store.settled()
    told = json.loads(app.got[app.topics.index("orders/create")][1])
    assert told["email"] is None and told["shipping_address"] is None
    assert told["customer"]["id"] and told["customer"]["email"] is None
    assert all(b"ann@example.com" not in body for _, body in app.got)


async def test_what_is_bought_is_no_longer_in_stock(call: Caller, app: Hub) -> None:
    product = call.shop.add_product(stock=5)
    call.shop.checkout([{"variant": product["variants"][0], "quantity": 2}])
    await call.store.settled()
    level = json.loads(app.got[app.topics.index("inventory_levels/update")][1])
    assert level["available"] == 3
    assert call.shop.read(call.shop.product(product))["totalInventory"] == 3
