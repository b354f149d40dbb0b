"""A merchant connects a shop, watches it arrive, gives a code and money back, all in browsers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from connectors.shopify import app_config, privacy, topics
from connectors.shopify.standin import App, Standin, standin
from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from core.access import Role
from tests.flows.conftest import picture

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120), pytest.mark.browser]
PATIENCE = 20_000  # milliseconds
PRODUCTS = 3_000


class Kestrel:
    """A shop on Shopify that is not connected yet, and a workspace that wants it."""

    def __init__(self, store: Standin, shop: Shop) -> None:
        self.store, self.shop = store, shop
        self.front = store.shop("kestrel")
        self.url = shop.hub.url

    async def desk(self, browser: Browser, agent: Agent, **look: Any) -> Page:
        """The console of somebody who is signed in."""
        context = await browser.new_context(locale="en-GB", **look)
        await sign_in(context, self.shop.hub, agent)
        return await watched(context)

    async def approve(self, page: Page, *switches: str) -> None:
        """From the console's page to the shop's own and back."""
        await page.goto(f"{self.url}/console/settings/integrations")
        await page.get_by_role("link", name="Shopify").click()
        await page.get_by_label("Shop address").fill("https://admin.shopify.com/store/kestrel")
        await expect(page.get_by_text("That is kestrel.myshopify.com.")).to_be_visible()
        await page.get_by_role("button", name="Continue").click()
        for switch in switches:
            await page.get_by_label(switch).check()
        await page.get_by_role("button", name="Go to Shopify").click()
        await page.get_by_role("button", name=re.compile("Install|Approve|Update")).click()

    async def connect(self, page: Page, *switches: str) -> None:
        await self.approve(page, *switches)
        await expect(page.get_by_text(re.compile("products? found|no product"))).to_be_visible(
            timeout=PATIENCE
        )


async def sign_in(context: BrowserContext, hub: RunningHub, agent: Agent) -> None:
    for pair in agent.cookie.split("; "):
        name, token = pair.split("=", 1)
        if not name.startswith("__Host-"):  # that one needs https
            await context.add_cookies([{"name": name, "value": token, "url": hub.url}])


async def watched(context: BrowserContext) -> Page:
    """A page whose faults fail the test."""
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"in the page: {error}"))
    return page


@pytest.fixture
async def kestrel(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Kestrel]:
    app = App()
    async with standin(["kestrel"], apps=[app]) as store:
        monkeypatch.setenv("SHOPIFY_ORIGIN", store.url)
        monkeypatch.setenv("SHOPIFY_CLIENT_ID", app.client_id)
        monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", app.secret)
        async with serve(tmp_path, sqlite_url) as hub:
            hub.hub.services.public_url = hub.url  # a test's port is known only now
            deploy(app, hub.url)
            yield Kestrel(store, await hub.shop())


def deploy(app: App, hub: str) -> None:
    """What `shopify app deploy` does with the file that `hub shopify app-config` makes."""
    wanted = app_config.allowed(topics.TOPICS)
    toml = app_config.to_toml(app.client_id, hub, wanted, privacy.TOPICS)
    described = App.from_toml(toml, app.secret)
    for field in fields(App):
        setattr(app, field.name, getattr(described, field.name))


async def test_S1_S2_S6_one_approval_and_the_page_says_how_far_it_is(
    kestrel: Kestrel, browser: Browser
) -> None:
    kestrel.front.add_products(PRODUCTS)
    kestrel.front.bulk.takes = 1.5  # long enough to be looked at
    page = await kestrel.desk(browser, await kestrel.shop.agent())
    await kestrel.approve(page)
    await expect(page.get_by_text(f"of {PRODUCTS:,} products")).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("progressbar", name="Sync")).to_be_visible()
    await expect(page.get_by_text(f"{PRODUCTS:,} products found")).to_be_visible(timeout=60_000)
    await expect(page.get_by_text("Waiting for your widget…")).to_be_visible()

    kestrel.front.embed_on = True  # one Save in the theme editor
    shopper = await watched(await browser.new_context())
    await shopper.goto(kestrel.store.url)
    await expect(page.get_by_text(re.compile(r"seen on .*127\.0\.0\.1"))).to_be_visible(
        timeout=PATIENCE
    )
    await expect(page.get_by_text("Everything is in place.")).to_be_visible()

    await page.goto(f"{kestrel.url}/console/settings/integrations")
    card = page.get_by_role("region", name="Kestrel")
    await expect(card.get_by_text("Connected", exact=True)).to_be_visible()
    await card.get_by_role("button", name="Sync now").click()
    await expect(card.get_by_text("Done. Nothing had changed.")).to_be_visible(timeout=PATIENCE)
    await picture(page, "flow-integrations")


async def test_S1_who_comes_back_without_approving_is_told_what_to_do(
    kestrel: Kestrel, browser: Browser
) -> None:
    page = await kestrel.desk(browser, await kestrel.shop.agent())
    await page.goto(
        f"{kestrel.url}/shopify/callback?error=access_denied&shop={kestrel.front.domain}"
    )
    await expect(page.get_by_text("Nothing was connected.").first).to_be_visible()
    trouble = page.locator("details[open]")
    await expect(trouble.get_by_text("You came back without approving")).to_be_visible()
    await expect(page.get_by_role("button", name="Go to Shopify")).to_be_visible()
    await expect(page.get_by_text("kestrel.myshopify.com").first).to_be_visible()


async def test_X1_S4_a_code_is_given_and_money_goes_back(
    kestrel: Kestrel, browser: Browser
) -> None:
    mug = kestrel.front.add_product(title="Fern mug, sage", price="14.20", stock=30)
    amara = kestrel.front.add_customer(
        first_name="Amara", last_name="Okafor", email="amara@okafor.example"
    )
    page = await kestrel.desk(browser, await kestrel.shop.agent())
    await kestrel.connect(page, "Cancel and refund orders")
    variant = mug["variants"][0]
    order = kestrel.front.add_order(customer=amara, lines=[{"variant": variant, "quantity": 2}])
    kestrel.front.fulfil(order, tracking="RR482910553SE", company="PostNord")
    kestrel.front.embed_on = True
    shopper = await chat_as(kestrel, browser, amara, "Where is my mug?")
    panel = shopper.frame_locator("iframe")

    await page.goto(f"{kestrel.url}/console/inbox?tab=all")
    await page.get_by_text("Where is my mug?").first.click()
    orders = page.get_by_role("region", name="Orders")
    await expect(orders.get_by_text("2 × €14.20")).to_be_visible(timeout=PATIENCE)
    await expect(orders.get_by_text("RR482910553SE")).to_be_visible()

    await page.keyboard.press("Alt+KeyD")
    await expect(page.get_by_text("for Amara only")).to_be_visible()
    await page.get_by_role("button", name="Issue code").click()
    code = panel.locator(".d-card .code bdi")
    await expect(code).to_have_text(re.compile("^CHAT-"), timeout=PATIENCE)
    text = await code.inner_text()
    await expect(page.get_by_role("log").get_by_text(text)).to_be_visible()
    await panel.get_by_role("button", name="Copy the code").click()
    await expect(panel.get_by_text("Copied").first).to_be_visible()
    assert kestrel.front.discounts.by_code(text) is not None
    await picture(shopper, "flow-discount")

    await orders.get_by_role("button", name="Refund…").click()
    await page.get_by_role("button", name="One more of Fern mug, sage").click()
    await page.get_by_role("button", name="Refund €14.20").click()
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    await expect(orders.get_by_text("Refunded", exact=True)).to_be_visible(timeout=PATIENCE)
    await picture(page, "flow-order")

    await page.goto(f"{kestrel.url}/console/settings/discounts")
    row = page.get_by_role("row").filter(has_text=text)
    await expect(row.get_by_text("Issued")).to_be_visible()


async def test_A9_X2_above_the_limit_an_admin_is_asked_and_the_badge_counts(
    kestrel: Kestrel, browser: Browser
) -> None:
    owner = await kestrel.shop.agent()
    page = await kestrel.desk(browser, owner)
    await kestrel.connect(page)
    policy = {"highest_percent": "25", "approval_percent": "15"}
    await owner.request("PUT", "/console/api/discounts/policy", policy)
    kestrel.front.embed_on = True
    amara = kestrel.front.add_customer(first_name="Amara", last_name="Okafor")
    shopper = await chat_as(kestrel, browser, amara, "It came broken.")

    ines = await kestrel.desk(browser, await kestrel.shop.agent(Role.AGENT, "Ines"))
    await ines.goto(f"{kestrel.url}/console/inbox?tab=all")
    await ines.get_by_text("It came broken.").first.click()
    await ines.get_by_role("button", name="Offer a discount").click()
    await ines.get_by_label("Percent").fill("26")
    await expect(ines.get_by_text("At most 25%, for everyone.")).to_be_visible()
    await expect(ines.get_by_role("button", name="Issue code")).to_be_disabled()
    await ines.get_by_label("Percent").fill("20")
    await ines.get_by_role("button", name="Ask for approval").click()
    await expect(ines.get_by_text("20% off: waits for an admin.")).to_be_visible()

    await page.goto(f"{kestrel.url}/console/settings/integrations")
    await expect(page.get_by_label("1 waiting for approval")).to_be_visible()
    await page.get_by_role("link", name="Discounts").click()
    await page.get_by_role("button", name="Approve: 20% off").click()
    await expect(page.get_by_text("Nothing waits.")).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_label("1 waiting for approval")).to_have_count(0)
    card = shopper.frame_locator("iframe").locator(".d-card")
    await expect(card.get_by_text("20%")).to_be_visible(timeout=PATIENCE)
    await expect(ines.get_by_text("waits for an admin")).to_have_count(0)


async def chat_as(kestrel: Kestrel, browser: Browser, customer: dict[str, Any], text: str) -> Page:
    """A logged-in customer on the storefront who has said something."""
    page = await watched(await browser.new_context())
    await page.goto(kestrel.store.url)
    await page.get_by_label("Logged in as").select_option(customer["legacyResourceId"])
    await page.wait_for_load_state("load")
    await page.get_by_role("button", name="Open chat").click()
    panel = page.frame_locator("iframe")
    await panel.get_by_role("button", name="Send us a message").click()
    await panel.get_by_role("textbox", name="Write a message…").fill(text)
    await page.keyboard.press("Enter")
    await expect(panel.get_by_role("log").get_by_text(text)).to_be_visible(timeout=PATIENCE)
    await expect(panel.get_by_text(re.compile("Sent|Seen")).first).to_be_visible(timeout=PATIENCE)
    return page
