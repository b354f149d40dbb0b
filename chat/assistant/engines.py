"""Engines: which of them answers, and the next one when it cannot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from chat.assistant.engine import Engine, Question, Reply, Tell
from core.assistants import Assistant
from core.errors import HubError, Unavailable
from core.tools import Toolbox
from core.views import ToolStep

log = structlog.get_logger("assistant")

LONGEST = 4_000  # characters of one reply


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds."""

    model: float = 12.0  # for the model, before the built-in engine takes over
    turn: float = 25.0  # for a whole answer, before a person does
    unanswered: float = 15.0  # until a message that nobody claimed goes to a person
    look: float = 5.0  # between two looks for those


@dataclass(slots=True)
class Outcome:
    """What an engine replied, and how it came about."""

    reply: Reply
    engine: str
    tools: Toolbox
    ms: int
    spent: bool = False  # the day's budget for the model is used up


@dataclass(slots=True)
class Engines:
    """The engines of a hub: the built-in one, and the model where the operator has set one up."""

    built_in: Engine
    model: Engine | None = None
    limits: Limits = field(default_factory=Limits)

    def chosen(self, assistant: Assistant) -> Sequence[Engine]:
        """Those that may answer, the preferred one first."""
        if assistant.engine == "model" and self.model is not None:
            return (self.model, self.built_in)
        return (self.built_in,)

    async def summarise(self, assistant: Assistant, workspace_id: str, facts: str) -> str:
        """The facts in the chosen model's words; "" if there is none, or it cannot."""
        engine = self.chosen(assistant)[0]
        say = getattr(engine, "summarise", None)
        if say is None:
            return ""
        try:
            async with asyncio.timeout(self.limits.model):
                return str(await say(assistant, workspace_id, facts))
        except Exception as error:
            log.warning("summary_failed", engine=engine.name, error=repr(error))
            return ""

    async def answer(
        self,
        assistant: Assistant,
        ask: Callable[[Toolbox], Question],
        tools: Callable[[], Toolbox],
        tell: Tell,
    ) -> Outcome:
        """The first good reply; Unavailable, with the steps that were taken, if there is none."""
        began = time.perf_counter()
        done: list[ToolStep] = []
        spent = False
        for engine in self.chosen(assistant):
            box = tools()
            try:
                async with asyncio.timeout(self.limits.model if engine is self.model else None):
                    reply = checked(await engine.answer(ask(box), tell))
            except Exception as error:  # the next engine, or a person, takes over
                known = isinstance(error, HubError | TimeoutError)
                log.warning(
                    "engine_failed", engine=engine.name, error=repr(error), exc_info=not known
                )
                done += box.steps
                spent = spent or getattr(error, "code", "") == "budget"
                await tell("")
                continue
            box.steps[:0] = done
            ms = round((time.perf_counter() - began) * 1000)
            return Outcome(reply, engine.name, box, ms, spent)
        raise NoReply(done)


class NoReply(Unavailable):
    """No engine could answer."""

    def __init__(self, steps: Sequence[ToolStep]) -> None:
        super().__init__("The assistant could not answer.")
        self.steps = tuple(steps)


def checked(reply: Reply) -> Reply:
    """The reply, or ValueError for one that says nothing or makes no sense."""
    if not isinstance(reply, Reply) or not isinstance(reply.text, str):
        raise ValueError(f"An engine gave {type(reply).__name__} for a reply.")
    if len(reply.text) > LONGEST:
        raise ValueError("An engine's reply is too long.")
    speaks = reply.text.strip() or reply.cards or reply.passing or reply.verify or reply.waiting
    if not speaks:
        raise ValueError("An engine's reply is empty.")
    return reply
