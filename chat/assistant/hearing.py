"""Hearing: what happens in conversations wakes the assistant, stops it, or lets it go on.

Every process hears every event; whoever claims a conversation first answers it. Where the
assistant is off, hearing a message costs one look into a dictionary.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from chat.assistant.phrases import say
from chat.assistant.turns import Claim, Turns
from core import handovers, turns
from core.assistants import assistant_of
from core.conversations import Key
from core.db import Work
from core.events import (
    AssistantChanged,
    ConversationChanged,
    DiscountChanged,
    Event,
    Logged,
    MessageAdded,
    PersonWanted,
    VisitorIdentified,
)
from core.talks import Talk, note_decision, waiting_for_proof

OFF = "The assistant was turned off."
DECIDED = ("issued", "declined", "failed")


class Hearing:
    """One process's ear."""

    def __init__(self, taken: Turns) -> None:
        self._turns = taken
        self._services = taken.services
        self._on: dict[str, bool] = {}  # the workspaces we know of

    def hear(self, entries: Sequence[Logged]) -> None:
        """Take committed events, and return at once."""
        for entry in entries:
            heard = _HEARD.get(type(entry.event))
            if heard is not None and (
                heard is Hearing._switched or self._on.get(entry.workspace_id) is not False
            ):
                heard(self, entry.workspace_id, entry.event)

    def _message(self, workspace_id: str, event: Any) -> None:
        if event.message.author.kind == "visitor":
            self._wake((workspace_id, event.conversation), turns.claim)

    def _wake(self, key: Key, claim: Claim) -> None:
        if self._on.get(key[0]):
            self._turns.wake(key, claim)
        else:
            self._services.spawn(self._wake_if_on(key, claim), "assistant.look")

    async def _wake_if_on(self, key: Key, claim: Claim) -> None:
        if await self._is_on(key[0]):
            self._turns.wake(key, claim)

    async def _is_on(self, workspace_id: str) -> bool:
        """Whether the assistant answers there: asked once, then told by events."""
        if workspace_id not in self._on:
            row = await self._services.db.read(assistant_of, workspace_id)
            self._on.setdefault(workspace_id, row.on)
        return self._on[workspace_id]

    # Stopping -----------------------------------------------------------------------------

    def _switched(self, workspace_id: str, event: Any) -> None:
        self._on[workspace_id] = event.on
        if not event.on:
            self._services.spawn(self._stop(workspace_id), "assistant.stop")

    async def _stop(self, workspace_id: str) -> None:
        """The kill switch: every conversation of the assistant's goes to people, now."""
        while found := await self._services.db.read(handovers.answered_by_assistant, workspace_id):
            passed = await asyncio.gather(
                *(self._turns.pass_on((workspace_id, one), "stopped", OFF) for one in found),
                return_exceptions=True,
            )
            if True not in passed:  # another process was faster, or the database is away
                return

    def _routed(self, workspace_id: str, event: Any) -> None:
        if event.answering == "people":
            self._turns.drop((workspace_id, event.conversation))

    def _wanted(self, workspace_id: str, event: Any) -> None:
        key = (workspace_id, event.conversation)
        self._services.spawn(self._ask_person(key), "assistant.ask_person")

    async def _ask_person(self, key: Key) -> None:
        if await self._is_on(key[0]):
            await self._turns.pass_on(key, "asked", "Asked for a person.")

    # Going on -----------------------------------------------------------------------------

    def _identified(self, workspace_id: str, event: Any) -> None:
        self._services.spawn(self._resume(workspace_id, event.visitor), "assistant.resume")

    async def _resume(self, workspace_id: str, visitor_id: str) -> None:
        """Take up again what waited for a proof of who somebody is."""
        if await self._is_on(workspace_id):
            db = self._services.db
            for conversation in await db.read(waiting_for_proof, workspace_id, visitor_id):
                self._turns.wake((workspace_id, conversation), turns.reclaim)

    def _discount(self, workspace_id: str, event: Any) -> None:
        view = event.discount
        if view.by.kind == "assistant" and view.state in DECIDED:
            self._services.spawn(self._decided(workspace_id, view), "assistant.decided")

    async def _decided(self, workspace_id: str, view: Any) -> None:
        """Say kindly that there is no discount; of a code the ledger itself tells."""
        key = (workspace_id, view.conversation)

        def decide(work: Work) -> None:
            talk = work.session.get(Talk, key)
            if talk is not None and talk.waiting_for == view.id:
                text = "" if view.state == "issued" else say(talk.locale or "en", "declined")
                note_decision(work, *key, view.id, text)

        await self._services.db.write(decide)


_HEARD: dict[type[Event], Callable[[Hearing, str, Any], None]] = {
    MessageAdded: Hearing._message,
    ConversationChanged: Hearing._routed,
    AssistantChanged: Hearing._switched,
    PersonWanted: Hearing._wanted,
    VisitorIdentified: Hearing._identified,
    DiscountChanged: Hearing._discount,
}
