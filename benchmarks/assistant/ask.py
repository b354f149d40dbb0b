"""Asking: one question put to an engine, as the hub puts it, and what came of it."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec

from benchmarks.assistant.judge import Heard
from benchmarks.assistant.questions import Asked
from benchmarks.assistant.shop import Store
from chat.assistant.engine import Earlier, Engine, Question, Reply
from core.access import Principal
from core.assistants import Assistant, assistant_of
from core.db import Work
from core.ids import new_id
from core.messages import Draft, say
from core.tools import Toolbox
from core.views import DiscountCard
from core.workspaces import workspace


async def ask(store: Store, engine: Engine, asked: Asked) -> Heard:
    """The answer to the last thing said, in a new conversation of a new browser."""
    who, _ = await store.arrive(asked.case.who, asked.locale)
    talk = f"talk-{new_id('q')}"
    history: list[Earlier] = []
    memory: dict[str, object] = {}
    heard = Heard("")
    for number, text in enumerate(asked.said):
        await store.hub.db.batch(say, Draft(who, talk, f"message-{number:03}", text))
        question = await _question(store, who, talk, asked.locale, text, history)
        question = replace(question, memory=memory)
        began = time.perf_counter()
        reply = await engine.answer(question, _unheard)
        ms = (time.perf_counter() - began) * 1000
        heard = _heard(question, reply, ms)
        memory = reply.memory
        history += [Earlier("visitor", text), Earlier("assistant", reply.text, reply.cards)]
    return heard


async def _unheard(text: str) -> None:
    """Nobody reads along."""


async def _question(
    store: Store, who: Principal, talk: str, locale: str, text: str, history: list[Earlier]
) -> Question:
    def look(work: Work) -> tuple[str, Assistant]:
        row = assistant_of(work, store.workspace_id)
        return workspace(work, store.workspace_id).name, row

    shop, assistant = await store.hub.db.read(look)
    tools = Toolbox(
        services=store.hub.services,
        workspace_id=store.workspace_id,
        conversation_id=talk,
        visitor_id=who.id,
        turn=new_id("turn"),
        locale=locale,
    )
    return Question(text, locale, tuple(history), shop, assistant, tools)


def _heard(question: Question, reply: Reply, ms: float) -> Heard:
    results = question.tools.results
    known = [msgspec.json.encode([r.data, r.cards, r.sources]).decode() for r in results]
    said = [one.text for one in question.history if one.author == "visitor"]
    return Heard(
        text=reply.text,
        cards=tuple(card for card in reply.cards if not isinstance(card, DiscountCard)),
        tools=tuple(step.tool for step in question.tools.steps),
        statuses=tuple(result.status for result in results),
        known=" ".join([*known, *said, question.text, question.shop]),
        verify=reply.verify is not None,
        passed=reply.passing.why if reply.passing else "",
        unsure=reply.unsure,
        ms=ms,
    )
