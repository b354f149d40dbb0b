"""Phrases: everything the assistant says by itself, in six languages, a file each.

    say("de", "orders", count=2)  # "Das sind Ihre letzten Bestellungen:"

What is filled in is data: it is never read as a phrase. Money and dates are written by
`writing`, statuses are explained by `statuses`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from chat.assistant.phrases.plurals import plural

LOCALES = ("en", "de", "fr", "es", "pt", "ar")
HERE = Path(__file__).parent
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


@cache
def catalog(locale: str) -> dict[str, Any]:
    """The whole catalog of a language; English for one we do not speak."""
    name = locale if locale in LOCALES else "en"
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def say(locale: str, key: str, /, **values: object) -> str:
    """The phrase in this language, with `values` filled in; `count` chooses the plural form."""
    phrase = catalog(locale)["say"][key]
    if not isinstance(phrase, str):
        phrase = phrase[plural(locale, int(str(values["count"])))]
    return str(phrase.format(**{name: _apart(locale, value) for name, value in values.items()}))


def _apart(locale: str, value: object) -> str:
    """A value that runs the other way than the sentence, isolated from it."""
    text = str(value)
    if not text or bool(_RTL.search(text)) == (locale == "ar"):
        return text
    return f"\u2068{text}\u2069"
