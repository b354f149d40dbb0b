"""Webhooks: who is believed, what is stored, and what each of them means (S8, O4, D-2, D-3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.shopify import bulk, install, topics
from connectors.testing.hubs import RunningHub, Shop, serve
from core import marks
from core.audit import audit_entries, operator
from core.connections import connection_row, disconnect
from core.connector import Check, Connection
from core.db import Work
from core.errors import HubError
from core.ids import now_ms
from core.products import ProductBatch, ProductDraft, save_products
from tests.connectors.shopify.connected import (
    again,
    connected,
    customer,
    orders,
    products,
    shopify_of,
    stored,
    work_off,
)
from tests.connectors.shopify.hooks import (
    ADDRESS,
    FIXTURES,
    KETTLE,
    SHARED,
    headers,
    payload,
)

pytestmark = pytest.mark.anyio

VECTORS = json.loads((FIXTURES / "signature_vectors.json").read_text(encoding="utf-8"))
OLD_SECRET = "shpss_the_secret_before_the_rotation"
ROSA, ORDER = "7412345678901234567", "5512345678901234567"


@pytest.fixture
async def hub(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningHub]:
    """A hub whose app signs with the vectors' secret; nothing is worked on by itself."""
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", "0" * 32)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", VECTORS["secret"])
    monkeypatch.setenv("SHOPIFY_PREVIOUS_CLIENT_SECRET", OLD_SECRET)
    async with serve(tmp_path, sqlite_url, worker=False) as running:
        yield running


@pytest.fixture
async def kettle(hub: RunningHub, shop: Shop) -> Connection:
    return await connected(hub, shop, KETTLE)


