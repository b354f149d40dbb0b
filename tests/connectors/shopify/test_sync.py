"""Syncs: everything by pages or by export, what changed, and all compared at night (S2, P1)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.shopify import bulk, compare, dirty, marking
from connectors.shopify import sync as syncing
from connectors.shopify.bulk import Window
from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, Standin
from connectors.shopify.standin import Shop as Store
from connectors.testing.hubs import RunningHub, Shop
from connectors.testing.patience import until
from core.catalog import count_products
from core.connector import Connection, Progress
from core.db import Work
from core.errors import Refused, Unavailable
from core.products import Product, search_products
from tests.connectors.shopify.connected import (
    again,
    connected,
    is_quiet,
    orders,
    products,
    shopify_of,
)

pytestmark = pytest.mark.anyio

LINES = "GET /bulk"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are read at once, and an export is asked for often."""
    monkeypatch.setattr(marking, "PAUSE", 0)
    monkeypatch.setattr(bulk, "POLL", 0.05)


@pytest.fixture
def kettle(store: Standin) -> Store:
    found = store.shop("kettle")
    found.bulk.takes = 0.1
    found.bucket.size, found.bucket.rate = 20_000, 20_000
    return found


async def joined(hub: RunningHub, shop: Shop, store: Store, **keys: Any) -> Connection:
    """A connection with a token the stand-in knows."""
    return await connected(hub, shop, store.domain, store.token(), **keys)


async def read_all(
    hub: RunningHub, connection: Connection, cursor: str = "", way: str = "backfill"
) -> list[Progress]:
    """Every step of a sync."""
    connector, services = shopify_of(hub), hub.hub.services
    if way == "backfill":
        return [far async for far in connector.backfill(services, connection, cursor)]
    if way == "reconcile":
        return [far async for far in connector.reconcile(services, connection, cursor)]
    return [far async for far in connector.sweep(services, connection)]


async def rows(hub: RunningHub, connection: Connection) -> list[Any]:
    """What a shop's products are here, but for our own ids and times."""

    def read(work: Work) -> list[Any]:
        return [
            (one.external_id, one.title, one.price, one.currency, one.available, one.data)
            for one in search_products(work, connection.workspace_id, "", 10_000)
            if one.source == connection.source
        ]

    return sorted(await hub.hub.db.read(read))


async def row(hub: RunningHub, connection: Connection, external_id: str) -> Product | None:
    def read(work: Work) -> Product | None:
        found = search_products(work, connection.workspace_id, "", 10_000)
        return next((one for one in found if one.external_id == external_id), None)

    return await hub.hub.db.read(read)


def ids(store: Store) -> list[str]:
    return sorted(str(one) for one in store.catalog.products)


# Everything ------------------------------------------------------------------------------


async def test_S2_a_small_catalog_comes_page_by_page(
    hub: RunningHub, shop: Shop, kettle: Store
) -> None:
    kettle.add_products(60)
    connection = await joined(hub, shop, kettle)
    steps = await read_all(hub, connection)
    assert [step.total for step in steps] == [60] * len(steps)
    assert (steps[-1].done, steps[-1].changed, steps[-1].cursor) == (60, 60, "")
    assert await products(hub, connection) == ids(kettle)
    assert (await read_all(hub, connection))[-1].changed == 0


async def test_S2_the_first_page_of_a_large_catalog_is_found_before_the_export_is_over(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50)
    kettle.add_products(400)
    kettle.bulk.takes = 0.5
    connection = await joined(hub, shop, kettle)
    found = []
    async for far in shopify_of(hub).backfill(hub.hub.services, connection, ""):
        found.append((far.done, len(await products(hub, connection))))
    assert found[0] == (0, 25)
    assert found[-1] == (400, 400)
    assert await products(hub, connection) == ids(kettle)


