"""Days said: dates, times of day and durations in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from chat.assistant import vocabulary as words
from chat.assistant.notation import NUMBER, readings
from chat.assistant.reading import Claim, Reading

_N = rf"(?P<n>{NUMBER})"
_MONTH = "|".join(sorted(map(re.escape, words.MONTHS), key=len, reverse=True))
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|ro|º|ª|\.)?"
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_DATES = (
    re.compile(rf"(?<![\w.]){_YEAR}[-/.](?P<m>\d\d?)[-/.](?P<d>\d\d?)(?![\d])"),
    re.compile(
        rf"(?<![\w.]){_DAY}\s?(?:de |of |-)?\s?(?P<m>{_MONTH})\.?(?!\w)(?:,?\s?(?:de |"
        rf"del )?{_YEAR})?"
    ),
    re.compile(rf"(?<!\w)(?P<m>{_MONTH})\.?\s(?:the )?{_DAY}(?![\w.,]?\d)(?:,?\s{_YEAR})?"),
    re.compile(r"(?<![\w.,])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d\d)(?!\d)"),
    re.compile(r"(?<![\w.,])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])"),
    re.compile(r"(?<![\w.,])(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.(?!\d)"),
)
_MONTH_YEAR = re.compile(rf"(?<!\w)(?P<m>{_MONTH})\.?\s(?:de |del )?{_YEAR}")
_MONTH_ALONE = re.compile(
    r"(?<!\w)(?P<m>" + "|".join(map(re.escape, words.MONTH_ALONE)) + r")(?!\w)"
)
_WEEKDAY = re.compile(r"(?<!\w)(?P<w>" + "|".join(map(re.escape, words.WEEKDAYS)) + r")s?(?!\w)")
_RELATIVE = [(re.compile(rf"(?<!\w)(?:{p})(?!\w)"), days) for p, days in words.RELATIVE.items()]
_DURATION = [
    (
        re.compile(
            rf"(?<![\w.,])(?:(?P<a>\d+)\s?(?:-|–|to|bis|à|a|au|al|até|"
            rf"الي)\s?)?{_N}[\s-]?(?:{p})(?!\w)"
        ),
        unit,
    )
    for p, unit in words.UNITS.items()
]
_MONTH_DAY = re.compile(
    r"\bon the (?P<d>\d{1,2})(?:st|nd|rd|th)(?!\w)|(?<!\w)(?:am|le|el(?: día)?|no dia|dia|يوم) "
    r"(?P<e>[12]\d|3[01]|0?[1-9])(?!\w|[.,:/]\d| ?[%€$£]| \w*(?:eur|dollar|dólar))\.?"
)
_WEEKS = [(re.compile(rf"(?<!\w)(?:{p})(?!\w)"), n) for p, n in words.RELATIVE_WEEKS.items()]
_ALWAYS = re.compile(r"\b24\s?/\s?7\b|\b24\s?h(?:ours|rs)?\s?/\s?7\b")


def days(reading: Reading, locale: str) -> Iterator[Claim]:
    """Dates, weekdays, months, "tomorrow" and how long something takes."""
    for _ in reading.take(_ALWAYS):
        pass
    for pattern in _DATES:
        for match, shown in reading.take(pattern):
            if meant := frozenset(_dates(match)):
                yield Claim("date", shown, meant)
            else:  # 99/99 is no date
                reading.put_back(match.start(), match.end(), match[0], match[0])
    for pattern in (_MONTH_YEAR, _MONTH_ALONE):
        for match, shown in reading.take(pattern):
            year = int(match["y"]) if "y" in match.groupdict() else None
            yield Claim("day", shown, frozenset({("month", words.MONTHS[match["m"]], year)}))
    for match, shown in reading.take(_MONTH_DAY):
        yield Claim("day", shown, frozenset({("monthday", int(match["d"] or match["e"]))}))
    for pattern, weeks in _WEEKS:
        for match, shown in reading.take(pattern):
            week: frozenset[Any] = frozenset({("in weeks", weeks)})
            yield Claim("day", shown, week, future=_is_future(reading, match.start()))
    for match, shown in reading.take(_WEEKDAY):
        day = ("weekday", words.WEEKDAYS[match["w"]])
        yield Claim("day", shown, frozenset({day}), future=_is_future(reading, match.start()))
    asked = reading.text.rstrip().endswith(("?", "؟"))
    for pattern, away in _RELATIVE:
        for match, shown in reading.take(pattern):
            if (match[0] == "hier" and locale == "de") or (away == 0 and asked):
                continue
            meant_day: frozenset[Any] = frozenset({("in days", away)})
            yield Claim("day", shown, meant_day, future=_is_future(reading, match.start()))
    for pattern, unit in _DURATION:
        for match, shown in reading.take(pattern):
            yield Claim("duration", shown, frozenset((v, unit) for v in readings(match["n"])))
            if match["a"]:
                yield Claim("duration", shown, frozenset({(Decimal(match["a"]), unit)}))


def _is_future(reading: Reading, at: int) -> bool:
    return bool(words.FUTURE_WORDS.search(reading.text[:at]))


def _dates(match: re.Match[str]) -> Iterator[tuple[int, int, int | None]]:
    """(month, day, year) as the numbers may be meant, the year None where none is named."""
    parts = match.groupdict()
    year = int(parts["y"]) if parts.get("y") else None
    if year is not None and year < 100:
        year += 2000
    if "m" in parts:
        month = words.MONTHS.get(parts["m"]) or int(parts["m"])
        pairs = [(month, int(parts["d"]))]
    else:
        first, second = int(parts["a"]), int(parts["b"])
        pairs = [(second, first), (first, second)]
    for month, day in pairs:
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield month, day, year


_CLOCK = (
    re.compile(
        r"(?<![\w:.,])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::[0-5]\d)?\s?(?P<p>[ap]\.?m\b\.?|ص|"
        r"م(?!\w))?"
    ),
    re.compile(r"(?<![\w:.,])(?P<h>[01]?\d|2[0-3])(?:[.:](?P<m>[0-5]\d))?\s?(?P<p>[ap]\.?m\b\.?)"),
    re.compile(r"(?<![\w:.,])(?P<h>[01]?\d|2[0-3])\s?h\s?(?P<m>[0-5]\d)(?!\w)"),
    re.compile(
        r"(?<![\w:.,])(?P<h>[01]?\d|2[0-3])(?:[.:](?P<m>[0-5]\d))?\s?(?:uhr|o'clock|"
        r"heures précises)(?!\w)"
    ),
    re.compile(
        r"(?:\bà|\ba las?|\bàs|الساعه)\s(?P<h>[01]?\d|2[0-3])(?:[:h](?P<m>[0-5]\d))?(?:\s?(?P<p>ص|"
        r"م)(?!\w)|\s?h\b)?(?![\w:.,]?\d)"
    ),
)


def times(reading: Reading) -> Iterator[Claim]:
    """Times of day."""
    for pattern in _CLOCK:
        for match, shown in reading.take(pattern):
            parts = match.groupdict()
            hour, minute = int(parts["h"]), int(parts.get("m") or 0)
            half = (parts.get("p") or "")[:1]
            hours = {hour}
            if half in ("p", "م"):
                hours = {hour % 12 + 12}
            elif half in ("a", "ص"):
                hours = {hour % 12}
            yield Claim("time", shown, frozenset((one, minute) for one in hours))
