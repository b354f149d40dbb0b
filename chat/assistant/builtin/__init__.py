"""The built-in engine: answers by rules from the workspace's own data, without key or network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chat.assistant.builtin.answers import (
    discounts,
    manners,
    orders,
    products,
    profile,
    records,
)
from chat.assistant.builtin.intents import Intent, intent_of
from chat.assistant.builtin.message import Message, in_locale, to_message
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Question, Reply, Tell

Answer = Callable[[Turn], Awaitable[Reply]]

ANSWERS: dict[Intent, Answer] = {
    "words": manners.words,
    "who": manners.who,
    "person": manners.person,
    "unhelpful": manners.unhelpful,
    "discount": discounts.discount,
    "orders": orders.own_orders,
    "order": orders.one_order,
    "records": records.records,
    "activity": records.activity,
    "profile": profile.profile,
    "follow": products.follow,
    "products": products.products,
    "hello": manners.hello,
    "thanks": manners.thanks,
    "bye": manners.bye,
    "yes": manners.yes,
    "no": manners.no,
    "ask": manners.ask,
    "help": products.help_,
}
UNCERTAIN: tuple[Intent, ...] = ("help", "products", "ask")


class BuiltIn:
    """Understands by words and rules, and says only what a tool has found."""

    name = "built-in"

    async def answer(self, question: Question, tell: Tell) -> Reply:
        """The reply to a question; nothing of it is made up."""
        message, intent = understood(question.text, question.locale, question.memory)
        question.tools.locale = message.locale  # articles are wanted in the language they write
        return await ANSWERS[intent](Turn(question, message))


def understood(text: str, locale: str, memory: Mapping[str, Any]) -> tuple[Message, Intent]:
    """A message in its language, and what it wants; typing errors are mended if need be."""
    message = to_message(text, locale)
    intent = intent_of(message, memory)
    if intent not in UNCERTAIN:
        return message, intent
    for other in (message.mended(), in_locale(message, locale), in_locale(message, "en")):
        better = intent_of(other, memory)
        if better not in UNCERTAIN:
            return other, better
    return message, intent
