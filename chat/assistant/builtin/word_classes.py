"""Word classes: the words of one language by what they tell, such as `order` or `where`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chat.assistant.builtin.spelling import fold

HERE = Path(__file__).parent
_PART = re.compile(r"[^\W_]+\*?|…|\*[^\W_]+")
_CLITICS = "(?:[وفبلك]?ال|لل|[وفبلك])?"  # what Arabic writes together with the next word


@dataclass(frozen=True, slots=True)
class WordClasses:
    """One language's words: `classes` match in folded text between single spaces."""

    locale: str
    stop: frozenset[str]
    classes: dict[str, re.Pattern[str]]
    singles: frozenset[str]  # every word that stands in a class, for typing errors

    def has(self, name: str, text: str) -> bool:
        """Whether the text has a word of this class."""
        return self.classes[name].search(text) is not None

    def without(self, name: str, text: str) -> str:
        """The text without the words of this class."""
        return self.classes[name].sub("", text)


@cache
def word_classes(locale: str) -> WordClasses:
    """The words of a language."""
    lists = tomllib.loads((HERE / "words" / f"{locale}.toml").read_text(encoding="utf-8"))
    stop = frozenset(
        part for word in lists.pop("stop").split() for part in re.findall(r"[^\W_]+", fold(word))
    )
    entries = {name: _entries(text) for name, text in lists.items()}
    singles = {part.strip("*") for found in entries.values() for entry in found for part in entry}
    return WordClasses(
        locale,
        stop,
        {name: _pattern(found, locale) for name, found in entries.items()},
        frozenset(word for word in singles if len(word) > 3),
    )


def _entries(text: str) -> list[list[str]]:
    found = [_PART.findall(fold(entry)) for entry in text.split(",")]
    return [entry for entry in found if entry]


def _pattern(entries: list[list[str]], locale: str) -> re.Pattern[str]:
    longest_first = sorted(entries, key=lambda entry: -sum(map(len, entry)))
    written = "|".join(_written(entry) for entry in longest_first)
    return re.compile(f"(?<= ){_CLITICS if locale == 'ar' else ''}(?:{written})(?= )")


def _written(entry: list[str]) -> str:
    text = ""
    for part in entry:
        if part == "…":
            text += r"(?: \S+){0,4}"
            continue
        word = re.escape(part.strip("*"))
        word = (r"\S*" if part.startswith("*") else "") + word + (r"\S*" if part[-1] == "*" else "")
        text += f" {word}" if text else word
    return text
