"""Model turn: one question, the tools a model uses for it, and what of its words is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from chat.assistant.asking import MOST_WRITTEN, Answered, ask
from chat.assistant.engine import Passing, Question, Reply, Tell
from chat.assistant.grounding import Finding, Ground
from chat.assistant.phrases import say
from chat.assistant.plain import Sentences, to_text
from chat.assistant.prompt import MARK, Prompt, schema_of
from core.budgets import Tokens, reserve, settle
from core.decode import decode
from core.errors import HubError, Unavailable
from core.services import Services
from core.tools import NAME, Result, Source, Tool
from core.views import Card

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ToolCallPart
    from pydantic_ai.models import Model

log = structlog.get_logger("assistant")

SHOWN = 6  # cards below an answer
ARGUMENTS = 4_096  # bytes of one call's
OVERHEAD = 32  # tokens that a message or a tool costs beside its letters, at most
KEPT = 2_000  # letters of what was withheld


class Withheld(Exception):
    """The model has said what no tool did."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("A sentence is not grounded.")
        self.findings = findings


@dataclass(slots=True)
class ModelTurn:
    """One turn of a model."""

    services: Services
    model: Model
    question: Question
    ground: Ground
    tell: Tell
    prompt: Prompt = field(init=False)
    told: str = ""  # every sentence of it checked
    spent: Tokens = field(default_factory=lambda: Tokens(0, 0))
    _cut: Sentences = field(default_factory=Sentences)
    _wanted: list[str] | None = None  # cards the model wants to show
    _unsure: bool = False
    _sent: int = 0  # bytes of what is sent with each request
    _calls: int = 0

    def __post_init__(self) -> None:
        self.prompt = Prompt(self.question)

    async def reply(self) -> Reply:
        """What is said in the end; Unavailable if the model does not come to one."""
        tools = self.question.tools.offered()
        messages = self._opening(tools)
        try:
            while True:
                left = self.question.tools.calls - self._calls
                answered = await self._ask(messages, tools if left > 0 else [])
                if not answered.calls:
                    return self._last(answered)
                if left <= 0:
                    raise Unavailable("The model does not stop to call tools.", code="bad_answer")
                messages += await self._use(answered)
                if ended := self._ended():
                    return ended
        except Withheld as why:
            return self._withheld(why)

    # What is asked

    def _opening(self, tools: Sequence[Tool]) -> list[ModelMessage]:
        from pydantic_ai.messages import ModelRequest, SystemPromptPart, UserPromptPart

        system, visitor = self.prompt.system(), self.prompt.visitor()
        self._sent = _size(system, visitor) + sum(
            _size(tool.name, tool.description, str(schema_of(tool))) for tool in tools
        )
        return [ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(visitor)])]

    async def _ask(self, messages: Sequence[ModelMessage], tools: Sequence[Tool]) -> Answered:
        """One request within the budget: the most it can take is held before it is made."""
        box = self.question.tools
        most = Tokens(self._sent + OVERHEAD, MOST_WRITTEN)
        write = self.services.db.write
        hold = await write(reserve, box.workspace_id, box.visitor_id, most)
        answered = Answered()
        self.told, self._cut, self._wanted, self._unsure = "", Sentences(), None, False
        try:
            await ask(self.model, messages, tools, answered, self._hear)
            for sentence in (self._cut.rest(),):
                await self._say(sentence)
        finally:
            took = _believed(answered, most)
            self.spent = Tokens(self.spent.read + took.read, self.spent.written + took.written)
            await write(settle, box.workspace_id, box.visitor_id, hold, took)
        return answered

    # What is heard

    async def _hear(self, piece: str) -> None:
        for sentence in self._cut.take(piece):
            await self._say(sentence)

    async def _say(self, sentence: str) -> None:
        """Tell a sentence if it is grounded; the line for the cards is told to nobody."""
        lines = []
        for line in to_text(sentence).splitlines(keepends=True):
            if mark := MARK.match(line):
                self._mark(mark["ids"])
            else:
                lines.append(line)
        text = "".join(lines)
        if findings := self.ground.ungrounded_in(text):
            self.told += text
            raise Withheld(findings)
        self.told += text
        if text.strip():
            await self.tell(self.told.strip())

    def _mark(self, ids: str) -> None:
        words = re.findall(r"[\w-]+", ids)
        self._unsure = self._unsure or "UNSURE" in (word.upper() for word in words)
        self._wanted = [word for word in words if word.upper() not in ("UNSURE", "NONE")]

    # What is done

    async def _use(self, answered: Answered) -> list[ModelMessage]:
        """Run what the model calls, as far as the turn allows; the messages that tell it."""
        from pydantic_ai.messages import ModelRequest, ToolReturnPart

        assert answered.response is not None
        parts = []
        for call in answered.calls:
            text = self.prompt.result(await self._use_one(call))
            self._sent += _size(text, call.tool_name) + OVERHEAD
            part = ToolReturnPart(call.tool_name, text, tool_call_id=call.tool_call_id)
            parts.append(part)
        self._sent += _size(answered.text) + answered.called + OVERHEAD
        return [answered.response, ModelRequest(parts=parts)]

    async def _use_one(self, call: ToolCallPart) -> Result:
        self._calls += 1
        if self._calls > self.question.tools.calls:
            return Result(status="refused", note="Too many calls in one turn.")
        name = call.tool_name if NAME.fullmatch(call.tool_name) else "unknown"
        arguments = _arguments(call)
        if arguments is None:
            return await self.question.tools.use(name, {"arguments": "not a JSON object"})
        return await self.question.tools.use(name, arguments)

    def _ended(self) -> Reply | None:
        """A reply that the tools decide, whatever the model would say."""
        results = self.question.tools.results
        steps = self.question.tools.steps
        for step, result in zip(steps, results, strict=True):
            if result.status == "person":
                why: Any = "asked" if step.tool == "hand_over" else "rule"
                return self._made("", passing=Passing(why, to_text(result.note)[:200]))
            if result.status == "waiting" and (waits := getattr(result.data, "id", "")):
                return self._made("", waiting=str(waits))
        if any(one.status == "found" for one in results):
            return None
        needed = [one.needs for one in results if one.status == "verify" and one.needs]
        return self._made("", verify=needed[-1]) if needed else None

    # What is answered

    def _last(self, answered: Answered) -> Reply:
        text = self.told.strip()
        if not text:
            raise Unavailable("The model said nothing.", code="bad_answer")
        if findings := self.ground.ungrounded(text):
            raise Withheld(findings)
        results = self.question.tools.results
        needed = [one.needs for one in results if one.status == "verify" and one.needs]
        return self._made(
            text,
            cards=tuple(self._cards(text)),
            sources=tuple(self._sources()),
            verify=needed[-1] if needed else None,
            unsure=self._unsure or _found_nothing(results),
        )

    def _cards(self, text: str) -> list[Card]:
        """The cards the model wants, of those the tools have given; otherwise those it names."""
        given = {_id_of(card): card for one in self.question.tools.results for card in one.cards}
        if self._wanted is not None:
            wanted = [given[one] for one in dict.fromkeys(self._wanted) if one in given]
        else:
            low = text.lower()
            wanted = [card for card in given.values() if _name_of(card) in low]
        return wanted[:SHOWN]

    def _sources(self) -> list[Source]:
        found = [source for one in self.question.tools.results for source in one.sources]
        return list(dict.fromkeys(found))[:SHOWN]

    def _withheld(self, why: Withheld) -> Reply:
        first = why.findings[0]
        log.warning("reply_withheld", kinds=sorted({one.kind for one in why.findings}))
        return self._made(
            say(self.question.locale, "unknown"),
            withheld=self.told.strip()[:KEPT],
            passing=Passing("unsure", f"No tool has told the model this: “{first.text}”."),
        )

    def _made(self, text: str, **more: Any) -> Reply:
        return Reply(
            text=text,
            locale=self.question.locale,
            tokens_in=self.spent.read,
            tokens_out=self.spent.written,
            **more,
        )


