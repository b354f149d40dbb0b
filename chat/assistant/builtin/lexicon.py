"""Lexicon: what shops sell and are asked about, so that “eine rote Jacke” finds a red jacket."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chat.assistant.builtin.spelling import Token, fold, without_umlauts

HERE = Path(__file__).parent
LOCALES = ("en", "de", "fr", "es", "pt", "ar")
DETAILS = ("colours", "sizes", "materials", "people", "uses")  # they tell things apart
LONGEST = 4  # words of one name
SHORTEST_PART = 4  # letters of a compound's last part, or of a plural
_ENDINGS = ("s", "es", "n", "en", "e")
_PART = re.compile(r"[^\W_]+\*?")
_PREFIXES = ("وال", "بال", "فال", "كال", "ال", "لل", "و", "ب", "ل", "ف")


@dataclass(frozen=True, slots=True, eq=False)
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
    """The concepts that some words of a message name, mostly one."""

    concepts: tuple[Concept, ...]
    start: int  # the first token
    end: int  # after the last

    @property
    def concept(self) -> Concept:
        """The one that is meant first of all."""
        return self.concepts[0]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts by the folded words that name them, for one language."""

    whole: dict[tuple[str, ...], tuple[Concept, ...]]
    stems: dict[str, tuple[Concept, ...]]  # by their beginning
    compounds: bool = False  # whether this language writes several words as one

    def named(self, words: Sequence[Token]) -> list[Named]:
        """The concepts a message names, the longest name first, none overlapping."""
        found: list[Named] = []
        place = 0
        while place < len(words):
            for length in range(min(LONGEST, len(words) - place), 0, -1):
                meant = self.concepts([one.word for one in words[place : place + length]])
                if meant:
                    found.append(Named(meant, place, place + length))
                    place += length
                    break
            else:
                place += 1
        return found

    def concepts(self, words: Sequence[str]) -> tuple[Concept, ...]:
        """What these folded words name together; () if nothing."""
        if meant := self.whole.get(tuple(words)):
            return meant
        if len(words) > 1:
            return self.whole.get((_stem(words[0]), *words[1:]), ())
        (word,) = words
        for form in (without_umlauts(word), _stem(word), *_singulars(word)):
            if meant := self.whole.get((form,)):
                return meant
        return (self._parts(word) if self.compounds else ()) or self._beginning(word)

    def _beginning(self, word: str) -> tuple[Concept, ...]:
        for length in range(len(word), 2, -1):
            if meant := self.stems.get(word[:length]):
                return meant
        return ()

    def _parts(self, word: str) -> tuple[Concept, ...]:
        """What the parts of a German compound name: a Lederjacke is a jacket, of leather."""
        for start in range(3, len(word) - 3):
            rest = word[start:]
            last = self.whole.get((rest,)) or self.whole.get((_plain_end(rest),))
            last = last or (self._beginning(rest) if len(rest) > SHORTEST_PART else ())
            if last:
                first = self.whole.get((word[:start],)) or self._beginning(word[:start])
                return (*last[:1], *[one for one in first[:1] if one not in last])
        return ()


def _singulars(word: str) -> Iterator[str]:
    """Shorter forms a plural may be of."""
    if word.isascii() and len(word) > SHORTEST_PART:
        for ending in _ENDINGS:
            if word.endswith(ending):
                yield word[: -len(ending)]


def _plain_end(word: str) -> str:
    return next(_singulars(word), word)


def _stem(word: str) -> str:
    """An Arabic word without what is written together with it."""
    if "\u0600" <= word[0] <= "\u06ff" and len(word) > 3:
        return next((word[len(one) :] for one in _PREFIXES if word.startswith(one)), word)
    return word


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
    whole: defaultdict[tuple[str, ...], list[Concept]] = defaultdict(list)
    stems: defaultdict[str, list[Concept]] = defaultdict(list)
    for concept in concepts().values():
        if (concept.kind == "matters") != matters:
            continue
        for name in concept.names[locale]:
            parts = _PART.findall(fold(name))
            if len(parts) == 1 and parts[0].endswith("*"):
                stems[parts[0][:-1]].append(concept)
            else:
                whole[tuple(part.strip("*") for part in parts)].append(concept)
    return Lexicon(
        {words: tuple(dict.fromkeys(meant)) for words, meant in whole.items()},
        {stem: tuple(dict.fromkeys(meant)) for stem, meant in stems.items()},
        compounds=locale == "de",
    )


@cache
def goods_by_word() -> dict[str, frozenset[str]]:
    """Which languages name a good or a detail with this one word, for telling languages apart."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for locale in LOCALES:
        for parts in lexicon(locale).whole:
            if len(parts) == 1 and len(parts[0]) > 2:
                found[parts[0]].add(locale)
    return {word: frozenset(locales) for word, locales in found.items()}


@cache
def _goods_of(locale: str, letter: str) -> list[str]:
    goods = goods_by_word().items()
    return [word for word, locales in goods if locale in locales and word[0] == letter]


def nearest_good(word: str, locale: str) -> str | None:
    """The good that a mistyped word of this language may have meant; None if it is like none."""
    word = fold(word)
    if len(word) < 4 or word in goods_by_word():
        return None
    goods = _goods_of(locale, word[0])
    found = process.extractOne(word, goods, scorer=OSA.distance, score_cutoff=1)
    return str(found[0]) if found else None
