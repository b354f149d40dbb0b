"""The shop's pages, its snippet, its faults and its patience."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from click.testing import CliRunner

from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.admin_pages import SECTIONS
from connectors.woocommerce.standin.command import greeting, woocommerce
from tests.connectors.woocommerce.callers import Caller, Hub, calling

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        store.add_products(10)
        store.add_customers(2)
        yield store


@pytest.fixture
async def caller(store: WooStore) -> AsyncIterator[Caller]:
    async with calling(store) as caller:
        yield caller


# The storefront


async def test_the_footer_names_whoever_is_logged_in_on_a_page_nobody_may_keep(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    store.snippet.install(hub.url, "key", "secret")
    store.storefront.head = "<script src=/widget.js defer></script>"
    nobody = await caller.raw("GET", f"{store.url}/")
    assert "SoftbetChat" not in nobody.body and "Cache-Control" not in nobody.headers
    anna = await caller.raw("GET", f"{store.url}/", headers={"Cookie": "wordpress_logged_in=2"})
    assert 'SoftbetChat(\'identify\', {"user_id":"2"' in anna.body and "widget.js" in anna.body
    assert "no-store" in anna.headers["Cache-Control"]


async def test_one_checkout_posts_twice_and_a_hub_that_fails_is_not_noticed(
    store: WooStore, hub: Hub, caller: Caller
) -> None:
    store.snippet.install(hub.url, "key", "secret")
    hub.status = 500
    product = store.catalog.find("SKU-00002")
    answer = await caller.raw("POST", f"{store.url}/checkout/", data={"product": str(product.id)})
    assert answer.status == 200 and "Thank you" in answer.body
    posts = [json.loads(one.body) for one in hub.requests]
    assert [one["records"][0]["status"] for one in posts] == ["pending", "on-hold"]
    assert {one["external_id"] for one in posts} == {"0"}, "every guest is the same to it"
    assert store.snippet.outcomes == ["500", "500"]


async def test_the_snippet_is_silent_about_partial_refunds_and_new_pending_orders(
    store: WooStore, hub: Hub
) -> None:
    store.snippet.install(hub.url, "key", "secret")
    order = store.add_order(["SKU-00002"], customer=2, status="pending")
    await store.snippet.flush()
    assert hub.requests == []
    store.set_status(order, "completed")
    store.refund(order, "0.50")
    store.trash_order(order)
    await store.snippet.flush()
    assert [json.loads(one.body)["records"][0]["status"] for one in hub.requests] == ["completed"]


async def test_amounts_are_floats_and_in_an_old_php_odd_ones(store: WooStore, hub: Hub) -> None:
    store.snippet.install(hub.url, "key", "secret")
    store.add_product("Mug", "19.99", sku="MUG")
    order = store.add_order(["MUG"], freight=Decimal(0))
    assert '"amount":19.99,' in store.snippet.text(store.snippet.body(order))
    store.snippet.precision = 17
    assert '"amount":19.989999999999998,' in store.snippet.text(store.snippet.body(order))
    whole = store.add_order(["MUG"], freight=Decimal(0), currency="JPY")
    assert '"amount":20,' in store.snippet.text(store.snippet.body(whole))


# The admin page


@pytest.mark.parametrize("section", list(SECTIONS))
async def test_every_section_of_the_admin_page_opens(
    section: str, store: WooStore, caller: Caller
) -> None:
    store.add_orders(3)
    store.fail("orders", "waf_403")
    store.add_coupon("abc", "5")
    store.webhooks.add("order.created", "http://127.0.0.1:9/", "s")
    await store.tick()
    answer = await caller.raw("GET", f"{store.url}/wp-admin/{section}")
    assert answer.status == 200 and "<b>Deluxe</b>" not in answer.body
    assert not store.asked("wp-admin"), "our own page is not the shop's"


async def test_a_merchant_can_do_everything_by_hand(store: WooStore, caller: Caller) -> None:
    async def do(section: str, **fields: object) -> str:
        form = {name: str(value) for name, value in fields.items()}
        answer = await caller.raw("POST", f"{store.url}/wp-admin/{section}", data=form)
        assert answer.status == 302
        return str(answer.headers["Location"])

    await do("products", do="add_product", name="Mug", price="3", stock=4)
    mug = store.catalog.find("Mug")
    await do("products", do="edit_product", id=mug.id, price="5")
    await do("orders", do="checkout", product=mug.id, quantity=1, email="a@example.net")
    order = next(iter(store.orders.all.values()))
    await do("orders", do="set_status", id=order.id, status="completed")
    await do("orders", do="refund", id=order.id, amount="1")
    await do("coupons", do="add_coupon", code="ABC", amount="5", kind="percent")
    await do("keys", do="add_key", permissions="read", description="Mine")
    await do("faults", do="fail", match="*", fault="500", times="")
    assert (mug.price, mug.stock, order.status) == ("5", 3, "completed")
    assert store.coupons.by_code("abc") and len(store.keys.all) == 2 and store.troubles
    assert "Not+done" in await do("orders", do="refund", id=order.id, amount="x")
    assert "Not+done" in await do("products", do="nonsense")


# What goes wrong


async def test_wordpress_fails_in_its_own_ways(store: WooStore, caller: Caller) -> None:
    async def fault(name: str) -> tuple[int, str, bytes]:
        store.fail("GET products", name)
        url = caller.signed("GET", "products", per_page="1")
        async with caller.session.get(url, allow_redirects=False) as reply:
            return reply.status, reply.content_type, await reply.read()

    assert (await fault("maintenance"))[:2] == (503, "text/html")
    assert (await fault("waf_403"))[:2] == (403, "text/html")
    status, _, body = await fault("critical_error")
    assert status == 500 and b"critical error" in body
    assert (await fault("php_warning"))[2].startswith(b"<br />\n<b>Warning</b>")
    assert (await fault("bom"))[2].startswith(b"\xef\xbb\xbf[{")
    assert (await fault("wrong_content_type"))[:2] == (200, "text/html")
    assert (await fault("html_entities"))[2].startswith(b"[{&quot;id&quot;")
    assert (await fault("to_https"))[0] == 301
    assert (await fault("502_after"))[0] == 502
    assert (await caller.get("products")).status == 200


async def test_a_host_that_has_had_enough_says_so(store: WooStore, caller: Caller) -> None:
    store.limits.allow(2, 60, status=503, retry_after=7)
    store.clock.stop()
    statuses = [(await caller.get("products")).status for _ in range(3)]
    assert statuses == [200, 200, 503]
    answer = await caller.get("products")
    assert answer.headers["Retry-After"] == "7" and store.limits.refused == 2
    store.clock.advance(60)
    assert (await caller.get("products")).status == 200


async def test_requests_are_counted_by_kind_and_by_how_many_at_once(
    store: WooStore, caller: Caller
) -> None:
    store.limits.takes = 0.05
    await asyncio.gather(*(caller.get("products") for _ in range(3)))
    await caller.get("orders")
    await caller.post("coupons/batch", {})
    assert store.counts() == {"GET products": 3, "GET orders": 1, "POST coupons/batch": 1}
    assert len(store.asked("GET products")) == 3
    assert store.limits.most_at_once == 3


# Several shops, and seeding


async def test_two_shops_are_strangers(store: WooStore, caller: Caller) -> None:
    async with WooStore() as other:
        assert other.url != store.url
        foreign = await caller.get("orders", key=other.key)
        assert foreign.status == 401


async def test_seeding_makes_the_same_shop_every_time() -> None:
    first, second = WooStore(), WooStore()
    for one in (first, second):
        one.clock.stop()
        one.add_products(5_000, variations=3, every=10)
    names = [
        [(p.name, p.price, p.stock, p.status) for p in one.catalog.all.values()]
        for one in (first, second)
    ]
    assert names[0] == names[1]
    assert sum(1 for _ in first.catalog.products()) == 5_000
    assert sum(1 for _ in first.catalog.variations()) == 1_500
    assert first.webhooks.queue == {}


async def test_the_command_says_how_to_connect(store: WooStore) -> None:
    text = greeting(store, "http://127.0.0.1:8000")
    assert f"--set url={store.home}" in text and "hub connect woocommerce" in text
    assert f"--set consumer_secret={store.key.consumer_secret}" in text
    asked = CliRunner().invoke(woocommerce, ["--help"])
    assert asked.exit_code == 0 and "9200" in asked.output
