"""Routes: Settings → Assistant, and what helps agents in a conversation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chat.assistant.engine import Earlier
from chat.assistant.engines import Outcome
from chat.assistant.settings_page import AssistantPage, Model, NewAssistant, page_of, save
from chat.assistant.summary import LENGTH, summarise
from chat.assistant.tools.articles import EXCERPT, FoundArticle
from chat.assistant.tools.plain import plain
from chat.assistant.trying import as_customer, of_conversation, run
from chat.assistant.wording import cards_of, text_of
from core.access import ADMIN, AGENT
from core.articles import search_articles
from core.assistants import assistant_of
from core.conversations import conversation_for, let_answer
from core.db import Work
from core.routes import Call, Route
from core.talks import give_back, handover_of, transcripts_of
from core.tools import Source
from core.views import Answering, Card, ChoicesCard, Handover, ToolStep, Transcript, Why

if TYPE_CHECKING:
    from chat.assistant.plugin import Hooks

SUGGESTED = 3
FITTING = 0.3  # of an article's score: below it is hardly an answer
Text = Annotated[str, Meta(min_length=1, max_length=4_000)]


class Checked(msgspec.Struct, kw_only=True):
    """Whether the model answers."""

    ok: bool
    ms: int
    detail: str


class Line(msgspec.Struct, kw_only=True):
    """Something that was said in a test chat."""

    author: Literal["visitor", "assistant"]
    text: Annotated[str, Meta(max_length=4_000)]


class Trying(msgspec.Struct, kw_only=True):
    """A question in a test chat, as a customer or, with null, as anybody."""

    text: Text
    history: Annotated[list[Line], Meta(max_length=40)] = []
    customer: Annotated[str, Meta(max_length=64)] | None = None
    locale: Annotated[str, Meta(max_length=35)] = "en"


class Passed(msgspec.Struct, kw_only=True):
    """That a person would take over."""

    why: Why
    reason: str


class Tried(msgspec.Struct, kw_only=True):
    """What the assistant would say, and how it came about; nothing was changed."""

    text: str
    cards: tuple[Card, ...]
    choices: tuple[str, ...]
    sources: tuple[Source, ...]
    steps: list[ToolStep]
    passing: Passed | None
    engine: str
    ms: int


class Aid(msgspec.Struct, kw_only=True):
    """The assistant's part in a conversation."""

    answering: Answering
    handover: Handover | None
    transcripts: list[Transcript]


class Answers(msgspec.Struct, kw_only=True):
    """Who is to answer from now on."""

    who: Literal["assistant", "people"]


class SummaryText(msgspec.Struct):
    """At most 600 characters."""

    text: str


class Suggested(msgspec.Struct):
    """Articles that fit what the visitor asked last."""

    items: list[FoundArticle]


