"""Locales: the six languages that Parley speaks to visitors, and which of them is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Locale = Literal["en", "de", "fr", "es", "pt", "ar"]
LOCALES: tuple[Locale, ...] = ("en", "de", "fr", "es", "pt", "ar")
NAMES: dict[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
}
RIGHT_TO_LEFT = ("ar",)


def to_locale(tag: str) -> Locale | None:
    """The language of a tag such as `de-AT`; None for one that is not among ours."""
    wanted = tag.strip().lower().replace("_", "-").partition("-")[0]
    return next((locale for locale in LOCALES if locale == wanted), None)


def preferred(wanted: str, home: str, there: Iterable[str]) -> str:
    """Of the languages that something is `there` in: the wanted one, else the workspace's own,
    else the first of ours. Something must be there."""
    known = set(there)
    return next(locale for locale in (wanted, home, *LOCALES) if locale in known)
