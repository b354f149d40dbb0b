"""Message: what a visitor wrote, in the form in which it is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chat.assistant.builtin.languages import language_of
from chat.assistant.builtin.lexicon import Named, goods_by_word, lexicon
from chat.assistant.builtin.prices import PriceWish, price_wish
from chat.assistant.builtin.spelling import Token, bare, tokens, without_umlauts
from chat.assistant.builtin.word_classes import WordClasses, word_classes

_NUMBER = re.compile(
    r"(?<![\w.,])#?\s?(?=[a-z0-9-]*\d)(?:[a-z]{1,6}-?)?\d{3,}(?:-?[a-z0-9]+)*(?![\w])"
)
_SHORT_NUMBER = re.compile(r"(?:#|\bno\.?|\bnr\.?|n°|nº)\s?(\d{1,12})\b")
_SHORTEST = 4  # letters of a word that may be mistyped
_MOST_WORDS = 40  # of a message that are looked at for typing errors


@dataclass(frozen=True)
class Message:
    """A message in one language; questions about it are answered from folded words."""

    text: str  # as `bare` leaves it
    tokens: tuple[Token, ...]
    locale: str

    @cached_property
    def words(self) -> WordClasses:
        """The words of its language."""
        return word_classes(self.locale)

    @cached_property
    def folded(self) -> str:
        """Every word between single spaces."""
        return f" {' '.join(token.word for token in self.tokens)} "

    def has(self, *names: str) -> bool:
        """Whether it has a word of one of these classes."""
        return any(self.words.has(name, self.folded) for name in names)

    def only(self, *names: str) -> bool:
        """Whether little more than words of these classes is left when small words are gone."""
        rest = self.folded
        for name in names:
            rest = self.words.without(name, rest)
        return not [word for word in rest.split() if not self._is_small(word)]

    @cached_property
    def price(self) -> PriceWish:
        """What it says of a price."""
        return price_wish(self.text)

    @cached_property
    def goods(self) -> list[Named]:
        """The things and details it names."""
        return lexicon(self.locale).named(self.tokens)

    @cached_property
    def matters(self) -> list[Named]:
        """The matters it names: delivery, returns, payment."""
        return lexicon(self.locale, matters=True).named(self.tokens)

    @cached_property
    def numbers(self) -> list[str]:
        """What looks like an order's number, as it was written; prices are none."""
        priced = self.price.spans
        found = [
            one
            for one in _NUMBER.finditer(self.text)
            if not any(start <= one.start() < end for start, end in priced)
        ]
        long = [one[0].replace(" ", "").upper() for one in found]
        return long or [one[1] for one in _SHORT_NUMBER.finditer(self.text)]

    @cached_property
    def telling(self) -> list[Token]:
        """The words that say what is meant: no small words, no price."""
        priced = self.price.spans
        return [
            token
            for token in self.tokens
            if not self._is_small(token.word)
            and not any(start <= token.start < end for start, end in priced)
        ]

    def mended(self) -> Message:
        """The message with its typing errors corrected, as far as its language knows better."""
        if len(self.tokens) > _MOST_WORDS:
            return self
        return replace(
            self, tokens=tuple(token._replace(word=self._mend(token.word)) for token in self.tokens)
        )

    def _mend(self, word: str) -> str:
        if len(word) < _SHORTEST or word.isdigit() or self._is_known(word):
            return word
        if (plain := without_umlauts(word)) != word and self._is_known(plain):
            return plain
        most = 1 if len(word) < 8 else 2
        known = self.words.starting_with(word[0])
        found = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=4)
        best = min(found, key=lambda one: (one[1], -len(one[0])), default=(word,))
        return str(best[0])

    def _is_known(self, word: str) -> bool:
        return (
            self._is_small(word)
            or word in self.words.singles
            or self.locale in goods_by_word().get(word, ())
        )

    def _is_small(self, word: str) -> bool:
        stop = self.words.stop
        if word in stop or (len(word) == 1 and not word.isdigit()):
            return True
        return self.locale == "ar" and any(
            word.startswith(one) and word[len(one) :] in stop for one in ("و", "ف", "ب", "ل")
        )


def to_message(text: str, usual: str) -> Message:
    """A visitor's text, in its own language or the usual one."""
    text = bare(text)
    words = tuple(tokens(text))
    return Message(text, words, language_of(text, words, usual))


def in_locale(message: Message, locale: str) -> Message:
    """The same words, taken for those of another language."""
    return replace(message, locale=locale)


def spelt(words: Sequence[Token]) -> str:
    """These words as they were written."""
    return " ".join(token.raw for token in words)