def _arguments(call: ToolCallPart) -> dict[str, Any] | None:
    """What a model passes to a tool, if it is a sound JSON object."""
    given = call.args
    try:
        text = given if isinstance(given, str) else msgspec.json.encode(given or {}).decode()
        return decode((text.strip() or "{}").encode(), dict[str, Any], limit=ARGUMENTS)
    except (HubError, ValueError, TypeError, RecursionError):
        return None


def _believed(answered: Answered, most: Tokens) -> Tokens:
    """What an answer took: as it says, within reason, or as its letters suggest."""
    if answered.tokens is None:
        written = (len(answered.text.encode("utf-8", "replace")) + answered.called) // 3 + 1
        return Tokens(most.read // 3, min(written, most.written))
    said = answered.tokens
    return Tokens(min(said.read, 10 * most.read), min(said.written, 10 * most.written))


def _size(*texts: str) -> int:
    """Bytes, which no tokenizer makes more tokens of, and a little for what is around them."""
    return sum(len(text.encode("utf-8", "replace")) + OVERHEAD for text in texts)


def _found_nothing(results: Sequence[Result]) -> bool:
    return bool(results) and all(one.status in ("failed", "refused") for one in results)


def _id_of(card: Any) -> str:
    return str(getattr(card, "id", "") or getattr(card, "slug", ""))


def _name_of(card: Any) -> str:
    name = str(getattr(card, "number", "") or getattr(card, "title", "")).lower()
    return name or "\0"  # which no text has
