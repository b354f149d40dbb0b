"""Syncs: everything in few requests, what changed, and all compared at night (C2, P1)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop
from connectors.woocommerce import compare, marking, subscriptions
from connectors.woocommerce import sync as syncing
from connectors.woocommerce.standin import WooStore
from core.errors import Unavailable
from core.ids import now_ms
from core.privacy import find_remains
from tests.connectors.woocommerce.connected import (
    TOPICS,
    connected,
    customer,
    fact,
    hear,
    hear_all,
    orders,
    owner,
    product,
    products,
    read_all,
    rows,
    visible,
    woo_of,
)

pytestmark = pytest.mark.anyio
HOUR = 3600


@pytest.fixture(autouse=True)
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is marked is read by the syncs of these tests, not by a job meanwhile."""
    monkeypatch.setattr(marking, "PAUSE", 3_600_000)


def subscribe(store: WooStore) -> None:
    """Webhooks that are kept in the stand-in: the tests hand them on as they like."""
    for topic in TOPICS:
        store.webhooks.add(topic, "http://127.0.0.1:9/nowhere", "secret")


async def sent(store: WooStore) -> list[Any]:
    """What the shop has to tell; nobody was there to hear it."""
    for webhook in store.webhooks.all.values():
        webhook.status, webhook.failures = "active", 0
    return await store.tick()


def asked(store: WooStore) -> int:
    return sum(store.counts().values())


def cursor_now() -> str:
    """What a check begins with after a backfill that began now."""
    return str(now_ms())


# Everything ------------------------------------------------------------------------------


async def test_C2_a_whole_shop_is_read(hub: RunningHub, shop: Shop, store: WooStore) -> None:
    store.add_products(230, variations=9, every=10)
    store.add_customers(20)
    store.add_orders(60)
    connection = await connected(hub, shop, store)
    steps = await read_all(hub, connection)
    assert steps[-1].cursor == ""
    assert await products(hub, connection) == visible(store)
    here = await orders(hub, connection)
    assert set(here) == {str(one) for one in store.orders.all}
    assert {one.status for one in here.values()} >= {"processing", "completed", "on-hold"}
    buyer = next(one for one in store.orders.all.values() if one.customer)
    assert await owner(hub, connection, buyer.id) == str(buyer.customer)
    known = store.people.all[buyer.customer]
    assert fact(await customer(hub, connection, buyer.customer), "email") == known.email
    assert (await read_all(hub, connection))[-1].changed == 0


