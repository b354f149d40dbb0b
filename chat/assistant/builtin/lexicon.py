"""Lexicon: what shops sell and are asked about, so that “eine rote Jacke” finds a red jacket."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chat.assistant.builtin.spelling import Token, fold, without_umlauts

HERE = Path(__file__).parent
LOCALES = ("en", "de", "fr", "es", "pt", "ar")
DETAILS = ("colours", "sizes", "materials", "people")  # they tell things apart
LONGEST = 4  # words of one name
_PART = re.compile(r"[^\W_]+\*?")
_PREFIXES = ("وال", "بال", "فال", "كال", "ال", "لل", "و", "ب", "ل", "ف")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing, detail or matter, with its names in every language."""

    name: str
    kind: str  # a part of lexicon.toml: "colours", "things", "matters" …
    names: dict[str, tuple[str, ...]]  # by locale, as they are written; * at the end of a stem

    def every_name(self) -> tuple[str, ...]:
        """Its names in all languages, each once."""
        return tuple(dict.fromkeys(name for names in self.names.values() for name in names))


@dataclass(frozen=True, slots=True)
class Named:
    """A concept that a message names, and the words it takes there."""

    concept: Concept
    start: int  # the first token
    end: int  # after the last


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts by the folded words that name them, for one language."""

    whole: dict[tuple[str, ...], Concept]
    stems: dict[str, Concept]  # by their beginning

    def named(self, words: Sequence[Token], kinds: Sequence[str] | None = None) -> list[Named]:
        """The concepts a message names, the longest name first, none overlapping."""
        found: list[Named] = []
        place = 0
        while place < len(words):
            for length in range(min(LONGEST, len(words) - place), 0, -1):
                concept = self._concept([one.word for one in words[place : place + length]])
                if concept and (kinds is None or concept.kind in kinds):
                    found.append(Named(concept, place, place + length))
                    place += length
                    break
            else:
                place += 1
        return found

    def _concept(self, words: list[str]) -> Concept | None:
        if concept := self.whole.get(tuple(words)):
            return concept
        if len(words) > 1:
            return self.whole.get((*(_stem(words[0])[:1]), *words[1:]))
        for word in (words[0], without_umlauts(words[0]), *_stem(words[0])):
            if concept := self.whole.get((word,)):
                return concept
            for length in range(len(word), 3, -1):
                if concept := self.stems.get(word[:length]):
                    return concept
        return None


def _stem(word: str) -> list[str]:
    """An Arabic word without what is written together with it."""
    if not "\u0600" <= word[0] <= "\u06ff":
        return [word]
    return [word[len(one) :] for one in _PREFIXES if word.startswith(one) and len(word) > 3] or [
        word
    ]


@cache
def concepts() -> dict[str, Concept]:
    """Every concept by its kind and name."""
    parts = tomllib.loads((HERE / "lexicon.toml").read_text(encoding="utf-8"))
    return {
        f"{kind}.{name}": Concept(name, kind, dict(zip(LOCALES, map(_names, rows), strict=True)))
        for kind, part in parts.items()
        for name, rows in part.items()
    }


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@cache
def lexicon(locale: str, matters: bool = False) -> Lexicon:
    """The goods, or the matters, as a language names them."""
    whole: dict[tuple[str, ...], Concept] = {}
    stems: dict[str, Concept] = {}
    for concept in concepts().values():
        if (concept.kind == "matters") != matters:
            continue
        for name in concept.names[locale]:
            parts = _PART.findall(fold(name))
            if len(parts) == 1 and parts[0].endswith("*"):
                stems.setdefault(parts[0][:-1], concept)
            else:
                whole.setdefault(tuple(part.strip("*") for part in parts), concept)
    return Lexicon(whole, stems)


@cache
def goods_by_word() -> dict[str, frozenset[str]]:
    """Which languages name a good or a detail with this one word, for telling languages apart."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for locale in LOCALES:
        for parts in lexicon(locale).whole:
            if len(parts) == 1 and len(parts[0]) > 2:
                found[parts[0]].add(locale)
    return {word: frozenset(locales) for word, locales in found.items()}
