"""A visitor who talks to the built-in engine, question after question, over real tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chat.assistant.builtin import BuiltIn
from chat.assistant.engine import Question, Reply
from core.assistants import Assistant
from tests.chat.assistant.shops import Shop


async def nobody_listens(_: str) -> None:
    """Where a reply is told while it is written."""


@dataclass
class Visitor:
    """Somebody in a shop's chat; what the last reply left is kept for the next question."""

    shop: Shop
    locale: str = "en"
    memory: dict[str, Any] = field(default_factory=dict)
    turns: int = 0
    used: list[str] = field(default_factory=list)  # the tools of the last turn

    async def ask(self, text: str) -> Reply:
        """What the engine answers."""
        self.turns += 1
        tools = self.shop.toolbox(turn=f"turn-{self.turns}", locale=self.locale)
        question = Question(
            text=text,
            locale=self.locale,
            history=(),
            shop="Kestrel",
            assistant=Assistant(workspace_id=self.shop.workspace_id, on=True),
            tools=tools,
            memory=self.memory,
        )
        reply = await BuiltIn().answer(question, nobody_listens)
        self.memory = reply.memory
        self.used = [step.tool for step in tools.steps]
        return reply
