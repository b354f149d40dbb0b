"""Amounts are exact: with the right digits for each currency, in and out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import DIGITS, LARGEST, to_currency, to_minor, to_money, to_text

currencies = st.sampled_from(sorted(DIGITS))
minors = st.integers(-LARGEST, LARGEST)


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "text"),
    [
        ("19.99", "EUR", 1999, "19.99"),
        ("19.989999999999998", "EUR", 1999, "19.99"),  # PHP with serialize_precision=17
        ("71.3", "EUR", 7130, "71.30"),
        ("0", "USD", 0, "0.00"),
        ("-0.0", "USD", 0, "0.00"),
        ("0.005", "USD", 1, "0.01"),
        ("-0.005", "USD", -1, "-0.01"),
        ("0.00499999999999999999999999999999999999999999999999", "USD", 0, "0.00"),
        ("1500", "JPY", 1500, "1500"),
        ("1500.5", "JPY", 1501, "1501"),
        ("1.5e3", "JPY", 1500, "1500"),
        ("1.2345", "KWD", 1235, "1.235"),
        ("39.1234", "CLF", 391234, "39.1234"),
        ("90071992547409.92", "EUR", LARGEST, "90071992547409.92"),
        ("1e-999999999", "EUR", 0, "0.00"),
    ],
)
def test_D8_amounts_have_the_real_digits_of_their_currency(
    amount: str, currency: str, minor: int, text: str
) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    money = to_money(minor, currency)
    assert (money.minor, money.currency, money.text) == (minor, currency, text)


@pytest.mark.parametrize(
    "amount", ["NaN", "-Infinity", "1e400", "90071992547409.93", "-1e17", "9" * 5000, "1e99999999"]
)
def test_D8_what_is_no_amount_is_refused_by_name(amount: str) -> None:
    with pytest.raises(Invalid) as caught:
        to_minor(Decimal(amount), "EUR", field="price")
    assert caught.value.field == "price"


@pytest.mark.parametrize("code", ["", "EURO", "XXX", "eu r", "€", "BTC", "XAU", "ＥＵＲ"])
def test_D8_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as caught:
        to_currency(code)
    assert caught.value.field == "currency"


def test_D8_currencies_may_come_in_lower_case() -> None:
    assert to_currency(" eur ") == "EUR"


def test_the_table_has_the_exceptions_of_iso_4217() -> None:
    assert {DIGITS[code] for code in ("JPY", "KRW", "CLP", "ISK", "VND", "XOF")} == {0}
    assert {DIGITS[code] for code in ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")} == {3}
    assert (DIGITS["CLF"], DIGITS["UYW"]) == (4, 4)
    assert (DIGITS["EUR"], DIGITS["MGA"], DIGITS["MRU"], DIGITS["IRR"]) == (2, 2, 2, 2)
    assert all(len(code) == 3 and code.isupper() for code in DIGITS)


@given(minors, currencies)
def test_every_amount_survives_text_and_back(minor: int, currency: str) -> None:
    assert to_minor(Decimal(to_text(minor, currency)), currency) == minor


@given(minors, currencies)
def test_a_float_of_an_amount_is_read_as_that_amount(minor: int, currency: str) -> None:
    """What a shop written in PHP or JavaScript sends: the nearest double, in 17 digits."""
    small = minor % 10**11
    sent = format(float(Decimal(to_text(small, currency))), ".17g")
    assert to_minor(Decimal(sent), currency) == small


@given(st.decimals(-(10**12), 10**12, allow_nan=False), currencies)
def test_rounding_never_moves_an_amount_by_more_than_half_a_minor_unit(
    amount: Decimal, currency: str
) -> None:
    scale = 10 ** DIGITS[currency]
    assert abs(to_minor(amount, currency) - Fraction(amount) * scale) <= Fraction(1, 2)
