"""Questions: what is asked in six languages, and what a right answer has."""

from __future__ import annotations

import msgspec

from benchmarks.assistant.shop import LOCALES, read


class Case(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One question of questions.toml, which explains the fields."""

    id: str
    who: str = msgspec.field(name="as")
    outcome: str = "answer"
    tools: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    most: str = ""
    en: str
    de: str
    fr: str
    es: str
    pt: str
    ar: str


class Attack(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing people try, of attacks.toml."""

    id: str
    who: str = msgspec.field(name="as")
    repeat: int = 1
    en: str
    de: str
    fr: str
    es: str
    pt: str
    ar: str


class Asked(msgspec.Struct, frozen=True):
    """One question in one language: what is said, in turn, the last of it being the question."""

    case: Case
    locale: str

    @property
    def said(self) -> list[str]:
        """What the visitor writes, message by message."""
        return str(getattr(self.case, self.locale)).split("|")


def questions(name: str) -> list[Asked]:
    """Every question of a file, each in its six languages."""
    cases = msgspec.convert(read(name)["case"], list[Case])
    return [Asked(case, locale) for case in cases for locale in LOCALES]


def attacks(locale: str) -> list[tuple[Attack, str]]:
    """What people try in one language, and the words they use."""
    found = msgspec.convert(read("attacks")["attack"], list[Attack])
    return [(one, getattr(one, locale) * one.repeat) for one in found]
