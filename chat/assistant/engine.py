"""Engine: what turns a visitor's question into a reply, from tools' results alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.assistants import Assistant
from core.tools import Source, Toolbox
from core.views import AssuranceName, AuthorKind, Card, Why

LOCALES = ("en", "de", "fr", "es", "pt", "ar")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that was said before the question."""

    author: AuthorKind
    text: str
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a visitor wrote, and everything an engine may know beside the tools."""

    text: str
    locale: str  # of the visitor's browser, or the language they wrote in last: one of LOCALES
    history: tuple[Earlier, ...]  # oldest first, without the question
    shop: str  # its name
    assistant: Assistant
    tools: Toolbox
    memory: dict[str, Any] = field(default_factory=dict)  # what the last reply left for this one


@dataclass(frozen=True, slots=True)
class Passing:
    """That a person must take over, and why."""

    why: Why
    reason: str  # one plain English sentence for agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said to the visitor. Prices, dates, statuses and links come from tools' results."""

    text: str
    locale: str
    cards: tuple[Card, ...] = ()  # of tools' results, never made up
    sources: tuple[Source, ...] = ()
    choices: tuple[str, ...] = ()  # what may be answered with one tap
    verify: AssuranceName | None = None  # ask for a proof; the question is taken up again after it
    waiting: str = ""  # the id of a discount an agent must decide on
    passing: Passing | None = None
    unsure: bool = False  # it did not know, or asked back: two in a row, and a person takes over
    memory: dict[str, Any] = field(default_factory=dict)
    withheld: str = ""  # what a model said that was not grounded
    tokens_in: int = 0
    tokens_out: int = 0


Tell = Callable[[str], Awaitable[None]]  # the text so far, each sentence already checked


class Engine(Protocol):
    """One way of answering."""

    name: str

    async def answer(self, question: Question, tell: Tell) -> Reply:
        """The reply; Unavailable or any error has another engine, or a person, take over."""
        ...