async def test_C2_the_skus_of_variations_find_their_product(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    shirt = store.add_product(
        "Shirt",
        "",
        variations=[
            {"options": {"Size": size}, "price": "9", "sku": f"T-{size}"} for size in "SML"
        ],
    )
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    found = await product(hub, connection, shirt.id)
    assert found is not None
    assert (found.price, found.available) == (900, True)
    assert sorted(found.data["variants"][0].split(", ")) == ["T-L", "T-M", "T-S"]
    assert (await read_all(hub, connection))[-1].changed == 0
    assert (await read_all(hub, connection, way="sweep"))[-1].changed == 0


async def test_requests_are_counted_5000_products_in_at_most_60(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    store.add_products(5_000, variations=9, every=10)
    store.add_customers(300)
    store.add_orders(300)
    for one in range(250):
        store.add_coupon(f"code-{one:03}", "5")
    connection = await connected(hub, shop, store)
    before = asked(store)
    await read_all(hub, connection)
    assert asked(store) - before <= 60, store.counts()
    assert await products(hub, connection) == visible(store)
    assert store.counts()["GET customers"] == 1
    assert store.counts()["GET coupons"] >= 1


@pytest.mark.timeout(120)
async def test_steady_state_costs_at_most_a_request_a_minute(
    hub: RunningHub, shop: Shop, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.clock.advance(-HOUR)
    store.add_products(1_000, variations=9, every=10)
    store.add_customers(30)
    store.add_orders(100)
    for one in range(150):
        store.add_coupon(f"code-{one:03}", "5")
    store.clock.advance(HOUR)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    cursor, before, checks = cursor_now(), asked(store), 24  # two hours of them
    began = now_ms()
    for check in range(checks):
        for module in (compare, subscriptions):
            now = began + check * 300_000
            monkeypatch.setattr(module, "now_ms", lambda now=now: now)
        cursor = (await read_all(hub, connection, cursor, "reconcile"))[-1].cursor
    # What `check` asks after each sync, and the night's comparison, have to fit in as well.
    assert (asked(store) - before) / checks <= 3, store.counts()
    assert 4 <= store.counts()["GET coupons"] <= 10


async def test_C2_the_variations_there_was_no_room_for_come_with_the_checks(
    hub: RunningHub, shop: Shop, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "REQUESTS", 0)
    monkeypatch.setattr(syncing, "LEAST", 1)
    store.add_products(40, variations=9, every=1)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    cursor = cursor_now()
    for _ in range(5):
        cursor = (await read_all(hub, connection, cursor, "reconcile"))[-1].cursor
    assert all("sku-" in data for *_, data in await rows(hub, connection))
    step = (await read_all(hub, connection, way="sweep"))[-1]
    assert (step.changed, step.drift) == (0, 0)
    before = store.counts()["GET variations"]
    await read_all(hub, connection, cursor, "reconcile")
    assert store.counts()["GET variations"] == before


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
async def test_C2_an_interrupted_backfill_ends_with_the_same_rows(
    hub: RunningHub, shop: Shop, store: WooStore, after: int
) -> None:
    store.add_products(250, variations=9, every=10)
    store.add_orders(30)
    connection = await connected(hub, shop, store)
    cursor, steps = "", 0
    while True:
        try:
            async for far in woo_of(hub).backfill(hub.hub.services, connection, cursor):
                cursor, steps = far.cursor, steps + 1
                if steps == after:
                    raise Unavailable("The process was stopped.")
            break
        except Unavailable:
            continue
    broken = await rows(hub, connection)
    assert (await read_all(hub, connection))[-1].changed == 0
    assert [row[0] for row in broken] == visible(store)


async def test_C2_what_is_deleted_while_pages_are_read_hides_nothing(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    store.add_products(450)
    connection = await connected(hub, shop, store)
    first = sorted(store.catalog.all)[:60]
    async for far in woo_of(hub).backfill(hub.hub.services, connection, ""):
        if far.done and first:  # the pages move up under our hands
            for _ in range(20):
                store.delete_product(store.catalog.all[first.pop()])
    assert set(await products(hub, connection)) >= set(visible(store))
    await read_all(hub, connection, way="sweep")
    assert await products(hub, connection) == visible(store)


async def test_C2_an_empty_shop_is_a_finished_sync(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    connection = await connected(hub, shop, store)
    assert (await read_all(hub, connection))[-1].done == 0
    assert (await read_all(hub, connection, cursor_now(), "reconcile"))[-1].done == 0
    assert (await read_all(hub, connection, way="sweep"))[-1].done == 0


# What changed ----------------------------------------------------------------------------


async def test_what_a_disabled_webhook_did_not_tell_is_found_and_counted(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    store.clock.advance(-HOUR)
    beanie = store.add_product("Beanie", "19.90", stock=5)
    anna = store.add_customer("anna@example.com", first_name="Anna", last_name="M")
    store.clock.advance(HOUR)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    store.clock.advance(-600)  # it happened ten minutes ago
    order = store.add_order([(beanie, 2)], customer=anna)
    guest = store.add_order([(beanie, 1)], email="guest@example.net")
    store.edit_product(beanie, price="17.50")
    scarf = store.add_product("Scarf", "9")
    store.clock.advance(600)
    step = (await read_all(hub, connection, cursor_now(), "reconcile"))[-1]
    assert set(await orders(hub, connection)) == {str(order.id), str(guest.id)}
    assert await owner(hub, connection, order.id) == str(anna.id)
    assert await owner(hub, connection, guest.id) is None
    assert fact(await customer(hub, connection, anna.id), "name") == "Anna M"
    found = await product(hub, connection, beanie.id)
    assert found is not None and found.price == 1750
    assert await product(hub, connection, scarf.id) is not None
    assert (step.drift, step.fixed) == (4, 4)
    again = (await read_all(hub, connection, step.cursor, "reconcile"))[-1]
    assert (again.changed, again.drift) == (0, 0)


async def test_a_change_within_the_second_of_the_last_one_is_not_missed(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    beanie = store.add_product("Beanie", "19.90")
    connection = await connected(hub, shop, store)
    store.clock.stop()
    order = store.add_order([(beanie, 1)], email="guest@example.net", status="pending")
    cursor = (await read_all(hub, connection, cursor_now(), "reconcile"))[-1].cursor
    store.set_status(order, "processing")
    later = store.add_order([(beanie, 1)], email="guest@example.net")
    await read_all(hub, connection, cursor, "reconcile")
    here = await orders(hub, connection)
    assert (here[str(order.id)].status, str(later.id) in here) == ("processing", True)


def test_the_time_of_modified_after_is_utc_with_a_z_and_nothing_beside_it() -> None:
    assert compare.after(1_795_322_531_000) == "2026-11-22T04:40:11Z"


async def test_modified_after_is_never_sent_with_dates_are_gmt(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    connection = await connected(hub, shop, store)
    await read_all(hub, connection, cursor_now(), "reconcile")
    queries = [one.query for one in store.requests if "modified_after" in str(one.query)]
    assert len(queries) == 3
    assert not any("dates_are_gmt" in str(query) for query in queries)


async def test_P1_a_product_that_was_hidden_goes_at_the_next_check(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    kept, hidden, draft = (store.add_product(name, "5") for name in ("Kept", "Hidden", "Draft"))
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    store.edit_product(hidden, catalog_visibility="hidden")
    store.edit_product(draft, status="draft")
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert await products(hub, connection) == [str(kept.id)]


async def test_new_customers_are_found_without_a_webhook(
    hub: RunningHub, shop: Shop, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "NEWCOMERS_EVERY", 0)
    store.add_customers(5)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection, cursor_now(), "reconcile")
    editor = store.add_customer("editor@example.com", first_name="Ed", role="editor")
    ben = store.add_customer("ben@example.com", first_name="Ben")
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert fact(await customer(hub, connection, ben.id), "email") == "ben@example.com"
    assert await customer(hub, connection, editor.id) is None


async def test_a_day_of_many_changes_is_not_read_again_for_ever(
    hub: RunningHub, shop: Shop, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.clock.advance(-2 * HOUR)
    for one in range(150):  # a merchant edits all prices at once, and goes home
        store.add_product(f"Product {one}", "5")
    for _ in range(3):
        store.add_order(email="guest@example.net")
    store.clock.advance(2 * HOUR)
    connection = await connected(hub, shop, store)
    yesterday = str(now_ms() - 24 * HOUR * 1000)
    first = (await read_all(hub, connection, yesterday, "reconcile"))[-1]
    assert first.done == 153
    assert (await read_all(hub, connection, first.cursor, "reconcile"))[-1].done == 0


# At night --------------------------------------------------------------------------------


async def test_what_was_deleted_for_good_goes_at_night(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    kept, gone, trashed = (store.add_product(name, "5") for name in ("Kept", "Gone", "Trashed"))
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    store.delete_product(gone)
    store.trash_product(trashed)
    step = (await read_all(hub, connection, way="sweep"))[-1]
    assert await products(hub, connection) == [str(kept.id)]
    assert (step.changed, step.drift, step.fixed) == (2, 2, 2)


async def test_nothing_goes_because_it_is_not_on_a_list(
    hub: RunningHub, shop: Shop, store: WooStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [str(store.add_product(name, "5").id) for name in ("One", "Two")]
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    monkeypatch.setitem(syncing.PRODUCTS, "stock_status", "outofstock")  # a plugin filters lists
    await read_all(hub, connection, way="sweep")
    assert await products(hub, connection) == sorted(there)


async def test_a_sale_that_ends_by_itself_is_seen_at_night(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    beanie = store.add_product("Beanie", "20")
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    beanie.facts["sale"] = "15"
    if hasattr(beanie, "sale"):
        beanie.sale = "15"  # no new time of change
    await read_all(hub, connection, way="sweep")
    found = await product(hub, connection, beanie.id)
    assert found is not None and found.price == 1500


# Webhooks --------------------------------------------------------------------------------


async def test_an_order_told_of_before_it_was_created_is_one_order(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    beanie = store.add_product("Beanie", "19.90", stock=9)
    anna = store.add_customer("anna@example.com", first_name="Anna")
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    await sent(store)
    order = store.checkout([(beanie, 1)], customer=anna)
    told = await sent(store)
    await hear_all(hub, connection, told)
    await hear_all(hub, connection, list(reversed(told)))
    assert list(await orders(hub, connection)) == [str(order.id)]
    assert await owner(hub, connection, order.id) == str(anna.id)


async def test_a_checkout_that_was_only_opened_leaves_nothing(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    beanie = store.add_product("Beanie", "19.90")
    connection = await connected(hub, shop, store)
    await sent(store)
    store.open_checkout([(beanie, 1)], email="browsing@example.net")
    told = await sent(store)
    assert [one.topic for one in told if one.topic.startswith("order")] == ["order.updated"]
    await hear_all(hub, connection, told)
    await read_all(hub, connection)
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert await orders(hub, connection) == {}
    words = ["browsing@example.net"]
    assert await hub.hub.db.read(find_remains, shop.workspace_id, words) == []


async def test_an_order_in_the_trash_goes_and_comes_back(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    beanie = store.add_product("Beanie", "19.90")
    connection = await connected(hub, shop, store)
    store.clock.stop()
    order = store.add_order([(beanie, 1)], email="guest@example.net")
    before = await sent(store)
    await hear_all(hub, connection, before)
    store.trash_order(order)
    await hear_all(hub, connection, await sent(store))
    assert await orders(hub, connection) == {}
    await hear_all(hub, connection, before)  # what is late is asked for, and not believed
    assert await orders(hub, connection) == {}
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert await orders(hub, connection) == {}
    store.restore_order(order)
    await hear_all(hub, connection, await sent(store))
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert list(await orders(hub, connection)) == [str(order.id)]


async def test_a_product_in_the_trash_goes_and_comes_back(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    store.clock.stop()
    beanie = store.add_product("Beanie", "19.90")
    connection = await connected(hub, shop, store)
    before = await sent(store)
    await hear_all(hub, connection, before)
    assert await products(hub, connection) == [str(beanie.id)]
    store.trash_product(beanie)
    await hear_all(hub, connection, await sent(store))
    await hear_all(hub, connection, before)
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert await products(hub, connection) == []
    store.restore_product(beanie)
    await hear_all(hub, connection, await sent(store))
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert await products(hub, connection) == [str(beanie.id)]


async def test_P1_an_edited_variation_has_its_product_read(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    sizes = [{"options": {"Size": size}, "price": "9", "sku": f"T-{size}"} for size in "SM"]
    shirt = store.add_product("Shirt", "", variations=sizes)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    await sent(store)
    large = store.add_variation(shirt, {"Size": "L"}, price="7", sku="T-L")
    told = [one for one in await sent(store) if f'"id":{large.id},' in one.body.decode()]
    assert told
    await hear_all(hub, connection, told)
    await read_all(hub, connection, cursor_now(), "reconcile")
    found = await product(hub, connection, shirt.id)
    assert found is not None and found.price == 700
    assert found.data["variants"] == ["T-S, T-M, T-L"]
    assert await product(hub, connection, large.id) is None


async def test_P1_two_changes_of_one_second_end_as_the_shop_has_them(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    store.clock.stop()
    beanie = store.add_product("Beanie", "10")
    connection = await connected(hub, shop, store)
    first = await sent(store)
    store.edit_product(beanie, price="12")
    second = await sent(store)
    await hear_all(hub, connection, [*second, *first])
    await read_all(hub, connection, cursor_now(), "reconcile")
    found = await product(hub, connection, beanie.id)
    assert found is not None and found.price == 1200


async def test_two_states_of_an_order_of_one_second_end_as_the_shop_has_it(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    store.clock.stop()
    order = store.add_order(email="guest@example.net", status="pending")
    connection = await connected(hub, shop, store)
    first = await sent(store)
    store.set_status(order, "completed")
    second = await sent(store)
    await hear_all(hub, connection, [*second, *first])
    assert (await orders(hub, connection))[str(order.id)].status == "completed"
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert (await orders(hub, connection))[str(order.id)].status == "completed"


async def test_an_editor_becomes_no_customer_and_a_deleted_one_is_forgotten(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    connection = await connected(hub, shop, store)
    editor = store.add_customer("editor@example.com", role="editor")
    anna = store.add_customer("anna@example.com", first_name="Anna", last_name="Canary")
    told = await sent(store)
    await hear_all(hub, connection, told)
    assert await customer(hub, connection, editor.id) is None
    assert fact(await customer(hub, connection, anna.id), "name") == "Anna Canary"
    store.delete_customer(anna)
    await hear_all(hub, connection, await sent(store))
    await hear_all(hub, connection, told)
    assert fact(await customer(hub, connection, anna.id), "name") == ""


async def test_what_a_buyer_typed_at_the_till_is_not_their_account(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    subscribe(store)
    beanie = store.add_product("Beanie", "10")
    anna = store.add_customer("anna@example.com", first_name="Anna")
    connection = await connected(hub, shop, store)
    await sent(store)
    typed = {"email": "somebody.else@example.com", "first_name": "Else"}
    store.add_order([(beanie, 1)], customer=anna, billing=typed)
    told = [one for one in await sent(store) if one.topic.startswith("order")]
    await hear_all(hub, connection, told)
    await read_all(hub, connection, cursor_now(), "reconcile")
    assert fact(await customer(hub, connection, anna.id), "email") == "anna@example.com"


async def test_a_webhook_of_what_is_gone_meanwhile_does_nothing(
    hub: RunningHub, shop: Shop, store: WooStore
) -> None:
    connection = await connected(hub, shop, store)
    await hear(hub, connection, "order.updated", b'{"errors":{"x":["y"]},"error_data":[]}')
    await hear(hub, connection, "coupon.updated", b'{"id":5}')
    await hear(hub, connection, "subscription.updated", b'{"id":5}')
    assert await orders(hub, connection) == {}
