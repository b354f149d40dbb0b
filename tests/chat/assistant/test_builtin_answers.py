"""What the built-in engine answers, over real tools and a real database."""

from __future__ import annotations

from typing import Any

import pytest

from chat.assistant.tools import TOOLS
from core.access import Assurance
from core.db import Database, Work
from core.products import ProductDraft
from tests.chat.assistant.shops import Shop, jacket, note_record, open_with_tools, sell
from tests.chat.assistant.talks import Visitor

pytestmark = pytest.mark.anyio
OURS = {tool.name: tool for tool in TOOLS}


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_with_tools(db, OURS)


async def note(shop: Shop, kind: str, reference: str, **more: Any) -> None:
    def write(work: Work) -> None:
        note_record(work, shop.workspace_id, kind, reference, **more)

    await shop.services.db.write(write)


async def stock(shop: Shop, *drafts: ProductDraft) -> None:
    await shop.services.db.write(sell, shop.workspace_id, *drafts)


@pytest.fixture
def visitor(shop: Shop) -> Visitor:
    return Visitor(shop)


async def test_A4_the_last_deposit_is_told_with_amount_day_and_status(
    shop: Shop, visitor: Visitor
) -> None:
    await note(shop, "deposit", "DEP-77", amount=5_000, currency="EUR", status="pending")
    reply = await visitor.ask("what is the status of my last deposit?")
    assert "€50.00" in reply.text and "“pending”" in reply.text
    assert "21 September 2026" in reply.text
    assert [one.kind for one in reply.sources] == ["record"]
    assert len(reply.cards) == 1
    assert visitor.used == ["my_activity"]


async def test_A1_a_red_jacket_under_80_euros_is_found_as_cards(
    shop: Shop, visitor: Visitor
) -> None:
    await stock(
        shop,
        jacket("Red rain jacket", 7_900),
        jacket("Red down jacket", 24_900),
        jacket("Mug", 900),
    )
    reply = await visitor.ask("a red jacket under 80 euros")
    assert [card.title for card in reply.cards] == ["Red rain jacket"]
    cheaper = await visitor.ask("cheaper")
    assert cheaper.cards == ()
    assert "nothing cheaper" in cheaper.text


async def test_A7_whoever_has_proven_nothing_is_asked_to(shop: Shop, visitor: Visitor) -> None:
    await shop.become(Assurance.ANONYMOUS)
    assert (await visitor.ask("where is my order?")).verify == "email"
    assert (await visitor.ask("Wie ist der Status meiner letzten Einzahlung?")).verify == "hmac"


async def test_A8_who_asks_for_a_person_gets_one(visitor: Visitor) -> None:
    reply = await visitor.ask("Kann ich mit einem Menschen sprechen?")
    assert reply.passing is not None and reply.passing.why == "asked"
    assert visitor.used == ["hand_over"]


async def test_A6_what_nobody_wrote_is_not_known(visitor: Visitor) -> None:
    reply = await visitor.ask("do you repair bagpipes?")
    assert reply.unsure
    assert "rather not guess" in reply.text
