"""Ids, amounts and moments as Shopify writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.money import DIGITS

Node = dict[str, Any]  # an object as GraphQL would show it; keys with "_" are our own

GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9A-Za-z_-]+)(\?.*)?")


class Clock:
    """The stand-in's time: the machine's, moved on request."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def stamp(self) -> float:
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self._ahead += timedelta(seconds=seconds)


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def kind_of(identifier: str) -> str | None:
    """The type named in a gid; None if it is no gid."""
    found = GID.fullmatch(identifier)
    return found.group(1) if found else None


def number_of(identifier: str | int) -> int:
    """The number of a gid, or of a bare number; -1 if there is none."""
    tail = str(identifier).rpartition("/")[2].partition("?")[0]
    return int(tail) if tail.isdecimal() else -1


def iso(moment: datetime) -> str:
    """As GraphQL writes a DateTime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    """A DateTime read back; one without an offset is UTC. ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-DIGITS[currency]), ROUND_HALF_UP)


def price(amount: Decimal, currency: str) -> str:
    """As the scalar `Money` is written: "10.00"."""
    return str(rounded(amount, currency))


def decimal_text(amount: Decimal, currency: str) -> str:
    """As `MoneyV2.amount` is written: no trailing zeros but always one digit, "10.0"."""
    text = f"{rounded(amount, currency):f}".rstrip("0") if DIGITS[currency] else f"{amount:.0f}."
    return text + "0" if text.endswith(".") else text


def money(amount: Decimal, currency: str) -> Node:
    return {
        "__typename": "MoneyV2",
        "amount": decimal_text(amount, currency),
        "currencyCode": currency,
    }


def bag(amount: Decimal, shop: str, presentment: str, rate: Decimal) -> Node:
    """An amount of the shop's currency, also as the buyer saw it."""
    return {
        "__typename": "MoneyBag",
        "shopMoney": money(amount, shop),
        "presentmentMoney": money(amount * rate, presentment),
    }
