"""The assistant's phrases: six languages that say the same, money and dates as each writes."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.assistant.phrases import LOCALES, catalog, say
from chat.assistant.phrases.plurals import forms, plural
from chat.assistant.phrases.statuses import meaning
from chat.assistant.phrases.writing import date, money, percent
from core.money import to_money

OTHERS = [locale for locale in LOCALES if locale != "en"]
NEEDED_BY_TURNS = (
    "handed_over",
    "handed_over_away",
    "stopped",
    "verify_code",
    "verify_sign_in",
    "declined",
    "waiting",
    "failed",
)


def holes(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def wordings(phrase: Any) -> list[str]:
    return [phrase] if isinstance(phrase, str) else list(phrase.values())


@pytest.mark.parametrize("locale", OTHERS)
def test_W23_every_language_has_every_phrase_with_the_same_holes(locale: str) -> None:
    english, translated = catalog("en"), catalog(locale)
    assert {name: set(part) for name, part in translated.items()} == {
        name: set(part) for name, part in english.items()
    }
    for key, phrase in english["say"].items():
        wanted = holes(wordings(phrase)[0])
        for wording in wordings(translated["say"][key]):
            assert wording.strip() == wording != ""
            assert holes(wording) == wanted, key


@pytest.mark.parametrize("locale", LOCALES)
def test_W23_every_plural_has_the_forms_its_language_needs(locale: str) -> None:
    for key, phrase in catalog(locale)["say"].items():
        if not isinstance(phrase, str):
            assert tuple(phrase) == forms(locale), key
    for count in range(120):
        assert plural(locale, count) in forms(locale)


def test_arabic_counts_as_arabic_does() -> None:
    counted = [plural("ar", count) for count in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)]
    assert counted == [
        *("zero", "one", "two", "few", "few", "many", "many", "other", "other", "few", "many")
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_happens_to_a_conversation_can_be_said(locale: str) -> None:
    said = {say(locale, key) for key in NEEDED_BY_TURNS}
    assert len(said) == len(NEEDED_BY_TURNS)


def test_what_is_filled_in_is_never_read_as_a_phrase() -> None:
    assert "{shop} %s {0}" in say("en", "hello", shop="{shop} %s {0}")


def test_a_language_nobody_translated_is_answered_in_english() -> None:
    assert say("tlh", "thanks") == say("en", "thanks")


def test_W23_a_latin_order_number_stays_whole_in_an_arabic_sentence() -> None:
    assert "\u2068#1001\u2069" in say("ar", "order_unknown", number="#1001")
    assert "\u2068طقم\u2069" in say("en", "product_bare", title="طقم")


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "written"),
    [
        ("en", 129900, "EUR", "€1,299.00"),
        ("en", -1990, "USD", "-$19.90"),
        ("en", 40500, "KWD", "KWD 40.500"),
        ("en", 12400, "JPY", "¥12,400"),
        ("de", 129900, "EUR", "1.299,00 €"),
        ("fr", 129900, "EUR", "1 299,00 €"),
        ("es", 8000, "EUR", "80,00 €"),
        ("pt", 129900, "BRL", "R$ 1.299,00"),
        ("ar", 129900, "EUR", "€1,299.00"),
    ],
)
def test_money_is_written_as_the_language_does(
    locale: str, minor: int, currency: str, written: str
) -> None:
    said = money(locale, to_money(minor, currency))
    assert said.replace("\u00a0", " ").replace("\u202f", " ") == written


def test_dates_and_percentages_are_written_as_the_language_does() -> None:
    day = datetime(2026, 11, 4, 23, 30, tzinfo=UTC)
    assert date("en", day) == "4 November 2026"
    assert date("de", day) == "4. November 2026"
    assert date("es", day) == "4 de noviembre de 2026"
    assert date("ar", day) == "4 نوفمبر 2026"
    assert percent("de", "12.5") == "12,5\u00a0%"


def test_a_shops_word_for_a_status_is_explained_in_the_visitors_language() -> None:
    assert meaning("de", "Shipped", "info") == "unterwegs"
    assert meaning("fr", "wc-on-hold", "warning") == "en attente"
    assert meaning("es", "in_transit", "info") == "en camino"
    assert meaning("pt", "chargeback", "negative") == "não foi concluído"
    assert meaning("de", "Bei den Elfen", "neutral") == ""
    assert meaning("en", "Shipped", "info") == ""
