"""Reading: a text whose claims are taken out of it one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from chat.assistant import vocabulary as words

Kind = Literal[
    "amount", "percent", "date", "day", "time", "duration", "number", "code", "link", "address",
    "phone", "status", "promise", "action", "language", "stock", "left", "offer",
]  # fmt: skip

GONE = "¦"  # stands where something was read


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a text says: what it may mean, and the words it says it with."""

    kind: Kind
    text: str
    may_be: frozenset[Any]
    negated: bool = False  # "not delivered yet"
    asked: bool = False  # or on a condition: not said to be so
    future: bool = False  # expected, or possible
    limit: bool = False  # "under 80 euros"
    about_price: bool = False
    about_discount: bool = False
    at: int = 0  # where in the sentence


@dataclass(slots=True)
class Reading:
    """A text being read: what was read is taken out, so that nothing is read twice."""

    text: str  # in lower case
    shown: str  # as long, in its own letters

    def take(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
        """Each match, and its words as they were written; then it is gone."""
        for match in list(pattern.finditer(self.text)):
            yield match, self.shown[match.start() : match.end()].strip()
            self.remove(match.start(), match.end())

    def remove(self, start: int, end: int) -> None:
        """Nothing stands there any more."""
        gap = GONE * (end - start)
        self.text = self.text[:start] + gap + self.text[end:]
        self.shown = self.shown[:start] + gap + self.shown[end:]

    def put_back(self, start: int, end: int, text: str, shown: str) -> None:
        """It was not what it looked like."""
        self.text = self.text[:start] + text + self.text[end:]
        self.shown = self.shown[:start] + shown + self.shown[end:]


# Where a clause ends: what is denied or asked before it is not meant after it.
CLAUSE = re.compile(r"[,;:–—!.]\s|\b(?:and|und|et|but|aber|mais|pero|mas|لكن)\b")


def is_denied(before: str) -> bool:
    """Whether a "not" stands before, in the same clause."""
    return bool(words.NEGATION.search(CLAUSE.split(before)[-1]))
