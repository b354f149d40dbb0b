"""Passages: which few sentences of a text answer a search best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.full_text import Phrase, Term, to_words
from core.small_words import SMALL_WORDS

LENGTH = 240
WORDS = 2_000  # of a single sentence; what is longer is no sentence
SENTENCES = 1_000  # that are looked at; articles have a tenth of them
# A sentence's end: its sign and a space; also the Arabic question mark, and signs without spaces.
_END = re.compile(r"(?<=[.!?…؟])\s+|(?<=[。！？])")
_END_OF_ONE = re.compile(r"[.!?…؟。！？][^\w\s]*$")  # of a sentence; headings have none
_SHORT = 3  # letters: such a word has no ending to lose
_LONG = 8  # letters: such a word may lose two
_ARTICLES = ("وال", "بال", "ال", "لل")  # Arabic writes “the” and its prepositions within the word
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))  # as German is typed without its letters


def wanted_terms(phrases: Sequence[Phrase]) -> list[Term]:
    """The words of a question that say what is sought; all of them if none does."""
    telling = [phrase for phrase in phrases if len(phrase) > 1 or phrase[0] not in SMALL_WORDS]
    return [Term([phrase], False) for phrase in telling or phrases]


def near(term: Term) -> Term:
    """The term in its other forms and spellings: returns, returned and returning are one word."""
    (phrase,) = term.spellings
    if len(phrase) > 1:
        return term
    begins = len(phrase[0]) > _SHORT
    spellings = _spellings(phrase[0])
    forms = dict.fromkeys(_beginning(word) if begins else word for word in spellings)
    return Term([[word] for word in forms], begins)


def _beginning(word: str) -> str:
    """A word without what its forms differ in: of a short one only a plural's s."""
    if len(word) >= _LONG:
        return word[:-2]
    return word[:-1] if len(word) > _SHORT + 1 or word.endswith("s") else word


def _spellings(word: str) -> Iterator[str]:
    yield word
    for typed, meant in _UMLAUTS:
        if typed in word:
            yield word.replace(typed, meant)
    if "\u0600" <= word[0] <= "\u06ff":
        stem = next((word[len(one) :] for one in _ARTICLES if word.startswith(one)), word)
        yield from (stem, f"ال{stem}") if len(stem) > 2 else ()


def share(words: str, terms: Sequence[Term]) -> float:
    """How many of the terms prepared words have, from 0 to 1; a word's other form counts less."""
    text = f" {words} "
    return sum(_has(text, term) for term in terms) / len(terms) if terms else 0.0


def _has(text: str, term: Term) -> float:
    if any(f" {' '.join(phrase)} " in text for phrase in term.spellings):
        return 1.0
    other = near(term)
    ending = "" if other.begins else " "
    return 0.8 if any(f" {' '.join(one)}{ending}" in text for one in other.spellings) else 0.0


def best_passage(plain: str, terms: Sequence[Term], length: int = LENGTH) -> str:
    """The sentences of a plain text that have most of the terms; its beginning if none has any.

    A text of at most `length` characters is given whole.
    """
    if len(plain) <= length:
        return plain
    chosen, highest = "", (0.0, 0.0)
    for first, passage in _passages(plain, terms, length):
        worth = share(to_words(passage), terms), share(to_words(first), terms)
        if worth > highest or not chosen:
            chosen, highest = passage, worth
    return chosen


def _passages(plain: str, terms: Sequence[Term], length: int) -> Iterator[tuple[str, str]]:
    """From every sentence on as many as fit; of one that is too long the part around a term."""
    sentences = [
        ("" if place else "\n", sentence.strip())  # a line of its own begins one
        for block in plain.split("\n")
        for place, sentence in enumerate(_END.split(block))
        if sentence.strip()
    ][:SENTENCES]
    for place, (_, sentence) in enumerate(sentences):
        first = sentence if len(sentence) <= length else _around(sentence, terms, length)
        passage, whole = first, first
        for gap, following in sentences[place + 1 :]:
            if len(passage) + 1 + len(following) > length:
                passage = whole  # not with the heading of what no longer fits
                break
            passage += (gap or " ") + following
            whole = passage if _END_OF_ONE.search(following) else whole
        yield first, passage


def _around(sentence: str, terms: Sequence[Term], length: int) -> str:
    """The part of a long sentence that begins a little before the first word that was sought."""
    room, words = length - 2, sentence.split()[:WORDS]
    hit = next((at for at, word in enumerate(words) if share(to_words(word), terms)), 0)
    start = hit
    while start and sum(len(word) + 1 for word in words[start - 1 : hit]) < room // 3:
        start -= 1
    part = " ".join(words[start:])
    cut = part if len(part) <= room else part[: room + 1].rpartition(" ")[0] or part[:room]
    return ("…" if start else "") + cut + ("…" if len(cut) < len(part) else "")
