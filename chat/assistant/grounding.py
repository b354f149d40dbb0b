"""Grounding: whether what a reply says comes from the tools' results of its turn.

Prices, percentages, codes, dates, numbers, statuses, stock and links of a reply are compared with
those of the results. What the visitor said may be repeated, but never as a price, a status or a
code. Where it is in doubt, it is not grounded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chat.assistant.claims import read
from chat.assistant.facts import Facts, Known, Thing, flat, known
from chat.assistant.notation import to_plain_signs
from chat.assistant.plain import sentences
from chat.assistant.reading import Claim, Kind
from core.tools import Result

EDGE = 40  # letters around the end of a sentence
QUOTE = 25  # letters of a sentence that is quoted
_QUOTES = " .!?…\"'“”«»„"
_ENDS = " .!?…\n"
FEW = 3  # so many need no source: "here are two"
_YOURS = re.compile(
    r"\b(?:your|you|it|ihre?\w*|ihnen|sie|es|dein\w*|du|votre|vos|vous|il|elle|tu|tus|su|sus|tuyo|"
    r"seu|sua|seus|suas|você|teu|tua)\b|\w+ك\b|لك"
)
_ABOUT_IT = re.compile(
    r"^\W*(?:(?:it|this one|that one)\b|(?:es|er|sie|diese\w?) (?:ist|wurde|kostet|kommt|war|"
    r"hat)\b|"
    r"(?:il|elle|celle-ci|celui-ci) (?:est|a été|coûte|arrive)\b|(?:cuesta|fue|ha sido|está|este|"
    r"esta)\b|"
    r"(?:custa|foi|está|este|esta|ele|ela)\b|\w+\W*$)"
)
# Such a word is no promise before it has come true.
_NEEDS_WORD = {"refunded", "granted", "paid"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reply says that no result of its turn does."""

    kind: Kind
    text: str


@dataclass(slots=True)
class Ground:
    """What a reply of one turn may stand on."""

    results: list[Result]  # the turn's own list: later ones count as soon as they are there
    said: str = ""  # the visitor's own words
    hosts: Collection[str] = ()  # of the workspace's pages
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    locale: str = ""
    _visitor: Facts = field(default_factory=Facts)
    _known: Known = field(default_factory=Known)
    _counted: int = -1
    _topic: list[tuple[int, Thing]] = field(default_factory=list)  # what was named last

    def __post_init__(self) -> None:
        self._visitor.text(self.said, locale=self.locale)
        self.hosts = {host.lower().removeprefix("www.") for host in self.hosts}

    def ungrounded(self, text: str) -> list[Finding]:
        """What of a reply's text is not grounded; the text is `plain.to_text`'s."""
        self._topic = []
        parts = sentences(text)
        found = [finding for one in parts for finding in self.ungrounded_in(one)]
        for before, after in itertools.pairwise(parts):
            found += self._torn(before[-EDGE:], after[:EDGE])
        return list(dict.fromkeys(found))

    def _torn(self, before: str, after: str) -> list[Finding]:
        """Money that what looks like the end of a sentence has torn apart."""
        apart = {one.text for part in (before, after) for one in self._money(part)}
        found = self._money(" ".join(f"{before.rstrip(_ENDS)} {after}".split()))
        torn = [one for one in found if one.text not in apart]
        return [Finding(one.kind, one.text) for one in torn if not self._is_known(one)]

    def _money(self, text: str) -> list[Claim]:
        claims = read(text, titles=self._titles(), locale=self.locale)
        return [one for one in claims if one.kind in ("amount", "percent")]

    def ungrounded_in(self, sentence: str) -> list[Finding]:
        """What of one sentence is not grounded."""
        claims = read(sentence, titles=self._titles(), locale=self.locale)
        mentioned = _mentioned(sentence, self._facts().things)
        if not mentioned and _ABOUT_IT.search(sentence.lower()):
            mentioned = self._topic  # "It was delivered."
        self._topic = mentioned or self._topic
        return [
            Finding(claim.kind, claim.text[:80].strip(" .,"))
            for claim in claims
            if not _Check(self, sentence, claims, mentioned).holds(claim)
        ]

    def _is_known(self, claim: Claim) -> bool:
        return _Check(self, "", [], []).holds(claim)

    def _facts(self) -> Known:
        if self._counted != len(self.results):
            self._counted = len(self.results)
            self._known = known(self.results)
        return self._known

    def _titles(self) -> list[str]:
        """Names that may hold numbers, the longest first."""
        facts = self._facts()
        names = {name for thing in facts.things for name in thing.names} | facts.titles
        kept = (name for name in names if len(name) > 2 and re.search(r"[^\W\d_]{2}", name))
        return sorted(kept, key=len, reverse=True)


