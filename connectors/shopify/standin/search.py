"""Shopify's search syntax: `status:active AND updated_at:>='2026-11-21'`, strictly.

Shopify ignores a key it does not know and returns everybody's orders; here it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import GraphQLError

from connectors.shopify.standin.values import moment_of

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\))
      | (?P<word>AND|OR|NOT)(?=[\s()]|$)
      | (?P<minus>-)?(?:(?P<key>[A-Za-z_][\w.]*):)?(?P<sign>>=|<=|>|<)?
        (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)' | (?P<bare>[^\s()]+) )
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One `key:value`; key "default" for bare words."""

    key: str
    sign: str
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Search:
    """A parsed search: a predicate that asks `holds` about each of its terms."""

    terms: tuple[Term, ...]
    test: Callable[[Callable[[Term], bool]], bool]


class _Parser:
    """Recursive descent over OR, AND (also unwritten), NOT and parentheses."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens(text))
        self.terms: list[Term] = []

    def _tokens(self, text: str) -> Iterable[re.Match[str]]:
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                raise GraphQLError(f"Invalid search query: {text!r} at {text[at:]!r}")
            yield found
            at = found.end()

    def any_of(self) -> Callable[[Callable[[Term], bool]], bool]:
        sides = [self.all_of()]
        while self._word("OR"):
            sides.append(self.all_of())
        return lambda holds: any(side(holds) for side in sides)

    def all_of(self) -> Callable[[Callable[[Term], bool]], bool]:
        sides = [self.one()]
        while self.tokens and self.tokens[0]["word"] != "OR" and not self.tokens[0]["close"]:
            self._word("AND")
            sides.append(self.one())
        return lambda holds: all(side(holds) for side in sides)

    def one(self) -> Callable[[Callable[[Term], bool]], bool]:
        if self._word("NOT"):
            inner = self.one()
            return lambda holds: not inner(holds)
        if not self.tokens:
            raise GraphQLError(f"Invalid search query: {self.text!r} ends too early")
        token = self.tokens.pop(0)
        if token["open"]:
            inner = self.any_of()
            if not self.tokens or not self.tokens.pop(0)["close"]:
                raise GraphQLError(f"Invalid search query: {self.text!r} lacks a )")
            return inner
        return self._term(token)

    def _term(self, token: re.Match[str]) -> Callable[[Callable[[Term], bool]], bool]:
        quoted = next((token[name] for name in ("double", "single") if token[name] is not None), "")
        value = re.sub(r"\\(.)", r"\1", quoted) if token["bare"] is None else token["bare"]
        term = Term(token["key"] or "default", token["sign"] or "", value, token["bare"] is None)
        self.terms.append(term)
        negated = bool(token["minus"])
        return lambda holds: holds(term) != negated

    def _word(self, word: str) -> bool:
        if self.tokens and self.tokens[0]["word"] == word:
            self.tokens.pop(0)
            return True
        return False


def parse(text: str) -> Search:
    """The search; GraphQLError if it is none."""
    parser = _Parser(text)
    test = parser.any_of()
    if parser.tokens:
        raise GraphQLError(f"Invalid search query: {text!r}")
    return Search(tuple(parser.terms), test)


Filter = tuple[Callable[[str], Any], Callable[[Any], Any]]  # how to read the value, the node


def predicate(
    text: str | None, where: str, known: frozenset[str], filters: Mapping[str, Filter]
) -> Callable[[Any], bool]:
    """A test of one node; GraphQLError for a key Shopify would ignore."""
    if not text or not text.strip():
        return lambda node: True
    search = parse(text)
    for term in search.terms:
        if term.key not in known:
            raise GraphQLError(
                f"{where}: {term.key!r} is no search filter. Shopify ignores it and returns "
                f"everything; known are {', '.join(sorted(known))}."
            )
        if term.key not in filters:
            raise GraphQLError(f"{where}: the stand-in cannot filter by {term.key!r} yet.")
    wanted = {term: _wanted(term, filters[term.key][0]) for term in search.terms}

    def matches(node: Any) -> bool:
        return search.test(lambda term: _holds(term, wanted[term], filters[term.key][1](node)))

    return matches


def _wanted(term: Term, read: Callable[[str], Any]) -> Any:
    try:
        return "*" if term.value == "*" else read(term.value)
    except (ValueError, InvalidOperation):
        raise GraphQLError(f"Invalid search query: {term.key}:{term.value}") from None


def _holds(term: Term, wanted: Any, actual: Any) -> bool:
    if isinstance(actual, list | tuple | set | frozenset):
        return any(_holds(term, wanted, one) for one in actual)
    if actual is None:
        return False
    if wanted == "*":
        return True
    if term.sign:
        return _compared(term.sign, actual, wanted)
    if not isinstance(actual, str):
        return bool(actual == wanted)
    return _same_text(term, wanted, actual.casefold())


def _compared(sign: str, actual: Any, wanted: Any) -> bool:
    match sign:
        case ">":
            return bool(actual > wanted)
        case ">=":
            return bool(actual >= wanted)
        case "<":
            return bool(actual < wanted)
        case _:
            return bool(actual <= wanted)


def _same_text(term: Term, wanted: str, actual: str) -> bool:
    wanted = wanted.casefold()
    if wanted.endswith("*"):
        return any(word.startswith(wanted[:-1]) for word in [actual, *actual.split()])
    if term.key == "default":
        return wanted in actual
    if term.key == "email" and not term.quoted:  # Shopify splits it, and finds her namesakes
        return set(re.split(r"\W+", wanted)) <= set(re.split(r"\W+", actual))
    return wanted == actual


def text(read: Callable[[Any], Any]) -> Filter:
    return str, read


def number(read: Callable[[Any], Any]) -> Filter:
    return Decimal, read


def identifier(read: Callable[[Any], Any]) -> Filter:
    return _identifier, read


def flag(read: Callable[[Any], Any]) -> Filter:
    return _flag, read


def date(read: Callable[[Any], datetime]) -> Filter:
    return moment_of, read


def _identifier(text: str) -> int:
    if not text.isdecimal():  # also a gid: Shopify finds nothing by it
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"
