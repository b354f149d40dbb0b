"""Webhooks: proven, stored once, answered at once; and whether the shop still sends them (O6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from connectors.woocommerce import subscriptions
from connectors.woocommerce.settings import ShopSettings
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.topics import TOPICS
from connectors.woocommerce.webhooks import is_signed
from core import inbox
from core.connections import connections_of, open_connection
from core.connector import Connection
from core.db import Work
from tests.connectors.woocommerce.connected import again, woo_of

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[3] / "connectors/woocommerce/fixtures"
CAPTURED = sorted(
    path.name
    for path in FIXTURES.glob("*.json")
    if path.name.partition("_")[0] not in ("rest", "snippet", "wc", "webhook", "delivery")
)
HOUR = subscriptions.EVERY


@pytest.fixture
async def hub(store: WooStore, sqlite_url: str, tmp_path: Path):
    """A hub whose inbox and jobs nobody works on: what is stored stays to be counted."""
    async with serve(tmp_path, sqlite_url, outbound_allow="127.0.0.0/8", worker=False) as running:
        running.hub.services.public_url = running.url
        yield running


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


@pytest.fixture
async def agent(shop: Shop) -> Agent:
    return await shop.agent()


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, store: WooStore, agent: Agent) -> Connection:
    """A shop connected by pasted keys, before anything was read."""
    values = {
        "url": store.home,
        "consumer_key": store.key.consumer_key,
        "consumer_secret": store.key.consumer_secret,
    }
    body = {"connector": "woocommerce", "values": values}
    answer = await agent.request("POST", "/console/api/integrations/connect", body)
    assert answer.status_code == 200, answer.text
    (row,) = await hub.hub.db.read(connections_of, shop.workspace_id)
    return open_connection(row, hub.hub.services.vault, ShopSettings)


async def look(hub: RunningHub, connection: Connection, **how: Any) -> subscriptions.Heard:
    now = await again(hub, connection)
    return await subscriptions.look_after(woo_of(hub), now, **how)


@pytest.fixture
async def heard(hub: RunningHub, connection: Connection) -> Connection:
    """The same, with its webhooks made."""
    found = await look(hub, connection, at_once=True)
    assert found.check.ok, found
    return await again(hub, connection)


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    return found


def captured(name: str) -> tuple[str, bytes]:
    """Topic and bytes of a webhook a real shop has sent."""
    found = fixture(name)
    topic = {key.lower(): value for key, value in found["headers"].items()}["x-wc-webhook-topic"]
    return topic, base64.b64decode(found["body_base64"])


def signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def address(connection: Connection) -> str:
    key = connection.settings.hook_key.get_secret_value()  # type: ignore[attr-defined]
    return f"/woocommerce/webhooks/{connection.id}/{key}"


async def send(
    hub: RunningHub, connection: Connection, topic: str, body: bytes, **changes: str | None
) -> httpx.Response:
    headers = {
        "User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)",
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://anything.example/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-ID": "20",
        "X-WC-Webhook-Delivery-ID": "the same for all of a second",
        "X-WC-Webhook-Signature": signature(body, subscriptions.secret_of(connection, topic)),
    }
    for name, value in changes.items():
        headers[f"X-WC-Webhook-{name}"] = value or ""
        if value is None:
            del headers[f"X-WC-Webhook-{name}"]
    raw = {name: value.encode() for name, value in headers.items()}
    return await hub.http.post(address(connection), content=body, headers=raw)


async def stored(hub: RunningHub) -> list[inbox.Delivery]:
    def read(work: Work) -> list[inbox.Delivery]:
        rows = work.execute(select(inbox.table).order_by(inbox.table.c.created_at))
        return [inbox.to_delivery(row) for row in rows.mappings()]

    return await hub.hub.db.read(read)


# Coming in -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CAPTURED)
async def test_O6_every_captured_webhook_is_genuine_and_taken(hub, connection, name):
    found = fixture(name)
    headers = {key.lower(): value for key, value in found["headers"].items()}
    topic, body = captured(name)
    assert is_signed(body, headers["x-wc-webhook-signature"], found["secret"])
    answer = await send(hub, connection, topic, body)
    assert answer.status_code == 200, answer.text
    (row,) = await stored(hub)
    assert (row.topic, row.connection) == (topic, connection.id)
    for kept_back in (b"order_key", b"payment_url", b"customer_ip_address", b"user_agent"):
        assert kept_back not in row.body


async def test_O6_deliveries_of_one_second_share_an_id_and_none_is_lost(hub, connection):
    sent = fixture("delivery_id_collision.json")["deliveries"]
    bodies = [base64.b64decode(one["body_base64"]) for one in sent]
    ids = {dict(one["headers"])["X-WC-Webhook-Delivery-ID"] for one in sent}
    assert len(ids) < len(set(bodies)) == len(bodies)
    for body in bodies:
        assert (await send(hub, connection, "order.updated", body)).status_code == 200
    assert len(await stored(hub)) == len(bodies)


async def test_O6_the_same_bytes_twice_are_stored_once_but_for_what_may_be_news(hub, connection):
    topic, body = captured("order.updated.json")
    for _ in range(3):
        assert (await send(hub, connection, topic, body)).status_code == 200
    assert len(await stored(hub)) == 1
    assert (await send(hub, connection, "order.created", body)).status_code == 200
    assert len(await stored(hub)) == 2
    for _ in range(2):  # trashed, restored, trashed again: the same bytes
        assert (await send(hub, connection, "order.deleted", b'{"id":372}')).status_code == 200
    assert len(await stored(hub)) == 4


@pytest.mark.parametrize(
    "given",
    [None, "", "x", "ä", "=", base64.b64encode(b"\0" * 32).decode(), "0" * 64, "A" * 44],
)
async def test_O4_a_bad_signature_is_401_and_nothing_is_stored(hub, connection, given):
    topic, body = captured("order.created.json")
    answer = await send(hub, connection, topic, body, Signature=given)
    assert answer.status_code == 401
    assert await stored(hub) == []


async def test_O6_the_signature_is_over_the_raw_bytes(hub, connection):
    topic, body = captured("order.created.json")
    assert rb"\/" in body
    good = signature(body, subscriptions.secret_of(connection, topic))
    spelt = body.replace(rb"\/", b"/")
    assert (await send(hub, connection, topic, spelt, Signature=good)).status_code == 401
    assert (await send(hub, connection, topic, body + b" ", Signature=good)).status_code == 401
    assert (await send(hub, connection, topic, body, Signature=good)).status_code == 200


async def test_O6_a_topic_that_was_altered_on_the_way_is_refused(hub, connection):
    topic, body = captured("order.updated.json")
    for other in ("order.deleted", "customer.deleted", "order.created", "", "x", "order"):
        assert (await send(hub, connection, topic, body, Topic=other)).status_code == 401
    assert (await send(hub, connection, topic, body, Topic=None)).status_code == 401
    assert await stored(hub) == []


async def test_O6_another_connections_secret_opens_nothing(hub, connection, shop):
    async with WooStore() as other:
        elsewhere = await (await hub.shop("Northfold")).agent()
        values = {
            "url": other.home,
            "consumer_key": other.key.consumer_key,
            "consumer_secret": other.key.consumer_secret,
        }
        body = {"connector": "woocommerce", "values": values}
        answer = await elsewhere.request("POST", "/console/api/integrations/connect", body)
    rows = await hub.hub.db.read(connections_of, elsewhere.principal.workspace_id)
    foreign = open_connection(rows[0], hub.hub.services.vault, ShopSettings)
    assert answer.json()["connection"] == foreign.id
    topic, sent = captured("order.created.json")
    forged = signature(sent, subscriptions.secret_of(foreign, topic))
    assert (await send(hub, connection, topic, sent, Signature=forged)).status_code == 401
    assert await stored(hub) == []


@pytest.mark.parametrize("path", ["{id}/", "{id}/x", "{other}/{key}", "x/y", "{id}/{key}x"])
async def test_O6_an_unknown_path_reads_like_a_bad_signature(hub, connection, path):
    key = connection.settings.hook_key.get_secret_value()
    where = path.format(id=connection.id, key=key, other=connection.id[:-1] + "0")
    for content in (b"webhook_id=20", captured("order.created.json")[1]):
        answer = await hub.http.post(f"/woocommerce/webhooks/{where}", content=content)
        assert answer.status_code in (401, 404)
    assert await stored(hub) == []


async def test_O6_the_unsigned_ping_is_answered_200_and_proves_the_way(hub, connection):
    ping = fixture("webhook_ping.json")
    body = base64.b64decode(ping["body_base64"]) if "body_base64" in ping else b"webhook_id=20"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await hub.http.post(address(connection), content=body, headers=form)
    assert answer.status_code == 200
    assert await stored(hub) == []
    known = (await again(hub, connection)).details["webhooks"]
    assert known["heard_at"] > 0
    forged = await send(hub, connection, "order.created", body, Signature="x")
    assert forged.status_code == 401


async def test_O6_nonsense_that_is_signed_is_answered_and_not_kept(hub, connection):
    for body in (b"[]", b"null", b"{", b'{"id":1,"x":"\xff"}', b"[" * 9000, b'{"a":"\\u0000"}'):
        answer = await send(hub, connection, "order.updated", body)
        assert answer.status_code in (200, 400)
    assert await stored(hub) == []


async def test_D_2_disconnected_shops_are_heard_no_more(hub, heard, agent, store):
    assert len(store.webhooks.all) == len(TOPICS)
    path = f"/console/api/integrations/{heard.id}/disconnect"
    assert (await agent.request("POST", path)).status_code in (200, 202, 204)
    assert store.webhooks.all == {}
    topic, body = captured("order.created.json")
    assert (await send(hub, heard, topic, body)).status_code == 401


# Asking for them -------------------------------------------------------------------------


async def test_O6_webhooks_are_asked_for_in_two_requests_and_their_pings_prove_the_way(
    hub, connection, store
):
    found = await look(hub, connection, at_once=True)
    assert (found.check.ok, found.since) == (True, None)
    assert {one.topic for one in store.webhooks.all.values()} == set(TOPICS)
    assert store.counts()["GET webhooks"] == 1
    assert store.counts()["POST webhooks/batch"] == 1
    now = await again(hub, connection)
    made = store.webhooks.all.values()
    assert {one.url for one in made} == {hub.url + address(now)}
    assert len({one.secret for one in made}) == len(TOPICS)
    assert all(one.secret.isascii() and one.secret.isalnum() for one in made)
    assert now.details["wc_version"] == "10.5.0"
    shown = json.dumps({key: value for key, value in now.details.items()})
    assert now.settings.hook_key.get_secret_value() not in shown


async def test_O6_asking_again_changes_nothing_and_costs_one_request(hub, heard, store):
    before = dict(store.webhooks.all)
    await look(hub, heard, at_once=True)
    assert store.webhooks.all == before
    assert store.counts()["POST webhooks/batch"] == 1
    for _ in range(5):
        await look(hub, heard)
    assert store.counts()["GET webhooks"] == 2


async def test_O6_what_the_shop_sends_is_genuine(hub, heard, store):
    order = store.add_order([(store.add_product("Tea", "4.50"), 1)], email="guest@example.net")
    sent = await store.tick()
    assert sent and all(one.outcome == "200" for one in sent), sent
    kept = [one for one in await stored(hub) if one.topic.startswith("order.")]
    assert {json.loads(one.body)["id"] for one in kept} == {order.id}


async def age(hub: RunningHub, connection: Connection, ms: int) -> None:
    """Let so much time pass since the shop was last looked at."""

    def change(work: Work) -> None:
        row = work.execute(
            text("SELECT details FROM connections WHERE id = :id"), {"id": connection.id}
        ).scalar_one()
        details = json.loads(row)
        details["webhooks"]["looked_at"] -= ms
        work.execute(
            text("UPDATE connections SET details = :details WHERE id = :id"),
            {"id": connection.id, "details": json.dumps(details)},
        )

    await hub.hub.db.write(change)


async def test_O6_a_webhook_the_shop_switched_off_is_switched_on_and_reported_once(
    hub, heard, store
):
    off = next(one for one in store.webhooks.all.values() if one.topic == "order.updated")
    off.status, off.failures = "disabled", 7
    assert (await look(hub, heard)).check.ok  # looked at less than an hour ago
    await age(hub, heard, HOUR)
    looked = (await again(hub, heard)).details["webhooks"]["looked_at"]
    found = await look(hub, heard)
    assert (found.check.code, found.check.level) == ("webhooks_off", "degraded")
    assert found.since == looked
    assert (off.status, off.failures) == ("active", 0)
    assert (await look(hub, heard)).check.ok
    store.add_order([(store.add_product("Tea", "4.50"), 1)], email="guest@example.net")
    assert all(one.outcome == "200" for one in await store.tick())


async def test_O6_a_webhook_that_was_deleted_is_made_again(hub, heard, store):
    gone = next(one for one in store.webhooks.all.values() if one.topic == "order.updated")
    del store.webhooks.all[gone.id]
    await age(hub, heard, HOUR)
    assert (await look(hub, heard)).check.code == "webhooks_off"
    assert {one.topic for one in store.webhooks.all.values()} == set(TOPICS)


async def test_O6_a_webhook_somebody_paused_stays_paused_and_is_told(hub, heard, store):
    paused = next(iter(store.webhooks.all.values()))
    paused.status = "paused"
    await age(hub, heard, HOUR)
    found = await look(hub, heard)
    assert paused.status == "paused"
    assert (found.check.code, "paused" in found.check.detail) == ("webhooks_off", True)
    assert (await subscriptions.health(woo_of(hub), heard)).code == "webhooks_off"


async def test_O6_webhooks_of_others_are_left_alone_and_old_ones_of_ours_taken_back(
    hub, connection, store
):
    theirs = store.webhooks.add("order.created", "https://other.example/hook")
    stale = f"https://old.example{subscriptions.PATH}/{connection.id}/oldkey"
    store.webhooks.add("order.created", stale)
    await look(hub, connection, at_once=True)
    urls = [one.url for one in store.webhooks.all.values()]
    assert theirs.url in urls and stale not in urls
    assert len(urls) == len(TOPICS) + 1


async def test_O6_a_shop_whose_pings_do_not_arrive_is_told_so(hub, connection, store):
    working = hub.hub.services.public_url
    hub.hub.services.public_url = working.rsplit(":", 1)[0] + ":9"  # nobody listens there
    found = await look(hub, connection, at_once=True)
    assert (found.check.code, found.check.level) == ("webhooks_off", "degraded")
    assert "firewall" in found.check.detail
    check = await woo_of(hub).check(hub.hub.services, await again(hub, connection))
    assert check.code == "webhooks_off"


async def test_O6_a_hub_wordpress_never_calls_is_told_so_and_no_webhook_made(
    hub, connection, store
):
    hub.hub.services.public_url = "https://chat.example:8443"
    found = await look(hub, connection, at_once=True)
    assert (found.check.code, "8443" in found.check.detail) == ("webhooks_off", True)
    assert store.webhooks.all == {}
    assert store.counts()["GET webhooks"] == 0


async def test_O6_a_key_that_became_read_only_is_told(hub, connection, store):
    store.key.permissions = "read"
    found = await look(hub, connection, at_once=True)
    assert found.check.code == "webhooks_off"
    assert "Read/Write" in found.check.detail


async def test_connecting_again_makes_new_webhooks_in_place_of_the_old(hub, heard, store, agent):
    old = address(heard)
    values = {
        "url": store.home,
        "consumer_key": store.key.consumer_key,
        "consumer_secret": store.key.consumer_secret,
    }
    body = {"connector": "woocommerce", "values": values}
    await agent.request("POST", "/console/api/integrations/connect", body)
    found = await look(hub, heard, at_once=True)
    assert found.check.ok, found
    now = await again(hub, heard)
    assert address(now) != old
    assert {one.url for one in store.webhooks.all.values()} == {hub.url + address(now)}
    assert len(store.webhooks.all) == len(TOPICS)
