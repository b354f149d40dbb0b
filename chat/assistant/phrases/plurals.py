"""Plurals: which form of a phrase goes with a count, by the rules of each language."""

from __future__ import annotations

from collections.abc import Callable

FORMS = {"ar": ("zero", "one", "two", "few", "many", "other")}
USUAL = ("one", "other")


def plural(locale: str, count: int) -> str:
    """The name of the form, as CLDR calls it."""
    return _RULES.get(locale, _english)(count)


def forms(locale: str) -> tuple[str, ...]:
    """Every form that a phrase of this language needs."""
    return FORMS.get(locale, USUAL)


def _english(count: int) -> str:
    return "one" if count == 1 else "other"


def _french(count: int) -> str:
    return "one" if count in (0, 1) else "other"


def _arabic(count: int) -> str:
    if count in (0, 1, 2):
        return ("zero", "one", "two")[count]
    if 3 <= count % 100 <= 10:
        return "few"
    return "many" if count % 100 >= 11 else "other"


_RULES: dict[str, Callable[[int], str]] = {"fr": _french, "pt": _french, "ar": _arabic}
