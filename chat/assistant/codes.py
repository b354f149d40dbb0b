"""Codes said: numbers, telephone numbers and whatever looks like a code in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chat.assistant import vocabulary as words
from chat.assistant.links import TAIL, TOKEN
from chat.assistant.notation import NUMBER, readings
from chat.assistant.reading import GONE, Claim, Reading

_PHONE = re.compile(r"(?<![\w#])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){7,17}(?![\w])")
_ITEM = re.compile(r"(?m)^\s*(?:[-*•]\s*)?\d{1,2}[.)](?=\s)")
_ORDINAL = re.compile(
    r"(?<!\w)(?:10|\d)(?:st|nd|rd|th|er|ère|re|e|º|ª)(?!\w)|(?<![\w.,])\d{1,2}(?:-digit|"
    r"-stellig\w*)"
)
_SPACED = re.compile(r"(?<!\w)[A-Z0-9](?:[ .\-_·*][A-Z0-9]){3,}(?!\w)")
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


def phones(reading: Reading) -> Iterator[Claim]:
    """Telephone numbers."""
    for match in list(_PHONE.finditer(reading.text)):
        if not re.search(r"[ ()/+-]", match[0]) or match[0].count(".") == 1:
            continue  # one long number
        digits = re.sub(r"\D", "", match[0])
        yield Claim("phone", match[0], frozenset({digits}))
        reading.remove(match.start(), match.end())


def _named_codes(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_QUOTED, _AFTER_CODE, _AT_CHECKOUT):
        yield from pattern.finditer(text)


def numbers(reading: Reading) -> Iterator[Claim]:
    """What is left of numbers and codes; a list's own numbers are none."""
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
                yield Claim("code", match["t"], frozenset({match["t"].strip(TAIL)}), **about)
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
    for match in TOKEN.finditer(rest.shown):
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