@pytest.mark.parametrize("way", ["pages", "export"])
async def test_S2_an_interrupted_backfill_ends_with_the_same_rows(
    hub: RunningHub,
    shop: Shop,
    store: Standin,
    kettle: Store,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50 if way == "export" else 1_000)
    monkeypatch.setattr(bulk, "BATCH", 20)
    monkeypatch.setattr(bulk, "WINDOW", 10)
    samovar = store.shop("samovar")
    samovar.bucket.size, samovar.bucket.rate = 20_000, 20_000
    samovar.bulk.takes = 0.1
    for one in (kettle, samovar):
        one.add_products(150)
    whole = await joined(hub, shop, kettle)
    broken = await joined(hub, shop, samovar)
    await read_all(hub, whole)
    cursor, breaks = "", 0
    for _ in range(30):
        try:
            async for far in shopify_of(hub).backfill(hub.hub.services, broken, cursor):
                cursor = far.cursor
                if far.done and breaks < 4:
                    breaks += 1
                    raise Unavailable("The process was stopped.")
            break
        except Unavailable:
            continue
    assert breaks == 4
    assert await rows(hub, broken) == await rows(hub, whole)


async def test_S2_a_cut_download_is_noticed_and_read_on(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50)
    kettle.add_products(120)
    connection = await joined(hub, shop, kettle)
    store.fail(lambda request: "bulk" in request.path, "cut_in_the_middle")
    cursor = await read_until_it_breaks(hub, connection)
    assert "export" in cursor
    await read_all(hub, connection, cursor)
    assert await products(hub, connection) == ids(kettle)
    assert len(kettle.bulk.operations) == 1


async def read_until_it_breaks(hub: RunningHub, connection: Connection) -> str:
    """The last cursor of a backfill that must break off."""
    cursor = ""
    try:
        async for far in shopify_of(hub).backfill(hub.hub.services, connection, ""):
            cursor = far.cursor
    except Unavailable:
        return cursor
    raise AssertionError("it did not break off")


async def test_S2_variants_that_come_late_in_the_file_are_not_lost(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 10)
    monkeypatch.setattr(bulk, "WINDOW", 5)
    monkeypatch.setattr(bulk, "BATCH", 10)
    kettle.add_products(60)
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    usual = await rows(hub, connection)
    kettle.bulk.late_children = True
    await read_all(hub, connection)
    await until(lambda: is_quiet(hub))
    assert await rows(hub, connection) == usual


def test_S2_a_window_never_holds_more_than_it_may() -> None:
    connection: Any = type("C", (), {"details": {}, "shop": "kettle.myshopify.com"})()
    window, most, left = Window(connection, 100), 0, 0
    for place in range(5_000):
        parent = f"gid://shopify/Product/{place}"
        window.add({"id": parent, "status": "ACTIVE", "publishedAt": "x", "title": "T"})
        window.add({"id": f"gid://shopify/ProductVariant/{place}", "__parentId": parent})
        window.add({"id": "gid://shopify/ProductVariant/9", "__parentId": "gid://shopify/X/1"})
        most = max(most, len(window._open))
        if window.ready >= 200:
            shelf, late = window.take()
            left += len(shelf.drafts)
            assert late == {"1"}
    window.close()
    shelf, _ = window.take()
    assert most <= 101
    assert left + len(shelf.drafts) == window.closed == 5_000


@pytest.mark.parametrize("reason", ["TIMEOUT", "INTERNAL_SERVER_ERROR"])
async def test_S2_where_an_export_fails_pages_go_on(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50)
    kettle.add_products(90)
    kettle.bulk.fails_with = reason
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    assert await products(hub, connection) == ids(kettle)


async def test_S2_an_export_that_is_not_allowed_says_which_permission_is_missing(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50)
    kettle.add_products(90)
    kettle.bulk.fails_with = "ACCESS_DENIED"
    connection = await joined(hub, shop, kettle)
    with pytest.raises(Refused) as refusal:
        await read_all(hub, connection)
    assert refusal.value.code == "missing_permission"
    assert "read_products" in refusal.value.message


