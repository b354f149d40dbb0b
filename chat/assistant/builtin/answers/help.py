"""Help: the passage of an article that answers, quoted; else that nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.assistant.builtin.message import spelt
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply
from core.tools import Result

GOOD = 0.5  # of 1: what an article must score to be quoted
LONGEST = 200  # letters that are searched for


async def help_(turn: Turn) -> Reply:
    """What an article says about it, or that nobody but a person knows."""
    return await from_articles(turn) or turn.unknown()


async def from_articles(turn: Turn) -> Reply | None:
    """The best article's passage, if one fits well."""
    for words in _wordings(turn):
        result = await turn.tools.use("search_articles", {"words": words, "limit": 2})
        if result.status == "found" and _score(result.data[0]) >= GOOD:
            return _quoted(turn, result)
    return None


def _wordings(turn: Turn) -> Iterator[str]:
    """Their own words, then the matters in them as other languages call them."""
    own = spelt(turn.message.telling)[:LONGEST]
    if own:
        yield own
    named = turn.message.matters
    if named and turn.locale != "en":
        yield " ".join(one.concept.names["en"][0].strip("*") for one in named)[:LONGEST]


def _score(found: Any) -> float:
    return float(getattr(found, "score", 1.0))


def _quoted(turn: Turn, result: Result) -> Reply:
    best = result.data[0]
    text = f"{turn.say('article', title=best.title)}\n{best.excerpt}"
    return turn.reply(text, cards=result.cards[:1], sources=result.sources[:1])
