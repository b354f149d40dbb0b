"""Claims: what a text says that can be right or wrong, read the same way in six languages.

A reply's claims are compared with those of the tools' results, so both are read by one reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from chat.assistant import vocabulary as words
from chat.assistant.notation import NUMBER, in_digits, readings, to_plain_signs

Kind = Literal[
    "amount", "percent", "date", "day", "time", "duration", "number", "code", "link", "address",
    "phone", "status", "promise", "action", "language", "stock", "left", "offer",
]  # fmt: skip

GONE = "¦"  # stands where something was read


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a text says: what it may mean, and the words it says it with."""

    kind: Kind
    text: str
    may_be: frozenset[Any]
    negated: bool = False  # "not delivered yet"
    asked: bool = False  # or on a condition: not said to be so
    future: bool = False  # expected, or possible
    limit: bool = False  # "under 80 euros"
    about_price: bool = False
    about_discount: bool = False
    at: int = 0  # where in the sentence


@dataclass(slots=True)
class Reading:
    """A text being read: what was read is taken out, so that nothing is read twice."""

    text: str  # in lower case
    shown: str  # as long, in its own letters

    def take(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
        """Each match, and its words as they were written; then it is gone."""
        for match in list(pattern.finditer(self.text)):
            yield match, self.shown[match.start() : match.end()].strip()
            self.remove(match.start(), match.end())

    def remove(self, start: int, end: int) -> None:
        """Nothing stands there any more."""
        gap = GONE * (end - start)
        self.text = self.text[:start] + gap + self.text[end:]
        self.shown = self.shown[:start] + gap + self.shown[end:]

    def put_back(self, start: int, end: int, text: str, shown: str) -> None:
        """It was not what it looked like."""
        self.text = self.text[:start] + text + self.text[end:]
        self.shown = self.shown[:start] + shown + self.shown[end:]


def read(text: str, *, titles: Iterable[str] = (), locale: str = "") -> list[Claim]:
    """The claims of a sentence, or of a text of a result. `titles` are names, not claims."""
    shown = to_plain_signs(text)
    lower = _lower(shown)
    if not lower.isascii() or _UNIT_WORD.search(lower):
        counted = in_digits(lower, _COUNTED)
        if counted != lower:
            lower = shown = counted
    reading = Reading(lower, shown)
    found = [*_foreign(reading), *_links(reading)]
    for title in titles:
        for _ in reading.take(re.compile(rf"(?<!\w){re.escape(title)}(?!\w)")):
            pass
    found += _statuses(reading)
    found += _stock(reading)
    found += _offers(reading)
    found += _amounts(reading)
    found += _percents(reading)
    found += _days(reading, locale)
    found += _times(reading)
    found += _phones(reading)
    found += _numbers(reading)
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

# Letters -------------------------------------------------------------------------------------

_OTHER = re.compile(r"[^\W\d_\u0000-\u024f\u0600-\u06ff\u0750-\u077f]")  # neither Latin nor Arabic


def _foreign(reading: Reading) -> Iterator[Claim]:
    """Words in letters that nothing here can read, of which one may be hidden in a word."""
    others = [match[0] for match in _TOKEN.finditer(reading.text) if _OTHER.search(match[0])]
    mixed = [word for word in others if not _OTHER.fullmatch(word[:1]) or re.search("[a-z]", word)]
    if mixed:
        yield Claim("language", mixed[0], frozenset(mixed))
    elif sum(map(len, others)) > 2:
        yield Claim("language", reading.shown.strip(), frozenset(others))


# Links, addresses ----------------------------------------------------------------------------

_LINK = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:)?//[^\s<>\"'`]+|\b(?:javascript|data|vbscript|mailto|tel):[^\s<>\"'`]+"
)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,100}\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(r"(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:/[^\s<>\"'`]*)?(?![\w])")
_NO_DOMAIN = re.compile(
    r"(?:[a-z]\.)+[a-z]{1,3}|p\.ex|i\.e|e\.g|z\.b|u\.a|d\.h|etc\..*|[\w-]+\.(?:pdf|jpg|jpeg|png|"
    r"csv|txt|js)"
)
_TAIL = ".,;:!?)]}»”’'*_…"


