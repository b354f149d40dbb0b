"""Rooms: which screens are open, and which of them hear of an event.

Nothing here waits: a screen that does not keep up fills its bounded queue and is closed with a
code that means "reconnect and resume", so it never holds up the others (B2).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from chat.protocol import CLOSE_SIGNED_OUT, CLOSE_SLOW, CLOSE_UNPROVEN
from core.access import Principal
from core.conversations import is_proven
from core.events import (
    AgentAccessChanged,
    Event,
    Logged,
    VisitorIdentified,
    VisitorSignedOut,
)
from core.identity import assurance_named

K = TypeVar("K")

QUEUE_FRAMES = 512
QUEUE_CHARACTERS = 1 << 20


class Screen:
    """One connected browser: who it is, and the frames on their way to it."""

    __slots__ = ("_held", "_wake", "closing", "frames", "principal", "seen", "size")

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.frames: deque[str] = deque()
        self.size = 0  # characters waiting
        self.seen = 0  # events up to here have been sent or are known
        self.closing: int | None = None
        self._held: list[tuple[int | None, str]] | None = []  # what arrives before the welcome
        self._wake = asyncio.Event()

    def push(self, frame: str) -> None:
        """Queue a frame; a full queue closes the screen instead."""
        if self.closing is not None:
            return
        if len(self.frames) >= QUEUE_FRAMES or self.size >= QUEUE_CHARACTERS:
            self.close(CLOSE_SLOW)
            return
        if self._held is not None:
            self._held.append((None, frame))
            return
        self.frames.append(frame)
        self.size += len(frame)
        self._wake.set()

    def tell(self, seq: int, frame: str) -> None:
        """Queue an event once; while the screen catches up, hold it back."""
        if self._held is not None:
            self._held.append((seq, frame))
            if len(self._held) > QUEUE_FRAMES:
                self.close(CLOSE_SLOW)
        elif seq > self.seen:
            self.seen = seq
            self.push(frame)

    def open(self, welcome: str, seq: int, missed: Iterable[tuple[int, str]]) -> None:
        """Queue the welcome, what was missed up to `seq`, what arrived meanwhile; then go live."""
        held, self._held = self._held or [], None
        self.push(welcome)
        for number, frame in missed:
            self.tell(number, frame)
        self.seen = max(self.seen, seq)
        for place, frame in held:
            if place is None:
                self.push(frame)
            else:
                self.tell(place, frame)

    def close(self, code: int) -> None:
        """End this screen with a close code; what is queued is given up."""
        if self.closing is None:
            self.closing = code
            self.frames.clear()
            self._wake.set()

    async def take(self) -> list[str]:
        """The frames that wait, as soon as there are any; empty once it is closing."""
        if not self.frames and self.closing is None:
            self._wake.clear()
            await self._wake.wait()
        taken = list(self.frames)
        self.frames.clear()
        self.size = 0
        return taken


Key = tuple[str, str]  # workspace, and a visitor or customer


class Rooms:
    """Every screen of this process, by what it may hear."""

    def __init__(self) -> None:
        self._agents: dict[str, set[Screen]] = defaultdict(set)
        self._visitors: dict[str, set[Screen]] = defaultdict(set)
        self._by_visitor: dict[Key, set[Screen]] = defaultdict(set)
        self._by_customer: dict[Key, set[Screen]] = defaultdict(set)

    def join(self, screen: Screen) -> None:
        """Let a screen hear what its principal may hear."""
        principal = screen.principal
        if principal.kind == "agent":
            self._agents[principal.workspace_id].add(screen)
            return
        self._visitors[principal.workspace_id].add(screen)
        self._by_visitor[principal.workspace_id, principal.id].add(screen)
        if is_proven(principal):
            self._by_customer[principal.workspace_id, principal.customer_id or ""].add(screen)

    def leave(self, screen: Screen) -> None:
        """Forget a screen."""
        principal = screen.principal
        workspace_id = principal.workspace_id
        _discard(self._agents, workspace_id, screen)
        _discard(self._visitors, workspace_id, screen)
        _discard(self._by_visitor, (workspace_id, principal.id), screen)
        if principal.customer_id is not None:
            _discard(self._by_customer, (workspace_id, principal.customer_id), screen)

    def __len__(self) -> int:
        return sum(map(len, self._agents.values())) + sum(map(len, self._visitors.values()))

    def count(self, principal: Principal) -> int:
        """How many screens this person has open."""
        workspace_id, id_ = principal.workspace_id, principal.id
        if principal.kind == "visitor":
            return len(self._by_visitor.get((workspace_id, id_), ()))
        return sum(screen.principal.id == id_ for screen in self.agents(workspace_id))

    def agents(self, workspace_id: str) -> set[Screen]:
        """The agents' screens of a workspace."""
        return self._agents.get(workspace_id, set())

    def visitors(self, workspace_id: str) -> set[Screen]:
        """The visitors' screens of a workspace."""
        return self._visitors.get(workspace_id, set())

    def everyone(self) -> list[Screen]:
        """Every screen, for the shutdown."""
        groups = (*self._agents.values(), *self._visitors.values())
        return [screen for group in groups for screen in group]

    def of_conversation(
        self, workspace_id: str, visitor_id: str | None, customer_id: str | None
    ) -> set[Screen]:
        """The visitors' screens that a conversation belongs to."""
        mine = self._by_visitor.get((workspace_id, visitor_id or ""), set())
        proven = self._by_customer.get((workspace_id, customer_id or ""), set())
        return mine | proven if proven else mine

    def publish(self, entries: Sequence[Logged]) -> None:
        """Tell each event to the screens of its audience: encoded once, queued, never awaited."""
        for entry in entries:
            event = entry.event
            if event.audience == "hub":
                self._obey(entry.workspace_id, event)
                continue
            frame = entry.frame().decode()
            for screen in self._audience(entry.workspace_id, event):
                screen.tell(entry.seq, frame)
            if isinstance(event, VisitorIdentified):
                self._recognise(entry.workspace_id, event)

    def _audience(self, workspace_id: str, event: Event) -> list[Screen]:
        hearing = list(self._agents.get(workspace_id, ()))
        if event.audience == "conversation":
            hearing += self.of_conversation(workspace_id, event.visitor, event.customer)
        elif event.audience == "customer" and event.customer is not None:
            hearing += self._by_customer.get((workspace_id, event.customer), ())
        return hearing

    def may_hear(self, principal: Principal, event: Event) -> bool:
        """Whether a logged event is for `principal`, as `publish` would have decided."""
        if event.audience == "hub":
            return False
        if principal.kind == "agent":
            return True
        mine = is_proven(principal) and event.customer == principal.customer_id
        if event.audience == "conversation":
            return mine or event.visitor == principal.id
        return mine and event.audience == "customer"

    def _recognise(self, workspace_id: str, event: VisitorIdentified) -> None:
        """A visitor has said or proven who they are: their open screens hear more from now on."""
        for screen in list(self._by_visitor.get((workspace_id, event.visitor or ""), ())):
            self.leave(screen)
            screen.principal = replace(
                screen.principal,
                name=event.name,
                assurance=assurance_named(event.assurance),
                customer_id=event.customer,
            )
            self.join(screen)

    def _obey(self, workspace_id: str, event: Event) -> None:
        match event:
            case VisitorSignedOut(visitor=visitor_id):
                for screen in list(self._by_visitor.get((workspace_id, visitor_id or ""), ())):
                    screen.close(CLOSE_SIGNED_OUT)
            case AgentAccessChanged(agent=agent_id, session=session_id):
                for screen in list(self._agents.get(workspace_id, ())):
                    principal = screen.principal
                    if principal.id == agent_id and session_id in (None, principal.session_id):
                        screen.close(CLOSE_UNPROVEN)


def _discard(room: dict[K, set[Screen]], key: K, screen: Screen) -> None:
    screens = room.get(key)
    if screens is not None:
        screens.discard(screen)
        if not screens:
            del room[key]
