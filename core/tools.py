"""Tools: what the assistant may look up or do, and the one way each is run.

A plugin adds tools by the hook `register_tools`. A tool never takes a customer, a visitor or a
workspace: the server puts in who is asking, and refuses below the assurance the tool needs. Its
arguments are a struct, so a model's guess is checked like anyone's input.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import msgspec
import structlog

from core import visitors
from core.access import Assurance, Principal
from core.db import Work
from core.errors import Forbidden, HubError, Unauthenticated, Unavailable
from core.identity import ASSURANCE_NAMES
from core.ids import new_id
from core.services import Services
from core.step_up import proven_customers
from core.views import AssuranceName, Card, ToolStep, View

log = structlog.get_logger("tools")

NAME = re.compile(r"[a-z][a-z0-9_]{2,40}")
DEADLINE = 12.0  # seconds a tool may take
CALLS = 6  # that one turn may make
KEPT = 1_000  # letters of a use's arguments that are kept with its step

Status = Literal["found", "nothing", "verify", "refused", "waiting", "person", "failed"]
Rule = Literal["answers", "asks", "never"]  # by itself; through a person; not at all


class Source(View):
    """Where a fact of an answer comes from."""

    kind: Literal["article", "product", "record", "profile", "discount"]
    id: str  # an article's slug, otherwise the row's id
    title: str
    url: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool answers. What is not in `data` may not be said."""

    status: Status
    data: Any = None  # structs of core.views or of the tool; a model reads them as JSON
    cards: tuple[Card, ...] = ()
    sources: tuple[Source, ...] = ()
    note: str = ""  # in a few English words, for the transcript and the model: what, or why not
    needs: AssuranceName | None = None  # with "verify"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a tool: who it is for. All of it is put in by the server."""

    services: Services
    id: str  # of this use; the same again after a crash, so that a write happens once
    workspace_id: str
    conversation_id: str
    visitor: Principal  # as they are at this moment
    customers: tuple[str, ...]  # whose data this visitor has proven to be their own
    locale: str


