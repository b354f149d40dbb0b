"""Wishes: what kind of product somebody looks for, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chat.assistant.builtin.lexicon import DETAILS
from chat.assistant.builtin.message import Message, spelt

LONGEST = 200
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wish:
    """Words, and prices as text with two digits; "" where nothing was said."""

    words: str = ""
    details: str = ""  # those of the words that are colours, sizes, materials
    least: str = ""
    most: str = ""
    currency: str = ""

    @staticmethod
    def from_memory(kept: Mapping[str, Any]) -> Wish:
        """A wish as it was remembered."""
        return Wish(**{name: str(kept.get(name, "")) for name in Wish.__dataclass_fields__})

    def to_memory(self) -> dict[str, str]:
        """The wish as plain values."""
        return {name: value for name, value in asdict(self).items() if value}

    def arguments(self, limit: int) -> dict[str, Any]:
        """What the tool is asked."""
        wanted = {"max_price": self.most, "min_price": self.least, "currency": self.currency}
        given = {name: value for name, value in wanted.items() if value}
        return {"words": self.words, "limit": limit, **given}

    def at_any_price(self) -> Wish:
        """The same without limits."""
        return replace(self, least="", most="", currency="")

    def below(self, prices: Sequence[tuple[Decimal, str]]) -> Wish:
        """The same, cheaper than the cheapest of these."""
        if not prices:
            return self
        least, currency = min(prices)
        return replace(self, most=_text(max(least - _CENT, _CENT)), least="", currency=currency)

    def above(self, prices: Sequence[tuple[Decimal, str]]) -> Wish:
        """The same, dearer than the dearest of these."""
        if not prices:
            return self
        most, currency = max(prices)
        return replace(self, least=_text(most + _CENT), most="", currency=currency)

    def changed(self, message: Message) -> Wish:
        """The same with the details or the price that a message names instead."""
        new = to_wish(message)
        kept = [word for word in self.words.split() if word not in self.details.split()]
        words = " ".join([*([] if new.details else self.details.split()), *kept])
        priced = new if message.price.spans else self
        return Wish(
            words=f"{new.words} {words}".strip()[:LONGEST] if new.details else words[:LONGEST],
            details=new.details or self.details,
            least=priced.least,
            most=priced.most,
            currency=priced.currency,
        )


def to_wish(message: Message) -> Wish:
    """The wish a message speaks of."""
    inside = {place for one in message.goods for place in range(one.start, one.end)}
    telling = set(message.telling)
    words = [
        token
        for place, token in enumerate(message.tokens)
        if ((place in inside or token in telling) and not _is_filler(message, token.word))
        or place in inside
    ]
    details = [
        token
        for one in message.goods
        if one.concept.kind in DETAILS
        for token in message.tokens[one.start : one.end]
    ]
    price = message.price
    return Wish(
        words=spelt(words)[:LONGEST],
        details=spelt(details),
        least=_text(price.least),
        most=_text(price.most),
        currency=price.currencies[0] if len(price.currencies) == 1 else "",
    )


def _is_filler(message: Message, word: str) -> bool:
    alone = f" {word} "
    return any(message.words.has(name, alone) for name in ("filler", "want", "cheaper", "dearer"))


def _text(price: Decimal | None) -> str:
    return "" if price is None else f"{price.quantize(_CENT, ROUND_HALF_UP):f}"
