"""Writing: money, numbers and dates as each language writes them; exact, never through a float."""

from __future__ import annotations

from datetime import UTC, datetime

from chat.assistant.phrases import catalog
from core.views import Money

SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "BRL": "R$",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "UAH": "₴",
    "TRY": "₺",
    "VND": "₫",
    "NGN": "₦",
}


def number(locale: str, text: str) -> str:
    """An exact decimal such as "-1299.90", grouped and pointed as in this language."""
    style = catalog(locale)["format"]
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = digits.partition(".")
    grouped = f"{int(whole):,}".replace(",", style["group"])
    return sign + grouped + (style["decimal"] + part if part else "")


def money(locale: str, amount: Money) -> str:
    """`€1,299.00`, `1.299,00 €`; a currency without a sign of its own by its code."""
    style = catalog(locale)["format"]
    symbol = SYMBOLS.get(amount.currency)
    if symbol is None:
        form = style["money"].replace("{symbol}{number}", "{symbol}\u00a0{number}")
        return str(form.format(symbol=amount.currency, number=number(locale, amount.text)))
    if amount.text.startswith("-") and style["money"].startswith("{symbol}"):
        positive = number(locale, amount.text[1:])
        return "-" + str(style["money"].format(symbol=symbol, number=positive))
    return str(style["money"].format(symbol=symbol, number=number(locale, amount.text)))


def percent(locale: str, text: str) -> str:
    """An exact percentage such as "12.5"."""
    return str(catalog(locale)["format"]["percent"].format(number=number(locale, text)))


def date(locale: str, moment: datetime) -> str:
    """`14 November 2026`: the day in UTC, the year always, so that nobody has to guess."""
    names = catalog(locale)["months"]["names"]
    day = moment.astimezone(UTC)
    form = catalog(locale)["format"]["date"]
    return str(form.format(day=day.day, month=names[day.month - 1], year=day.year))
