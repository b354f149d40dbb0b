"""Spelling: a message as it is compared, without accents, letter forms and other digits."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 2_000  # characters of a message that are understood
_DIGITS = {
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    0x066B: ".",
    0x066C: ",",
    0x060C: ",",
    0x061F: "?",
}
# Letters that people mix up, and the mark that only stretches a word.
_ARABIC = {ord("ة"): "ه", ord("ى"): "ي", ord("ٱ"): "ا", ord("ـ"): None}
_TOKEN = re.compile(r"[^\W_]+")
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


class Token(NamedTuple):
    """A word of a message: as it is compared, as it was written, and where it stood."""

    word: str
    raw: str
    start: int
    end: int


def bare(text: str) -> str:
    """Lower case, western digits and signs, no vowel marks: still as it was spelt."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_DIGITS).casefold()
    if text.isascii():
        return text
    return "".join(one for one in text if one != "ـ" and not "\u064b" <= one <= "\u065f")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Without accents and with one form for each Arabic letter: `für` is `fur`."""
    text = bare(text)
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    kept = "".join(one for one in parts if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", kept).translate(_ARABIC)


def tokens(text: str) -> list[Token]:
    """The words and numbers of a message that went through `bare`."""
    return [
        Token(fold(found[0]), found[0], found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


def without_umlauts(word: str) -> str:
    """`fuer` as `fur`: how German is typed without its letters, folded like the rest."""
    for typed, meant in _UMLAUTS:
        word = word.replace(typed, meant)
    return word
