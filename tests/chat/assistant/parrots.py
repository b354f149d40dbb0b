"""An engine that says what a test tells it to, and the assistant of a running hub around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chat.assistant.engine import Question, Reply, Tell
from chat.assistant.engines import Engines
from chat.assistant.turns import Turns
from connectors.testing.hubs import RunningHub, Shop, Socket
from core.assistants import save_assistant
from core.audit import operator

TALK = "talk-0001"


class Parrot:
    """Answers with what the test put into `replies`, else repeats the question."""

    def __init__(self, name: str = "built-in") -> None:
        self.name = name
        self.replies: list[Any] = []  # a Reply, an exception, a function of question, or nonsense
        self.questions: list[Question] = []
        self.pause = asyncio.Event()
        self.pause.set()

    async def answer(self, question: Question, tell: Tell) -> Reply:
        self.questions.append(question)
        await self.pause.wait()
        reply = self.replies.pop(0) if self.replies else Reply(text=question.text, locale="en")
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Callable):  # type: ignore[arg-type]
            return await reply(question, tell)  # type: ignore[no-any-return]
        return reply  # type: ignore[no-any-return]


def turns_of(hub: RunningHub) -> Turns:
    """The turns of a running hub."""
    (holder,) = [one.holder for one in hub.hub.plugins if one.name == "assistant"]
    turns: Turns = holder.turns  # type: ignore[attr-defined]
    return turns


async def turn_on(hub: RunningHub, shop: Shop, **settings: Any) -> Parrot:
    """Turn the shop's assistant on, with a parrot for an engine."""
    parrot = Parrot()
    turns_of(hub).engines = Engines(parrot)
    await hub.hub.db.write(save_assistant, operator(shop.workspace_id), {"on": True, **settings})
    return parrot


async def answer_to(widget: Socket, text: str, talk: str = TALK) -> dict[str, Any]:
    """Say something, and wait for what the assistant says."""
    await widget.say(text, talk)
    return await assistants(widget)


async def assistants(socket: Socket) -> dict[str, Any]:
    """The next message of the assistant's."""
    while True:
        frame = await socket.hear("MessageAdded")
        if frame["message"]["author"]["kind"] == "assistant":
            message: dict[str, Any] = frame["message"]
            return message
