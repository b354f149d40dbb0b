"""Facts: what the tools' results of one turn allow to be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from chat.assistant import vocabulary as words
from chat.assistant.claims import read
from chat.assistant.links import to_link
from chat.assistant.notation import to_plain_signs
from chat.assistant.plain import sentences
from chat.assistant.reading import Claim
from core.tools import Result
from core.views import Money

DEEPEST = 12  # a result is a card or a list of them; deeper is nobody's fact
MOST_TEXT = 6_000  # letters of one text that are read

_NAMES = ("number", "reference", "title", "name", "code")
_STATES = ("status", "state", "payment", "fulfilment", "payment_status", "fulfilment_status")
_COUNTS = ("stock", "quantity", "inventory", "left")
_WORD = re.compile(r"[^\W_][\w-]*[^\W_]|[^\W_]")


def flat(text: str) -> str:
    """A text on one line in plain signs and lower case."""
    return " ".join(to_plain_signs(text).lower().split())


@dataclass(slots=True)
class Facts:
    """Values that a reply may repeat, in the spelling of `claims`."""

    amounts: set[tuple[Decimal, str]] = field(default_factory=set)
    percents: set[Decimal] = field(default_factory=set)
    moments: set[datetime] = field(default_factory=set)
    dates: set[tuple[int, int, int | None]] = field(default_factory=set)
    days: set[tuple[Any, ...]] = field(default_factory=set)
    times: set[tuple[int, int]] = field(default_factory=set)
    durations: set[tuple[Decimal, str]] = field(default_factory=set)
    numbers: set[Decimal] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)  # of fields made for them
    written_links: set[str] = field(default_factory=set)  # in somebody's text
    addresses: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    stock: set[str] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)
    promises: bool = False
    texts: set[str] = field(default_factory=set)  # word for word, as `flat` writes them

    def add(self, other: Facts) -> None:
        """Take over everything another has."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, mine | theirs)

    def moment(self, at: datetime | date) -> None:
        """A day of a result, and its time."""
        if not isinstance(at, datetime):
            self.dates.add((at.month, at.day, at.year))
            return
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        self.moments.add(at)
        self.dates.add((at.month, at.day, at.year))
        self.times.add((at.hour, at.minute))
        self.days.add(("month", at.month, at.year))

    def text(self, text: str, *, locale: str = "") -> None:
        """Everything that a text of a result says."""
        text = text[:MOST_TEXT]
        if words_of := flat(text):
            self.texts.add(words_of)
        self.name(text)
        for sentence in sentences(text):
            for claim in read(sentence, locale=locale):
                self._said(claim)

    def name(self, text: str) -> None:
        """A name or a number as it stands, which claims nothing."""
        plain = to_plain_signs(text[:MOST_TEXT]).lower()
        self.tokens.update(_WORD.findall(plain))
        self.tokens.add(plain.strip(" #"))

    def _said(self, claim: Claim) -> None:
        match claim.kind:
            case "amount":
                self.amounts |= claim.may_be
                self.numbers |= {value for value, _ in claim.may_be}
            case "date":
                self.dates |= claim.may_be
            case "day":
                self.days |= {day for day in claim.may_be if day[0] in ("month", "weekday")}
            case "duration":
                self.durations |= claim.may_be
                self.numbers |= {value for value, _ in claim.may_be}
            case "percent":
                self.percents |= claim.may_be
                self.numbers |= claim.may_be
            case "link":
                self.written_links |= claim.may_be
            case "number":
                self.numbers |= {one for one in claim.may_be if isinstance(one, Decimal)}
                self.tokens |= {one for one in claim.may_be if isinstance(one, str)}
            case "phone":
                self.phones |= claim.may_be
            case "address":
                self.addresses |= claim.may_be
            case "time":
                self.times |= claim.may_be
            case "status":
                self.statuses |= claim.may_be
            case "stock":
                self.stock |= claim.may_be
            case "left":
                self.left |= claim.may_be
                self.numbers |= {Decimal(one) for one in claim.may_be}
            case "offer":
                self.offers |= claim.may_be
            case "promise":
                self.promises = True
            case "action" | "language":
                pass  # its words are tokens already
            case _:  # a code
                self.tokens |= {one for one in claim.may_be if isinstance(one, str)}


@dataclass(slots=True)
class Thing:
    """An order, a product, a payment: what is said of it must be true of it."""

    names: tuple[str, ...]  # in lower case
    facts: Facts = field(default_factory=Facts)


@dataclass(slots=True)
class Known:
    """All facts of a turn: of things, beside them, and together."""

    all: Facts = field(default_factory=Facts)
    loose: Facts = field(default_factory=Facts)
    things: list[Thing] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    count: int = 0  # of the longest list


