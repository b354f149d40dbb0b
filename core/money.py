"""Money: whole minor units of an ISO 4217 currency, exact from the wire to the screen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from core.errors import Invalid
from core.views import Money

LARGEST = 2**53  # minor units; beyond it a browser's number is not the amount that was meant

# Every currency in use and those withdrawn since 2015, by the digits after the decimal point.
# Metals, bond units and test codes have no minor unit and no price in a shop.
_BY_DIGITS = {
    0: """BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF""",
    2: """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP
        BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR
        FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR
        KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV
        MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
        SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
        USD USN UYU UZS VED VEF VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL""",
    3: """BHD IQD JOD KWD LYD OMR TND""",
    4: """CLF UYW""",
}
DIGITS = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}

_UNITS = {digits: Decimal(1).scaleb(-digits) for digits in _BY_DIGITS}
_EXACT = Context(prec=60)  # wider than any amount within bounds, so rounding happens once
_TOO_LONG = 18  # digits before the point; dearer than LARGEST in every currency


def to_currency(text: str) -> str:
    """The ISO 4217 code in upper case; Invalid, field `currency`, if there is no such currency."""
    code = text.strip().upper()
    if code not in DIGITS:
        raise Invalid(
            f"currency must be an ISO 4217 code such as EUR, not “{text[:20]}”.", field="currency"
        )
    return code


def to_minor(amount: Decimal, currency: str, *, field: str = "amount") -> int:
    """Major units as minor units, rounded half away from zero to the currency's own digits.

    19.989999999999998 EUR, which is how PHP writes 19.99, is 1999.
    """
    if not amount.is_finite() or amount.adjusted() >= _TOO_LONG:
        raise _out_of_bounds(field)
    digits = DIGITS[currency]
    rounded = amount.quantize(_UNITS[digits], ROUND_HALF_UP, _EXACT)
    return within_bounds(int(rounded.scaleb(digits, _EXACT)), field=field)


def within_bounds(minor: int, *, field: str) -> int:
    """`minor`, unless it is too large to be an amount."""
    if not -LARGEST <= minor <= LARGEST:
        raise _out_of_bounds(field)
    return minor


def to_money(minor: int, currency: str) -> Money:
    """The amount as people and programs see it."""
    return Money(minor=minor, currency=currency, text=to_text(minor, currency))


def to_text(minor: int, currency: str) -> str:
    """The exact decimal in major units, such as `-19.90`; never through a float."""
    digits = DIGITS[currency]
    if not digits:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def _out_of_bounds(field: str) -> Invalid:
    return Invalid(f"{field} is not an amount of money anyone could pay.", field=field)
