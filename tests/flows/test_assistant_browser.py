"""A signed-in customer talks with the assistant, gets answers, cards and a code, then a person."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from benchmarks.assistant.shop import FOLDER, Store, seed
from connectors.testing.hubs import RunningHub, serve
from tests.flows.conftest import picture
from tests.flows.test_two_browsers import PATIENCE, AgentAtWork, Shopper

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180), pytest.mark.browser]


@dataclass
class Counter:
    """A hub with the evaluation's shop, and a page of that shop with the chat in it."""

    hub: RunningHub
    store: Store
    shop_url: str = ""
    page: bytes = b""

    async def visit(self, page: Page, user_id: str) -> Shopper:
        """Somebody whom the shop has signed in opens its page, and the chat."""
        made = self.store.made
        secret = made.identity_secret.encode()
        proof = hmac.new(secret, user_id.encode(), hashlib.sha256).hexdigest()
        tag = (
            f'<script src="{self.hub.url}/widget.js" data-app-id="{made.app_id}" '
            f'data-user-id="{user_id}" data-user-hash="{proof}" defer></script>'
        )
        body = f'<!doctype html><html lang="en"><title>Northlight</title><body>{tag}</body></html>'
        self.page = body.encode()
        await page.goto(self.shop_url)
        shopper = Shopper(page)
        await shopper.open()
        return shopper

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The shop's own web server: it has one page."""
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(self.page)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n".encode() + self.page)
        await writer.drain()
        writer.close()

    async def post_deposit(self, amount: str) -> None:
        """What the shop's server says of the customer's account."""
        record = {
            "kind": "deposit",
            "reference": "DEP-2026",
            "title": "Store credit top-up",
            "amount": amount,
            "currency": "EUR",
            "status": "completed",
        }
        answer = await self.hub.http.post(
            "/v1/chat/ingest/records",
            json={"external_id": "42", "records": [record]},
            headers={"Authorization": f"Bearer {self.store.made.api_key}"},
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def counter(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counter]:
    monkeypatch.setenv("PLUGINS", str(FOLDER / "plugins.toml"))
    async with serve(tmp_path, sqlite_url) as running:
        counter = Counter(running, await seed(running.hub))
        # Of this machine, like the hub: browsers keep pages of the internet from talking to it.
        async with await asyncio.start_server(counter.answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            counter.shop_url = f"http://127.0.0.1:{port}/"
            yield counter


async def test_A1_A3_A8_S3_S5_from_a_deposit_to_a_person(
    counter: Counter, browser: Browser
) -> None:
    agent = AgentAtWork(await (await browser.new_context()).new_page())
    link = counter.store.made.console_url.rpartition("#")[2]
    await agent.page.goto(f"{counter.hub.url}/console#{link}")
    await expect(agent.page.get_by_role("tab", name="Mine")).to_be_visible(timeout=PATIENCE)
    await counter.post_deposit("1234.56")
    page = await (await browser.new_context()).new_page()
    shopper = await counter.visit(page, "42")
    log = shopper.panel.get_by_role("log")

    await shopper.begin("What is the status of my last deposit?")
    await expect(log.get_by_text(re.compile(r"1,234\.56"))).not_to_have_count(0, timeout=PATIENCE)
    await expect(log.get_by_text(re.compile("completed", re.I))).not_to_have_count(0)
    await shopper.say("I am looking for a red jacket under 80 euros")
    await expect(log.get_by_text("Red rain jacket").first).to_be_visible(timeout=PATIENCE)
    await shopper.say("Could I get a discount?")
    await expect(log.get_by_text(re.compile("^CHAT-")).first).to_be_visible(timeout=PATIENCE)
    await picture(page, "assistant-visitor")
    await shopper.say("I want to talk to a person, please")
    await expect(log.get_by_text(re.compile("person|colleague|team", re.I)).last).to_be_visible(
        timeout=PATIENCE
    )
    await picture(page, "assistant-handover")

    await agent.page.get_by_role("tab", name="Unassigned").click()
    await agent.page.get_by_text("Amara Okafor").first.click()
    reason = agent.page.get_by_text(re.compile("asked for a person", re.I)).first
    await expect(reason).to_be_visible(timeout=PATIENCE)
    await expect(agent.page.get_by_text(re.compile("deposit", re.I)).first).to_be_visible()
    await picture(agent.page, "assistant-agent")
    assert (shopper.errors, agent.errors) == ([], [])
