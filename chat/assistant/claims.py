"""Claims: what a text says that can be right or wrong, read the same way in six languages.

A reply's claims are compared with those of the tools' results, so both are read by one reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from chat.assistant import vocabulary as words
from chat.assistant.codes import numbers, phones
from chat.assistant.days import days, times
from chat.assistant.links import foreign, links
from chat.assistant.notation import NUMBER, in_digits, readings, to_plain_signs
from chat.assistant.reading import CLAUSE, GONE, Claim, Reading, is_denied


def read(text: str, *, titles: Iterable[str] = (), locale: str = "") -> list[Claim]:
    """The claims of a sentence, or of a text of a result. `titles` are names, not claims."""
    shown = to_plain_signs(text)
    lower = _lower(shown)
    if not lower.isascii() or _UNIT_WORD.search(lower):
        lower, shown = in_digits(lower, shown, _COUNTED)
    reading = Reading(lower, shown)
    found = [*foreign(reading), *links(reading)]
    for title in titles:
        for _ in reading.take(re.compile(rf"(?<!\w){re.escape(title)}(?!\w)")):
            pass
    found += _statuses(reading)
    found += _stock(reading)
    found += _offers(reading)
    found += _amounts(reading)
    found += _percents(reading)
    found += days(reading, locale)
    found += times(reading)
    found += phones(reading)
    found += numbers(reading)
    return found


def _lower(text: str) -> str:
    """In lower case and exactly as long, so that places in both are the same."""
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


_N = rf"(?P<n>{NUMBER})"
_TIMES = "|".join(words.TIMES)
_UNIT = "|".join(words.UNITS)
_UNIT_WORD = re.compile(rf"(?:{words.CURRENCY}|{words.CENTS}|{words.PERCENT}|\b(?:{_UNIT})\b)")
_COUNTED = re.compile(
    rf"[ -]*(?:(?:{words.CURRENCY})|{words.CENTS}|{words.PERCENT}|(?:{_UNIT})(?!\w)|left\b|"
    rf"remaining\b|"
    r"in stock|stück|pieces?|pièces?|piezas?|peças?|قطع)"
)

# Money, percentages --------------------------------------------------------------------------

_SCALE = rf"(?:\s?(?P<k>{_TIMES})(?!\w))?"
_BEFORE = re.compile(rf"(?<![\w])(?:{words.CURRENCY})\s?{_N}{_SCALE}(?:,-|\.-|,–)?(?!\d)")
_AFTER = re.compile(
    rf"(?<![\w.,])(?P<glue>[بولفك])?{_N}{_SCALE}(?:,-|\.-|,–)?[\s-]?(?:{words.CURRENCY})"
)
_CENTS = re.compile(rf"(?<![\w.,]){_N}[\s-]?{words.CENTS}")
_DASHED = re.compile(rf"(?<![\w.,]){_N},(?:-|–|—)(?!\d)")
_PERCENT = re.compile(rf"(?<![\w.,]){_N}\s?-?{words.PERCENT}|%\s?(?P<m>{NUMBER})")


def _scaled(match: re.Match[str]) -> frozenset[Decimal]:
    times = next(
        (n for word, n in words.TIMES.items() if match["k"] and re.fullmatch(word, match["k"])), 1
    )
    return frozenset(value * times for value in readings(match["n"]))


def _amounts(reading: Reading) -> Iterator[Claim]:
    for pattern in (_AFTER, _BEFORE):
        for match, shown in reading.take(pattern):
            before = reading.text[: match.start()]
            yield Claim(
                "amount",
                shown,
                frozenset((v, c) for v in _scaled(match) for c in words.currencies(match)),
                limit=bool(words.LIMIT_WORDS.search(before)),
                negated=is_denied(before),
            )
    for match, shown in reading.take(_CENTS):
        yield Claim("amount", shown, frozenset((v / 100, "") for v in readings(match["n"])))
    for match, shown in reading.take(_DASHED):
        limit = bool(words.LIMIT_WORDS.search(reading.text[: match.start()]))
        yield Claim("amount", shown, frozenset((v, "") for v in readings(match["n"])), limit=limit)


def _percents(reading: Reading) -> Iterator[Claim]:
    for match, shown in reading.take(_PERCENT):
        negated = is_denied(reading.text[: match.start()])
        yield Claim("percent", shown, readings(match["n"] or match["m"]), negated=negated)


# How far something is ------------------------------------------------------------------------

_STATUS = [(name, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for name, p in words.STATUSES.items()]


def _statuses(reading: Reading) -> Iterator[Claim]:
    text = reading.text
    asking = text.rstrip().endswith(("?", "؟")) and bool(words.ASKING.search(text))
    about_discount = bool(words.DISCOUNT_WORDS.search(text))
    denied = words.NO_DENIAL.sub(lambda match: GONE * len(match[0]), text)
    for name, pattern in _STATUS:
        for match in pattern.finditer(text):
            before = CLAUSE.split(denied[: match.start()])[-1]
            yield Claim(
                "status",
                reading.shown[match.start() : match.end()],
                frozenset({name}),
                negated=bool(words.NEGATION.search(before)),
                asked=asking or bool(words.CONDITION.search(before)),
                future=bool(words.FUTURE.search(before)),
                about_discount=about_discount,
                at=match.start(),
            )
    for match in words.ACTION.finditer(text):
        action = frozenset({"action"})
        yield Claim("action", match[0], action, about_discount=about_discount)
    for match in words.PROMISE.finditer(text):
        yield Claim("promise", match["what"], frozenset({"promise"}))


# What there is, and what is promised for nothing ---------------------------------------------

_STOCK = [(name, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for name, p in words.STOCK.items()]
_OFFER = [(name, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for name, p in words.OFFERS.items()]


def _stock(reading: Reading) -> Iterator[Claim]:
    for match, shown in reading.take(words.LEFT):
        yield Claim("left", shown, frozenset({int(match["a"] or match["b"])}))
    for name, pattern in _STOCK:
        for match in pattern.finditer(reading.text):
            yield Claim("stock", match[0], frozenset({name}))
    is_there = words.AVAILABLE.search(reading.text)
    if is_there and not words.PEOPLE.search(reading.text):
        denied = is_denied(reading.text[: is_there.start()])
        yield Claim("stock", is_there[0], frozenset({"sold out" if denied else "available"}))


def _offers(reading: Reading) -> Iterator[Claim]:
    for name, pattern in _OFFER:
        for match in pattern.finditer(reading.text):
            yield Claim("offer", match[0], frozenset({name}))
