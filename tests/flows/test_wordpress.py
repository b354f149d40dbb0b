"""A customer of a WordPress site opens the chat on a cached page, and logs out (C1, C7, V6)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect
from sqlalchemy import text

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core.db import Work
from tests.connectors.woocommerce.stage import ANNA, options, php
from tests.flows.conftest import picture

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.php, pytest.mark.timeout(120)]

SITE = Path(__file__).parents[1] / "connectors/woocommerce/wordpress/site.php"
HOSTILE = "</script><img src=x onerror=alert(1)>"
BEN = {"ID": 3, "display_name": HOSTILE, "user_email": "ben@shop.example"}
PATIENCE = 15_000  # milliseconds


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path / "hub", sqlite_url) as running:
        yield running


@pytest.fixture
async def site(shop: Shop) -> AsyncIterator[str]:
    """The address of a site with the plugin, served by PHP itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{probe.getsockname()[1]}"
    made = shop.made
    settings = options(shop.hub.url, made.api_key, made.identity_secret, app_id=made.app_id)
    given = {"options": settings, "users": {"2": ANNA, "3": BEN}}
    environment = {"PATH": os.environ["PATH"], "PARLEY_SITE": json.dumps(given)}
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        php(), "-S", where, str(SITE), env=environment, stdout=quiet, stderr=quiet
    )
    try:
        await until(lambda: answers(f"http://{where}/"))
        yield f"http://{where}"
    finally:
        process.terminate()
        await process.wait()


async def answers(url: str) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            return (await http.get(url)).status_code == 200
        except httpx.TransportError:
            return False


class Shopper:
    """Somebody at a computer in the shop."""

    def __init__(self, shop: Shop, page: Page, site: str) -> None:
        self.shop, self.page, self.site = shop, page, site
        self.errors: list[str] = []
        self.asked = 0
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        page.on("request", self._count)

    def _count(self, request: Any) -> None:
        self.asked += request.url.endswith("/parley/v1/identity")

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def visit(self, path: str = "/") -> None:
        await self.page.goto(self.site + path)
        await expect(self.page.get_by_role("button", name="Open chat")).to_be_visible()

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Open chat").click()

    async def proven(self) -> list[str]:
        """Who was proven, by the ids of the site, in the order in which they came."""

        def read(work: Work) -> list[str]:
            known = (
                "SELECT DISTINCT c.external_id FROM visitors v"
                " JOIN customers c ON c.id = v.customer_id ORDER BY c.external_id"
            )
            return list(work.execute(text(known)).scalars())

        return await self.shop.hub.hub.db.read(read)


async def test_C7_V6_a_customer_is_proven_on_a_cached_page_and_a_stranger_after_logging_out(
    shop: Shop, site: str, browser: Browser
) -> None:
    buyer = Shopper(shop, await (await browser.new_context()).new_page(), site)
    await buyer.visit()
    await buyer.open()
    await expect(buyer.panel.get_by_role("button", name="Send us a message")).to_be_visible()
    assert buyer.asked == 0, "a guest costs the site nothing"

    await buyer.visit("/login?user=2")
    assert buyer.asked == 0, "not before the chat is opened"
    await buyer.open()
    await until(lambda: is_(buyer, ["2"]))
    await buyer.panel.get_by_role("button", name="Send us a message").click()
    await buyer.panel.get_by_role("textbox", name="Write a message…").fill("Where is my parcel?")
    await buyer.page.keyboard.press("Enter")
    await expect(buyer.panel.get_by_role("log").get_by_text("Where is my parcel?")).to_be_visible()
    await picture(buyer.page, "flow-wordpress")

    await buyer.visit("/logout")  # she leaves the computer to somebody else
    await buyer.open()
    await expect(buyer.panel.get_by_role("button", name="Send us a message")).to_be_visible(
        timeout=PATIENCE
    )
    assert await buyer.panel.get_by_text("Where is my parcel?").count() == 0

    await buyer.visit("/login?user=3")  # with a hostile name
    await buyer.open()
    await until(lambda: is_(buyer, ["2", "3"]))
    assert await buyer.panel.get_by_text("Where is my parcel?").count() == 0

    await buyer.visit("/login?user=2")  # and her own talk is still hers
    await buyer.open()
    await expect(buyer.panel.get_by_text("Where is my parcel?").first).to_be_visible(
        timeout=PATIENCE
    )
    assert buyer.errors == []


async def is_(buyer: Shopper, whom: list[str]) -> bool:
    return await buyer.proven() == whom


async def test_C1_a_site_whose_hub_is_down_stays_a_site(
    shop: Shop, site: str, browser: Browser
) -> None:
    page = await (await browser.new_context()).new_page()
    await page.route("**/widget.js", lambda route: route.abort())
    buyer = Shopper(shop, page, site)
    await page.goto(f"{site}/login?user=2")
    await expect(page.get_by_role("heading", name="Kestrel & Clay")).to_be_visible()
    assert await page.evaluate("SoftbetChat('open'), 'the page goes on'") == "the page goes on"
    assert buyer.errors == []
