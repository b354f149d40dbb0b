"""A person takes over: because somebody asked for one, and whenever the assistant cannot go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from chat.assistant.engine import Passing, Question, Reply, Tell
from chat.assistant.engines import Engines, Limits
from chat.assistant.phrases import say
from chat.assistant.sweeping import sweep
from connectors.testing.hubs import RunningHub, Shop, Socket
from connectors.testing.patience import until
from core.assistants import save_assistant
from core.audit import operator
from core.errors import Unavailable
from core.turns import claim
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


async def handed_over(widget: Socket, console: Socket) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the visitor is told, and what the agents are."""
    while True:
        message = await assistants(widget)
        if any(card["type"] == "handover" for card in message["cards"]):
            return message, (await console.hear("HandedOver"))["handover"]


async def test_A8_whoever_asks_for_a_person_gets_one_and_the_agent_sees_reason_and_summary(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    await shop.post("/v1/chat/ingest/identify", {"external_id": "42", "name": "Amara Okafor"})
    visitor = await shop.visitor(user_id="42", user_hash=shop.sign("42"))
    agent = await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "Where is my parcel?")
        parrot.replies = [
            Reply(text="", locale="de", passing=Passing("asked", "Asked for a person."))
        ]
        await widget.say("I want to talk to a person", TALK)
        message, handover = await handed_over(widget, console)
        note = (await console.hear("NoteAdded"))["message"]
    assert message["text"] == say("de", "handed_over")
    assert message["cards"] == [{"type": "handover", "online": True}]
    assert (handover["why"], handover["reason"]) == ("asked", "Asked for a person.")
    assert handover["summary"] == (
        "Amara Okafor, verified by the shop. Wrote: “Where is my parcel?” "
        "Last: “I want to talk to a person”"
    )
    assert note["text"] == f"Asked for a person.\n\n{handover['summary']}"
    listed = await agent.get("/console/api/conversations?tab=unassigned")
    (row,) = listed["items"]
    assert (row["answering"], row["why"], row["unread"]) == ("people", "asked", 1)


async def test_A8_talk_to_a_person_needs_no_engine_and_is_told_once(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "Hello?")
        for n in range(2):
            frame = {"type": "ask_person", "id": f"person-{n}", "conversation": TALK}
            await widget.send(frame)
            await widget.hear("ack", id=frame["id"])
        await handed_over(widget, console)
        await widget.say("Anybody?", TALK)
        assert "assistant" not in str(
            [one for one in await widget.silence() if one["type"] == "MessageAdded"]
        )
    assert len(parrot.questions) == 1


@pytest.mark.parametrize(
    "broken",
    [
        RuntimeError("Boom"),
        Unavailable("Down."),
        None,
        "text",
        Reply(text="", locale="en"),
        Reply(text="x" * 5_000, locale="en"),
        Reply(text=None, locale="en"),  # type: ignore[arg-type]
    ],
    ids=["raises", "is down", "says nothing", "is no reply", "is empty", "is endless", "no text"],
)
async def test_A_6_whatever_an_engine_does_a_person_takes_over(
    hub: RunningHub, shop: Shop, parrot: Parrot, broken: Any
) -> None:
    parrot.replies = [broken] if broken is not None else [_nothing]
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        message, handover = await handed_over(widget, console)
    assert message["text"] == say("en", "failed")
    assert handover["why"] == "failed"


async def _nothing(question: Question, tell: Tell) -> Any:
    return None


