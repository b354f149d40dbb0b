"""Intents: what a visitor wants, decided by rules over the words of their language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from chat.assistant.builtin.message import Message

Intent = Literal[
    "words",
    "who",
    "person",
    "unhelpful",
    "discount",
    "orders",
    "order",
    "records",
    "activity",
    "profile",
    "follow",
    "products",
    "hello",
    "thanks",
    "bye",
    "yes",
    "no",
    "ask",
    "help",
]
KINDS = ("deposit", "withdrawal", "payment")
PROFILE = ("email", "name", "phone", "address")
MANNERS: tuple[Intent, ...] = ("bye", "no", "thanks", "yes", "hello")

SHORT = 4  # telling words of a message that is a wish without a verb
_PERCENT = re.compile(
    r"\d\s?(?:%|percent|prozent|pour ?cent|por ?ciento|por ?cento|بالمئة|بالمائة)"
)
_FOR_ONE = re.compile(r"(?<= )(?:for|fur|pour|para) (?:a|one|eine|une|una|uma) \w*(?= )")


def intent_of(message: Message, memory: Mapping[str, Any]) -> Intent:
    """What is wanted; "help" if nothing else is said."""
    for name, says in _RULES:
        if says(message, memory):
            return name
    return "help"


def kind_of(message: Message) -> str:
    """Which kind of record is meant; "" if several or none are named."""
    named = [kind for kind in KINDS if message.has(kind)]
    if "payment" in named and len(named) == 2:
        named.remove("payment")  # "was my deposit paid?"
    return named[0] if len(named) == 1 else ""


def _words(message: Message, _: Mapping[str, Any]) -> bool:
    return message.has("rude", "legal")


def _person(message: Message, _: Mapping[str, Any]) -> bool:
    folded = _FOR_ONE.sub("", message.folded)
    if not message.words.has("person", folded):
        return False
    return (not message.goods and not message.has("order", *KINDS)) or message.has("show") is False


def _unhelpful(message: Message, _: Mapping[str, Any]) -> bool:
    return message.has("unhelpful")


def _discount(message: Message, _: Mapping[str, Any]) -> bool:
    if message.has("redeem") or _is_matter(message):
        return False
    return message.has("discount") or _PERCENT.search(message.text) is not None


def _records(message: Message, _: Mapping[str, Any]) -> bool:
    """A deposit, withdrawal or payment of their own, not how one is made."""
    if not message.has(*KINDS) or (message.has("order") and message.has("payment")):
        return False
    if message.has("last", "status") or message.numbers:
        return not message.has("policy")
    if message.has("howto", "policy"):
        return False
    return _is_own(message) or (len(message.telling) <= 2 and "?" not in message.text)


def _is_own(message: Message) -> bool:
    return message.has("my") or (message.has("where", "arrive") and not message.has("howto"))


def _order(message: Message, memory: Mapping[str, Any]) -> bool:
    """One order: where it is, or what became of it."""
    if any(not number.isdigit() for number in message.numbers) and not message.has("howto"):
        return True  # "NL-0988" names an order, whatever else is said of it
    if message.numbers and (message.has("order", "status", "where") or _is_bare_number(message)):
        is_asked = message.has("ask") and not message.has("howto", "want")
        return not _is_matter(message) or is_asked or message.has("status", "where")
    if not message.has("order") or _is_matter(message):
        return False
    if message.has("where", "status", "last"):
        return not message.has("howto") or message.has("last", "my")
    return message.has("my") and message.has("when", "arrive") and not _is_general(message)


def _order_again(message: Message, memory: Mapping[str, Any]) -> bool:
    """One of the orders that were shown."""
    if not memory.get("orders") or message.goods or message.matters or len(message.telling) > 2:
        return False
    return message.has("first", "second", "third", "final", "more")


def _is_bare_number(message: Message) -> bool:
    return len(message.telling) <= 2 and not message.goods


def _orders(message: Message, _: Mapping[str, Any]) -> bool:
    if not (message.has("order") and message.has("my")) or _is_matter(message):
        return False
    return message.has("all", "show") or (not message.has("howto") and len(message.telling) <= 2)


def _is_matter(message: Message) -> bool:
    """Returns, refunds, cancellations and the like: what an article or a person answers."""
    return message.has("policy")


def _is_general(message: Message) -> bool:
    return message.has("howto") and not message.has("my")


def _activity(message: Message, _: Mapping[str, Any]) -> bool:
    return message.has("activity") and not message.has("howto", "policy") and not message.goods


def _profile(message: Message, _: Mapping[str, Any]) -> bool:
    if message.has("policy", "discount", "order"):
        return False
    if message.has("profile"):
        return True
    if message.has("fact"):
        return message.has("my", "have")
    return message.has(*PROFILE) and message.has("my")


def _follow(message: Message, memory: Mapping[str, Any]) -> bool:
    """More of what was shown, or one of it."""
    if "wish" not in memory or message.has("order", *KINDS):
        return False
    if message.has("cheaper", "dearer"):
        return True
    things = [one for one in message.goods if one.concept.kind == "things"]
    if things or len(message.telling) > 4:
        return False
    picks = message.has("first", "second", "third", "final", "more", "that")
    details = bool(message.goods) or bool(message.price.spans)
    if message.has("policy") or message.matters:
        return False
    return details or (picks and not message.has("howto"))


def _products(message: Message, _: Mapping[str, Any]) -> bool:
    things = any(one.concept.kind == "things" for one in message.goods)
    if things and _is_price_asked(message):
        return True
    if message.has("policy") or (message.has("howto") and not _is_wish(message)):
        return False
    if message.matters and not message.has("want") and _is_question(message):
        return False
    if things or (message.goods and len(message.telling) <= SHORT):
        return True
    if message.price.spans and not message.has("order", *KINDS):
        return True
    matters = {one.concept.name for one in message.matters}
    return _is_wish(message) and (bool(message.goods) or matters <= {"gift"})


def _is_price_asked(message: Message) -> bool:
    """What a thing costs, not what its delivery does."""
    matters = {one.concept.name for one in message.matters}
    return matters == {"cost"}


def _is_question(message: Message) -> bool:
    return message.has("ask") or "?" in message.text


def _is_wish(message: Message) -> bool:
    return message.has("want") and not message.has("help") and not message.only("want", "filler")


def _ask(message: Message, _: Mapping[str, Any]) -> bool:
    """They want help, or a product, and have not said with what."""
    if message.matters or not message.tokens:
        return False
    return message.only("help", "want", "filler", "hello")


def _manner(name: Intent) -> Callable[[Message, Mapping[str, Any]], bool]:
    def says(message: Message, _: Mapping[str, Any]) -> bool:
        return message.has(name) and message.only(*MANNERS)

    return says


_RULES: tuple[tuple[Intent, Callable[[Message, Mapping[str, Any]], bool]], ...] = (
    ("words", _words),
    ("who", lambda message, _: message.has("who")),
    ("unhelpful", _unhelpful),
    ("person", _person),
    ("discount", _discount),
    ("records", _records),
    ("orders", lambda message, memory: _orders(message, memory) and message.has("all", "show")),
    ("order", _order),
    ("order", _order_again),
    ("orders", _orders),
    ("activity", _activity),
    ("profile", _profile),
    ("follow", _follow),
    *((name, _manner(name)) for name in MANNERS),
    ("products", _products),
    ("ask", _ask),
)
