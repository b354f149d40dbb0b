"""Words: what the help centre's pages themselves say, and how dates and prices are written."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from core.locales import LOCALES
from core.views import Money

SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$", "INR": "₹"}
NO_BREAK = "\u00a0"


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The forms of a word beside a number; those a language does not have are empty."""

    one: str
    other: str
    zero: str = ""
    two: str = ""
    few: str = ""

    def of(self, n: int) -> str:
        """The right form, with the number in it."""
        form = {0: self.zero, 1: self.one, 2: self.two}.get(n, "")
        if not form and 3 <= n % 100 <= 10:
            form = self.few
        return (form or self.other).replace("{n}", str(n))


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language; a misspelt or missing key of the file stops the start."""

    help_centre: str
    ask: str
    search: str
    find: str
    show_all: str
    updated: str
    more_in: str
    found: str
    nothing_found: str
    nothing_found_hint: str
    back: str
    missing: str
    missing_hint: str
    nothing_yet: str
    nothing_yet_hint: str
    start: str
    language: str
    other_language: str
    still: str
    still_hint: str
    skip: str
    here: str
    sold_out: str
    day: str
    months: list[str]
    decimal: str
    thousands: str
    money: str
    languages: dict[str, str]  # as this one calls them
    articles: Counted
    minutes: Counted

    def written_day(self, at: datetime) -> str:
        """A day with its month as a word."""
        return self.day.format(day=at.day, month=self.months[at.month - 1], year=at.year)

    def written_money(self, price: Money) -> str:
        """An amount as this language writes it; a currency without a sign has its code."""
        whole, _, cents = price.text.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.thousands)
        amount = f"{grouped}{self.decimal}{cents}" if cents else grouped
        sign = SIGNS.get(price.currency, price.currency)
        form = self.money if len(sign) < 3 else "{amount} {sign}"
        return form.format(amount=amount, sign=sign).replace(" ", NO_BREAK)


@cache
def words(locale: str) -> Words:
    """The words of one of our languages."""
    return _catalog()[locale]


@cache
def _catalog() -> dict[str, Words]:
    text = (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
    catalog = msgspec.convert(tomllib.loads(text), dict[str, Words])
    assert set(catalog) == set(LOCALES)
    return catalog
