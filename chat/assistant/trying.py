"""Trying: the engine over the same tools, changing nothing: a test chat, or an agent's draft."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat.assistant.engine import Earlier, Question
from chat.assistant.engines import Engines, Outcome
from core.access import Assurance, Principal
from core.assistants import Assistant, assistant_of
from core.audit import assistant
from core.conversations import conversation_for
from core.customers import customer_for
from core.db import Work
from core.errors import Conflict, Unavailable
from core.locales import to_locale
from core.messages import messages_of
from core.services import Services
from core.talks import Talk
from core.tools import Asker, Toolbox
from core.views import Message
from core.visitors import visitor
from core.workspaces import workspace

READ = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """A question nobody has asked, or asks again, and where it is answered."""

    workspace_id: str
    assistant: Assistant
    shop: str
    text: str
    history: tuple[Earlier, ...]
    locale: str
    conversation_id: str = ""
    visitor_id: str = ""
    asker: Asker | None = None

    def question(self, tools: Toolbox) -> Question:
        """What the engine is asked."""
        return Question(
            text=self.text,
            locale=self.locale,
            history=self.history,
            shop=self.shop,
            assistant=self.assistant,
            tools=tools,
        )

    def tools(self, services: Services) -> Toolbox:
        """The tools, which change nothing."""
        return Toolbox(
            services=services,
            workspace_id=self.workspace_id,
            conversation_id=self.conversation_id,
            visitor_id=self.visitor_id,
            turn="",
            locale=self.locale,
            rules=self.assistant.rules,  # type: ignore[arg-type]  # checked when they were saved
            dry=True,
            asker=self.asker,
        )


async def run(services: Services, engines: Engines, trial: Trial) -> Outcome:
    """What the assistant would say; Unavailable if no engine can."""

    async def tell(_: str) -> None:
        return

    try:
        async with asyncio.timeout(engines.limits.turn):
            return await engines.answer(
                trial.assistant, trial.question, lambda: trial.tools(services), tell
            )
    except TimeoutError:
        raise Unavailable("The assistant takes too long. Try again in a minute.") from None


def as_customer(
    work: Work,
    workspace_id: str,
    customer_id: str | None,
    text: str,
    history: Sequence[Earlier],
    locale: str,
) -> Trial:
    """A test chat: as a customer who has proven themselves, or as anybody."""
    assurance = Assurance.ANONYMOUS
    if customer_id is not None:
        customer_for(work, workspace_id, customer_id)
        assurance = Assurance.HMAC
    pretended = Principal(
        "visitor", workspace_id=workspace_id, assurance=assurance, customer_id=customer_id
    )
    return Trial(
        **_base(work, workspace_id),
        text=text,
        history=tuple(history),
        locale=to_locale(locale) or "en",
        asker=(pretended, (customer_id,) if customer_id is not None else ()),
    )


def of_conversation(work: Work, by: Principal, conversation_id: str) -> Trial:
    """What a conversation's visitor asked last; Conflict if they asked nothing."""
    row = conversation_for(work, by, conversation_id)
    said, _ = messages_of(work, assistant(by.workspace_id), conversation_id, limit=READ)
    asked = last_question(said)
    if not asked:
        raise Conflict("The visitor has asked nothing yet.", code="nothing_asked")
    talk = work.session.get(Talk, (by.workspace_id, conversation_id))
    person = visitor(work, by.workspace_id, asked[-1].author.id)
    return Trial(
        **_base(work, by.workspace_id),
        text="\n".join(one.text for one in asked),
        history=tuple(
            Earlier(one.author.kind, one.text, one.cards) for one in said if one not in asked
        ),
        locale=(talk.locale if talk else "") or to_locale(person.locale) or "en",
        conversation_id=row["id"],
        visitor_id=person.id,
    )


def _base(work: Work, workspace_id: str) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "assistant": assistant_of(work, workspace_id),
        "shop": workspace(work, workspace_id).name,
    }


def last_question(said: Sequence[Message]) -> list[Message]:
    """The visitor's last messages in a row that say something."""
    asked: list[Message] = []
    for one in reversed(said):
        if one.author.kind == "visitor":
            asked.insert(0, one)
        elif asked:
            break
    return [one for one in asked if one.text.strip()]
