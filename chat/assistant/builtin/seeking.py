"""Seeking: the products that a few words mean, in whatever language and spelling they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from chat.assistant.builtin.lexicon import LOCALES, LONGEST, Concept, lexicon, nearest_good
from chat.assistant.builtin.spelling import Token, bare, tokens
from core.db import Work
from core.full_text import Term, to_phrases, to_words
from core.money import DIGITS, to_minor
from core.passages import wanted_terms
from core.product_finder import Bounds, Candidate, candidates, newest
from core.vocabulary import vocabulary

LOOKED_AT = (120, 800)  # products with the words; the second when too few are within the price
WORDS = 8  # of a wish
SPELLINGS = 60  # of one term
_ENDINGS = ("s", "es", "n", "en", "e", "er", "x")


@dataclass(frozen=True, slots=True)
class Limits:
    """What it may cost, in major units; None and "" where nothing was said."""

    least: Decimal | None = None
    most: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing that a product must have: a word, and whatever means the same."""

    word: str
    spellings: tuple[str, ...]  # prepared words
    concept: Concept | None = None
    begins: bool = False  # other words that begin like it will do

    @property
    def is_detail(self) -> bool:
        """Whether a product may lack it and still be the kind of thing that is meant."""
        return self.concept is not None and self.concept.kind != "things"

    @property
    def is_thing(self) -> bool:
        """Whether it says what kind of product is meant."""
        return self.concept is not None and self.concept.kind == "things"

    @property
    def term(self) -> Term:
        """It, as the index is asked."""
        own = self.word[:-2] if self.begins and len(self.word) > 6 else self.word
        spelt = [own] if self.begins else self.spellings
        return Term([word.split() for word in spelt], self.begins and len(own) > 2)


@dataclass(frozen=True, slots=True)
class Finding:
    """Products, best first, and whether they have everything that was asked for."""

    ids: tuple[str, ...]
    fits: bool = True
    currencies: frozenset[str] = frozenset()  # of those that have the words at another price


def seek(
    work: Work, workspace_id: str, words: str, limits: Limits, count: int, locale: str = "en"
) -> Finding:
    """The products that fit best; fewer words, and words spelt otherwise, only if none does."""
    sought = to_sought(words, locale)
    seeker = _Seeker(work, workspace_id, limits, count, locale)
    if not sought:
        return Finding(seeker.newest(), True, frozenset())
    tried: list[list[Sought]] = []
    for wanted, fits in _ways(seeker, sought):
        if wanted not in tried:
            found = seeker.best(wanted) if fits else seeker.closest(wanted, sought)
            if found:
                return Finding(found, fits)
        tried.append(wanted)
    return Finding((), False, seeker.currencies(sought))


def search_terms(words: str) -> list[Term]:
    """What a passage that fits should have: the words, and their main names in each language."""
    names: dict[str, None] = {}
    for one in to_sought(words):
        names[one.word] = None
        if one.concept is not None:
            names |= dict.fromkeys(to_words(said[0]) for said in one.concept.names.values())
    return [Term([name.split()], False) for name in names if name]


Way = tuple[list[Sought], bool]  # what is asked for, and whether it is everything


def _ways(seeker: _Seeker, sought: Sequence[Sought]) -> Iterator[Way]:
    """What to ask for, one after the other."""
    yield list(sought), True
    mended = [_mended(seeker, one) for one in sought]
    yield mended, True
    yield [replace(one, begins=not one.concept and len(one.word) > 4) for one in mended], True
    things = [one for one in mended if not one.is_detail]
    named = [one for one in things if one.concept is not None]
    if things and len(things) < len(mended):
        yield things, False
    if named:
        yield named, False
        if len(named) > 1:  # "a backpack for my laptop": what is wanted comes first, or last
            yield from (([one], False) for one in named)
    elif len(things) > 1:
        known = [one for one in things if seeker.has(one)]
        if known and len(known) * 2 >= len(things):
            yield known, False


def _mended(seeker: _Seeker, one: Sought) -> Sought:
    """The word as the catalog spells it, if it was probably mistyped."""
    if one.concept is not None:
        return one
    nearest = vocabulary(seeker.work, seeker.workspace_id).nearest(one.word)
    nearest = nearest or nearest_good(one.word, seeker.locale)
    return next(iter(to_sought(nearest, seeker.locale)), one) if nearest else one