def ungrounded(
    text: str,
    results: Iterable[Result],
    *,
    said: str = "",
    hosts: Collection[str] = (),
    now: datetime | None = None,
    locale: str = "",
) -> list[Finding]:
    """What a reply says that neither a result nor, where that is enough, the visitor said."""
    ground = Ground(list(results), said, hosts, now or datetime.now(UTC), locale)
    return ground.ungrounded(text)


def _mentioned(sentence: str, things: list[Thing]) -> list[tuple[int, Thing]]:
    """The things a sentence names, and where; a longer name hides a shorter one within it."""
    text = to_plain_signs(sentence).lower()
    found: list[tuple[int, Thing]] = []
    names = {name for thing in things for name in thing.names}
    for name in sorted(names, key=len, reverse=True):
        sign = "#\\s?" if name.isdigit() and len(name) < 4 else "#?"
        pattern = re.compile(rf"(?<!\w){sign}{re.escape(name)}(?!\w)")
        for match in pattern.finditer(text):
            found += [(match.start(), thing) for thing in things if name in thing.names]
        text = pattern.sub(lambda match: "¦" * len(match[0]), text)
    return sorted(found, key=lambda one: one[0])


@dataclass(slots=True)
class _Check:
    """One sentence against its ground."""

    ground: Ground
    sentence: str
    claims: list[Claim]
    mentioned: list[tuple[int, Thing]]

    def holds(self, claim: Claim) -> bool:
        """Whether this may be said."""
        facts = self.ground._facts().all
        visitor = self.ground._visitor
        match claim.kind:
            case "amount":
                return self._amount(claim)
            case "percent":
                repeated = claim.negated and bool(claim.may_be & visitor.percents)
                return repeated or bool(claim.may_be & self._of_mentioned("percents"))
            case "date":
                return self._date(claim, facts) or self._repeated(self._date(claim, visitor))
            case "day":
                return self._day(claim, facts) or self._repeated(self._day(claim, visitor))
            case "time":
                return bool(claim.may_be & facts.times) or self._repeated(
                    bool(claim.may_be & visitor.times)
                )
            case "duration":
                return bool(claim.may_be & facts.durations) or self._lasts(claim, facts)
            case "number":
                return self._number(claim)
            case "code":
                mine = not claim.about_discount and bool(claim.may_be & visitor.tokens)
                return mine or bool(claim.may_be & facts.tokens)
            case "link":
                return self._link(claim, facts)
            case "address":
                return bool(claim.may_be & (facts.addresses | visitor.addresses))
            case "phone":
                return bool(claim.may_be & (facts.phones | visitor.phones | facts.tokens))
            case "status":
                return self._status(claim)
            case "promise":
                return self.ground._facts().loose.promises
            case "action":
                return claim.about_discount and "granted" in facts.statuses
            case "language":
                return claim.may_be <= facts.tokens | visitor.tokens
            case "stock":
                return bool(claim.may_be & self._of_mentioned("stock"))
            case "left":
                return bool(claim.may_be & self._of_mentioned("left"))
            case "offer":
                return bool(claim.may_be & facts.offers)

    def _of_mentioned(self, name: str) -> set[Any]:
        """Values of the things the sentence names, and those of no thing; or else all."""
        facts = self.ground._facts()
        if not self.mentioned:
            return set(getattr(facts.all, name))
        mine = [getattr(thing.facts, name) for _, thing in self.mentioned]
        return set(getattr(facts.loose, name)).union(*mine)

    def _repeated(self, said: bool) -> bool:
        """A visitor's day may be repeated, unless something is said to have happened then."""
        told = any(c.kind == "status" and not (c.asked or c.negated) for c in self.claims)
        return said and not told

    def _amount(self, claim: Claim) -> bool:
        if _amounts_meet(claim.may_be, self._of_mentioned("amounts")):
            return True
        said = _amounts_meet(claim.may_be, self.ground._visitor.amounts) or bool(
            {value for value, _ in claim.may_be} & self.ground._visitor.numbers
        )
        return said and (claim.negated or (claim.limit and self._is_limit(claim)))

    def _is_limit(self, claim: Claim) -> bool:
        """Whether something that was found keeps to the limit the visitor set, or nothing was."""
        most = max(value for value, _ in claim.may_be)
        found = [one.facts.amounts for one in self.ground._facts().things if one.facts.stock]
        return not found or any(value <= most for amounts in found for value, _ in amounts)

    def _date(self, claim: Claim, facts: Facts) -> bool:
        return any(
            (month, day) == (m, d) and (year is None or y is None or year == y)
            for month, day, year in claim.may_be
            for m, d, y in facts.dates
        )

    def _day(self, claim: Claim, facts: Facts) -> bool:
        today = self.ground.now.date()
        days = {at.date() for at in facts.moments}
        if claim.future:
            days = {day for day in days if day >= today}
        for day in claim.may_be:
            if day[0] == "in days":
                if today + timedelta(days=day[1]) in days:
                    return True
            elif day[0] == "month":
                if any(
                    d[:2] == day[:2] and day[2] in (None, d[2])
                    for d in facts.days
                    if d[0] == "month"
                ):
                    return True
                if any(m == day[1] and day[2] in (None, y) for m, _, y in facts.dates):
                    return True
            elif day[0] == "monthday":
                if day[1] in {d for _, d, _ in facts.dates}:
                    return True
            elif day[0] == "in weeks":
                week = (today + timedelta(weeks=day[1])).isocalendar()[:2]
                if week in {one.isocalendar()[:2] for one in days}:
                    return True
            elif day in facts.days or day[1] in {one.weekday() for one in days}:
                return True
        return False

    def _lasts(self, claim: Claim, facts: Facts) -> bool:
        """Whether a duration leads from now to a moment of the results."""
        steps = {"day": 86_400, "week": 604_800, "hour": 3_600, "minute": 60}
        for value, unit in claim.may_be:
            seconds = float(value) * steps.get(unit, 0)
            if not 0 < seconds < 1e9:
                continue
            for at in facts.moments:
                away = abs((at - self.ground.now).total_seconds())
                near = abs((at.date() - self.ground.now.date()).days) * 86_400
                if abs(away - seconds) <= steps[unit] / 2 or (unit == "day" and near == seconds):
                    return True
        return False

    def _number(self, claim: Claim) -> bool:
        facts, visitor = self.ground._facts(), self.ground._visitor
        if claim.may_be & facts.all.numbers or claim.may_be & facts.all.tokens:
            return True
        strict = claim.about_price and not claim.limit and not claim.negated
        if not strict and (claim.may_be & visitor.numbers or claim.may_be & visitor.tokens):
            return True
        few = max(FEW, facts.count)
        whole = {one for one in claim.may_be if isinstance(one, Decimal) and one == int(one)}
        if not claim.about_price and any(one <= few for one in whole):
            return True
        years = {Decimal(at.year) for at in (*facts.all.moments, self.ground.now)}
        return bool(whole & years) and not claim.about_price

    def _link(self, claim: Claim, facts: Facts) -> bool:
        for link in claim.may_be:
            host = link.split("/")[0]
            if link in facts.links or (host in self.ground.hosts and link in facts.written_links):
                return True
            if link == host and host in self.ground.hosts:
                return True
        return False

    def _status(self, claim: Claim) -> bool:
        facts = self.ground._facts()
        (name,) = claim.may_be
        if name == "granted" and not claim.about_discount:
            return True
        if claim.asked or (claim.negated and claim.future) or self._is_quoted():
            return True
        things = [thing for thing in facts.things if thing.facts.statuses]
        mine = [thing for thing in self._meant(claim) if thing.facts.statuses]
        if claim.negated:
            denied = any(name not in thing.facts.statuses for thing in mine or things)
            return denied or (not things and name in facts.loose.statuses)
        if claim.future and name not in _NEEDS_WORD:
            return bool(things or facts.loose.texts)
        if any(name in thing.facts.statuses for thing in mine or things):
            return True
        spoken = name in facts.loose.statuses
        return spoken and not mine and not (things and _YOURS.search(self.sentence.lower()))

    def _is_quoted(self) -> bool:
        """Whether the sentence stands word for word in an article: it is of no order then."""
        words = flat(self.sentence).rpartition(": ")[2].strip(_QUOTES)
        return len(words) >= QUOTE and any(
            words in text for text in self.ground._facts().loose.texts
        )

    def _meant(self, claim: Claim) -> list[Thing]:
        """What a status is said of: the thing named last before it, or the first one after."""
        stated = [(at, thing) for at, thing in self.mentioned if thing.facts.statuses]
        if not stated:
            return []
        place = max((at for at, _ in stated if at <= claim.at), default=stated[0][0])
        return [thing for at, thing in stated if at == place]


def _amounts_meet(said: Iterable[tuple[Decimal, str]], facts: set[tuple[Decimal, str]]) -> bool:
    values = {value for value, _ in facts}
    for value, currency in said:
        if (value, currency) in facts or (value, "") in facts:
            return True
        if not currency and value in values:
            return True
    return False
