"""Notation: one spelling for the many ways in which people write signs and numbers."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]"
)
# Arabic letters that are written in several ways, and keyboards' ways to write the same sign.
_SAME = {"\u0623": "\u0627", "\u0625": "\u0627", "\u0622": "\u0627", "\u0671": "\u0627"}
_SAME |= {"\u0649": "\u064a", "\u0629": "\u0647", "\u0640": ""}
_NUMERO = re.compile(r"(?i)\bn(?:[º°]|o\.|r\.)\s*#?(?=\d)|№\s*(?=\d)")  # never a "no"
_SIGNS = str.maketrans(
    {"٫": ".", "٬": ",", "٪": "%", "،": ",", "؛": ";", "。": ".", "−": "-"}
    | dict.fromkeys("’‘ʼ´`", "'")
    | _SAME
)

NUMBER = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)?"


def to_plain_signs(text: str) -> str:
    """Digits of every script as ASCII, one kind of space, no marks, nothing that is not seen."""
    text = _NUMERO.sub("#", text)
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_SIGNS)
        return "".join(map(_plain, text))
    return text.translate(_SIGNS)


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(sign)
    return " " if kind == "Zs" else "" if kind in ("Mn", "Me") else sign  # marks hide a sign


def readings(number: str) -> frozenset[Decimal]:
    """What a number may mean: "1.299" is 1299 here and 1.299 there, "1.299,00" is one thing."""
    digits = number.replace(" ", "").replace("'", "")
    kinds = {sign for sign in digits if sign in ".,"}
    if not kinds:
        return frozenset({Decimal(digits)})
    last = max(digits.rfind("."), digits.rfind(","))
    whole, part = re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
    point = Decimal(f"{whole}.{part}")
    if len(kinds) == 2:
        return frozenset({point})
    together = Decimal(whole + part)
    if digits.count(digits[last]) > 1:
        return frozenset({together})
    if len(part) == 3 and not whole.startswith("0") and len(whole) <= 3:
        return frozenset({point, together})
    return frozenset({point})


# Numbers in words ----------------------------------------------------------------------------

_WORDS = {
    0: "zero null zéro cero صفر",
    1: "one ein eine einen einem eins un une uno una um uma واحد واحده",
    2: "two zwei deux dos dois duas اثنان اثنين",
    3: "three drei trois tres três ثلاثه ثلاث",
    4: "four vier quatre cuatro quatro اربعه اربع",
    5: "five fünf cinq cinco خمسه خمس",
    6: "six sechs seis سته ست",
    7: "seven sieben sept siete sete سبعه سبع",
    8: "eight acht huit ocho oito ثمانيه ثماني ثمان",
    9: "nine neun neuf nueve nove تسعه تسع",
    10: "ten zehn dix diez dez عشره عشر",
    11: "eleven elf onze once",
    12: "twelve zwölf douze doce doze",
    13: "thirteen dreizehn treize trece treze",
    14: "fourteen vierzehn quatorze catorce catorze",
    15: "fifteen fünfzehn quinze quince",
    16: "sixteen sechzehn seize dieciséis dezesseis dezasseis",
    17: "seventeen siebzehn dix-sept diecisiete dezessete dezassete",
    18: "eighteen achtzehn dix-huit dieciocho dezoito",
    19: "nineteen neunzehn dix-neuf diecinueve dezenove dezanove",
    20: "twenty zwanzig vingt vingts veinte vinte عشرون عشرين",
    30: "thirty dreißig dreissig trente treinta trinta ثلاثون ثلاثين",
    40: "forty fourty vierzig quarante cuarenta quarenta اربعون اربعين",
    50: "fifty fünfzig cinquante cincuenta cinquenta خمسون خمسين",
    60: "sixty sechzig soixante sesenta sessenta ستون ستين",
    70: "seventy siebzig septante setenta سبعون سبعين",
    80: "eighty achtzig quatre-vingt quatre-vingts huitante ochenta oitenta ثمانون ثمانين",
    90: "ninety neunzig nonante noventa تسعون تسعين",
    100: "hundred hundert einhundert cent cents cien ciento cem cento مئه مائه",
    200: "zweihundert doscientos doscientas duzentos duzentas مئتان مئتين مائتين",
    300: "dreihundert trescientos trezentos",
    500: "fünfhundert quinientos quinhentos",
    1000: "thousand tausend mille mil الف الف",
}
_VALUES = {word: value for value, words in _WORDS.items() for word in words.split()}
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JOINED = re.compile(r"^(\w+?)und(\w+)$")  # fünfundzwanzig
_PLUS = {"and", "und", "et", "y", "e", "و"}


def value_of(word: str) -> int | None:
    """The number one word stands for, or None."""
    if word in _VALUES:
        return _VALUES[word]
    if (parts := _JOINED.match(word)) and {parts[1], parts[2]} <= _VALUES.keys():
        return _VALUES[parts[1]] + _VALUES[parts[2]]
    if word.startswith("و") and word[1:] in _VALUES:
        return _VALUES[word[1:]]
    if "-" in word and all(part in _VALUES or part in _PLUS for part in word.split("-")):
        return sum(_VALUES.get(part, 0) for part in word.split("-"))
    return None


def in_digits(text: str, shown: str, before: re.Pattern[str]) -> tuple[str, str]:
    """Numbers in words as digits, where one of `before` follows; `shown` has other letters only."""
    words = list(_LETTERS.finditer(text))
    last = len(text)  # what is behind it has changed already
    for end in range(len(words) - 1, -1, -1):
        if words[end].end() > last or value_of(words[end][0]) is None:
            continue
        if not before.match(text, words[end].end()):
            continue
        first = end
        while first and _continues(text, words, first):
            first -= 1
        value = str(_total([word[0] for word in words[first : end + 1]]))
        start, stop = words[first].start(), words[end].end()
        text = text[:start] + value + text[stop:]
        shown = shown[:start] + value + shown[stop:]
        last = start
    return text, shown


def _continues(text: str, words: list[re.Match[str]], first: int) -> bool:
    """Whether the word before belongs to the number: "twenty five", but not "a twenty"."""
    word, gap = words[first - 1][0], text[words[first - 1].end() : words[first].start()]
    if gap.strip(" -"):
        return False
    if word in _PLUS or words[first][0] in _PLUS:
        return word not in _PLUS or (first > 1 and _is_number(words, first))
    before, value = value_of(word), value_of(words[first][0]) or 0
    if before is None:
        return False
    return value in (100, 1000) or before > value or words[first][0].startswith("و")


def _is_number(words: list[re.Match[str]], first: int) -> bool:
    return value_of(words[first - 2][0]) is not None


def _total(words: list[str]) -> int:
    total, current = 0, 0
    for value in (value_of(word) for word in words if word not in _PLUS):
        if value is None:
            continue
        if value == 1000:
            total, current = total + max(1, current) * 1000, 0
        elif value == 100 and 0 < current < 100:
            current *= 100
        else:
            current += value
    return total + current