async def test_S2_an_empty_shop_is_a_finished_sync(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await joined(hub, shop, kettle)
    assert (await read_all(hub, connection))[-1].done == 0
    monkeypatch.setattr(syncing, "LARGE", -1)
    assert (await read_all(hub, connection))[-1].cursor == ""


async def test_S2_a_page_that_costs_too_much_is_halved(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store
) -> None:
    kettle.add_products(30)
    connection = await joined(hub, shop, kettle)
    store.fail("Products", "max_cost_exceeded", times=2)
    await read_all(hub, connection)
    assert await products(hub, connection) == ids(kettle)
    asked = [one for one in store.asked("Products") if b'"first"' in one.body]
    assert asked


async def test_P1_all_of_many_variants_count(hub: RunningHub, shop: Shop, kettle: Store) -> None:
    variants = [
        {"id": 1_000 + one, "title": f"Size {one}", "price": "9.00", "inventoryQuantity": 0}
        for one in range(30)
    ]
    variants[-1] |= {"inventoryQuantity": 5, "price": "4.00", "sku": "THE-LAST"}
    made = kettle.add_product(title="Cup", variants=variants)
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    found = await row(hub, connection, str(made["legacyResourceId"]))
    assert found is not None
    assert (found.available, found.price) == (True, 400)
    assert "THE-LAST" in found.data["sku"]


async def test_P1_what_shoppers_cannot_see_is_not_in_the_catalog(
    hub: RunningHub, shop: Shop, kettle: Store
) -> None:
    made = kettle.add_product(title="Cup")
    for status in ("DRAFT", "ARCHIVED", "UNLISTED"):
        kettle.add_product(title=f"A {status} cup", status=status)
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    assert await products(hub, connection) == [str(made["legacyResourceId"])]


# What changed ----------------------------------------------------------------------------


async def test_S2_a_webhook_has_the_product_read_again_in_seconds(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store
) -> None:
    made = kettle.add_product(title="Cup", price="5.00")
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    kettle.edit_product(made, title="Mug")
    external_id = str(made["legacyResourceId"])

    async def renamed() -> bool:
        found = await row(hub, connection, external_id)
        return found is not None and found.title == "Mug"

    await until(renamed)
    kettle.edit_product(made, status="DRAFT")

    async def gone() -> bool:
        return not await products(hub, connection)

    await until(gone)
    kettle.edit_product(made, status="ACTIVE")
    await until(renamed)
    kettle.delete_product(made)
    await until(gone)


async def test_S2_what_no_webhook_told_is_found_within_minutes_and_counted(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [kettle.add_product(title=f"Cup {one}") for one in range(5)]
    rosa = kettle.add_customer(first_name="Rosa", email="rosa@kettle.example")
    connection = await joined(hub, shop, kettle)
    before = str(shopify_time(kettle))
    await read_all(hub, connection)
    kettle.webhooks.lose = True
    kettle.edit_product(made[0], title="Mug")
    kettle.edit_product(made[1], status="DRAFT")
    order = kettle.add_order(customer=rosa)
    monkeypatch.setattr(compare, "GRACE", -3_600_000)
    steps = await read_all(hub, connection, before, "reconcile")
    assert (steps[-1].changed, steps[-1].drift, steps[-1].fixed) == (3, 3, 3)
    found = await row(hub, connection, str(made[0]["legacyResourceId"]))
    assert found is not None
    assert found.title == "Mug"
    assert len(await products(hub, connection)) == 4
    (record,) = await orders(hub, connection, str(rosa["legacyResourceId"]))
    assert record.reference == str(order["legacyResourceId"])
    steps = await read_all(hub, connection, steps[-1].cursor, "reconcile")
    assert (steps[-1].changed, steps[-1].drift) == (0, 0)


def shopify_time(store: Store) -> int:
    return round(store.clock.now().timestamp() * 1000) - 60_000


async def test_S2_a_change_of_this_minute_is_no_drift(
    hub: RunningHub, shop: Shop, kettle: Store
) -> None:
    made = kettle.add_product(title="Cup")
    connection = await joined(hub, shop, kettle)
    before = str(shopify_time(kettle))
    await read_all(hub, connection)
    kettle.webhooks.lose = True
    kettle.edit_product(made, title="Mug")
    steps = await read_all(hub, connection, before, "reconcile")
    assert (steps[-1].changed, steps[-1].drift) == (1, 0)


async def test_S2_at_night_everything_is_compared_and_mended(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle.add_products(20)
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    kettle.webhooks.lose = True
    known = list(kettle.catalog.products)
    kettle.delete_product(known[0])
    kettle.edit_product(known[1], status="ARCHIVED")
    kettle.edit_product(known[2], title="Another name")
    kettle.add_product(title="Brand-new")
    monkeypatch.setattr(compare, "GRACE", -3_600_000)
    steps = await read_all(hub, connection, way="sweep")
    assert (steps[-1].changed, steps[-1].drift, steps[-1].fixed) == (4, 4, 4)
    here = {one[1] for one in await rows(hub, connection)}
    assert {"Another name", "Brand-new"} <= here
    assert await hub.hub.db.read(count_products, connection.workspace_id, connection.source) == 19
    assert (await read_all(hub, connection, way="sweep"))[-1].changed == 0


async def test_S2_a_shortened_list_of_ids_removes_nothing(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle.add_products(20)
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)

    async def nothing(*_: Any) -> Any:
        return
        yield

    monkeypatch.setattr(compare, "pages_by_id", nothing)
    await read_all(hub, connection, way="sweep")
    assert await products(hub, connection) == ids(kettle)


async def test_S2_a_slow_reading_does_not_bring_a_deleted_product_back(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 5)
    kettle.add_products(30)
    connection = await joined(hub, shop, kettle)
    deleted = list(kettle.catalog.products)[3]
    begun = False
    async for far in shopify_of(hub).backfill(hub.hub.services, connection, ""):
        if "export" in far.cursor and not begun:
            begun = True
            await kettle.bulk.settled()  # the file is written
            kettle.delete_product(deleted)
            await until(lambda: is_quiet(hub))
    assert str(deleted) not in await products(hub, connection)
    assert len(await products(hub, connection)) == 29


# Permissions, webhooks -------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 1])
async def test_S4_without_customers_data_products_go_on(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store, level: int
) -> None:
    kettle.add_products(5)
    kettle.add_order(customer=kettle.add_customer(first_name="Rosa", email="r@kettle.example"))
    store.app_of_hub.protected_data = level
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    steps = await read_all(hub, connection, str(shopify_time(kettle)), "reconcile")
    assert len(await products(hub, connection)) == 5
    problem = steps[-1].problem
    assert (problem.code if problem else "") == ("protected_data" if level == 0 else "")


async def test_S2_an_app_of_ones_own_is_asked_to_send_webhooks_once(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store
) -> None:
    hub.hub.services.public_url = "https://hub.example"
    own = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    connection = await joined(hub, shop, kettle, **own)
    await read_all(hub, connection)
    first = len(store.asked("WebhookCreate"))
    assert first >= 15
    await read_all(hub, connection)
    await read_all(hub, connection, str(shopify_time(kettle)), "reconcile")
    assert len(store.asked("WebhookCreate")) == first


async def test_S2_the_hubs_own_app_brings_its_webhooks(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store
) -> None:
    connection = await joined(hub, shop, kettle)
    await read_all(hub, connection)
    assert store.asked("WebhookCreate") == []
    assert (await again(hub, connection)).details["embed_hub"] == hub.hub.services.public_url


async def test_S2_webhooks_a_shop_refuses_are_told_in_plain_words(
    hub: RunningHub, shop: Shop, store: Standin, kettle: Store
) -> None:
    hub.hub.services.public_url = "https://hub.example"
    own = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    connection = await joined(hub, shop, kettle, **own)
    store.fail("WebhookCreate", "user_errors", times=None)
    problem = (await read_all(hub, connection))[-1].problem
    assert problem is not None
    assert (problem.code, problem.level) == ("webhooks_off", "degraded")


async def test_S1_marks_of_a_shop_that_left_are_dropped(
    hub: RunningHub, shop: Shop, kettle: Store
) -> None:
    connection = await joined(hub, shop, kettle)
    await hub.hub.db.write(marking.mark, connection, "product", ["1"])
    await dirty.run(shopify_of(hub), connection.workspace_id, "con_of_nobody")
    await until(lambda: is_quiet(hub))


async def test_S2_a_file_that_ends_early_is_not_taken_for_the_whole(
    hub: RunningHub, shop: Shop, kettle: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LARGE", 50)
    kettle.add_products(120)
    connection = await joined(hub, shop, kettle)
    api = shopify_of(hub).api
    whole = api.lines

    async def half(*args: Any) -> Any:
        left = 100
        async for line in whole(*args):
            if left:
                left -= 1
                yield line

    monkeypatch.setattr(api, "lines", half)
    cursor = await read_until_it_breaks(hub, connection)
    monkeypatch.setattr(api, "lines", whole)
    await read_all(hub, connection, cursor)
    assert await products(hub, connection) == ids(kettle)