async def test_A_6_an_engine_that_hangs_is_left_for_a_person(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    async def never(question: Question, tell: Tell) -> Reply:
        await question.tools.use("search_products", {"words": "kettle"})
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if turns_of(hub).services.ending.is_set():
                    raise
                await asyncio.sleep(0.5)  # and does not even let itself be stopped
                raise

    parrot.replies = [never]
    turns_of(hub).engines.limits = Limits(turn=0.3)
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        _, handover = await handed_over(widget, console)
    assert handover["why"] == "failed"


async def test_A5_when_the_model_fails_the_built_in_engine_answers(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    model = Parrot("a-model")
    turns_of(hub).engines = Engines(parrot, model)
    settings = {"engine": "model"}
    await hub.hub.db.write(save_assistant, operator(shop.workspace_id), settings)
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        assert (await answer_to(widget, "one"))["text"] == "one"
        model.replies = [Unavailable("Over budget.", code="budget")]
        assert (await answer_to(widget, "two"))["text"] == "two"
        model.pause.clear()  # it hangs
        turns_of(hub).engines.limits = Limits(model=0.2)
        assert (await answer_to(widget, "three"))["text"] == "three"
        model.pause.set()
        model.replies = [_looks_and_fails]
        assert (await answer_to(widget, "four"))["text"] == "four"
    aid = await (await shop.agent()).get(f"/console/api/conversations/{TALK}/assistant")
    last = aid["transcripts"][-1]
    assert (last["engine"], [step["tool"] for step in last["steps"]]) == (
        "built-in", ["search_products"],
    )  # fmt: skip
    del model.questions[3:], parrot.questions[2:]
    assert [one.text for one in model.questions] == ["one", "two", "three"]
    assert [one.text for one in parrot.questions] == ["two", "three"]


async def _looks_and_fails(question: Question, tell: Tell) -> Reply:
    await question.tools.use("search_products", {"words": "kettle"})
    raise Unavailable("Down.")


async def test_A_6_a_process_that_dies_in_the_middle_leaves_it_to_a_person(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    turns_of(hub).wake = lambda *_: None  # type: ignore[method-assign]  # nobody hears it
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        assert await hub.hub.db.write(claim, shop.workspace_id, TALK)  # and then it dies
        assert await sweep(turns_of(hub)) == 0  # it may still be at work
        await _expire_claims(hub)
        assert await sweep(turns_of(hub)) == 1
        _, handover = await handed_over(widget, console)
        assert await sweep(turns_of(hub)) == 0
    assert (handover["why"], handover["summary"]) == (
        "failed", "A visitor, not verified. Last: “Hello?”",
    )  # fmt: skip


async def _expire_claims(hub: RunningHub) -> None:
    await hub.hub.db.write(lambda work: work.execute(text("UPDATE assistant_talks SET until = 1")))


async def test_A_6_a_message_nobody_claims_goes_to_a_person(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    turns = turns_of(hub)
    turns.wake = lambda *_: None  # type: ignore[method-assign]  # nobody hears it
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        assert await sweep(turns) == 0
        turns.engines.limits = Limits(unanswered=-1)
        assert await sweep(turns) == 1
        await handed_over(widget, console)


async def test_A_6_the_hub_looks_for_such_conversations_by_itself(
    hub: RunningHub, shop: Shop, parrot: Parrot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.assistant import sweeping

    turns = turns_of(hub)
    turns.engines.limits = Limits(unanswered=-1, look=0.01)
    turns.wake = lambda *_: None  # type: ignore[method-assign]
    visitor, agent = await shop.visitor(), await shop.agent()
    looking = asyncio.create_task(sweeping.sweep_forever(turns))
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        await handed_over(widget, console)
    looking.cancel()


async def test_A10_the_kill_switch_stops_what_is_under_way_and_tells_everyone(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    first, second, agent = await shop.visitor(), await shop.visitor(), await shop.agent()
    async with first.socket() as busy, second.socket() as idle, agent.socket() as console:
        await answer_to(idle, "Hello?", "talk-0002")
        parrot.pause.clear()
        await busy.say("Hello?", TALK)
        await until(lambda: len(parrot.questions) == 2)
        await hub.hub.db.write(save_assistant, operator(shop.workspace_id), {"on": False})
        for widget in (busy, idle):
            message, handover = await handed_over(widget, console)
            assert message["text"] == say("en", "stopped")
            assert handover["why"] == "stopped"
        waiting = await agent.get("/console/api/conversations?tab=unassigned")
        assert [one["unread"] for one in waiting["items"]] == [1, 1]
        parrot.pause.set()
        await busy.say("And now?", TALK)
        assert "MessageAdded" not in str(
            [one for one in await busy.silence() if "assistant" in str(one)]
        )
    assert len(parrot.questions) == 2


async def test_A8_two_unhelpful_answers_in_a_row_are_enough(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    unsure = Reply(text="I do not know.", locale="en", unsure=True)
    parrot.replies = [unsure, Reply(text="Yes.", locale="en"), unsure, unsure]
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        for question in ("a?", "b?", "c?"):
            await answer_to(widget, question)
        await widget.say("d?", TALK)
        _, handover = await handed_over(widget, console)
    assert handover["why"] == "unhelpful"


async def test_A8_a_word_that_is_for_people_reaches_no_engine(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop, words=["lawyer"])
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("My LAWYER will call you", TALK)
        _, handover = await handed_over(widget, console)
    assert (handover["why"], parrot.questions) == ("words", [])


async def test_A10_after_so_many_answers_a_person_takes_over(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop, answers=2)
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "a?")
        await answer_to(widget, "b?")
        await widget.say("c?", TALK)
        _, handover = await handed_over(widget, console)
    assert (handover["why"], len(parrot.questions)) == ("budget", 2)


async def test_A8_an_away_team_is_said_to_be_away(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    parrot.replies = [Reply(text="A moment.", locale="fr", passing=Passing("rule", "Refunds."))]
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        message = await answer_to(widget, "Refund me")
    assert message["text"] == f"A moment.\n\n{say('fr', 'handed_over_away')}"
    assert message["cards"] == [{"type": "handover", "online": False}]


async def test_A8_a_handover_that_cannot_be_written_is_tried_again(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    """The database refuses once: the claim runs out, and the next look hands it over."""
    visitor, agent = await shop.visitor(), await shop.agent()
    turns, write = turns_of(hub), hub.hub.db.write
    refusing = ["answer", "hand_over"]

    async def moody(fn: Any, *args: Any) -> Any:
        if fn.__name__ in refusing:
            refusing.remove(fn.__name__)
            raise Unavailable("The disk is full.")
        return await write(fn, *args)

    hub.hub.db.write = moody  # type: ignore[method-assign]
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK)
        await until(lambda: not refusing)
        await _expire_claims(hub)
        assert await sweep(turns) == 1
        await handed_over(widget, console)


async def test_A_6_a_visitor_who_takes_the_assistants_ids_is_answered_all_the_same(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    parrot.replies = [Reply(text="Yes.", locale="en"), RuntimeError("Boom")]
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Hello?", TALK, id="assistant-1")
        told = await assistants(widget)
        assert (told["text"], told["id"].startswith("msg_")) == ("Yes.", True)
        await widget.say("More?", TALK, id="handover-4")
        await handed_over(widget, console)
    aid = await agent.get(f"/console/api/conversations/{TALK}/assistant")
    assert aid["transcripts"][0]["message"] == told["id"]


async def test_A8_asking_for_a_person_opens_a_resolved_conversation_again(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "Hello?")
        await console.say("I am here.", TALK)  # and assigned by that
        frame = {"type": "set_status", "id": "status-1", "conversation": TALK}
        await console.send({**frame, "status": "resolved"})
        await console.hear("ack", id="status-1")
        await widget.send({"type": "ask_person", "id": "person-1", "conversation": TALK})
        await handed_over(widget, console)
    (row,) = (await agent.get("/console/api/conversations?tab=mine"))["items"]
    assert (row["status"], row["answering"]) == ("open", "people")
