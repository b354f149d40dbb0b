"""A merchant connects a WooCommerce shop in a browser: by approval, by keys, after a failure."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.woocommerce.standin import WooStore
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