@dataclass(frozen=True, slots=True)
class _Seeker:
    """One search: where, within which limits, for how many."""

    work: Work
    workspace_id: str
    limits: Limits
    count: int
    locale: str

    def has(self, one: Sought) -> bool:
        """Whether any product has this."""
        return bool(candidates(self.work, self.workspace_id, [one.term], 1))

    def currencies(self, sought: Sequence[Sought]) -> frozenset[str]:
        """What such products are priced in, whatever the limits."""
        if not self.limits.currency:
            return frozenset()
        terms = [one.term for one in sought]
        rows = candidates(self.work, self.workspace_id, terms, LOOKED_AT[0])
        return frozenset(row.currency for row in rows if row.currency)

    def newest(self) -> tuple[str, ...]:
        """The newest products within the limits, for a wish without words."""
        rows = newest(self.work, self.workspace_id, LOOKED_AT[0], _bounds(self.limits))
        return self._chosen([row for row in rows if _fits(row, self.limits)], ())

    def best(self, wanted: Sequence[Sought]) -> tuple[str, ...]:
        """The best products that have everything: by title, then by kind or description."""
        named = self._chosen(self._fitting(wanted, in_title=True), wanted)
        if len(named) >= self.count or (named and not any(one.is_thing for one in wanted)):
            return named
        others = self._chosen(self._fitting(wanted, in_title=False), wanted)
        return tuple(dict.fromkeys((*named, *others)))[: self.count]

    def closest(self, wanted: Sequence[Sought], sought: Sequence[Sought]) -> tuple[str, ...]:
        """Products with what is wanted in their title, and as much of the rest as any has."""
        fitting = self._fitting(wanted, in_title=True)
        fewest = min((_missing(row, sought) for row in fitting), default=0)
        return self._chosen([row for row in fitting if _missing(row, sought) == fewest], sought)

    def _fitting(self, wanted: Sequence[Sought], *, in_title: bool) -> list[Candidate]:
        bounds, terms = _bounds(self.limits), [one.term for one in wanted]
        fitting: list[Candidate] = []
        for most in LOOKED_AT:
            rows = candidates(
                self.work, self.workspace_id, terms, most, in_title=in_title, bounds=bounds
            )
            fitting = [row for row in rows if _fits(row, self.limits)]
            if not in_title:
                fitting = [row for row in fitting if _is_such(row, wanted)]
            if len(fitting) >= self.count or self.limits == Limits():
                break
        return fitting

    def _chosen(self, fitting: list[Candidate], wanted: Sequence[Sought]) -> tuple[str, ...]:
        ranked = sorted(fitting, key=lambda row: _rank(row, wanted))
        return tuple(row.id for row in ranked[: self.count])


def _bounds(limits: Limits) -> Bounds:
    """The limits in minor units, where a currency was named."""
    if not limits.currency:
        return Bounds()
    bounds = Bounds(limits.currency)
    if limits.least is not None:
        bounds = bounds._replace(least=to_minor(limits.least, limits.currency))
    if limits.most is not None:
        bounds = bounds._replace(most=to_minor(limits.most, limits.currency))
    return bounds


def _fits(row: Candidate, limits: Limits) -> bool:
    """Whether its price is within what was asked for; without a price it is not known to be."""
    if limits.least is None and limits.most is None:
        return True
    if row.price is None or row.currency not in DIGITS:
        return False
    least = to_minor(limits.least, row.currency) if limits.least is not None else row.price
    most = to_minor(limits.most, row.currency) if limits.most is not None else row.price
    return least <= row.price <= most


def _is_such(row: Candidate, wanted: Sequence[Sought]) -> bool:
    """Whether the product is the thing: what only its description speaks of may lie beside it."""
    known = f" {row.title_words} {to_words(row.details)} "
    return all(_has(known, one) for one in wanted if one.is_thing)


def _has(words: str, one: Sought) -> bool:
    return any(f" {spelling} " in words for spelling in one.spellings)


def _missing(row: Candidate, wanted: Sequence[Sought]) -> int:
    """How much of what is wanted the title lacks."""
    title = f" {row.title_words} "
    return sum(not _has(title, one) for one in wanted)


def _rank(row: Candidate, wanted: Sequence[Sought]) -> tuple[bool, int, int]:
    """What can be bought first, then whose title has most of the words and little else."""
    return not row.available, _missing(row, wanted), row.title_words.count(" ")


def to_sought(words: str, locale: str = "en") -> list[Sought]:
    """What a wish asks for, word by word; words that say nothing are left out."""
    found = tokens(bare(words))[: 2 * WORDS]
    kept = {" ".join(term.spellings[0]) for term in wanted_terms(to_phrases(words))}
    sought: list[Sought] = []
    place = 0
    while place < len(found) and len(sought) < WORDS:
        meant, end = _concepts(found, place, locale)
        own = " ".join(to_words(token.raw) for token in found[place:end])
        if parts := _parts(own, meant):
            sought += parts
        elif meant or own in kept:
            concept = meant[0] if meant else None
            sought.append(Sought(own, tuple(_spellings(own, meant)), concept))
        place = end
    return sought


def _parts(own: str, meant: Sequence[Concept]) -> list[Sought]:
    """A compound's thing and detail apart: what a Ledertasche is, and what it is made of."""
    kinds = {one.kind for one in meant}
    if len(meant) < 2 or "things" not in kinds or kinds == {"things"}:
        return []
    return [Sought(own, tuple(_spellings(own, [one])), one) for one in meant]


def _concepts(found: Sequence[Token], place: int, locale: str) -> tuple[tuple[Concept, ...], int]:
    """What is named from here on, in their own language or any; and where the name ends."""
    best: tuple[tuple[Concept, ...], int] = ((), place + 1)
    for one in sorted(LOCALES, key=lambda other: other != locale):
        named = lexicon(one).named(found[place : place + LONGEST])
        if not named or named[0].start:
            continue
        if not best[0] or place + named[0].end > best[1]:
            best = (named[0].concepts, place + named[0].end)
    return best


def _spellings(own: str, meant: Sequence[Concept]) -> Iterator[str]:
    """The word, its singular and plural, and what other languages call it."""
    names = [own, *(() if meant else _forms(own))]
    for concept in meant:
        names += _names(concept)
    yield from [name for name in dict.fromkeys(names) if name][:SPELLINGS]


@cache
def _names(concept: Concept) -> tuple[str, ...]:
    """What a concept is called in any language, as the index spells it."""
    return tuple(to_words(name) for name in concept.every_name() if not name.endswith("*"))


def _forms(word: str) -> Iterator[str]:
    if len(word) > 3 and word.isalpha():
        for ending in _ENDINGS:
            yield word + ending
            if word.endswith(ending) and len(word) - len(ending) > 2:
                yield word[: -len(ending)]
