"""Profile: what the shop's server has said of the visitor, never what a browser claims."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from rapidfuzz import fuzz

from chat.assistant.builtin.spelling import fold
from chat.assistant.builtin.turn import Turn
from chat.assistant.builtin.word_classes import HERE
from chat.assistant.engine import Reply

FIELDS = ("email", "name", "phone", "address")
ALIKE = 85  # of 100: how much an attribute's name is like a word of the question
LISTED = 12
SHORTEST = 3  # letters of a word that names an attribute


async def profile(turn: Turn) -> Reply:
    """The fact they ask for, or everything."""
    result = await turn.tools.use("my_profile")
    if reply := turn.unanswered(result):
        return reply
    if result.data is None:
        return turn.reply(turn.say("profile_none"), choices=(turn.say("tap_person"),))
    facts = list(_facts(turn, result.data))
    wanted = _wanted(turn, facts)
    if wanted is None:
        lines = [turn.say("profile_line", label=label, value=value) for _, label, value in facts]
        text = "\n".join([turn.say("profile"), *lines[:LISTED]])
        return turn.reply(text, sources=result.sources)
    if not wanted:
        return turn.reply(turn.say("profile_lacks"), choices=(turn.say("tap_person"),))
    said = [turn.say("profile_one", label=label, value=value) for _, label, value in wanted]
    return turn.reply("\n".join(said), sources=result.sources)


Fact = tuple[str, str, str]  # name, as it is called here, value


def _facts(turn: Turn, known: Any) -> Iterator[Fact]:
    for name in FIELDS:
        if value := getattr(known, name, ""):
            yield name, turn.say(f"label_{name}"), value
    for name, value in known.attributes.items():
        yield name, name.replace("_", " ").capitalize(), value


def _wanted(turn: Turn, facts: list[Fact]) -> list[Fact] | None:
    """The facts that are asked for, [] if none of them is known, None for all of them."""
    fields = [name for name in FIELDS if turn.message.has(name)]
    if fields:
        return [fact for fact in facts if fact[0] in fields]
    if not turn.message.has("fact"):
        return None
    words = {token.word for token in turn.message.tokens}
    asked = words | {name for names in _groups() if words & names for name in names}
    return [fact for fact in facts if any(_is_like(fact[0], word) for word in asked)]


@cache
def _groups() -> list[frozenset[str]]:
    """The words that mean the same attribute, in every language."""
    rows = tomllib.loads((HERE / "facts.toml").read_text(encoding="utf-8"))
    return [
        frozenset(fold(name.strip()) for names in row for name in names.split(","))
        for row in rows.values()
    ]


def _is_like(name: str, word: str) -> bool:
    if len(word) < SHORTEST:
        return False
    return any(fuzz.ratio(part, word) >= ALIKE for part in fold(name).replace("_", " ").split())
