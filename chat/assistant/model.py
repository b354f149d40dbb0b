"""Model: the engine that asks a language model, and believes only what the tools have answered.

A model chooses tools and words. Who is asking, what a tool may do and what may be said is decided
here: every call goes through the turn's Toolbox, every sentence through `grounding`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from chat.assistant.asking import MOST_WRITTEN, Answered, ask
from chat.assistant.engine import Engine, Question, Reply, Tell
from chat.assistant.grounding import Ground
from chat.assistant.model_turn import OVERHEAD, ModelTurn
from chat.assistant.plain import to_text
from chat.assistant.prompt import fenced_summary
from chat.assistant.providers import Endpoint, ModelSettings, endpoint, is_installed, missing
from chat.assistant.wire import WHOLE, connected, imported, warm_up
from core.assistants import Assistant
from core.budgets import Tokens, reserve, settle
from core.errors import HubError, Unavailable
from core.hosts import hosts_of
from core.services import Services
from core.tools import Result

log = structlog.get_logger("assistant")

__all__ = ["ModelEngine", "ModelSettings", "check", "describe", "model_engine"]

LONGEST_SUMMARY = 600
SAID = 4_000  # letters of the visitor's own words that may be repeated


def model_engine(services: Services, settings: ModelSettings) -> Engine | None:
    """The engine of the model that is set up; None if none is, or its packages are missing."""
    at = endpoint(settings)
    if at is None or not is_installed():
        if why := missing(settings):
            log.warning("model_not_used", why=why)
        return None
    warm_up()
    return ModelEngine(services, at)


def describe(settings: ModelSettings) -> dict[str, Any]:
    """What Settings → Assistant shows of it; never the key."""
    at = endpoint(settings)
    return {
        "configured": at is not None,
        "name": at.model if at else "",
        "host": at.host if at else "",
        "installed": is_installed(),
    }


async def check(services: Services, settings: ModelSettings) -> tuple[bool, str]:
    """Whether the model answers, and otherwise what to do, in a sentence."""
    at = endpoint(settings)
    if why := missing(settings):
        return False, why
    if at is None:
        return False, "No model is set up: set AI_MODEL, and AI_BASE_URL for a server of yours."
    try:
        text, _ = await _say_once(at, "Answer with one word.", "Are you there?")
    except Exception as error:
        return False, _why(error, at)
    return bool(text.strip()), f"{at.model} answers." if text.strip() else f"{at.model} is silent."


class ModelEngine:
    """Answers by a language model."""

    def __init__(self, services: Services, at: Endpoint) -> None:
        self.name = at.model
        self._services = services
        self._at = at

    async def answer(self, question: Question, tell: Tell) -> Reply:
        """The reply; Unavailable whenever the model fails, so that another engine answers."""
        box = question.tools
        db, url = self._services.db, self._services.public_url
        try:
            await imported()  # its seconds are not the model's
            async with asyncio.timeout(WHOLE), connected(self._at) as model:
                said = [one.text for one in question.history if one.author == "visitor"]
                ground = Ground(
                    results=box.results,
                    said="\n".join([*said, question.text])[-SAID:],
                    hosts=await db.read(hosts_of, box.workspace_id, url),
                    locale=question.locale,
                )
                return await ModelTurn(self._services, model, question, ground, tell).reply()
        except HubError:
            raise
        except Exception as error:  # whatever it is: the model's text must not reach the log
            log.warning("model_failed", error=type(error).__name__)
            raise Unavailable(_why(error, self._at), code="model_failed") from None

    async def summarise(self, assistant: Assistant, workspace_id: str, facts: str) -> str:
        """A few sentences for agents on a conversation; Unavailable if there is no good one."""
        system, text = fenced_summary(facts)
        most = Tokens(len(f"{system}{text}".encode()) + 4 * OVERHEAD, MOST_WRITTEN)
        write = self._services.db.write
        hold = await write(reserve, workspace_id, "", most)
        took = most
        try:
            said, took = await _say_once(self._at, system, text)
        except Exception as error:
            raise Unavailable(_why(error, self._at), code="model_failed") from None
        finally:
            await write(settle, workspace_id, "", hold, took)
        plain = to_text(said).strip()
        ground = Ground([Result(status="found", data=[facts])], said=facts)
        if not plain or len(plain) > LONGEST_SUMMARY or ground.ungrounded(plain):
            raise Unavailable("The summary is not grounded.", code="model_failed")
        return plain


async def _say_once(at: Endpoint, system: str, text: str) -> tuple[str, Tokens]:
    """An answer without tools."""
    answered = Answered()

    async def hear(_: str) -> None:
        """Nobody reads along."""

    async with asyncio.timeout(WHOLE), connected(at) as model:
        from pydantic_ai.messages import ModelRequest, SystemPromptPart, UserPromptPart

        opening = ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(text)])
        await ask(model, [opening], [], answered, hear)
    return answered.text, answered.tokens or Tokens(len(text.encode()), MOST_WRITTEN)


_BY_STATUS = {
    400: "refuses what it is asked: is the model's name right, and can it call tools?",
    401: "does not accept AI_API_KEY",
    402: "wants to be paid",
    403: "does not accept AI_API_KEY",
    404: "does not know this model or address",
    429: "is busy, or the account's limit is reached",
}


def _why(error: BaseException, at: Endpoint) -> str:
    """What went wrong, without a word of what was said."""
    if isinstance(error, HubError):
        return error.message
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return f"{at.host} {_BY_STATUS.get(status, f'answered {status}')}."
    if isinstance(error, TimeoutError) or type(error).__name__ == "ModelRequestTimeout":
        return f"{at.host} takes too long to answer."
    if type(error).__name__ == "ModelConnectionError":
        return f"{at.host} cannot be reached."
    return f"{at.host} answered what makes no sense ({type(error).__name__})."
