"""Somebody writes the help centre in a browser: articles, languages, and after a lost session."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from connectors.testing.hubs import RunningHub, Shop, serve
from tests.flows.conftest import picture
from tests.flows.test_integrations_browser import sign_in, watched

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120), pytest.mark.browser]

TITLE = "Can I put it in the dishwasher?"
TEAPOT = {
    "external_id": "teapot",
    "title": "Harbour teapot",
    "price": "74.00",
    "currency": "EUR",
    "url": "https://shop.example/teapot",
}


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, sqlite_url) as running:
        running.hub.services.public_url = running.url
        yield running


async def page_of(browser: Browser, hub: RunningHub, shop: Shop) -> Page:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    await sign_in(context, hub, await shop.agent())
    return await watched(context)


async def begin(page: Page, hub: RunningHub, title: str = TITLE) -> None:
    await page.goto(f"{hub.url}/console/articles")
    await page.get_by_role("button", name="New article").first.click()
    await page.get_by_label("Title").fill(title)
    await page.get_by_role("button", name="Start writing").click()
    await expect(page.get_by_role("textbox", name="Text in Markdown")).to_be_visible()


async def write(page: Page, text: str) -> None:
    area = page.get_by_role("textbox", name="Text in Markdown")
    await area.press("Control+End")
    await area.press_sequentially(text)


async def saved(page: Page) -> None:
    await expect(page.get_by_role("status").filter(has_text=re.compile("^Saved"))).to_be_visible()


async def test_J7_an_article_is_written_previewed_published_and_public(browser, hub):
    shop = await hub.shop()
    await shop.post("/v1/chat/ingest/products", {"products": [TEAPOT]})
    page = await page_of(browser, hub, shop)
    await begin(page, hub)
    await write(page, "Most of it is safe.\n\n- Let it cool\nLeave some space\n\n")
    await page.get_by_role("button", name="Insert product").click()
    await page.get_by_role("option", name=re.compile("Harbour teapot")).click()
    await saved(page)
    shown = page.frame_locator("iframe[title^='The article in the widget']")
    await expect(shown.get_by_role("heading", name=TITLE)).to_be_visible()
    await expect(shown.get_by_role("listitem")).to_have_count(2)  # Enter went on with the list
    await expect(shown.get_by_text("Harbour teapot")).to_be_visible()
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("button", name="Published", exact=True)).to_be_disabled()
    address = await page.get_by_role("link", name="Public page").get_attribute("href")
    assert address
    public = await hub.http.get(address)
    assert public.status_code == 200 and "Most of it is safe." in public.text
    await picture(page, "article-published")


async def test_J7_bold_by_the_keyboard_is_taken_back_by_undo(browser, hub):
    page = await page_of(browser, hub, await hub.shop())
    await begin(page, hub)
    area = page.get_by_role("textbox", name="Text in Markdown")
    await write(page, "Top rack only")
    await area.press("Control+Home")
    await area.press("Control+Shift+ArrowRight")
    await area.press("Control+b")
    await expect(area).to_have_value(re.compile(r"^\*\*Top ?\*\* ?rack only$"))
    await area.press("Control+z")
    await expect(area).to_have_value("Top rack only")


async def test_J7_another_language_and_another_collection_by_the_keyboard(browser, hub):
    page = await page_of(browser, hub, await hub.shop())
    await begin(page, hub)
    await page.get_by_role("button", name="Write in another language").click()
    await page.get_by_role("menuitem", name="Deutsch").click()
    await write(page, "Ja, oben.")
    await expect(page.get_by_text("It is saved once it has a title.")).to_be_visible()
    await page.get_by_role("textbox", name="Title").fill("Darf das in die Spülmaschine?")
    await saved(page)
    await expect(page.get_by_role("tab")).to_have_count(2)
    await page.get_by_role("button", name="New", exact=True).click()
    await page.get_by_role("menuitem", name="New collection").click()
    await page.get_by_label("English").fill("Care")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("button", name="Care", exact=True)).to_be_visible()
    article = page.get_by_role("navigation", name="Collections").get_by_role("link", name=TITLE)
    await article.press("Alt+ArrowDown")
    await expect(page.get_by_text(f"{TITLE} is now number 1 in Care")).to_be_attached()


async def test_J7_what_is_typed_after_the_session_ended_is_there_after_the_next_sign_in(
    browser, hub
):
    shop = await hub.shop()
    page = await page_of(browser, hub, shop)
    await begin(page, hub)
    await write(page, "Before. ")
    await saved(page)
    kept = await page.context.cookies()
    await page.context.clear_cookies()
    await write(page, "After.")
    await expect(page.get_by_text("Your session has ended.")).to_be_visible()
    await page.context.add_cookies(kept)  # as the sign-in form would
    await page.reload()
    area = page.get_by_role("textbox", name="Text in Markdown")
    await expect(area).to_have_value("Before. After.")
    await saved(page)


async def test_J7_a_public_article_is_deleted_only_by_typing_its_address(browser, hub):
    page = await page_of(browser, hub, await hub.shop())
    await begin(page, hub, "Mugs")
    await write(page, "They are mugs.")
    await page.get_by_role("button", name="Publish", exact=True).click()
    await page.get_by_role("button", name="More about this article").click()
    await page.get_by_role("menuitem", name="Delete the article").click()
    delete = page.get_by_role("dialog").get_by_role("button", name="Delete")
    await expect(delete).to_be_disabled()
    await page.get_by_label("Type mugs to delete it").fill("mugs")
    await delete.click()
    await expect(page.get_by_text("Write your first article")).to_be_visible()


async def test_J7_going_to_another_language_and_back_shows_what_was_saved(browser, hub):
    page = await page_of(browser, hub, await hub.shop())
    await begin(page, hub)
    await write(page, "One. ")
    await saved(page)
    await write(page, "Two.")
    await expect(page.get_by_text("Not saved yet")).to_be_visible()
    await saved(page)
    await page.get_by_role("button", name="Write in another language").click()
    await page.get_by_role("menuitem", name="Deutsch").click()
    await expect(page.get_by_role("textbox", name="Text in Markdown")).to_have_value("")
    await page.get_by_role("tab", name="English").click()
    area = page.get_by_role("textbox", name="Text in Markdown")
    await expect(area).to_have_value("One. Two.")


async def test_J7_two_agents_in_one_text_are_asked_and_neither_loses_it(browser, hub):
    shop = await hub.shop()
    ida, noor = await page_of(browser, hub, shop), await page_of(browser, hub, shop)
    await begin(ida, hub)
    await write(ida, "Top rack.")
    await saved(ida)
    await noor.goto(ida.url)
    area = noor.get_by_role("textbox", name="Text in Markdown")
    await expect(area).to_have_value("Top rack.")
    await write(ida, " Only at 40°.")  # nobody is told of letters
    await expect(ida.get_by_role("status").filter(has_text="Not saved yet")).to_be_visible()
    await saved(ida)
    await write(noor, " Never the lid.")
    asked = noor.get_by_role("alert").filter(has_text="has saved this text meanwhile")
    await expect(asked).to_be_visible()
    await expect(area).to_have_value("Top rack. Never the lid.")
    await asked.get_by_role("button", name="Take theirs").click()
    await expect(area).to_have_value("Top rack. Only at 40°.")


async def test_G5_J7_the_inbox_is_searched_and_an_article_put_into_an_answer_by_the_keyboard(
    browser, hub
):
    shop = await hub.shop()
    agent = await shop.agent()
    for title in ("Dishwasher", "Delivery"):
        made = await agent.request("POST", "/console/api/articles", {"title": title})
        path = f"/console/api/articles/{made.json()['id']}/en"
        await agent.request("PUT", path, {"title": title, "body": "Yes."})
        await agent.request("POST", f"{path}/publish")
    page = await page_of(browser, hub, shop)
    async with (await shop.visitor()).socket() as widget:
        await widget.say("May I wash the teapot?", "talk-0001")
    await page.goto(f"{hub.url}/console/inbox?tab=all")
    search = page.get_by_role("searchbox", name="Search conversations")
    await search.fill("kettle")
    await expect(page).to_have_url(re.compile("q=kettle"))
    await expect(page.get_by_text("wash the teapot")).to_have_count(0)
    await page.get_by_role("button", name="Clear the search").first.click()
    await page.get_by_text("wash the teapot").click()
    await page.get_by_role("button", name="Insert article").click()
    find = page.get_by_role("combobox", name="Search articles")
    await expect(page.get_by_role("option")).to_have_count(2)
    await find.press("ArrowUp")  # from the first to the last
    last = page.get_by_role("option").last
    await expect(last).to_have_attribute("aria-selected", "true")
    await find.fill("dish")
    await expect(page.get_by_role("option")).to_have_count(1)
    await find.press("Enter")
    await expect(page.get_by_role("textbox", name=re.compile("^Reply to"))).to_have_value(
        re.compile("Dishwasher")
    )
