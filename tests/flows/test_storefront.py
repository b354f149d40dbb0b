"""A customer of the stand-in's shop opens the chat, logs out, and is a stranger again (S6, V6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect
from pydantic import SecretStr

from connectors.shopify import app_config, privacy, storefront, topics
from connectors.shopify.settings import NAME, ShopSettings, short_name
from connectors.shopify.standin import App, Standin, standin
from connectors.shopify.standin.proxy import signed_query
from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core.access import Principal
from core.audit import operator
from core.connections import connect, connection_row, open_connection
from core.connector import Connection, ConnectionDraft
from core.customers import customer_by_external_id
from core.db import Work
from core.visitors import Visitor, latest_visitor, to_principal
from tests.flows.conftest import picture

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]
PATIENCE = 15_000  # milliseconds


class Kestrel:
    """A shop on Shopify with the chat on its pages, and the hub behind it."""

    def __init__(self, store: Standin, app: App, shop: Shop) -> None:
        self.store, self.app, self.shop = store, app, shop
        self.front = store.shop("kestrel")
        self.db = shop.hub.hub.db

    async def connect(self) -> None:
        """As after the merchant's approval: keys stored, the embed told where its hub is."""
        keys = ShopSettings(source="fixed", access_token=SecretStr(self.front.token()))
        draft = ConnectionDraft(self.front.domain, "Kestrel", short_name(self.front.domain), keys)
        services = self.shop.hub.hub.services
        services.public_url = self.shop.hub.url  # a test's port is known only now

        def save(work: Work) -> Connection:
            row = connect(work, services.vault, operator(self.shop.workspace_id), NAME, draft)
            return open_connection(row, services.vault, ShopSettings)

        self.connection = await self.db.write(save)
        connector: Any = services.connectors[NAME]
        assert await storefront.prepare(connector.api, services, self.connection) is None
        self.front.embed_on = True

    async def details(self) -> dict[str, Any]:
        ids = self.connection.workspace_id, self.connection.id
        return (await self.db.read(connection_row, *ids)).details

    async def who(self, customer: dict[str, Any]) -> Principal | None:
        """Who the hub takes the newest browser of this customer for."""

        def find(work: Work) -> Visitor | None:
            known = customer_by_external_id(
                work, self.shop.workspace_id, self.connection.source, customer["legacyResourceId"]
            )
            return known and latest_visitor(work, self.shop.workspace_id, known.id)

        found = await self.db.read(find)
        return None if found is None else to_principal(found)


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
            deploy(app, hub.url)
            made = Kestrel(store, app, await hub.shop())
            await made.connect()
            yield made


def deploy(app: App, hub: str) -> None:
    """What `shopify app deploy` does with the file that `hub shopify app-config` makes."""
    wanted = app_config.allowed(topics.TOPICS)
    toml = app_config.to_toml(app.client_id, hub, wanted, privacy.TOPICS)
    described = App.from_toml(toml, app.secret)
    for field in fields(App):
        setattr(app, field.name, getattr(described, field.name))


class Shopper:
    """Somebody at a computer in the shop."""

    def __init__(self, kestrel: Kestrel, page: Page) -> None:
        self.kestrel, self.page = kestrel, page
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda one: self.asked.append(one.url) if "/apps/" in one.url else None)

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def enter(self, path: str = "/") -> None:
        await self.page.goto(self.kestrel.store.url + path)
        await expect(self.page.get_by_role("button", name="Open chat")).to_be_visible()

    async def log_in(self, customer: str) -> None:
        """By the storefront's own choice; "" is nobody."""
        await self.page.get_by_label("Logged in as").select_option(customer)
        await self.page.wait_for_load_state("load")

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Open chat").click()


async def shopper(kestrel: Kestrel, browser: Browser) -> Shopper:
    return Shopper(kestrel, await (await browser.new_context()).new_page())