def to_link(text: str) -> str:
    """An address in one spelling: without its scheme, `www.`, and what ends a sentence."""
    text = text.strip().rstrip(_TAIL)
    if text.startswith("//"):
        text = "https:" + text
    if "://" not in text:
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower() + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return text.lower()
    odd = "" if parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc else "odd:"
    query = f"?{parts.query}" if parts.query else ""
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    return f"{odd}{host.removeprefix('www.')}{parts.path.rstrip('/')}{query}{anchor}"


_DOTTED = re.compile(
    r"(?<![\w-])[\w-]{2,60}\s?(?:\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|\sdot\s)\s?[a-z]{2,24}(?!\w)"
)


def _links(reading: Reading) -> Iterator[Claim]:
    for _, shown in reading.take(_DOTTED):
        yield Claim("link", shown, frozenset({f"odd:{shown}"}))
    for _, shown in reading.take(_LINK):
        yield Claim("link", shown.rstrip(".,;:!?"), frozenset({to_link(shown)}))
    for match, shown in reading.take(_EMAIL):
        address = re.sub(r"\s|\(at\)|\[at\]", lambda m: "@" if "at" in m[0] else "", match[0])
        yield Claim("address", shown, frozenset({address.rstrip(".-")}))
    for match in list(_DOMAIN.finditer(reading.text)):
        shown = reading.shown[match.start() : match.end()]
        last = shown.split("/")[0].rsplit(".", 1)[-1]
        if _NO_DOMAIN.fullmatch(match[0]) or last[:1].isupper():  # "e.g.", "your order.Thanks"
            continue
        yield Claim("link", shown, frozenset({to_link(shown)}))
        reading.remove(match.start(), match.end())


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
                negated=_is_denied(before),
            )
    for match, shown in reading.take(_CENTS):
        yield Claim("amount", shown, frozenset((v / 100, "") for v in readings(match["n"])))
    for match, shown in reading.take(_DASHED):
        limit = bool(words.LIMIT_WORDS.search(reading.text[: match.start()]))
        yield Claim("amount", shown, frozenset((v, "") for v in readings(match["n"])), limit=limit)


def _is_denied(before: str) -> bool:
    return bool(words.NEGATION.search(_CLAUSE.split(before)[-1]))


def _percents(reading: Reading) -> Iterator[Claim]:
    for match, shown in reading.take(_PERCENT):
        negated = _is_denied(reading.text[: match.start()])
        yield Claim("percent", shown, readings(match["n"] or match["m"]), negated=negated)


# Days and times ------------------------------------------------------------------------------

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


def _days(reading: Reading, locale: str) -> Iterator[Claim]:
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
    for pattern, days in _RELATIVE:
        for match, shown in reading.take(pattern):
            if (match[0] == "hier" and locale == "de") or (days == 0 and asked):
                continue
            away: frozenset[Any] = frozenset({("in days", days)})
            yield Claim("day", shown, away, future=_is_future(reading, match.start()))
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


def _times(reading: Reading) -> Iterator[Claim]:
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


# How far something is ------------------------------------------------------------------------

