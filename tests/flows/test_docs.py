"""The API's page in a real browser: read, filtered, copied from, on a phone as well."""

from __future__ import annotations

import pytest

from connectors.testing.hubs import serve
from tests.flows.conftest import picture


@pytest.mark.browser
async def test_D13_the_api_page_can_be_read_filtered_and_copied_from(tmp_path, sqlite_url, browser):
    async with serve(tmp_path, sqlite_url) as hub:
        context = await browser.new_context(
            permissions=["clipboard-read", "clipboard-write"], color_scheme="dark"
        )
        page = await context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{hub.url}/docs")

        await page.get_by_role("searchbox").fill("ingest activity")
        shown = page.locator(".side li:visible")
        assert await shown.count() == 1
        await shown.get_by_role("link").click()
        article = page.locator("#post_v1_chat_ingest_records")
        await article.get_by_role("button", name="Copy").first.click()
        await article.get_by_role("button", name="Copied").wait_for()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("curl -X POST http")
        assert '"reference": "1001"' in copied
        await picture(page, "docs")

        await page.set_viewport_size({"width": 360, "height": 700})
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await picture(page, "docs-phone")
        assert complaints == []
