"""Wording: a reply as the message that is said, with its cards, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from chat.assistant.engine import Reply
from chat.assistant.phrases import say
from core.access import Assurance
from core.identity import assurance_named
from core.services import Services
from core.tools import Result
from core.views import AssuranceName, Card, ChoicesCard, VerifyCard, Why

CARDS = 10
CHOICES, CHOICE = 6, 80
MEMORY = 8_192  # bytes


def text_of(services: Services, reply: Reply) -> str:
    """What is said: the engine's words, else the phrase for what happens next."""
    words = "".join(one for one in reply.text if one.isprintable() or one == "\n").strip()
    if reply.verify:
        key = "verify_code" if by_code(services, reply.verify) else "verify_sign_in"
        return words if words and key == "verify_code" else say(reply.locale, key)
    if reply.waiting:
        return words or say(reply.locale, "waiting")
    return words


def by_code(services: Services, needs: AssuranceName) -> bool:
    """Whether a code by e-mail is proof enough, and this hub sends e-mail."""
    return assurance_named(needs) <= Assurance.EMAIL and services.send_mail is not None


def cards_of(services: Services, reply: Reply, results: Iterable[Result]) -> tuple[Card, ...]:
    """The reply's cards that a tool has given in this turn, and what the reply asks for."""
    given = {msgspec.json.encode(card) for result in results for card in result.cards}
    cards = [card for card in reply.cards if msgspec.json.encode(card) in given][:CARDS]
    if reply.verify:
        code = by_code(services, reply.verify)
        cards.append(VerifyCard(needs=reply.verify, by_code=code))
    if choices := tuple(one.strip()[:CHOICE] for one in reply.choices if one.strip())[:CHOICES]:
        cards.append(ChoicesCard(choices=choices))
    return tuple(cards)


def memory_of(reply: Reply) -> dict[str, object]:
    """What is kept for the next turn; nothing if it is no plain data, or too much."""
    try:
        kept = msgspec.json.encode(reply.memory)
    except (TypeError, ValueError, OverflowError):
        return {}
    decoded = msgspec.json.decode(kept) if len(kept) <= MEMORY else {}
    return decoded if isinstance(decoded, dict) else {}


def farewell(locale: str, why: Why, *, online: bool, words: str = "") -> str:
    """What the visitor is told when a person takes over, after what else there is to say."""
    key = why if why in ("stopped", "failed") else "handed_over" if online else "handed_over_away"
    return "\n\n".join(filter(None, (words.strip(), say(locale, key))))