Run = Callable[[Use, Any], Awaitable[Result]]
Asker = tuple[Principal, tuple[str, ...]]  # who asks, and the customers they have proven to be


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the assistant can do."""

    name: str  # a verb and a noun: "search_products"
    title: str  # for Settings → Assistant: "Recommend products"
    description: str  # for a model: when to use it, what it answers
    arguments: type[msgspec.Struct]
    run: Run
    assurance: Assurance = Assurance.ANONYMOUS  # a visitor needs at least this
    writes: bool = False  # it changes something: never in a draft or a test chat
    rule: Rule = "answers"  # until the workspace says otherwise
    limit: str = ""  # for Settings → Assistant: what bounds it, such as "their own"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"tool name {self.name!r}: use lower-case letters, digits and _")


@dataclass(slots=True)
class Toolbox:
    """The tools of one turn: checks, runs and remembers every use. It never raises."""

    services: Services
    workspace_id: str
    conversation_id: str
    visitor_id: str
    turn: str  # names the turn: its uses have the same ids when it is taken again
    locale: str = "en"
    rules: Mapping[str, Rule] = field(default_factory=dict)
    dry: bool = False  # nothing is changed: a draft for an agent, or a test
    asker: Asker | None = None  # in a test: whom an agent pretends to be, instead of a visitor
    calls: int = CALLS
    results: list[Result] = field(default_factory=list)
    steps: list[ToolStep] = field(default_factory=list)

    def offered(self) -> list[Tool]:
        """The tools that may be used at all, as a model is told of them."""
        return [tool for tool in self.services.tools.values() if self._rule(tool) != "never"]

    async def use(self, name: str, arguments: Mapping[str, Any] | None = None) -> Result:
        """Run a tool for whoever asks; every failure is a Result, and every use is a step."""
        began = time.perf_counter()
        given = dict(arguments) if isinstance(arguments, Mapping) else {}
        result = await self._result(name, given)
        ms = round((time.perf_counter() - began) * 1000)
        self.results.append(result)
        self.steps.append(
            ToolStep(
                tool=_clean(name, 41),
                arguments=_kept(given),
                outcome=result.status,
                said=_clean(result.note, 200),
                ms=ms,
            )
        )
        return result

    async def _result(self, name: str, given: dict[str, Any]) -> Result:
        tool = self.services.tools.get(name)
        if tool is None or self._rule(tool) == "never":
            return Result(status="refused", note=f"There is no tool {name[:40]}.")
        if len(self.steps) >= self.calls:
            return Result(status="refused", note="Too many calls in one turn.")
        try:
            wanted = msgspec.convert(given, tool.arguments, strict=True)
        except (msgspec.ValidationError, ValueError, RecursionError) as why:
            return Result(status="refused", note=f"Wrong arguments: {why}"[:300])
        if self._rule(tool) == "asks":
            return Result(status="person", note="Only a person does this here.")
        if tool.writes and self.dry:
            return Result(status="waiting", note="Not done: this is only a draft.")
        return await self._run(tool, wanted)

    async def _run(self, tool: Tool, wanted: Any) -> Result:
        try:
            asker, customers = await self._who()
            if asker.assurance < tool.assurance:
                return Result(
                    status="verify",
                    needs=ASSURANCE_NAMES[tool.assurance],
                    note="The visitor must prove who they are first.",
                )
            use = Use(
                services=self.services,
                id=self._use_of(tool),
                workspace_id=self.workspace_id,
                conversation_id=self.conversation_id,
                visitor=asker,
                customers=customers,
                locale=self.locale,
            )
            async with asyncio.timeout(DEADLINE):
                return _checked(await tool.run(use, wanted))
        except TimeoutError:
            return Result(status="failed", note="It took too long.")
        except Unavailable as why:
            return Result(status="failed", note=why.message)
        except HubError as why:
            return Result(status="refused", note=why.message)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # the turn is dropped
            return Result(status="failed", note="It gave up.")
        except (Exception, SystemExit) as error:  # a plugin's: the turn goes on, and hands over
            log.error("tool_failed", tool=tool.name, error=repr(error))
            return Result(status="failed", note="It failed.")

    def _use_of(self, tool: Tool) -> str:
        """The same for an engine that takes the turn over, whatever the first one looked up."""
        before = sum(step.tool == tool.name for step in self.steps)
        return f"{self.turn}-{tool.name}-{before}" if self.turn else new_id("use")

    async def _who(self) -> Asker:
        if self.asker is not None:
            return self.asker
        return await self.services.db.read(_asker, self.workspace_id, self.visitor_id)

    def _rule(self, tool: Tool) -> Rule:
        return self.rules.get(tool.name, tool.rule)


def _asker(work: Work, workspace_id: str, visitor_id: str) -> Asker:
    """Whoever asks, as they are now, and the customers they have proven to be."""
    row = visitors.visitor(work, workspace_id, visitor_id)
    if row.revoked_at is not None:
        raise Unauthenticated("This visitor has signed out.")
    return visitors.to_principal(row), proven_customers(work, row)


def _checked(result: Any) -> Result:
    """What a tool answered, if it is a Result; ValueError for anything else."""
    if (
        isinstance(result, Result)
        and result.status in get_args(Status)
        and isinstance(result.note, str)
        and all(isinstance(card, Card) for card in result.cards)
        and all(isinstance(source, Source) for source in result.sources)
    ):
        return result
    raise ValueError("It answered no Result.")


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as agents see them; what is too much, or no plain data, is left out."""
    try:
        if len(msgspec.json.encode(given)) <= KEPT:
            return given
    except (TypeError, ValueError, RecursionError):
        return {"left_out": "no plain data"}
    return {"left_out": "too much to keep"}


def _clean(text: str, length: int) -> str:
    """A text that can be written down, cut."""
    return text[:length].encode("utf-8", "replace").decode()


def need_customer(use: Use) -> str:
    """The one customer a visitor has proven to be; Forbidden if that is nobody, or several."""
    if len(use.customers) != 1:
        raise Forbidden("This needs a customer who has signed in.")
    return use.customers[0]
