"""Agents beside the assistant in a browser: its steps, its drafts, taking over, the kill switch."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from core.access import Role
from tests.flows.conftest import picture
from tests.flows.test_integrations_browser import sign_in, watched

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120), pytest.mark.browser]

TALK = "talk-0001"
JACKET = {
    "external_id": "jacket",
    "title": "Red rain jacket",
    "price": "69.00",
    "currency": "EUR",
    "url": "https://shop.example/jacket",
    "available": True,
}
WISH = "Do you have a red jacket under 80 euros?"


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, sqlite_url) as running:
        running.hub.services.public_url = running.url
        yield running


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    made = await hub.shop()
    await made.post("/v1/chat/ingest/products", {"products": [JACKET]})
    return made


@pytest.fixture
async def owner(shop: Shop) -> Agent:
    agent = await shop.agent()
    answer = await agent.request("PUT", "/console/api/assistant", {"on": True})
    assert answer.status_code == 200, answer.text
    return agent


async def page_of(browser: Browser, hub: RunningHub, agent: Agent) -> Page:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    await sign_in(context, hub, agent)
    return await watched(context)


async def wish(shop: Shop, text: str = WISH) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say(text, TALK)


async def test_A8_A10_an_agent_sees_what_was_looked_up_and_takes_over(browser, hub, shop, owner):
    page = await page_of(browser, hub, owner)
    await page.goto(f"{hub.url}/console/inbox?tab=assistant")
    await wish(shop)
    await page.get_by_text("Assistant answering").click()
    log = page.get_by_role("log")
    await expect(log.get_by_text("Red rain jacket").first).to_be_visible()
    await log.get_by_text("Looked up 1 thing").click()
    await expect(log.get_by_text("search_products")).to_be_visible()
    await picture(page, "assistant-transcript")
    await page.get_by_role("button", name="Take over").click()
    await expect(page.get_by_role("button", name="Assigned to You")).to_be_visible()
    await expect(page.get_by_text("The assistant is answering.")).to_have_count(0)
    await page.get_by_role("button", name="Who answers").click()
    await page.get_by_role("menuitem", name="Hand back to the assistant").click()
    await expect(page.get_by_text("The assistant is answering.")).to_be_visible()


async def test_A10_a_draft_becomes_the_reply_with_its_products(browser, hub, shop, owner):
    await wish(shop)
    page = await page_of(browser, hub, owner)
    await page.goto(f"{hub.url}/console/inbox/{TALK}?tab=all")
    await page.get_by_role("button", name="Draft a reply").click()
    draft = page.get_by_role("region", name="Suggested reply")
    await expect(draft.get_by_text("Red rain jacket").first).to_be_visible()
    await draft.get_by_role("button", name="Use draft").click()
    await expect(draft).to_have_count(0)
    attached = page.get_by_role("list", name="Products to send")
    await expect(attached.get_by_text("Red rain jacket")).to_be_visible()
    send = page.get_by_role("button", name="Send", exact=True)
    await expect(send).to_be_focused()
    await send.press("Enter")
    await expect(page.get_by_role("button", name="Assigned to You")).to_be_visible()


async def test_A8_A10_the_kill_switch_brings_open_conversations_to_the_team(
    browser, hub, shop, owner
):
    await wish(shop)
    page = await page_of(browser, hub, owner)
    await page.goto(f"{hub.url}/console/settings/assistant")
    await expect(page.get_by_text("The assistant is answering")).to_be_visible()
    await page.get_by_role("button", name="Stop everywhere").click()
    await page.get_by_role("dialog").get_by_role("button", name="Stop everywhere").click()
    await expect(page.get_by_role("heading", name="The assistant is off")).to_be_visible()
    await page.goto(f"{hub.url}/console/inbox?tab=unassigned")
    await page.get_by_text("Assistant stopped").click()
    await expect(page.get_by_role("region", name="Handed over to your team")).to_be_visible()


async def test_A10_a_test_chat_shows_its_steps_and_an_agent_may_change_nothing(
    browser, hub, shop, owner
):
    page = await page_of(browser, hub, await shop.agent(Role.AGENT))
    await page.goto(f"{hub.url}/console/settings/assistant")
    await expect(page.get_by_text("Only admins and owners can change it.")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop everywhere")).to_have_count(0)
    await page.get_by_role("textbox", name="Ask something").fill(WISH)
    await page.keyboard.press("Enter")
    chat = page.get_by_role("complementary", name="Test chat")
    await expect(chat.get_by_text(re.compile("Looked up"))).to_be_visible()
    await expect(chat.get_by_text("Red rain jacket").first).to_be_visible()
    await picture(page, "assistant-settings")
