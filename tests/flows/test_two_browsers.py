"""A visitor in the demo shop and an agent in the console talk, over reloads and a restart."""

from __future__ import annotations

import signal

import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.flows.conftest import DemoHub, picture

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
PATIENCE = 15_000  # milliseconds


class Shopper:
    """Somebody in the demo shop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def enter(self, demo: DemoHub, who: str) -> None:
        await self.page.goto(f"{demo.url}/demo?as={who}")
        await self.open()

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Open chat").click()

    async def begin(self, text: str) -> None:
        await self.panel.get_by_role("button", name="Send us a message").click()
        await self.say(text)

    async def say(self, text: str) -> None:
        await self.panel.get_by_role("textbox", name="Write a message…").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str, times: int = 1) -> None:
        await expect(self.panel.get_by_role("log").get_by_text(text, exact=True)).to_have_count(
            times, timeout=PATIENCE
        )


class AgentAtWork:
    """Somebody in the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def sign_in(self, demo: DemoHub) -> None:
        await self.page.goto(demo.console_link)
        await expect(self.page.get_by_role("tab", name="Mine")).to_be_visible(timeout=PATIENCE)
        assert "signin" not in self.page.url

    async def answer(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Reply to").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str, times: int = 1) -> None:
        await expect(self.page.get_by_role("log").get_by_text(text, exact=True)).to_have_count(
            times, timeout=PATIENCE
        )


async def test_W20_two_browsers_talk_over_a_reload_and_a_restart(
    demo: DemoHub, browser: Browser
) -> None:
    shopper = Shopper(await (await browser.new_context()).new_page())
    agent = AgentAtWork(await (await browser.new_context()).new_page())
    await agent.sign_in(demo)
    await shopper.enter(demo, "guest")
    await shopper.begin("Do you ship to Réunion?")
    await agent.page.get_by_role("tab", name="AI").click()  # the assistant is quicker than a test
    await agent.page.get_by_text("Assistant answering").click()
    await agent.sees("Do you ship to Réunion?")
    await agent.answer("We do, in about nine days.")
    await shopper.sees("We do, in about nine days.")

    await shopper.page.reload()  # nothing is forgotten
    await shopper.open()
    await shopper.panel.get_by_text("We do, in about nine days.").first.click()
    await shopper.sees("Do you ship to Réunion?")
    await agent.page.reload()
    await agent.sees("We do, in about nine days.")
    await picture(shopper.page, "flow-visitor")
    await picture(agent.page, "flow-agent")

    await demo.stop(signal.SIGKILL)  # the hub dies while both write
    await shopper.say("And what does it cost?")
    await agent.answer("Shipping is free above €100.")
    await demo.start()
    await agent.sees("And what does it cost?")
    await shopper.sees("Shipping is free above €100.")
    for text in ("Do you ship to Réunion?", "We do, in about nine days."):
        await shopper.sees(text)
        await agent.sees(text)
    await shopper.sees("And what does it cost?")
    await agent.sees("Shipping is free above €100.")
    assert (shopper.errors, agent.errors) == ([], [])


async def test_O1_W11_G4_a_posted_record_appears_in_both_browsers_without_reload(
    demo: DemoHub, browser: Browser
) -> None:
    shopper = Shopper(await (await browser.new_context()).new_page())
    agent = AgentAtWork(await (await browser.new_context()).new_page())
    await agent.sign_in(demo)
    await agent.page.get_by_text("Amara Okafor").first.click()
    await expect(agent.page.get_by_text("Verified", exact=True).first).to_be_visible()  # G4
    await shopper.enter(demo, "amara")
    await expect(shopper.panel.get_by_text("Your activity")).to_be_visible(timeout=PATIENCE)
    await demo.post_record(
        kind="deposit",
        reference="DEP-9000",
        title="Deposit from the test",
        amount=1234.5,
        currency="EUR",
        status="completed",
    )
    for screen in (agent.page.get_by_text("Deposit from the test"),
                   shopper.panel.get_by_text("Deposit from the test")):  # fmt: skip
        await expect(screen.first).to_be_visible(timeout=PATIENCE)
    await picture(shopper.page, "flow-activity")
    await picture(agent.page, "flow-timeline")


async def test_W5_the_guest_sees_no_activity_and_the_page_stays_its_own(
    demo: DemoHub, browser: Browser
) -> None:
    shopper = Shopper(await (await browser.new_context()).new_page())
    await shopper.enter(demo, "guest")
    await expect(shopper.panel.get_by_text("See your orders here")).to_be_visible(timeout=PATIENCE)
    assert await shopper.panel.get_by_text("Your activity", exact=True).count() == 0
    names = await shopper.page.evaluate(
        "Object.keys(window).filter(n => /softbet|pingback|parley/i.test(n))"
    )
    assert names == ["SoftbetChat"]  # J1: one global
    assert await shopper.page.evaluate("document.cookie.includes('vst_')") is False


async def test_W14_the_pingback_embed_opens_the_same_widget(
    demo: DemoHub, browser: Browser
) -> None:
    page = await (await browser.new_context()).new_page()
    app_id = await _app_id(page, demo)
    looks = await page.evaluate(f"fetch('/api/v1/widget/{app_id}').then(r => r.json())")
    await page.route(
        "**/pingback",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"<script>window.PingBackWidgetId = '{looks['id']}';</script>"
            f"<script src='{demo.url}/widget.js' async></script>",
        ),
    )
    await page.goto(f"{demo.url}/pingback")
    await page.get_by_role("button", name="Open chat").click()
    await expect(
        page.frame_locator("iframe").get_by_role("button", name="Send us a message")
    ).to_be_visible(timeout=PATIENCE)


async def test_W7_W8_the_reference_tag_with_comments_inside_works(
    demo: DemoHub, browser: Browser
) -> None:
    page = await (await browser.new_context()).new_page()
    app_id = await _app_id(page, demo)
    await page.route(
        "**/reference",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<script src="{demo.url}/widget.js"
                data-app-id="{app_id}"
                data-position="left" // "left" or "right" (default)
                data-offset-x="28"  // 28px in from the right edge
                data-offset-y="96"  // 96px up from the bottom
                defer></script>""",
        ),
    )
    await page.goto(f"{demo.url}/reference")
    bubble = page.get_by_role("button", name="Open chat")
    await expect(bubble).to_be_visible(timeout=PATIENCE)
    box = await bubble.bounding_box()
    assert box is not None
    assert box["x"] == pytest.approx(28, abs=1)
    assert page.viewport_size is not None
    assert page.viewport_size["height"] - box["y"] - box["height"] == pytest.approx(96, abs=1)


async def test_J2_an_inline_call_before_the_deferred_script_is_replayed(
    demo: DemoHub, browser: Browser
) -> None:
    """The demo page carries the reference's inline identify before widget.js has loaded."""
    page = await (await browser.new_context()).new_page()
    html = await (await page.goto(f"{demo.url}/demo?as=amara")).text()  # type: ignore[union-attr]
    assert html.index("SoftbetChat('identify'") < html.rindex("widget.js") or "defer" in html
    await page.get_by_role("button", name="Open chat").click()
    await expect(page.frame_locator("iframe").get_by_text("Hi Amara!")).to_be_visible(
        timeout=PATIENCE
    )


async def _app_id(page: Page, demo: DemoHub) -> str:
    await page.goto(f"{demo.url}/demo?as=guest")
    app_id = await page.get_attribute("script[data-app-id]", "data-app-id")
    assert app_id is not None
    return app_id