@pytest.mark.browser
async def test_S6_V6_a_customer_is_proven_in_the_chat_and_a_stranger_after_logging_out(
    kestrel: Kestrel, browser: Browser
) -> None:
    ann = kestrel.front.add_customer(first_name="Ann", last_name="Lee")
    bob = kestrel.front.add_customer(first_name="Bob", last_name="Ray")
    kestrel.front.add_products(6)
    buyer = await shopper(kestrel, browser)
    await buyer.enter()
    assert [path for path in buyer.asked if "session" in path] == []  # a guest asks nothing
    await buyer.log_in(ann["legacyResourceId"])
    await buyer.open()
    found = await until(lambda: kestrel.who(ann))
    assert found.assurance.name == "TOKEN"
    await buyer.panel.get_by_role("button", name="Send us a message").click()
    await buyer.panel.get_by_role("textbox", name="Write a message…").fill("Where is my parcel?")
    await buyer.page.keyboard.press("Enter")
    await expect(buyer.panel.get_by_role("log").get_by_text("Where is my parcel?")).to_be_visible()
    await picture(buyer.page, "flow-storefront")

    await buyer.log_in("")  # she leaves the computer to somebody else
    await until(lambda: gone(kestrel, ann))
    await buyer.open()
    await expect(buyer.panel.get_by_role("button", name="Send us a message")).to_be_visible(
        timeout=PATIENCE
    )
    assert await buyer.panel.get_by_text("Where is my parcel?").count() == 0

    await buyer.log_in(bob["legacyResourceId"])
    await buyer.open()
    other = await until(lambda: kestrel.who(bob))
    assert other.customer_id != found.customer_id
    assert await buyer.panel.get_by_text("Where is my parcel?").count() == 0

    await buyer.log_in(ann["legacyResourceId"])  # and her own talk is still hers
    await buyer.open()
    await expect(buyer.panel.get_by_text("Where is my parcel?").first).to_be_visible(
        timeout=PATIENCE
    )
    assert buyer.errors == []


async def gone(kestrel: Kestrel, customer: dict[str, Any]) -> bool:
    return await kestrel.who(customer) is None


@pytest.mark.browser
async def test_S6_the_embed_tells_the_hub_that_it_runs(kestrel: Kestrel, browser: Browser) -> None:
    buyer = await shopper(kestrel, browser)
    await buyer.enter("/?preview=secret")

    async def seen() -> dict[str, Any] | None:
        details = await kestrel.details()
        return details if "embed_seen_at" in details else None

    details = await until(seen)
    assert details["embed_page"] == "127.0.0.1/"
    await buyer.enter()
    await buyer.page.wait_for_timeout(2500)
    assert len([path for path in buyer.asked if path.endswith("/seen")]) == 1


@pytest.mark.browser
async def test_S6_a_shop_whose_hub_is_down_stays_a_shop(kestrel: Kestrel, browser: Browser) -> None:
    told = kestrel.front.installation().metafields
    told["parley", "hub"]["value"] = "http://127.0.0.1:9"  # nobody listens there
    kestrel.app.proxy_url = "http://127.0.0.1:9/shopify/proxy"
    ann = kestrel.front.add_customer(first_name="Ann", last_name="Lee")
    buyer = await shopper(kestrel, browser)
    await buyer.page.goto(kestrel.store.url)
    await buyer.log_in(ann["legacyResourceId"])
    await buyer.page.wait_for_timeout(2500)
    await expect(buyer.page.get_by_label("Logged in as")).to_be_visible()
    assert buyer.errors == []


async def test_O5_only_what_the_shop_has_signed_is_believed(kestrel: Kestrel) -> None:
    ann = kestrel.front.add_customer(first_name="Ann", last_name="Lee")
    path = "/shopify/proxy/session"
    good = signed_query(kestrel.front, kestrel.app, ann["legacyResourceId"])
    hub: RunningHub = kestrel.shop.hub
    assert (await hub.http.post(f"{path}?{good}")).status_code == 200
    forged = good.replace(ann["legacyResourceId"], "1")
    assert (await hub.http.post(f"{path}?{forged}")).status_code == 401
    assert (await hub.http.post(path)).status_code == 401
    async with httpx.AsyncClient(base_url=kestrel.store.url) as page:
        cookies = {"Cookie": f"standin_customer={ann['legacyResourceId']}"}
        answer = await page.post("/apps/parley/session", headers=cookies)
        assert answer.json()["user_token"].startswith("idt_")
        assert (await page.post("/apps/parley/session?page=2", headers=cookies)).status_code == 401
