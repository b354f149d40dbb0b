"""Languages: which of the six a message is written in, by its script and its small words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from chat.assistant.builtin.lexicon import LOCALES, goods_by_word
from chat.assistant.builtin.spelling import Token
from chat.assistant.builtin.word_classes import word_classes

_ARABIC = re.compile("[\u0600-\u06ff]")
_LETTERS = re.compile(r"[^\W\d_]")
# Letters that only one of the six has.
_TELLING = {"de": "äöüß", "es": "ñ¿¡", "pt": "ãõ", "fr": "èêùœîûë"}
USUAL = 0.6  # what speaks for the language somebody wrote in before
CLEAR = 0.9  # how much more must speak for another


@cache
def _small_words() -> dict[str, dict[str, float]]:
    """What each small word says for each language: the fewer share it, the more."""
    shared: defaultdict[str, list[str]] = defaultdict(list)
    for locale in LOCALES:
        words = word_classes(locale)
        for word in words.stop | words.singles:
            shared[word].append(locale)
    return {
        word: dict.fromkeys(locales, 1.5 / len(locales) ** 1.5) for word, locales in shared.items()
    }


def language_of(text: str, words: Sequence[Token], usual: str) -> str:
    """The language of a message that went through `bare`; `usual` where it does not say."""
    letters = len(_LETTERS.findall(text))
    if letters and len(_ARABIC.findall(text)) * 2 > letters:
        return "ar"
    scores = dict.fromkeys(LOCALES, 0.0)
    goods = goods_by_word()
    for token in words:
        for locale, worth in _small_words().get(token.word, {}).items():
            scores[locale] += worth
        for locale in goods.get(token.word, ()):
            scores[locale] += 0.9 / len(goods[token.word])
    for locale, letters_of in _TELLING.items():
        scores[locale] += 0.8 * min(2, sum(text.count(letter) for letter in letters_of))
    scores[usual] = scores.get(usual, 0.0) + USUAL
    best = max(scores, key=lambda locale: (scores[locale], locale == usual))
    return best if scores[best] - scores[usual] >= CLEAR - USUAL else usual