async def send(
    hub: RunningHub,
    topic: str,
    body: Any = None,
    shop: str = KETTLE,
    secret: str = VECTORS["secret"],
    **changed: str,
) -> int:
    """Deliver a webhook; the status of the answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body or payload(topic)).encode()
    sent = headers(topic, raw, shop, secret) | {
        name.replace("_", "-"): value for name, value in changed.items()
    }
    answer = await hub.http.post(ADDRESS, content=raw, headers=sent)
    return answer.status_code


async def tell(hub: RunningHub, topic: str, body: Any = None, shop: str = KETTLE) -> None:
    """Deliver a webhook, and work on it."""
    assert await send(hub, topic, body, shop) == 200
    await work_off(hub)


def empty_inbox(work: Work) -> None:
    work.execute(text("DELETE FROM inbox"))


async def marked(hub: RunningHub, connection: Connection, kind: str) -> list[str]:
    return list(await hub.hub.db.read(marks.take, connection, kind, 100))


# Believed or not -------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["webhook"], ids=lambda vector: vector["name"])
async def test_S8_every_signature_vector_is_judged_as_by_shopifys_own_library(
    hub: RunningHub, shop: Shop, vector: dict[str, Any]
) -> None:
    await connected(hub, shop, VECTORS["shop"])
    answer = await hub.http.post(
        ADDRESS, content=vector["raw_body"].encode(), headers=vector["headers"]
    )
    valid = vector["js_result"]["valid"]
    assert answer.status_code == (200 if valid else 401)
    assert await stored(hub) == int(valid)


@pytest.mark.parametrize(
    "forged",
    ["", "AAAA", "%%%", "ä" * 44, "A" * 44, "=" * 44, "A" * 4000],
    ids=["empty", "short", "no_base64", "not_ascii", "zeros", "padding", "long"],
)
async def test_O4_a_bad_signature_is_refused_and_nothing_is_stored(
    hub: RunningHub, kettle: Connection, forged: str
) -> None:
    raw = json.dumps(payload("orders/create")).encode()
    sent = {**headers("orders/create", raw), "X-Shopify-Hmac-Sha256": forged}
    in_bytes = [(name.encode(), value.encode()) for name, value in sent.items()]
    answer = await hub.http.post(ADDRESS, content=raw, headers=in_bytes)
    assert answer.status_code == 401
    assert await stored(hub) == 0


async def test_O4_a_shop_nobody_knows_is_refused_like_a_bad_signature(
    hub: RunningHub, kettle: Connection
) -> None:
    for shop in ("unknown.myshopify.com", "evil.example", "kettle.myshopify.com.evil.example", ""):
        assert await send(hub, "orders/create", shop=shop) == 401
    assert await send(hub, "orders/create", secret="another secret") == 401
    assert await send(hub, "orders/create", b"") == 401
    assert await stored(hub) == 0


async def test_O4_a_disconnected_shop_is_believed_for_privacy_only(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    assert await send(hub, "orders/create") == 200
    await hub.hub.db.write(disconnect, operator(shop.workspace_id), kettle.id)
    assert await send(hub, "orders/create") == 401
    assert await send(hub, "shop/redact") == 200
    assert await send(hub, "shop/redact", secret="another secret") == 401
    assert await stored(hub) == 2


async def test_S8_privacy_requests_of_shops_we_never_knew_are_answered_and_not_stored(
    hub: RunningHub,
) -> None:
    for topic in topics.PRIVACY:
        assert await send(hub, topic, shop="unknown.myshopify.com") == 200
        assert await send(hub, topic, shop="unknown.myshopify.com", secret="x") == 401
    assert await stored(hub) == 0


async def test_S8_the_secret_before_a_rotation_signs_for_a_while(
    hub: RunningHub, kettle: Connection
) -> None:
    assert await send(hub, "orders/create", secret=OLD_SECRET) == 200
    await work_off(hub)
    assert len(await orders(hub, kettle, ROSA)) == 1


async def test_O4_a_shop_with_an_app_of_its_own_believes_that_app_only(
    hub: RunningHub, shop: Shop
) -> None:
    own = {"client_id": "1" * 32, "client_secret": "shpss_of_the_merchants_own_app"}
    connection = await connected(hub, shop, KETTLE, **own)
    assert await send(hub, "orders/create") == 401
    assert await send(hub, "orders/create", secret=own["client_secret"]) == 200
    assert await stored(hub) == 1
    raw = json.dumps(payload("orders/create")).encode()
    sent = headers("orders/create", raw, secret=own["client_secret"])
    assert shopify_of(hub).is_genuine(connection, sent, raw)
    assert not shopify_of(hub).is_genuine(connection, sent, raw + b" ")
    assert not shopify_of(hub).is_genuine(connection, headers("orders/create", raw), raw)


async def test_O4_an_app_of_ones_own_says_nothing_about_another_workspaces_data(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    await tell(hub, "orders/create")
    await hub.hub.db.write(disconnect, operator(shop.workspace_id), kettle.id)
    own = {"client_id": "1" * 32, "client_secret": "shpss_of_the_next_owners_app"}
    await connected(hub, await hub.shop("Another"), KETTLE, **own)
    before = await stored(hub)
    for topic in ("customers/redact", "shop/redact"):
        assert await send(hub, topic, secret=own["client_secret"]) == 200
    assert await stored(hub) == before + 2  # for the new owner alone
    assert await send(hub, "customers/redact") == 200
    assert await stored(hub) == before + 3  # the hub's app speaks for the one before
    assert len(await orders(hub, kettle, ROSA)) == 1


async def test_S8_a_delivery_is_stored_once_however_often_it_comes(
    hub: RunningHub, kettle: Connection
) -> None:
    names = ("X-Shopify-Webhook-Id", "x-shopify-webhook-id")
    for name in names:
        for _ in range(3):
            assert await send(hub, "orders/create", **{name.replace("-", "_"): "one-name"}) == 200
    assert await stored(hub) == 1
    assert await send(hub, "orders/create") == 200
    assert await stored(hub) == 2


async def test_S8_two_workspaces_shops_of_one_name_do_not_share_a_delivery(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    other = await hub.shop("Another")
    await hub.hub.db.write(disconnect, operator(shop.workspace_id), kettle.id)
    theirs = await connected(hub, other, KETTLE)
    assert await send(hub, "orders/create", X_Shopify_Webhook_Id="one-name") == 200
    await work_off(hub)
    assert len(await orders(hub, theirs, ROSA)) == 1
    assert await orders(hub, kettle, ROSA) == []


async def test_N2_an_endless_webhook_is_refused(hub: RunningHub, kettle: Connection) -> None:
    assert await send(hub, "orders/create", b"x" * (5 << 20)) == 413
    assert await stored(hub) == 0


# What they mean --------------------------------------------------------------------------


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Shopify's own test deliveries where they are at hand, and ours always."""
    own = [
        (path.stem.replace(".", "/", 1), json.loads(path.read_text(encoding="utf-8")))
        for path in sorted((FIXTURES / "webhooks").glob("*.json"))
    ]
    if not SHARED.exists():
        return own
    theirs = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SHARED.glob("*.json"))
        if path.name != "INDEX.json"
    ]
    assert len(theirs) == 41
    return [*own, *((one["topic"], one["body"]) for one in theirs)]


