"""Prices: what a message says a thing may cost, in the notation of any of the six languages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice

from chat.assistant.builtin.spelling import fold
from chat.assistant.builtin.word_classes import HERE
from core.money import DIGITS

_DATA = tomllib.loads((HERE / "prices.toml").read_text(encoding="utf-8"))
_PARTS = {name: text.replace("\n", "") for name, text in _DATA["patterns"].items()}
_NAMES: dict[str, str] = _DATA["currencies"]
_CODES = "|".join(sorted(code.casefold() for code in DIGITS if code not in ("ALL", "TOP", "TRY")))
_CURRENCY = "|".join((*_NAMES, _CODES))
_NUMBER = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,3})?"
_AMOUNT = re.compile(
    rf"(?:(?P<before>{_CURRENCY})\s*)?(?<![\d#.,])(?<![a-z]-)(?P<number>{_NUMBER})(?!\d|/\d|-\d{{3}})"
    rf"(?:\s*(?P<after>{_CURRENCY})(?!\w))?"
)
_UNIT = re.compile(rf"\s*-?\s*(?:{_PARTS['unit']})")
_OR_LESS = re.compile(rf"\s*(?:{_PARTS['or_less']})(?!\w)")
_OR_MORE = re.compile(rf"\s*(?:{_PARTS['or_more']})")
AMOUNTS = 20  # of a message that are looked at
BEFORE = 40  # letters before a number that may limit it
_ABOUT = Decimal("0.25")  # a quarter more or less is still about


@dataclass(frozen=True, slots=True)
class PriceWish:
    """Between what a thing may cost; `currencies` are those that may be meant, () for any."""

    least: Decimal | None = None
    most: Decimal | None = None
    currencies: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()  # where the message says so


@cache
def _words(name: str) -> re.Pattern[str]:
    """What ends right before a number and limits it, in every language."""
    found: set[str] = set()
    for path in sorted((HERE / "words").glob("*.toml")):
        listed = tomllib.loads(path.read_text(encoding="utf-8"))[name].split(",")
        found |= {fold(word.strip()) for word in listed}
    found.discard("-")
    written = "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True))
    clitic, small = _PARTS["clitic"], _PARTS["small"]
    return re.compile(rf"(?:^|[^\w])(?:{clitic})?(?:{written})\s*(?:{small})?\s*$")


_TO = re.compile(rf"^\s*(?:{_PARTS['to']})\s*$")


def price_wish(text: str) -> PriceWish:
    """What a message says of a price; no limits if it says nothing."""
    text = fold(text)
    amounts = islice(_AMOUNT.finditer(text), AMOUNTS)
    found = [one for one in amounts if not _UNIT.match(text, one.end("number"))]
    for place, one in enumerate(found):
        wish = _range(text, one, found[place + 1 : place + 2]) or _limit(text, one)
        if wish is not None:
            return wish
    return PriceWish()


def _range(text: str, one: re.Match[str], following: list[re.Match[str]]) -> PriceWish | None:
    if not following or not _TO.match(text[one.end() : following[0].start()]):
        return None
    other = following[0]
    currencies = _currencies(one) or _currencies(other)
    start = _start(_words("between"), text, one)
    if start is None and not currencies:
        return None
    low, high = sorted((to_decimal(one["number"]), to_decimal(other["number"])))
    span = (one.start() if start is None else start, other.end())
    return PriceWish(low, high, currencies, (span,))


def _limit(text: str, one: re.Match[str]) -> PriceWish | None:
    amount, currencies = to_decimal(one["number"]), _currencies(one)
    for name in ("below", "above", "about"):
        start = _start(_words(name), text, one)
        if start is not None and (currencies or amount >= 5):
            return _wish(name, amount, currencies, (start, one.end()))
    for name, pattern in (("below", _OR_LESS), ("above", _OR_MORE)):
        if after := pattern.match(text, one.end()):
            return _wish(name, amount, currencies, (one.start(), after.end()))
    if before := re.search(r"(<=?|≤|>=?|≥)\s*$", text[: one.start()]):
        name = "below" if before[1][0] in "<≤" else "above"
        return _wish(name, amount, currencies, (before.start(), one.end()))
    return _wish("about", amount, currencies, one.span()) if currencies else None


def _wish(
    name: str, amount: Decimal, currencies: tuple[str, ...], span: tuple[int, int]
) -> PriceWish:
    least = {"above": amount, "about": amount * (1 - _ABOUT)}.get(name)
    most = {"below": amount, "about": amount * (1 + _ABOUT)}.get(name)
    return PriceWish(least, most, currencies, (span,))


def _start(words: re.Pattern[str], text: str, one: re.Match[str]) -> int | None:
    begin = max(0, one.start() - BEFORE)
    found = words.search(text[begin : one.start()])
    return begin + found.start() if found else None


def _currencies(one: re.Match[str]) -> tuple[str, ...]:
    said = one["before"] or one["after"]
    if not said:
        return ()
    if (code := said.upper()) in DIGITS:
        return (code,)
    for names, codes in _NAMES.items():
        if re.fullmatch(names, said):
            return tuple(codes.split())
    return ()


def to_decimal(number: str) -> Decimal:
    """`1.299,00`, `1,299.00`, `1 299` and `1299` are all the same."""
    number = re.sub("['’ \u00a0\u202f]", "", number)
    point = max(number.rfind("."), number.rfind(","))
    if point < 0:
        return Decimal(number)
    whole, part = number[:point], number[point + 1 :]
    whole = whole.replace(".", "").replace(",", "")
    if len(part) == 3:  # thousands, unless nothing stands before them
        return Decimal(whole + part) if whole.strip("0") else Decimal(f"{whole}.{part}")
    return Decimal(f"{whole}.{part}")
