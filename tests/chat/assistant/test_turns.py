"""The assistant answers visitors, once, and a person is there whenever it cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chat.assistant.engine import Question, Reply, Tell
from chat.assistant.engines import Engines, Limits
from chat.assistant.sweeping import sweep
from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core.db import Work
from core.talks import Talk
from core.turns import claim
from core.views import ProductCard
from tests.chat.assistant.parrots import (
    TALK,
    Parrot,
    answer_to,
    assistants,
    turn_on,
    turns_of,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def parrot(hub: RunningHub, shop: Shop) -> Parrot:
    return await turn_on(hub, shop)


async def talk_of(hub: RunningHub, shop: Shop) -> dict[str, Any]:
    def read(work: Work) -> dict[str, Any]:
        row = work.session.get(Talk, (shop.workspace_id, TALK))
        return row.model_dump() if row else {}

    return await hub.hub.db.read(read)


async def set_talk(hub: RunningHub, **values: Any) -> None:
    """Change the talk past the hub, as a crash or a slow clock would leave it."""

    def write(work: Work) -> None:
        assigned = ", ".join(f"{name} = :{name}" for name in values)
        work.execute(text(f"UPDATE assistant_talks SET {assigned}"), values)

    await hub.hub.db.write(write)


# Answering --------------------------------------------------------------------------------


async def test_A6_a_visitor_is_answered_and_agents_have_nothing_to_do(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        message = await answer_to(widget, "Hello?")
        assert (message["id"], message["text"]) == ("assistant-1", "Hello?")
        assert message["author"]["kind"] == "assistant"
        typing = await console.hear("typing", who="assistant")
        assert (typing["on"], typing["person"]) == (True, None)
        changed = await console.hear("ConversationChanged")
        assert changed["answering"] == "assistant"
    listed = await agent.get("/console/api/conversations?tab=assistant")
    assert [(one["id"], one["unread"]) for one in listed["items"]] == [(TALK, 0)]


async def test_A6_several_messages_in_a_row_are_one_question_and_none_is_lost(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor = await shop.visitor()
    parrot.pause.clear()
    async with visitor.socket() as widget:
        await widget.say("first", TALK)
        await until(lambda: parrot.questions)
        await widget.say("second", TALK)
        await widget.say("third", TALK)
        parrot.pause.set()
        answers = [(await assistants(widget))["text"] for _ in range(2)]
    assert answers == ["first", "second\nthird"]
    assert [one.text for one in parrot.questions[1].history] == ["first", "first"]


async def test_A6_an_engine_gets_the_history_and_its_own_memory(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    parrot.replies = [Reply(text="Which colour?", locale="de", memory={"asked": "colour"})]
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await answer_to(widget, "A jacket")
        await answer_to(widget, "Red")
    second = parrot.questions[1]
    assert (second.text, second.locale, second.memory) == ("Red", "de", {"asked": "colour"})
    assert [(one.author, one.text) for one in second.history] == [
        ("visitor", "A jacket"), ("assistant", "Which colour?"),
    ]  # fmt: skip


async def test_A6_a_card_that_no_tool_gave_is_not_shown(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    product = {"external_id": "p-1", "title": "Red jacket", "price": "79.00", "currency": "EUR"}
    await shop.post("/v1/chat/ingest/products", {"products": [product]})
    invented = ProductCard(id="prd_invented", title="A gift")

    async def recommend(question: Question, tell: Tell) -> Reply:
        found = await question.tools.use("search_products", {"words": "jacket"})
        cards = (invented, *found.cards)
        return Reply(text="Here:", locale="en", cards=cards, choices=("More", " ", "x" * 99))

    parrot.replies = [recommend]
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        message = await answer_to(widget, "A jacket?")
    product_card, choices = message["cards"]
    assert product_card["title"] == "Red jacket"
    assert choices == {"type": "choices", "choices": ["More", "x" * 80]}


async def test_A10_each_answer_keeps_how_it_came_about(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    async def look(question: Question, tell: Tell) -> Reply:
        await question.tools.use("search_products", {"words": "kettle"})
        return Reply(text="None.", locale="en", withheld="It costs 3 euros.")

    parrot.replies = [look]
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await answer_to(widget, "A kettle?")

    def read(work: Work) -> list[Any]:
        return list(work.execute(text("SELECT * FROM assistant_transcripts")).mappings())

    (row,) = await hub.hub.db.read(read)
    assert (row["message_id"], row["engine"]) == ("assistant-1", "built-in")
    assert row["withheld"] == "It costs 3 euros."
    assert "search_products" in str(row["steps"])


async def test_A6_what_is_being_written_is_shown_and_ends_with_the_message(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    async def write(question: Question, tell: Tell) -> Reply:
        await tell("One.")
        return Reply(text="One. Two.", locale="en")

    parrot.replies = [write]
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        message = await answer_to(widget, "Count!")
        drafting = await widget.hear("drafting")
    assert (drafting["message"], drafting["text"]) == (message["id"], "One.")


async def test_A6_where_the_assistant_is_off_nothing_is_said(hub: RunningHub, shop: Shop) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)
        assert "assistant" not in str(await widget.silence())
    assert await talk_of(hub, shop) == {}


async def test_A6_what_was_written_before_it_was_turned_on_is_for_people(
    hub: RunningHub, shop: Shop
) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)
        parrot = await turn_on(hub, shop)
        await asyncio.sleep(0)
        turns = turns_of(hub)
        turns.engines.limits = Limits(unanswered=0)
        assert await sweep(turns) == 0
        assert (await answer_to(widget, "Anyone?"))["text"] == "Anyone?"
    assert len(parrot.questions) == 1


# People -----------------------------------------------------------------------------------


async def test_A8_an_agents_message_ends_the_assistants_part_and_its_late_reply_is_dropped(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    parrot.pause.clear()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        await until(lambda: parrot.questions)
        await console.say("I am here.", TALK)
        parrot.pause.set()
        await widget.say("Thanks.", TALK)
        heard = await widget.silence()
    said = [one["message"]["author"]["kind"] for one in heard if one["type"] == "MessageAdded"]
    assert "assistant" not in said
    assert len(parrot.questions) == 1
    await until(lambda: _is_idle(hub, shop))


async def test_A8_a_process_that_has_not_heard_of_the_agent_drops_its_reply_all_the_same(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    turns_of(hub).drop = lambda key: None  # type: ignore[method-assign]  # it comes too late
    parrot.pause.clear()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        await until(lambda: parrot.questions)
        await console.say("I am here.", TALK)
        parrot.pause.set()
        await until(lambda: _is_idle(hub, shop))
        heard = await widget.silence()
    said = [one["message"]["author"]["kind"] for one in heard if one["type"] == "MessageAdded"]
    assert "assistant" not in said


async def test_A_6_what_came_while_a_turn_worked_is_not_forgotten_by_a_crash_after_it(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor = await shop.visitor()
    turns = turns_of(hub)
    parrot.pause.clear()
    async with visitor.socket() as widget:
        await widget.say("first", TALK)
        await until(lambda: parrot.questions)
        turns.wake = lambda *_: None  # type: ignore[method-assign]  # nobody hears the second
        await widget.say("second", TALK)
        parrot.pause.set()
        assert (await assistants(widget))["text"] == "first"
        assert await sweep(turns) == 0
        await set_talk(hub, until=1)
        assert await sweep(turns) == 1
        assert (await assistants(widget))["cards"][0]["type"] == "handover"


async def _is_idle(hub: RunningHub, shop: Shop) -> bool:
    return (await talk_of(hub, shop))["state"] == "idle"


async def test_A8_the_assistant_leaves_an_assigned_conversation_alone_until_it_is_resolved(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "Hello?")
        await console.send(
            {"type": "assign", "id": "assign-01", "conversation": TALK,
             "assignee": agent.principal.id}
        )  # fmt: skip
        await console.hear("ack", id="assign-01")
        await widget.say("Still there?", TALK)
        await widget.silence()
        assert len(parrot.questions) == 1
        for frame in (
            {"type": "assign", "id": "assign-02", "conversation": TALK, "assignee": None},
            {"type": "set_status", "id": "status-01", "conversation": TALK, "status": "resolved"},
        ):
            await console.send(frame)
            await console.hear("ack", id=frame["id"])
        assert (await answer_to(widget, "One more"))["text"].endswith("One more")


# Two processes ----------------------------------------------------------------------------


async def test_A6_of_two_processes_one_answers(
    hub: RunningHub, shop: Shop, parrot: Parrot, database_url: str, tmp_path: Path
) -> None:
    async with serve(
        tmp_path / "second", database_url, secret_key=hub.hub.settings.secret_key
    ) as second:
        other = Parrot()
        turns_of(second).engines = Engines(other)
        visitor = await shop.visitor()
        async with visitor.socket() as widget:
            for n in range(10):
                assert (await answer_to(widget, f"Question {n}"))["text"] == f"Question {n}"
            await widget.silence()
    assert len(parrot.questions) + len(other.questions) == 10


async def test_A6_a_claim_is_one_processs_alone(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor = await shop.visitor()
    parrot.pause.clear()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)
        await until(lambda: parrot.questions)
        await widget.say("Are you there?", TALK)
        assert await hub.hub.db.write(claim, shop.workspace_id, TALK) is None
        parrot.pause.set()
        assert [(await assistants(widget))["text"] for _ in range(2)] == [
            "Hello?", "Are you there?",
        ]  # fmt: skip


# Nothing a visitor may do -----------------------------------------------------------------


async def test_T2_a_conversation_is_claimed_within_its_workspace_alone(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    northfold = await hub.shop("Northfold")
    visitor, stranger = await shop.visitor(), await northfold.visitor()
    async with visitor.socket() as widget, stranger.socket() as other:
        await other.say("Hello from Northfold", TALK)  # the same id, in another shop
        await answer_to(widget, "Hello?")
        assert "assistant" not in str(await other.silence())
    assert [one.text for one in parrot.questions] == ["Hello?"]
    assert parrot.questions[0].history == ()
