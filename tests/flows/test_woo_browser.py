"""A merchant connects a WooCommerce shop in a browser: by approval, by keys, after a failure."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.woocommerce.standin import WooStore
from tests.connectors.woocommerce.connected import connected, read_all
from tests.flows.conftest import picture
from tests.flows.test_integrations_browser import sign_in, watched

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120), pytest.mark.browser]
PATIENCE = 20_000  # milliseconds


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        store.add_products(120, variations=3, every=10)
        store.add_orders(5)
        yield store


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, sqlite_url, outbound_allow="127.0.0.0/8") as running:
        running.hub.services.public_url = running.url
        yield running


async def page_of(browser: Browser, hub: RunningHub, shop: Shop) -> Page:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    await sign_in(context, hub, await shop.agent())
    return await watched(context)


async def choose(page: Page, hub: RunningHub, typed: str) -> None:
    await page.goto(f"{hub.url}/console/settings/integrations/connect/woocommerce")
    await page.get_by_label("Shop address").fill(typed)
    await page.get_by_role("button", name="Continue").click()


async def test_C5_a_merchant_approves_in_the_shop_and_the_catalog_arrives(browser, hub, store):
    page = await page_of(browser, hub, await hub.shop())
    await choose(page, hub, f"{store.home}/wp-admin/")
    await page.get_by_role("button", name="Go to WooCommerce").click()
    await page.get_by_role("button", name=re.compile("Log in")).click()
    await page.get_by_role("link", name="Approve").click()
    await expect(page.get_by_text(re.compile("products? found|no product"))).to_be_visible(
        timeout=PATIENCE
    )
    await picture(page, "woo-connected")


async def test_C5_a_merchant_who_denies_is_told_what_to_do(browser, hub, store):
    page = await page_of(browser, hub, await hub.shop())
    await choose(page, hub, store.home)
    await page.get_by_role("button", name="Go to WooCommerce").click()
    await page.get_by_role("button", name=re.compile("Log in")).click()
    await page.get_by_role("link", name="Deny").click()
    await expect(page.get_by_text("You came back without approving")).to_be_visible()
    await expect(page.get_by_text("choose Approve")).to_be_visible()


async def test_C5_a_wrong_paste_is_explained_and_the_right_one_connects(browser, hub, store):
    page = await page_of(browser, hub, await hub.shop())
    await choose(page, hub, store.home)
    await page.get_by_text("I have keys").click()
    await page.get_by_label("Consumer key").fill(store.key.consumer_key)
    await page.get_by_label("Consumer secret").fill(store.key.consumer_key)
    await page.get_by_role("button", name="Connect with keys").click()
    await expect(page.get_by_text("The secret starts with cs_")).to_be_visible()
    await picture(page, "woo-wrong-paste")
    store.plain_permalinks = True
    await page.get_by_label("Consumer secret").fill(store.key.consumer_secret)
    await page.get_by_role("button", name="Connect with keys").click()
    await expect(page.get_by_text("choose Post name").first).to_be_visible()
    await picture(page, "woo-permalinks")
    store.plain_permalinks = False
    await page.get_by_role("button", name="Connect with keys").click()
    await expect(page.get_by_text(re.compile("products? found|no product"))).to_be_visible(
        timeout=PATIENCE
    )


async def test_X1_agents_look_up_the_shops_own_codes(browser, hub, store):
    shop = await hub.shop()
    page = await page_of(browser, hub, shop)
    await page.goto(f"{hub.url}/console/settings/discounts")
    card = page.get_by_role("region", name="The shop’s own codes", exact=True)
    await expect(card.get_by_text("No code of the shop’s own")).to_be_visible(timeout=PATIENCE)
    _make_coupons(store)
    connection = await connected(hub, shop, store)
    await read_all(hub, connection)
    await page.reload()
    await expect(_row(card, "welcome10")).to_contain_text("10% off")
    await expect(_row(card, "five")).to_contain_text("€5.00 off the order")
    await expect(_row(card, "five")).to_contain_text("Only orders from €20.00, certain addresses")
    await expect(_row(card, "freeship")).to_contain_text("Free shipping")
    await expect(_row(card, "once")).to_contain_text("1 of 1")
    await expect(_row(card, "once")).to_contain_text("Used up")
    await expect(_row(card, "spring")).to_contain_text("Expired")
    await expect(_row(card, "soon")).to_contain_text("Off")
    await card.scroll_into_view_if_needed()
    await picture(page, "woo-shop-codes")
    await card.get_by_role("searchbox").fill("ZULU")
    await expect(_row(card, "zulu-000")).to_be_visible()
    await expect(_row(card, "five")).to_be_hidden()
    await card.get_by_role("button", name="More codes").click()
    await expect(_row(card, "zulu-059")).to_be_visible()
    await card.get_by_role("searchbox").fill("nothing")
    await expect(card.get_by_text("No code begins with “nothing”.")).to_be_visible()
    await card.get_by_role("button", name="Clear the search").click()
    await expect(_row(card, "five")).to_be_visible()


def _row(card: Locator, code: str) -> Locator:
    return card.get_by_role("row").filter(has=card.page.get_by_text(code, exact=True))


def _make_coupons(store: WooStore) -> None:
    store.add_coupon("welcome10", "10", "percent", description="For everyone")
    store.add_coupon("five", "5", minimum=Decimal(20), email_restrictions=["anna@example.com"])
    store.add_coupon("freeship", "0", free_shipping=True)
    store.add_coupon("once", "15", "percent", usage_limit=1).used_by.append("2")
    store.add_coupon("spring", "15", "percent", expires=store.clock.second() - 60)
    store.add_coupon("soon", "15", "percent", status="private")
    for number in range(60):
        store.add_coupon(f"zulu-{number:03}", "5", usage_limit=1)


async def test_X1_codes_that_do_not_load_are_asked_for_again(browser, hub, store):
    page = await page_of(browser, hub, await hub.shop())
    await page.route("**/console/api/shop-codes*", lambda route: route.abort())
    await page.goto(f"{hub.url}/console/settings/discounts")
    card = page.get_by_role("region", name="The shop’s own codes", exact=True)
    await expect(card.get_by_text("The shop’s codes did not load")).to_be_visible(timeout=PATIENCE)
    await page.unroute("**/console/api/shop-codes*")
    await card.get_by_role("button", name="Try again").click()
    await expect(card.get_by_text("No code of the shop’s own")).to_be_visible(timeout=PATIENCE)


async def test_C5_the_last_step_says_how_the_chat_gets_onto_the_shops_pages(browser, hub, store):
    shop = await hub.shop()
    page = await page_of(browser, hub, shop)
    connection = await connected(hub, shop, store)
    where = f"{hub.url}/console/settings/integrations/connect/woocommerce"
    await page.goto(f"{where}?connection={connection.id}")
    step = page.get_by_role("listitem").filter(has_text="Put the chat on the shop’s pages")
    await expect(step).to_contain_text("hub woocommerce plugin", timeout=PATIENCE)
    await expect(step.get_by_role("link", name="The app id and the line")).to_be_visible()
    await picture(page, "woo-storefront-step")
    app_id = (await (await shop.agent()).get("/console/api/install"))["app_id"]
    body = {"url": f"{store.home}/cart"}
    answer = await hub.http.post(f"/api/v1/widget/{app_id}/seen", json=body)
    assert answer.status_code == 200, answer.text
    await expect(step).to_contain_text("seen on 127.0.0.1", timeout=PATIENCE)
