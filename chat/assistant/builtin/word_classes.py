"""Word classes: the words of one language by what they tell, such as `order` or `where`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from chat.assistant.builtin.spelling import fold

HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W_]+\*?|…|\*[^\W_]+")
_CLITICS = "(?:[وفبلك]?ال|لل|[وفبلك])?"  # what Arabic writes together with the next word


Entry = list[str]  # the words of one name; "…" for some that are left open


@dataclass(frozen=True, eq=False)
class WordClasses:
    """One language's words by class; patterns are made when they are first needed."""

    locale: str
    stop: frozenset[str]
    entries: Mapping[str, Sequence[Entry]]
    singles: frozenset[str]  # every longer word that stands in a class
    _patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)
    _by_letter: dict[str, list[str]] = field(default_factory=dict)

    def has(self, name: str, text: str) -> bool:
        """Whether folded text between single spaces has a word of this class."""
        return self._pattern(name).search(text) is not None

    def without(self, name: str, text: str) -> str:
        """The text without the words of this class."""
        return self._pattern(name).sub("", text)

    def starting_with(self, letter: str) -> list[str]:
        """The longer words that begin with this letter."""
        if not self._by_letter:
            for word in sorted(self.singles):
                self._by_letter.setdefault(word[0], []).append(word)
        return self._by_letter.get(letter, [])

    def _pattern(self, name: str) -> re.Pattern[str]:
        if name not in self._patterns:
            self._patterns[name] = _pattern(self.entries[name], self.locale)
        return self._patterns[name]


@cache
def word_classes(locale: str) -> WordClasses:
    """The words of a language."""
    lists = tomllib.loads((HERE / "words" / f"{locale}.toml").read_text(encoding="utf-8"))
    stop = {part for word in lists.pop("stop").split() for part in _WORD.findall(fold(word))}
    entries = {name: _entries(text) for name, text in lists.items()}
    singles = {part.strip("*") for found in entries.values() for entry in found for part in entry}
    longer = frozenset(word for word in singles if len(word) > 3)
    return WordClasses(locale, frozenset(stop), entries, longer)


def _entries(text: str) -> list[Entry]:
    found = [_PART.findall(fold(entry)) for entry in text.split(",")]
    return [entry for entry in found if entry]


def _pattern(entries: Sequence[Entry], locale: str) -> re.Pattern[str]:
    longest_first = sorted(entries, key=lambda entry: -sum(map(len, entry)))
    written = "|".join(_written(entry) for entry in longest_first)
    return re.compile(f"(?<= ){_CLITICS if locale == 'ar' else ''}(?:{written})(?= )")


def _written(entry: Entry) -> str:
    text = ""
    for part in entry:
        if part == "…":
            text += r"(?: \S+){0,4}"
            continue
        word = re.escape(part.strip("*"))
        word = (r"\S*" if part.startswith("*") else "") + word + (r"\S*" if part[-1] == "*" else "")
        text += f" {word}" if text else word
    return text
