"""Help: the passage of an article that answers, quoted; else that nothing is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chat.assistant.builtin.lexicon import LOCALES, Concept, concepts, lexicon
from chat.assistant.builtin.message import Message, spelt
from chat.assistant.builtin.spelling import bare, tokens
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply
from core.tools import Result

GOOD = 0.52  # of 1: how much of a question an article must speak of to be quoted
WORD = 0.5  # what a word counts that we do not know, beside a matter that we do
LONG = 6  # letters of a word that tells something by itself
BESIDE = 0.6  # what a matter counts that an article only speaks of beside its own
VAGUE = ("time", "cost", "limit", "safe", "made")  # matters that count no more
NO_UNITS = ("howto", "filler", "want", "ask", "hello", "more", "first", "second", "third", "final")
_PRICE = re.compile(r"[€$£¥]\s?\d|\d\s?(?:[€$£¥]|[A-Z]{3}\b)")
LONGEST = 200  # letters that are searched for
NAMES = 6  # of a matter, when its own word finds nothing


async def from_articles(turn: Turn, least: float = GOOD) -> Reply | None:
    """The best article's passage, if one fits well."""
    known: dict[str, tuple[Result, int]] = {}  # in the language they write, by slug
    for words in _wordings(turn.message):
        result = await turn.tools.use("search_articles", {"words": words, "limit": 3})
        for place, found in enumerate(result.data or ()):
            if found.locale == turn.locale:
                known.setdefault(found.slug, (result, place))
        fits = [_fit(turn.message, found) for found in result.data or ()]
        if fits and max(fits) >= least:
            best = fits.index(max(fits))
            return _quoted(turn, *known.get(result.data[best].slug, (result, best)))
    return None


def _wordings(message: Message) -> Iterator[str]:
    """Their own words, then what the matters in them are called otherwise."""
    own = spelt(message.telling)[:LONGEST]
    if own:
        yield own
    if matters := [one.concept for one in message.matters]:
        yield _called(matters, message.locale)
        if message.locale != "en":
            yield _called(matters, "en")


def _called(matters: list[Concept], locale: str) -> str:
    names = [name.strip("*") for one in matters for name in one.names[locale][:NAMES]]
    return " ".join(dict.fromkeys(names))[:LONGEST]


def _fit(message: Message, found: Any) -> float:
    """How much of what is asked the article speaks of, from 0 to 1; its title counts most."""
    weights = {unit: WORD if _is_vague(unit) else 1.0 for unit in _units(message)}
    title, text = _spoken(found.title, found.locale), _spoken(found.excerpt, found.locale)
    if all(isinstance(unit, str) and len(unit) < LONG for unit in weights):
        text = _NOTHING  # a single common word is in many texts, and tells nothing
    worth = sum(weight * _worth(unit, title, text) for unit, weight in weights.items())
    return worth / sum(weights.values()) if weights else 0.0


def _is_vague(unit: Unit) -> bool:
    """Whether many an article speaks of this: a word we do not know, or days and costs."""
    return isinstance(unit, str) or unit.kind != "matters" or unit.name in VAGUE


Unit = Concept | str
Spoken = tuple[frozenset[Concept], frozenset[str]]


_NOTHING: Spoken = (frozenset(), frozenset())


def _units(message: Message) -> list[Unit]:
    """What a question is about: the matters and goods in it, and its other telling words."""
    units: dict[Unit, None] = {}
    inside: set[int] = set()
    named = [*message.matters, *message.goods]
    for one in sorted(named, key=lambda one: one.start - one.end):
        if inside.isdisjoint(range(one.start, one.end)):
            units |= dict.fromkeys(one.concepts if one.concept.kind == "matters" else [one.concept])
            inside.update(range(one.start, one.end))
    telling = set(message.telling)
    for place, token in enumerate(message.tokens):
        if place not in inside and token in telling and not _is_filler(message, token.word):
            units[token.word] = None
    return list(units)


def _is_filler(message: Message, word: str) -> bool:
    alone = f" {word} "
    return any(message.words.has(name, alone) for name in NO_UNITS)


def _spoken(text: str, locale: str) -> Spoken:
    """The concepts and words of a text."""
    found = tokens(bare(text))
    spoken = locale if locale in LOCALES else "en"
    named = [*lexicon(spoken, matters=True).named(found), *lexicon(spoken).named(found)]
    spoken_of = {concept for one in named for concept in one.concepts}
    if _PRICE.search(text):
        spoken_of.add(concepts()["matters.cost"])
    return frozenset(spoken_of), frozenset(token.word for token in found)


def _worth(unit: Unit, title: Spoken, text: Spoken) -> float:
    if isinstance(unit, Concept):
        return 1.0 if unit in title[0] else BESIDE if unit in text[0] else 0.0
    if unit in title[1] or unit in text[1]:
        return 1.0
    stem = unit[:-2] if len(unit) > 5 else unit
    return 0.8 if any(word.startswith(stem) for word in title[1] | text[1]) else 0.0


def _quoted(turn: Turn, result: Result, place: int) -> Reply:
    best = result.data[place]
    text = f"{turn.say('article', title=best.title)}\n{best.excerpt}"
    return turn.reply(
        text,
        cards=result.cards[place : place + 1],
        sources=result.sources[place : place + 1],
    )
