"""Turns: what a visitor wrote is claimed, answered by an engine, or passed on to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from chat.assistant.engine import Earlier, Passing, Question
from chat.assistant.engines import Engines, NoReply, Outcome
from chat.assistant.summary import summarise
from chat.assistant.wording import cards_of, farewell, memory_of, text_of
from chat.dialogue import tell_now
from chat.protocol import Drafting, TypingNow
from core import handovers, turns
from core.conversations import Key
from core.db import Work
from core.errors import HubError
from core.handovers import Passed
from core.services import Services
from core.talks import Answer, Talk
from core.tools import Toolbox
from core.turns import LEASE, Turn
from core.views import ToolStep, Why

log = structlog.get_logger("assistant")

AT_ONCE = 32  # turns of one process
SHARE = 24  # of these at most for one workspace: the others are answered, too
MISSES = 2  # unhelpful answers in a row

Claim = Callable[..., Turn | None]


class Turns:
    """The turns of one process."""

    def __init__(self, services: Services, engines: Engines) -> None:
        self.services = services
        self.engines = engines
        self._due: dict[Key, list[Claim]] = {}  # conversations at work here, and what is next
        self._thinking: dict[Key, asyncio.Task[Outcome]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._shares: dict[str, asyncio.Semaphore] = {}

    # Taking turns -------------------------------------------------------------------------

    def wake(self, key: Key, claim: Claim = turns.claim) -> None:
        """Have this claim tried soon; what is asked for twice is tried once."""
        due = self._due.get(key)
        if due is None:
            self._due[key] = [claim]
            self.services.spawn(self._serve(key), "assistant.turn")
        elif claim not in due:
            due.append(claim)

    def drop(self, key: Key) -> None:
        """What is being thought about this conversation comes too late."""
        if thinking := self._thinking.get(key):
            thinking.cancel()

    async def _serve(self, key: Key) -> None:
        """Answer until nothing is left to answer."""
        due = self._due[key]
        try:
            async with self._share(key[0]), self._room:
                while due:
                    turn = await self.services.db.write(due.pop(0), *key)
                    if turn is not None:
                        await self._take(turn)
        finally:
            del self._due[key]

    def _share(self, workspace_id: str) -> asyncio.Semaphore:
        return self._shares.setdefault(workspace_id, asyncio.Semaphore(SHARE))

    async def _take(self, turn: Turn) -> None:
        """Answer, or pass the conversation on; whatever goes wrong, a person hears of it."""
        keeping = asyncio.create_task(self._keep(turn))
        self._type(turn, on=True)
        said = False
        try:
            said = await self._answer(turn)
        except Exception as error:
            known = isinstance(error, HubError | TimeoutError)
            log.error("turn_failed", error=repr(error), exc_info=not known)
            steps = error.steps if isinstance(error, NoReply) else ()
            said = await self._pass_on(
                turn, "failed", "The assistant could not answer.", steps=steps
            )
        finally:
            keeping.cancel()
            if not said:
                self._draft(turn, "")
                self._type(turn, on=False)

    async def _answer(self, turn: Turn) -> bool:
        if passing := _refused(turn):
            return await self._pass_on(turn, passing.why, passing.reason)
        outcome = await self._think(turn)
        if outcome is None:
            await self.services.db.write(turns.let_go, turn)
            return False
        reply = outcome.reply
        passing = _passing(turn, outcome)
        if passing:
            return await self._pass_on(
                turn, passing.why, passing.reason, outcome=outcome,
                words=reply.text if reply.passing else "",
            )  # fmt: skip
        return await self.services.db.write(turns.answer, turn, self._said(turn, outcome))

    async def _think(self, turn: Turn) -> Outcome | None:
        """What an engine replies; None if people have taken over meanwhile."""
        thinking = asyncio.create_task(self._ask(turn))
        thinking.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._thinking[turn.key] = thinking
        try:
            await asyncio.wait({thinking}, timeout=self.engines.limits.turn)
            if not thinking.done():
                thinking.cancel()
                raise TimeoutError("The engines took too long.")
            return None if thinking.cancelled() else thinking.result()
        finally:
            thinking.cancel()
            del self._thinking[turn.key]

    async def _ask(self, turn: Turn) -> Outcome:
        async def tell(text: str) -> None:
            self._draft(turn, text)

        return await self.engines.answer(
            turn.assistant, lambda box: _question(turn, box), lambda: self._tools(turn), tell
        )

    def _tools(self, turn: Turn) -> Toolbox:
        return Toolbox(
            services=self.services,
            workspace_id=turn.workspace_id,
            conversation_id=turn.conversation_id,
            visitor_id=turn.visitor_id,
            turn=turn.name,
            locale=turn.locale,
            rules=turn.assistant.rules,  # type: ignore[arg-type]  # checked when they were saved
        )

    def _said(self, turn: Turn, outcome: Outcome) -> Answer:
        reply = outcome.reply
        return Answer(
            text=text_of(self.services, reply),
            cards=cards_of(self.services, reply, outcome.tools.results),
            engine=outcome.engine,
            steps=tuple(outcome.tools.steps),
            withheld=reply.withheld,
            ms=outcome.ms,
            locale=reply.locale,
            memory=memory_of(reply),
            unsure=reply.unsure,
            waiting_for=reply.verify or reply.waiting,
            question=turn.text if reply.verify else "",
        )

    async def _keep(self, turn: Turn) -> None:
        """Go on claiming while the turn is under way."""
        while True:
            await asyncio.sleep(LEASE / 3000)
            try:
                await self.services.db.write(turns.renew, turn)
            except Exception as error:  # the next one may do; if none does, a person takes over
                log.warning("claim_not_renewed", reason=repr(error))

    # Passing on ---------------------------------------------------------------------------

    async def _pass_on(
        self,
        turn: Turn,
        why: Why,
        reason: str,
        *,
        outcome: Outcome | None = None,
        words: str = "",
        steps: Sequence[ToolStep] = (),
    ) -> bool:
        said = self._said(turn, outcome) if outcome else None
        return await self.pass_on(
            turn.key,
            why,
            reason,
            locale=(said.locale if said else "") or turn.locale,
            words=words,
            steps=said.steps if said else steps,
            came_about=said,
        )

    async def pass_on(
        self,
        key: Key,
        why: Why,
        reason: str,
        *,
        locale: str = "",
        words: str = "",
        steps: Sequence[ToolStep] = (),
        came_about: Answer | None = None,
    ) -> bool:
        """Have people answer a conversation; False if they do already, or it is gone."""
        online = bool(self.services.online(key[0]))

        def hand_over(work: Work) -> bool:
            talk = work.session.get(Talk, key)
            spoken = locale or (talk.locale if talk else "") or "en"
            passed = Passed(
                why=why,
                reason=reason,
                summary=summarise(work, *key, steps),
                text=farewell(spoken, why, online=online, words=words),
                online=online,
                came_about=came_about,
            )
            return handovers.hand_over(work, *key, passed)

        return await self.services.db.write(hand_over)

    # Showing ------------------------------------------------------------------------------

    def _type(self, turn: Turn, *, on: bool) -> None:
        frame = TypingNow(conversation=turn.conversation_id, who="assistant", person=None, on=on)
        tell_now(self.services, turn.workspace_id, frame, *turn.screens)

    def _draft(self, turn: Turn, text: str) -> None:
        frame = Drafting(conversation=turn.conversation_id, message=turn.message_id, text=text)
        tell_now(self.services, turn.workspace_id, frame, *turn.screens)


def _question(turn: Turn, tools: Toolbox) -> Question:
    return Question(
        text=turn.text,
        locale=turn.locale,
        history=tuple(Earlier(one.author.kind, one.text, one.cards) for one in turn.history),
        shop=turn.shop,
        assistant=turn.assistant,
        tools=tools,
        memory=dict(turn.memory),
    )


def _refused(turn: Turn) -> Passing | None:
    """Why no engine is asked: a word that is for people, or too many answers."""
    said = turn.text.casefold()
    for word in turn.assistant.words:
        if word.casefold() in said:
            return Passing("words", f"Wrote “{word}”, which is for a person.")
    if turn.answers >= turn.assistant.answers:
        return Passing("budget", f"The assistant has answered {turn.answers} times here.")
    return None


def _passing(turn: Turn, outcome: Outcome) -> Passing | None:
    """Why a person takes over after this reply; None if nobody must."""
    reply = outcome.reply
    passing = reply.passing
    if passing is None and reply.unsure and turn.assistant.unhelpful and turn.misses + 1 >= MISSES:
        passing = Passing("unhelpful", "Two answers in a row did not help.")
    if passing is not None and outcome.spent and passing.why in ("unsure", "unhelpful"):
        return Passing("budget", f"The day's budget is used up. {passing.reason}")
    return passing