async def test_S8_every_topic_is_understood_or_ignored_for_a_reason(
    hub: RunningHub, kettle: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def still_there(*_: Any) -> bool:
        return False

    async def well(*_: Any) -> Check:
        return Check(ok=True)

    monkeypatch.setattr(install, "uninstalled", still_there)
    monkeypatch.setattr(install, "check", well)
    for topic, body in samples():
        assert topic in {**topics.UNDERSTOOD, **topics.PRIVACY, **topics.IGNORED}, topic
        await tell(hub, topic, body)
    assert all(len(reason) > 20 for reason in topics.IGNORED.values())
    assert not topics.IGNORED.keys() & topics.UNDERSTOOD.keys()


async def test_an_unknown_topic_is_done_with_at_once(hub: RunningHub, kettle: Connection) -> None:
    await tell(hub, "spaceships/land", {"id": 1})


async def test_S4_an_order_reaches_its_buyers_timeline(hub: RunningHub, kettle: Connection) -> None:
    await tell(hub, "orders/create")
    (record,) = await orders(hub, kettle, ROSA)
    assert (record.title, record.status, record.source) == (
        "Order #1001",
        "paid",
        "shopify:kettle",
    )
    assert record.amount is not None
    assert record.amount.text == "59.90"
    row = await customer(hub, kettle, ROSA)
    assert row is not None
    assert (row.name, row.email_key) == ("Rosa Meyer", "rosa.meyer@example.com")


async def test_D_2_whatever_the_order_of_the_webhooks_the_newest_state_wins(
    hub: RunningHub, kettle: Connection
) -> None:
    for topic in ("orders/fulfilled", "orders/create", "orders/partially_fulfilled", "orders/paid"):
        await tell(hub, topic)
    (record,) = await orders(hub, kettle, ROSA)
    assert record.status == "fulfilled"


async def test_D_2_two_states_of_one_second_are_decided_by_asking_the_shop(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "orders/create")
    same_second = payload("orders/create", financial_status="refunded")
    await tell(hub, "orders/updated", same_second)
    (record,) = await orders(hub, kettle, ROSA)
    assert record.status == "paid"
    assert await marked(hub, kettle, "order") == [ORDER]


async def test_D_2_an_order_moves_to_the_customer_it_is_given_to(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "orders/create")
    other = {**payload("customers/update"), "id": 77, "updated_at": None}
    await tell(
        hub,
        "orders/updated",
        payload("orders/updated", customer=other),
    )
    assert await orders(hub, kettle, ROSA) == []
    assert len(await orders(hub, kettle, "77")) == 1


async def test_S4_a_deleted_order_goes_and_an_older_word_does_not_bring_it_back(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "orders/create")
    await tell(hub, "orders/delete")
    assert await orders(hub, kettle, ROSA) == []
    await tell(hub, "orders/updated")
    assert await orders(hub, kettle, ROSA) == []


@pytest.mark.parametrize(
    "topic",
    [
        "refunds/create",
        "fulfillments/create",
        "fulfillments/update",
        "fulfillment_events/create",
        "order_transactions/create",
        "orders/edited",
        "returns/request",
    ],
)
async def test_S4_what_belongs_to_an_order_has_the_order_read_again(
    hub: RunningHub, kettle: Connection, topic: str
) -> None:
    await tell(hub, topic)
    assert await marked(hub, kettle, "order") == [ORDER]


async def test_S2_ten_changes_of_a_product_are_one_mark(
    hub: RunningHub, kettle: Connection
) -> None:
    for _ in range(5):
        await tell(hub, "products/update")
        await tell(hub, "product_listings/update")
    await tell(hub, "inventory_levels/update")
    assert await marked(hub, kettle, "product") == ["8812345678901234567"]
    assert await marked(hub, kettle, "item") == ["4712345678901234567"]

    def asked(work: Work) -> int:
        rows = work.execute(text("SELECT count(*) FROM jobs WHERE name = 'shopify.reread'"))
        return int(rows.scalar_one())

    assert await hub.hub.db.read(asked) == 1


async def test_S2_a_deleted_product_is_gone_at_once(hub: RunningHub, kettle: Connection) -> None:
    draft = ProductDraft("8812345678901234567", "Teapot")
    batch = ProductBatch(kettle.workspace_id, kettle.source, [draft])
    await hub.hub.db.batch(save_products, batch)
    await tell(hub, "products/delete")
    assert await products(hub, kettle) == []


async def test_D_2_customers_out_of_order_end_with_the_newest_facts(
    hub: RunningHub, kettle: Connection
) -> None:
    newer = payload("customers/update", last_name="Vogt", updated_at="2026-11-22T09:00:00+01:00")
    await tell(hub, "customers/update", newer)
    await tell(hub, "customers/update")
    await tell(hub, "customers/create")
    await tell(hub, "orders/create")  # with a snapshot of the customer from before
    row = await customer(hub, kettle, ROSA)
    assert row is not None
    assert row.name == "Rosa Vogt"
    assert row.attributes["orders"]["value"] == "3"


async def test_S4_a_deleted_customer_is_nobody_and_stays_so(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "customers/create")
    await tell(hub, "customers/delete")
    await tell(hub, "customers/update")
    row = await customer(hub, kettle, ROSA)
    assert row is not None
    assert (row.name, row.profile, row.attributes) == ("", {}, {})


async def test_S4_a_merged_customers_orders_are_read_again(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "orders/create")
    failed = payload("customers/merge", status="failed")
    await tell(hub, "customers/merge", failed)
    assert await marked(hub, kettle, "order") == []
    await tell(hub, "customers/merge")
    assert await marked(hub, kettle, "order") == [ORDER]


async def test_S2_the_end_of_an_export_wakes_who_waits_for_it(
    hub: RunningHub, kettle: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(bulk, "wake", woken.append)
    await tell(hub, "bulk_operations/finish")
    assert woken == ["147"]


async def test_S6_another_theme_may_not_show_the_chat(hub: RunningHub, kettle: Connection) -> None:
    await tell(hub, "themes/publish")
    assert "theme_published_at" in (await again(hub, kettle)).details


@pytest.mark.parametrize("body", [b"[]", b"not json", b'{"id": "abc"}', b"{}", b"\xff\xfe"])
async def test_N1_a_genuine_but_senseless_webhook_is_given_up_and_breaks_nothing(
    hub: RunningHub, kettle: Connection, body: bytes
) -> None:
    for topic in ("orders/create", "customers/update", "products/delete", "orders/delete"):
        assert await send(hub, topic, body) == 200
        with pytest.raises(HubError):
            await work_off(hub)
        await hub.hub.db.write(empty_inbox)


# Privacy ---------------------------------------------------------------------------------


def everything(work: Work) -> str:
    """Every word in the database."""
    tables = [
        row.name
        for row in work.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        if not row.name.startswith(("product_search", "sqlite_"))
    ]
    return "".join(repr(work.execute(text(f"SELECT * FROM {table}")).all()) for table in tables)


async def test_D_3_a_redacted_customer_leaves_nothing_and_is_not_brought_back(
    hub: RunningHub, kettle: Connection
) -> None:
    await tell(hub, "customers/update")
    await tell(hub, "orders/create")
    await tell(hub, "customers/redact")
    await asyncio.sleep(0.005)
    then = now_ms()
    for topic in ("orders/create", "orders/updated", "customers/update"):
        await tell(hub, topic)  # late, and under another name: not a duplicate
    assert await customer(hub, kettle, ROSA) is None

    def clear_late_ones(work: Work) -> None:
        work.execute(text("DELETE FROM inbox WHERE created_at >= :then"), {"then": then})

    await hub.hub.db.write(clear_late_ones)
    found = await hub.hub.db.read(everything)
    assert "rosa.meyer" not in found
    assert "Meyer" not in found
    assert "Order #1001" not in found


async def test_D_3_a_customer_erased_in_the_console_is_not_brought_back_either(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    await tell(hub, "customers/update")
    await tell(hub, "orders/create")
    row, admin = await customer(hub, kettle, ROSA), await shop.agent()
    assert row is not None
    erased = await admin.request("POST", f"/console/api/customers/{row.id}/erase")
    assert erased.status_code == 200
    for topic in ("orders/updated", "customers/update"):  # of before, late
        await tell(hub, topic)
    assert await customer(hub, kettle, ROSA) is None
    later = payload("customers/update") | {"updated_at": "2097-01-01T00:00:00Z"}
    await tell(hub, "customers/update", later)
    assert await customer(hub, kettle, ROSA) is not None  # who comes back to the shop is new


async def test_D_3_a_request_about_somebody_unknown_is_not_kept_either(
    hub: RunningHub, kettle: Connection
) -> None:
    for topic in ("customers/redact", "customers/data_request"):
        await tell(hub, topic)
    assert "rosa.meyer" not in await hub.hub.db.read(everything)


async def test_D_3_a_data_request_is_noted_without_anything_personal(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    await tell(hub, "customers/update")
    row = await customer(hub, kettle, ROSA)
    assert row is not None
    await tell(hub, "customers/data_request")
    entry = (await hub.hub.db.read(audit_entries, shop.workspace_id))[0]
    assert entry.action == "privacy.export_asked"
    assert entry.after == {"request": "31", "customer": row.id}


async def test_D_3_a_shop_is_erased_48_hours_after_it_has_gone(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    await tell(hub, "customers/update")
    await tell(hub, "orders/create")
    await hub.hub.db.batch(
        save_products,
        ProductBatch(kettle.workspace_id, kettle.source, [ProductDraft("1", "Meyer's pot")]),
    )
    await hub.hub.db.write(disconnect, operator(shop.workspace_id), kettle.id)
    await tell(hub, "shop/redact")
    assert await customer(hub, kettle, ROSA) is None
    assert await products(hub, kettle) == []
    assert "Meyer" not in await hub.hub.db.read(everything)


async def test_D_3_a_shop_that_is_connected_again_keeps_its_data(
    hub: RunningHub, shop: Shop, kettle: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keys_work(*_: Any) -> bool:
        return False

    monkeypatch.setattr(install, "uninstalled", keys_work)
    await tell(hub, "orders/create")
    await tell(hub, "shop/redact")
    assert len(await orders(hub, kettle, ROSA)) == 1
    entry = (await hub.hub.db.read(audit_entries, shop.workspace_id))[0]
    assert entry.action == "privacy.shop_kept"


async def test_S8_a_stored_webhook_of_a_shop_that_left_is_done_with(
    hub: RunningHub, shop: Shop, kettle: Connection
) -> None:
    assert await send(hub, "orders/create") == 200
    await hub.hub.db.write(disconnect, operator(shop.workspace_id), kettle.id)
    await work_off(hub)
    row = await hub.hub.db.read(connection_row, shop.workspace_id, kettle.id)
    assert row.state == "disconnected"
    assert await customer(hub, kettle, ROSA) is None