def known(results: Iterable[Result]) -> Known:
    """What the results of a turn say, cards and sources included."""
    found = Known()
    for result in results:
        if result.status == "waiting":
            found.loose.statuses.add("pending")
        for part in (result.data, result.cards, result.sources):
            _walk(found, found.loose, "", part, DEEPEST)
    found.all.add(found.loose)
    for thing in found.things:
        found.all.add(thing.facts)
    return found


def _walk(found: Known, facts: Facts, key: str, value: Any, deep: int) -> None:
    if value is None or deep == 0:
        return
    if isinstance(value, Money) or _is_money(value):
        _money(facts, value)
    elif isinstance(value, msgspec.Struct | Mapping):
        _fields(found, facts, _to_fields(value), deep)
    elif isinstance(value, list | tuple | set | frozenset):
        found.count = max(found.count, len(value))
        for one in value:
            _walk(found, facts, key, one, deep - 1)
    else:
        _value(facts, key, value)


def _to_fields(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(name): one for name, one in value.items()}
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _fields(found: Known, facts: Facts, values: dict[str, Any], deep: int) -> None:
    if "done" in values and "name" in values:  # a stop on an order's way
        if not values["done"]:
            return
        facts.statuses |= status_of(str(values["name"]))
    thing = _to_thing(values)
    own = thing.facts if thing else facts
    _priced(own, values)
    for name, value in values.items():
        _walk(found, own, name, value, deep - 1)
    if title := values.get("title"):
        found.titles.add(to_plain_signs(str(title)).lower().strip())
    if thing:
        found.things.append(thing)


def _to_thing(values: dict[str, Any]) -> Thing | None:
    if not any(values.get(name) for name in (*_STATES, "price", "total", "amount", "percent")):
        return None
    names = [str(values[name]) for name in _NAMES if isinstance(values.get(name), str | int)]
    plain = (to_plain_signs(name).lower().strip(" #") for name in names)
    return Thing(tuple(name for name in plain if name)) if names else None


def _is_money(value: Any) -> bool:
    return isinstance(value, Mapping) and {"minor", "currency", "text"} <= value.keys()


def _money(facts: Facts, value: Any) -> None:
    text = value.text if isinstance(value, Money) else str(value["text"])
    currency = value.currency if isinstance(value, Money) else str(value["currency"])
    _amount(facts, text, currency)


def _amount(facts: Facts, text: Any, currency: str) -> None:
    try:
        amount = abs(Decimal(str(text)))
    except InvalidOperation:
        return
    facts.amounts.add((amount, currency.upper()))
    facts.numbers.add(amount)


def _priced(facts: Facts, values: dict[str, Any]) -> None:
    """A price beside its currency, as plain JSON has it."""
    if isinstance(currency := values.get("currency"), str):
        for name in ("price", "amount", "total", "balance", "refunded"):
            if isinstance(values.get(name), str | int | float | Decimal):
                _amount(facts, values[name], currency)


def _value(facts: Facts, key: str, value: Any) -> None:
    if isinstance(value, bool):
        if key == "available":
            facts.stock.add("available" if value else "sold out")
    elif isinstance(value, datetime | date):
        facts.moment(value)
    elif isinstance(value, int | float | Decimal):
        facts.numbers.add(abs(Decimal(str(value))))
        if key in _COUNTS:
            facts.left.add(int(value))
        if key == "percent":
            facts.percents.add(Decimal(str(value)))
    elif isinstance(value, str):
        _string(facts, key, value.strip())


def _string(facts: Facts, key: str, text: str) -> None:
    if not text:
        return
    if key == "url" or key.endswith("_url"):
        facts.links.add(to_link(text))
    elif key == "id" or key.endswith("_id"):
        facts.name(text)
    elif key in _STATES:
        facts.name(text)
        facts.statuses |= status_of(text)
    elif at := _moment(text):
        facts.moment(at)
    elif key == "percent":
        facts.text(f"{text}%")
    else:
        facts.text(text)
        if key == "phone":
            facts.phones.add(re.sub(r"\D", "", text))


def _moment(text: str) -> datetime | date | None:
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        return None


def status_of(text: str) -> set[str]:
    """How far a shop's word says something is."""
    plain = to_plain_signs(text).lower().strip()
    found = set(words.SHOP_STATUSES.get(re.sub(r"[\s-]+", "_", plain), ()))
    if not found:
        found = {name for claim in read(plain.replace("_", " ")) for name in _states(claim)}
    return found | {more for one in found for more in words.IMPLIED.get(one, ())}


def _states(claim: Claim) -> Iterator[str]:
    if claim.kind == "status" and not claim.negated:
        yield from claim.may_be
