"""What goes wrong at the worst moment, or by a tool that means harm: a person still hears of it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from sqlalchemy import text

from chat.assistant.engine import Question, Reply, Tell
from chat.assistant.sweeping import sweep
from chat.assistant.tools.arguments import Arguments
from chat.assistant.turns import SHARE
from connectors.testing.hubs import RunningHub, Shop
from core.db import Work
from core.privacy import erase_customer, find_remains
from core.talks import Answer, keep_transcript, transcripts_of
from core.tools import Result, Tool, Toolbox, Use
from tests.chat.assistant.parrots import TALK, Parrot, answer_to, assistants, turn_on, turns_of

pytestmark = pytest.mark.anyio
PEOPLE = {"who": "people"}


@pytest.fixture
async def parrot(hub: RunningHub, shop: Shop) -> Parrot:
    return await turn_on(hub, shop)


async def switch_off_unheard(hub: RunningHub) -> None:
    """As another process does, before this one has heard of it."""

    def write(work: Work) -> None:
        work.execute(text('UPDATE assistants SET "on" = :on'), {"on": False})

    await hub.hub.db.write(write)


async def answering(shop: Shop) -> str:
    agent = await shop.agent()
    aid = await agent.get(f"/console/api/conversations/{TALK}/assistant")
    return str(aid["answering"])


async def test_A_6_an_answer_that_is_ready_after_the_switch_is_not_said(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor = await shop.visitor()
    parrot.pause.clear()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)
        await widget.hear("typing", who="assistant", on=True)
        await switch_off_unheard(hub)
        parrot.pause.set()
        await widget.hear("typing", who="assistant", on=False)
        assert await sweep(turns_of(hub)) == 1
        message = await assistants(widget)
        assert message["cards"][0]["type"] == "handover"
    assert await answering(shop) == "people"


async def test_A_6_who_writes_again_after_the_switch_reaches_people(
    hub: RunningHub, shop: Shop, parrot: Parrot
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "Hello?")
        await console.send(
            {"type": "set_status", "id": "snooze-it", "conversation": TALK, "status": "snoozed"}
        )
        await console.hear("ack", id="snooze-it")
        await agent.request("PUT", "/console/api/assistant", {"on": False})
        await widget.say("Are you there?", TALK)
        assert await sweep(turns_of(hub)) == 1
    assert await answering(shop) == "people"
    listed = await agent.get("/console/api/conversations?tab=unassigned")
    assert [one["id"] for one in listed["items"]] == [TALK]


async def test_A_6_one_busy_shop_leaves_room_for_another(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop)
    other = await hub.shop("Northfold")
    northfold = await turn_on(hub, other)
    busy = asyncio.Event()

    async def slow(question: Question, _: Tell) -> Reply:
        if question.shop != "Northfold":
            await busy.wait()
        return Reply(text="Hello.", locale="en")

    northfold.replies = [slow] * 100
    del parrot
    hasty, patient = await shop.visitor(), await other.visitor()
    async with hasty.socket() as flood, patient.socket() as widget:
        for number in range(36):
            await flood.say("Hello?", f"talk-of-many-{number}")
        assert (await answer_to(widget, "Hello?", "northfolds-talk"))["text"] == "Hello."
        assert len(northfold.questions) == SHARE + 1
        busy.set()


class Anything(Arguments, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Whatever is given."""


def harmful(run: Any) -> dict[str, Tool]:
    return {"harm": Tool("harm", "Harm", "Does harm.", Anything, run)}


async def nothing(*_: Any) -> Any:
    return None


async def nonsense(*_: Any) -> Any:
    return Result(status="found", note=7)  # type: ignore[arg-type]


async def no_cards(*_: Any) -> Any:
    return Result(status="found", cards=("<img src=x>",))  # type: ignore[arg-type]


async def unheard(*_: Any) -> Any:
    return Result(status="granted")  # type: ignore[arg-type]


async def leaves(*_: Any) -> Any:
    sys.exit(3)


async def gives_up(*_: Any) -> Any:
    raise asyncio.CancelledError