_STATUS = [(name, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for name, p in words.STATUSES.items()]
_CLAUSE = re.compile(r"[,;:–—!.]\s|\b(?:and|und|et|but|aber|mais|pero|mas|لكن)\b")


def _statuses(reading: Reading) -> Iterator[Claim]:
    text = reading.text
    asking = text.rstrip().endswith(("?", "؟")) and bool(words.ASKING.search(text))
    about_discount = bool(words.DISCOUNT_WORDS.search(text))
    denied = words.NO_DENIAL.sub(lambda match: GONE * len(match[0]), text)
    for name, pattern in _STATUS:
        for match in pattern.finditer(text):
            before = _CLAUSE.split(denied[: match.start()])[-1]
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
        denied = _is_denied(reading.text[: is_there.start()])
        yield Claim("stock", is_there[0], frozenset({"sold out" if denied else "available"}))


def _offers(reading: Reading) -> Iterator[Claim]:
    for name, pattern in _OFFER:
        for match in pattern.finditer(reading.text):
            yield Claim("offer", match[0], frozenset({name}))


# Numbers and codes ---------------------------------------------------------------------------

_PHONE = re.compile(r"(?<![\w#])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){7,17}(?![\w])")
_ITEM = re.compile(r"(?m)^\s*(?:[-*•]\s*)?\d{1,2}[.)](?=\s)")
_ORDINAL = re.compile(
    r"(?<!\w)(?:10|\d)(?:st|nd|rd|th|er|ère|re|e|º|ª)(?!\w)|(?<![\w.,])\d{1,2}(?:-digit|"
    r"-stellig\w*)"
)
_SPACED = re.compile(r"(?<!\w)[A-Z0-9](?:[ .\-_·*][A-Z0-9]){3,}(?!\w)")
_TOKEN = re.compile(r"[^\W_][\w-]*[^\W_]|[^\W_]")
_QUOTED = re.compile(r"[\"“„«`'*]{1,2}(?P<t>[^\s\"“”„«»`'*]{4,40})[\"”“»`'*]{1,2}")
_AT_CHECKOUT = re.compile(
    r"\bcode\s+(?P<t>[\w-]{4,40})\s+(?:at|bei|beim|an der|lors|à la|au moment|al|en la caja|"
    r"no checkout|"
    r"na caixa)\b"
)
_AFTER_CODE = re.compile(
    r"(?:codes?|coupon|voucher|gutschein\w*|código|cupón|cupom|كود|رمز)\s?:\s?(?P<t>[\w-]{4,40})"
)
_MEASURE = re.compile(
    r"(?P<n>\d+(?:[.,]\d+)?)(?:x|k?g|c?m|mm|ml|l|cl|h|s|min|gb|tb|mb|ghz|w|v|mah|cm|km|in|oz|lb|"
    r"er|a)"
)
_KNOWN = {
    "HTTPS", "HTML", "IMPORTANT", "PAYPAL", "KLARNA", "SEPA", "IBAN", "ASAP", "USPS", "FEDEX",
    "HERMES", "VISA", "BUDGETS", "SORRY", "HELLO", "PLEASE", "BITTE", "NICHT", "FAQS", "PDFS",
}  # fmt: skip


def _phones(reading: Reading) -> Iterator[Claim]:
    for match in list(_PHONE.finditer(reading.text)):
        if not re.search(r"[ ()/+-]", match[0]) or match[0].count(".") == 1:
            continue  # one long number
        digits = re.sub(r"\D", "", match[0])
        yield Claim("phone", match[0], frozenset({digits}))
        reading.remove(match.start(), match.end())


def _named_codes(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_QUOTED, _AFTER_CODE, _AT_CHECKOUT):
        yield from pattern.finditer(text)


def _numbers(reading: Reading) -> Iterator[Claim]:
    about = {
        "about_price": bool(words.PRICE_WORDS.search(reading.text)),
        "about_discount": bool(words.DISCOUNT_WORDS.search(reading.text)),
    }
    for pattern in (_ITEM, _ORDINAL):
        for _ in reading.take(pattern):
            pass
    for match in _SPACED.finditer(reading.shown):
        yield Claim("code", match[0], frozenset({re.sub(r"\W|_", "", match[0]).lower()}), **about)
    if about["about_discount"]:
        for match in _named_codes(reading.text):
            if match["t"].strip(GONE):
                yield Claim("code", match["t"], frozenset({match["t"].strip(_TAIL)}), **about)
    rest = Reading(reading.text, reading.shown)
    plain = re.compile(
        rf"(?<![\w.,-])(?:[بولفك]|ال)?(?P<n>{NUMBER})(?![\w-])|(?<=[#№])(?P<o>\d+)(?![\w-])"
    )
    for match, shown in rest.take(plain):
        number = match["n"] or match["o"]
        limit = bool(words.LIMIT_WORDS.search(rest.text[: match.start()]))
        # Long ones are names: 0012 is not 12.
        exact = number.isdigit() and (len(number) > 5 or number.startswith("0"))
        may_be: frozenset[Any] = frozenset({number}) if exact else readings(number)
        yield Claim("number", shown, may_be, limit=limit, **about)
    for match in _TOKEN.finditer(rest.shown):
        yield from _code(match[0], about)


def _code(token: str, about: dict[str, bool]) -> Iterator[Claim]:
    low = token.lower()
    measured = _MEASURE.fullmatch(low)
    shortest = 4 if about["about_discount"] else 6
    if GONE in token:
        return
    if measured:
        yield Claim("number", token, readings(measured["n"]), **about)
    elif any(sign.isdigit() for sign in token):
        if len(token) > 2:
            yield Claim("code", token, frozenset({low}), **about)
    elif token.isupper() and low != token and token not in _KNOWN and len(token) >= shortest:
        yield Claim("code", token, frozenset({low}), **about)