class Console:
    """The endpoints, over one hub's assistant."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    async def show(self, call: Call) -> AssistantPage:
        """The settings, the tools, the model and what today's answers took."""
        model = self._model()
        return await call.services.db.read(page_of, call.services, call.workspace_id, model)

    async def change(self, call: Call) -> AssistantPage:
        """Change what is named; `{"on": false}` stops it at once, everywhere."""
        model = self._model()
        await call.services.db.write(save, call.services, call.principal, model, call.body)
        return await self.show(call)

    async def check(self, call: Call) -> Checked:
        """Ask the model a word, so that a wrong key shows here and not in a conversation."""
        began = time.perf_counter()
        ok, detail = await self._hooks.check_model()
        ms = round((time.perf_counter() - began) * 1000)
        return Checked(ok=ok, ms=ms, detail=detail)

    async def try_out(self, call: Call) -> Tried:
        """A test chat; every tool that would change something says that it did not."""
        given: Trying = call.body
        history = [Earlier(one.author, one.text) for one in given.history]
        trial = await call.services.db.read(
            as_customer, call.workspace_id, given.customer, given.text, history, given.locale
        )
        return self._tried(call, await run(call.services, self._hooks.engines, trial))

    async def aid(self, call: Call) -> Aid:
        """Who answers, why it was passed on, and how the assistant's messages came about."""

        def read(work: Work) -> Aid:
            row = conversation_for(work, call.principal, call.path["id"])
            return Aid(
                answering=row["answering"],
                handover=handover_of(work, call.workspace_id, row["id"]),
                transcripts=transcripts_of(work, call.workspace_id, row["id"]),
            )

        return await call.services.db.read(read)

    async def let_answer(self, call: Call) -> Aid:
        """Have people answer, or give the conversation back to the assistant."""
        conversation = call.path["id"]

        def change(work: Work) -> None:
            if call.body.who == "assistant":
                give_back(work, call.principal, conversation)
            else:
                conversation_for(work, call.principal, conversation)
                let_answer(work, call.workspace_id, conversation, "people")

        await call.services.db.write(change)
        if call.body.who == "assistant":  # somebody may be waiting
            self._hooks.turns.wake((call.workspace_id, conversation))
        return await self.aid(call)

    async def draft(self, call: Call) -> Tried:
        """A reply for the agent to change and send; only what the visitor may see is in it."""
        trial = await call.services.db.read(of_conversation, call.principal, call.path["id"])
        return self._tried(call, await run(call.services, self._hooks.engines, trial))

    async def summary(self, call: Call) -> SummaryText:
        """Who writes, what they want, what was looked up, and what is open."""

        def read(work: Work) -> tuple[str, Any]:
            conversation_for(work, call.principal, call.path["id"])
            row = assistant_of(work, call.workspace_id)
            return summarise(work, call.workspace_id, call.path["id"]), row

        text, row = await call.services.db.read(read)
        better = await self._hooks.engines.summarise(row, call.workspace_id, text)
        return SummaryText(plain(better or text, LENGTH))

    async def articles(self, call: Call) -> Suggested:
        """Published articles that fit what the visitor asked last."""

        def read(work: Work) -> list[FoundArticle]:
            trial = of_conversation(work, call.principal, call.path["id"])
            found = search_articles(work, call.workspace_id, trial.text, trial.locale, SUGGESTED)
            return [
                FoundArticle(
                    slug=one.slug,
                    title=one.title,
                    locale=one.locale,
                    excerpt=plain(one.excerpt, EXCERPT),
                    url=f"{call.services.public_url}{one.path}",
                    score=one.score,
                )
                for one in found
                if one.score >= FITTING
            ]

        return Suggested(await call.services.db.read(read))

    def _model(self) -> Model:
        return msgspec.convert(self._hooks.describe_model(), Model)

    def _tried(self, call: Call, outcome: Outcome) -> Tried:
        reply = outcome.reply
        cards = cards_of(call.services, reply, outcome.tools.results)
        passing = reply.passing
        return Tried(
            text=text_of(call.services, reply),
            cards=tuple(card for card in cards if not isinstance(card, ChoicesCard)),
            choices=reply.choices,
            sources=reply.sources,
            steps=outcome.tools.steps,
            passing=Passed(why=passing.why, reason=passing.reason) if passing else None,
            engine=outcome.engine,
            ms=outcome.ms,
        )


def routes(hooks: Hooks) -> list[Route]:
    """What the assistant serves to the console."""
    console = Console(hooks)
    conversation = "/console/api/conversations/{id}"
    return [
        Route(
            "GET",
            "/console/api/assistant",
            console.show,
            AGENT,
            "The assistant's settings",
            answer=AssistantPage,
            tag="Assistant",
        ),
        Route(
            "PUT",
            "/console/api/assistant",
            console.change,
            ADMIN,
            "Set the assistant up, start or stop it",
            body=NewAssistant,
            answer=AssistantPage,
            tag="Assistant",
        ),
        Route(
            "POST",
            "/console/api/assistant/check",
            console.check,
            ADMIN,
            "Check the model",
            answer=Checked,
            tag="Assistant",
        ),
        Route(
            "POST",
            "/console/api/assistant/try",
            console.try_out,
            AGENT,
            "Try the assistant out",
            body=Trying,
            answer=Tried,
            tag="Assistant",
        ),
        Route(
            "GET",
            f"{conversation}/assistant",
            console.aid,
            AGENT,
            "The assistant's part in a conversation",
            answer=Aid,
            tag="Assistant",
        ),
        Route(
            "POST",
            f"{conversation}/answering",
            console.let_answer,
            AGENT,
            "Have people or the assistant answer",
            body=Answers,
            answer=Aid,
            tag="Assistant",
        ),
        Route(
            "POST",
            f"{conversation}/draft",
            console.draft,
            AGENT,
            "Draft a reply",
            answer=Tried,
            tag="Assistant",
        ),
        Route(
            "POST",
            f"{conversation}/summary",
            console.summary,
            AGENT,
            "Summarise a conversation",
            answer=SummaryText,
            tag="Assistant",
        ),
        Route(
            "GET",
            f"{conversation}/articles",
            console.articles,
            AGENT,
            "Articles that fit",
            answer=Suggested,
            tag="Assistant",
        ),
    ]
