"""Moments, amounts and JSON as WooCommerce writes them."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

SITE_ZONE = ZoneInfo("Europe/Berlin")
SYMBOLS = {"EUR": ("\u20ac", "&euro;", "Euro"), "USD": ("$", "&#36;", "United States (US) dollar")}
SYMBOLS |= {"JPY": ("\u00a5", "&yen;", "Japanese yen"), "GBP": ("£", "&pound;", "Pound sterling")}
NO_CENTS = ("JPY",)
MILS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_STAMP = "%Y-%m-%dT%H:%M:%S"
_DATE = re.compile(  # what WordPress takes; a bare day is none
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?"
    r"([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?"
)


def symbol(currency: str) -> tuple[str, str, str]:
    """A currency's sign, the same as an entity, and its name."""
    return SYMBOLS.get(currency, (currency, currency, currency))


def digits_of(currency: str) -> int:
    """How many decimals its amounts have."""
    return 0 if currency in NO_CENTS else 3 if currency in MILS else 2


class Clock:
    """The shop's time: the machine's, moved on request."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped: float | None = None

    def now(self) -> float:
        """Seconds since 1970."""
        running = time.time() if self._stopped is None else self._stopped
        return running + self._ahead

    def second(self) -> int:
        """The same, as whole seconds: WordPress knows no finer time."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        """Let this much time pass at once; a negative number makes the clock slow."""
        self._ahead += seconds

    def stop(self) -> None:
        """Stand still, so that a test can have several things happen within one second."""
        self._stopped = time.time() if self._stopped is None else self._stopped

    def go(self) -> None:
        """Run again, from the machine's time."""
        self._stopped = None


def utc(moment: int | None, *, zone: ZoneInfo | None = None) -> str | None:
    """As a `…_gmt` field: UTC, and without a Z that would say so."""
    return (
        moment if moment is None else datetime.fromtimestamp(moment, zone or UTC).strftime(_STAMP)
    )


def local(moment: int | None) -> str | None:
    """The site's local time, without an offset."""
    return utc(moment, zone=SITE_ZONE)


def dates(name: str, moment: int | None) -> Json:
    """Both forms of one moment: `date_created` and `date_created_gmt`."""
    return {name: local(moment), f"{name}_gmt": utc(moment)}


def image_dates(moment: int) -> Json:
    """An image's dates: the local ones are shifted by the site's offset once more."""
    offset = datetime.fromtimestamp(moment, SITE_ZONE).utcoffset() or timedelta()
    shifted = local(moment + int(offset.total_seconds()))
    return {
        "date_created": shifted,
        "date_created_gmt": utc(moment),
        "date_modified": shifted,
        "date_modified_gmt": utc(moment),
    }


def moment_of(text: str, *, are_gmt: bool = False) -> int:
    """A date parameter read as WooCommerce does; ValueError if it is none.

    Without a zone it is the site's time, or UTC if `dates_are_gmt` says so. With a zone *and*
    the flag it is first made local and then read as if that were UTC: shifted twice.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("Invalid date.")
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is not None:
        if not are_gmt:
            return int(moment.timestamp())
        moment = moment.astimezone(SITE_ZONE).replace(tzinfo=None)
    return int(moment.replace(tzinfo=UTC if are_gmt else SITE_ZONE).timestamp())


def rounded(amount: Decimal, digits: int = 2) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def money(amount: Decimal, digits: int = 2) -> str:
    """An order's or coupon's amount: always so many digits, "131.10"."""
    return f"{rounded(amount, digits):f}"


def short(amount: Decimal | str) -> str:
    """A product's price as it was typed: "18", "131.14", or "" for none."""
    return str(amount)


def bare(amount: Decimal) -> str:
    """A coupon line's amount: no zeros at the end, "23.1"."""
    text = f"{rounded(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(amount: Decimal, digits: int = 6) -> int | float:
    """A JSON number as PHP prints a float: 71.3, and 1500 for 1500.0."""
    exact = rounded(amount, digits)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def php_json(value: Any) -> str:
    r"""JSON as PHP's `json_encode` writes it: nothing but ASCII, and every slash as ``\/``."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def slug(text: str) -> str:
    """A name for an address, as WordPress makes it."""
    plain = re.sub(r"<[^>]*>|&[a-z]+;", "", text).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "product"
