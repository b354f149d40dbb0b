"""Turn: one question on its way to a reply, with the tools and the words to answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.assistant.builtin.message import Message
from chat.assistant.engine import Passing, Question, Reply
from chat.assistant.phrases import say
from chat.assistant.phrases.statuses import meaning
from chat.assistant.phrases.writing import date, money
from core.tools import Result, Source, Toolbox
from core.views import Card, Money, Tone

KEPT = ("wish", "shown")  # of the memory, while the talk is of something else


@dataclass(frozen=True, slots=True)
class Turn:
    """What an answer needs to know, and how it is said."""

    question: Question
    message: Message

    @property
    def tools(self) -> Toolbox:
        """The tools of this turn."""
        return self.question.tools

    @property
    def locale(self) -> str:
        """The language of the reply."""
        return self.message.locale

    @property
    def memory(self) -> Mapping[str, Any]:
        """What the last reply left."""
        return self.question.memory

    def say(self, key: str, /, **values: object) -> str:
        """A phrase in the language of the reply."""
        return say(self.locale, key, **values)

    def money(self, amount: Money) -> str:
        """An amount as this language writes it."""
        return money(self.locale, amount)

    def date(self, moment: datetime) -> str:
        """A day as this language writes it."""
        return date(self.locale, moment)

    def meaning(self, status: str, tone: Tone) -> str:
        """What a shop's word for a status means; "" where it says so itself."""
        return meaning(self.locale, status, tone)

    def reply(
        self,
        *sentences: str,
        cards: Sequence[Card] = (),
        sources: Sequence[Source] = (),
        choices: Sequence[str] = (),
        unsure: bool = False,
        memory: Mapping[str, Any] | None = None,
    ) -> Reply:
        """A reply of these sentences; without `memory` what was known of a wish stays known."""
        kept = {name: self.memory[name] for name in KEPT if name in self.memory}
        return Reply(
            text=" ".join(one for one in sentences if one),
            locale=self.locale,
            cards=tuple(cards),
            sources=tuple(sources),
            choices=tuple(choices),
            unsure=unsure,
            memory=kept if memory is None else dict(memory),
        )

    def unknown(self) -> Reply:
        """That nothing is known of this, and the offer of a person."""
        taps = (self.say("tap_person"),)
        kept = {name: self.memory[name] for name in KEPT if name in self.memory}
        memory = {**kept, "offered": "person"}
        return self.reply(self.say("unknown"), choices=taps, unsure=True, memory=memory)

    def unanswered(self, result: Result) -> Reply | None:
        """What is said where a tool could not answer: verify first, or a person. Else None."""
        match result.status:
            case "verify":
                needs = result.needs or "hmac"
                by_code = needs == "email" and self.tools.services.send_mail is not None
                text = self.say("verify_code" if by_code else "verify_sign_in")
                return Reply(text=text, locale=self.locale, verify=needs, memory=dict(self.memory))
            case "person":
                return self.passing("rule", result.note or "The shop wants a person to do this.")
            case "failed":
                return self.passing("failed", result.note or "Something could not be looked up.")
            case "refused":
                return self.reply(
                    self.say("asked_person"), choices=(self.say("tap_person"),), unsure=True
                )
        return None

    def passing(self, why: Any, reason: str) -> Reply:
        """A person takes over; the turn says so to the visitor."""
        return Reply(text="", locale=self.locale, passing=Passing(why, reason))


def plain_sentence(text: str) -> str:
    """A quoted text without the quotes and line breaks that would end the quotation."""
    return " ".join(text.replace("”", "").replace("“", "").replace("»", "").split())