@pytest.mark.parametrize("run", [nothing, nonsense, no_cards, unheard, leaves, gives_up])
async def test_D_5_a_tool_that_answers_nonsense_has_failed_and_no_more(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    box = await box_with(hub, shop, monkeypatch, run)
    result = await box.use("harm", {})
    assert (result.status, result.cards) == ("failed", ())
    assert [step.outcome for step in box.steps] == ["failed"]


async def box_with(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch, run: Any
) -> Toolbox:
    services = hub.hub.services
    monkeypatch.setattr(services, "tools", harmful(run))
    visitor = await shop.visitor()
    return Toolbox(services, shop.workspace_id, TALK, visitor.id, "turn-1")


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"in": inner}
    return inner


@pytest.mark.parametrize(
    "given",
    [{"words": "x" * 100_000}, nested(5_000), {"words": "\ud800"}, {"words": object()}],
    ids=["huge", "nested", "surrogate", "object"],
)
async def test_A_1_what_a_tool_was_called_with_is_kept_within_bounds(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    box = await box_with(hub, shop, monkeypatch, nothing)
    await box.use("harm", given)
    await box.use("harm\ud800" * 1_000, given)
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)

    def keep(work: Work) -> str:
        key = (shop.workspace_id, TALK)
        keep_transcript(
            work, key, "assistant-1", Answer(text="", engine="", steps=tuple(box.steps))
        )
        return repr(transcripts_of(work, *key))

    assert len(await hub.hub.db.write(keep)) < 3_000
    agent = await shop.agent()
    aid = await agent.get(f"/console/api/conversations/{TALK}/assistant")
    assert [step["outcome"] for step in aid["transcripts"][0]["steps"]] == ["failed", "refused"]


async def test_D_3_a_message_the_switch_an_agent_and_an_erasure_at_the_same_moment(
    hub: RunningHub, shop: Shop, parrot: Parrot, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = await shop.agent()
    for number in range(6):
        talk, told = f"talk-at-once-{number}", {"on": True}
        await agent.request("PUT", "/console/api/assistant", told)
        visitor = await shop.visitor(user_id=f"at-{number}", user_hash=shop.sign(f"at-{number}"))
        customer = visitor.session["customer"]
        async with visitor.socket() as widget:
            await widget.say(f"Secret of {customer}", talk)
            acts = [
                agent.request("PUT", "/console/api/assistant", {"on": False}),
                agent.request("POST", f"/console/api/conversations/{talk}/answering", PEOPLE),
                hub.hub.db.write(erase_customer, shop.workspace_id, customer),
                agent.request("POST", f"/console/api/conversations/{talk}/draft", {}),
            ]
            order = acts[number % 4 :] + acts[: number % 4]
            outcomes = await asyncio.gather(*order)
        codes = [one.status_code for one in outcomes if hasattr(one, "status_code")]
        assert all(code < 500 for code in codes)

        def left(work: Work, talk: str = talk, customer: str = customer) -> list[str]:
            tables = ("assistant_talks", "assistant_transcripts", "messages")
            counts = [
                f"{table}: {count}"
                for table in tables
                if (
                    count := work.execute(
                        text(f"SELECT count(*) FROM {table} WHERE conversation_id = :id"),
                        {"id": talk},
                    ).scalar()
                )
            ]
            return counts + find_remains(work, shop.workspace_id, [f"Secret of {customer}"])

        await sweep(turns_of(hub))
        assert await hub.hub.db.read(left) == []
    out = "".join(capsys.readouterr())
    assert "task_failed" not in out
    assert "turn_failed" not in out


async def test_A_2_an_engine_that_takes_over_does_not_do_it_again(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids: list[str] = []

    async def give(use: Use, _: Any) -> Result:
        ids.append(use.id)
        return Result(status="found")

    first = await box_with(hub, shop, monkeypatch, give)
    second = await box_with(hub, shop, monkeypatch, give)
    await first.use("search_for_it", {})
    await first.use("harm", {})
    await second.use("harm", {})
    await second.use("harm", {})
    assert ids[0] == ids[1]
    assert len(set(ids)) == 2
