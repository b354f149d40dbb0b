"""Dialogue: one browser's talk with the hub, free of its transport: text in, frames queued."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from chat.presence import Presences
from chat.protocol import (
    CLIENT_FRAMES,
    CLOSE_TOO_MANY,
    FRAME_LIMIT,
    WHO_MAY,
    Ack,
    AskPerson,
    Assign,
    ClientFrame,
    Hello,
    Look,
    Page,
    Ping,
    Pong,
    Problem,
    Read,
    Send,
    ServerFrame,
    SetStatus,
    Typing,
    TypingNow,
    VisitorPage,
    Welcome,
    You,
)
from chat.rooms import Rooms, Screen
from core import conversations, log, visitors
from core.access import ROLE_NAMES, Principal
from core.db import Work
from core.decode import decode
from core.errors import Forbidden, HubError, Invalid
from core.events import framed
from core.identity import ASSURANCE_NAMES
from core.ids import moment, now_ms
from core.messages import Draft, Said, say
from core.services import Services
from core.views import Person

BURST, REFILL = 40, 4.0  # frames at once, and more per second, that a visitor may send
FORGIVEN = 20  # refused frames in a row before the socket is closed
SCREENS = 50  # that one visitor or agent may have open in this process
SWEEP = 10_000  # visitors remembered before those with full allowances are forgotten

Frame: type[ClientFrame] = reduce(or_, CLIENT_FRAMES)  # any of them, told apart by `type`
_encode = msgspec.json.encode
_pong = _encode(Pong()).decode()


class Allowances:
    """How much visitors may still say, each over all of their sockets and polls together.

    One number a visitor: the time at which their allowance will be full again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._sweep_at = SWEEP

    def take(self, visitor_id: str) -> bool:
        """Take one frame's worth; False if there is none."""
        now = self._clock()
        full_at = max(self._full_at.get(visitor_id, 0.0), now) + 1 / REFILL
        if full_at - now > BURST / REFILL + 1e-9:
            return False
        self._full_at[visitor_id] = full_at
        if len(self._full_at) > self._sweep_at:
            self._full_at = {who: at for who, at in self._full_at.items() if at > now}
            self._sweep_at = max(SWEEP, 2 * len(self._full_at))
        return True


class Lobby:
    """What all dialogues of a process share."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.rooms = Rooms()
        self.presences = Presences(services, self.rooms)
        self.allowances = Allowances()
        services.subscribe(self.rooms.publish)
        services.on_signal(self._hear)

    async def welcome(self, screen: Screen, epoch: str | None, seq: int | None) -> None:
        """Open a screen: tell who it is and what it missed, or that it must fetch afresh."""
        principal = screen.principal
        self.rooms.join(screen)  # first, so that nothing is lost between the reading and now
        if principal.kind == "agent":
            self.presences.came(screen)
        head_epoch, head, missed = await self.services.db.read(
            missed_by, principal, epoch, seq, self.rooms.may_hear
        )
        agents = self.presences.online(principal.workspace_id)
        frame = Welcome(
            epoch=head_epoch,
            seq=head,
            resumed=missed is not None,
            you=to_you(principal),
            online=bool(agents),
            agents=agents,
        )
        screen.open(_encode(frame).decode(), head, missed or ())

    def has_room(self, principal: Principal) -> bool:
        """Whether this person may open one more screen."""
        return not self.services.rate_limits or self.rooms.count(principal) < SCREENS

    def leave(self, screen: Screen) -> None:
        """Close a screen."""
        self.rooms.leave(screen)
        if screen.principal.kind == "agent":
            self.presences.left(screen)

    def tell_now(
        self, workspace_id: str, frame: ServerFrame, visitor: str | None, customer: str | None
    ) -> None:
        """Send a frame that is true only now to the agents and, if named, a conversation."""
        tell_now(self.services, workspace_id, frame, visitor, customer)

    def _hear(self, workspace_id: str, payload: bytes) -> None:
        try:
            note = msgspec.json.decode(payload, type=_Whisper)
        except msgspec.ValidationError:
            return  # another kind of signal
        frame = bytes(note.frame).decode()
        hearing = set(self.rooms.agents(workspace_id))
        if note.visitor is not None:
            hearing |= self.rooms.of_conversation(workspace_id, note.visitor, note.customer)
        for screen in hearing:
            screen.push(frame)


class _Whisper(msgspec.Struct, tag="whisper", kw_only=True):
    frame: msgspec.Raw
    visitor: str | None = None
    customer: str | None = None


def tell_now(
    services: Services,
    workspace_id: str,
    frame: ServerFrame,
    visitor: str | None,
    customer: str | None,
) -> None:
    """Send a frame that is true only now to every process's agents, and a conversation's people."""
    note = _Whisper(frame=msgspec.Raw(_encode(frame)), visitor=visitor, customer=customer)
    services.signal(workspace_id, _encode(note))


def missed_by(
    work: Work,
    principal: Principal,
    epoch: str | None,
    seq: int | None,
    may_hear: Callable[[Principal, Any], bool],
) -> tuple[str, int, list[tuple[int, str]] | None]:
    """The log's epoch and head, and the frames since `(epoch, seq)`.

    None instead of frames when the epoch is another, the place unknown, or too far back.
    """
    head_epoch, head = log.head(work, principal.workspace_id)
    if epoch != head_epoch or seq is None or not 0 <= head - seq <= log.RESUME_LIMIT:
        return head_epoch, head, None
    entries = log.events_after(work, principal.workspace_id, seq, log.RESUME_LIMIT)
    if len(entries) < head - seq:
        return head_epoch, head, None  # trimmed meanwhile
    return (
        head_epoch,
        head,
        [
            (entry.seq, framed(entry.seq, entry.body).decode())
            for entry in entries
            if may_hear(principal, entry.event)
        ],
    )


def to_you(principal: Principal) -> You:
    """Who the hub takes this socket for."""
    if principal.kind == "agent":
        role = ROLE_NAMES[principal.role] if principal.role else None
        return You(kind="agent", id=principal.id, name=principal.name, role=role)
    return You(
        kind="visitor",
        id=principal.id,
        name=principal.name,
        assurance=ASSURANCE_NAMES[principal.assurance],
        customer=principal.customer_id,
    )


class Dialogue:
    """What one screen says, frame by frame."""

    def __init__(self, lobby: Lobby, screen: Screen) -> None:
        self.lobby = lobby
        self.screen = screen
        self._refused = 0

    async def hear(self, raw: bytes) -> None:
        """Take one frame; a refused one is answered with `error` and changes nothing."""
        frame: ClientFrame | None = None
        try:
            frame = decode(raw, Frame, limit=FRAME_LIMIT)
            WHO_MAY[type(frame)].check(self.screen.principal)
            if not self._within_rate():
                return
            await _ANSWERS[type(frame)](self, frame)
            self._refused = 0
        except HubError as refusal:
            self._refuse(frame, refusal)

    def _refuse(self, frame: ClientFrame | None, refusal: HubError) -> None:
        self._reply(
            Problem(
                code=refusal.code,
                message=refusal.message,
                id=getattr(frame, "id", None),
                field=refusal.field,
                retry_after=refusal.retry_after,
            )
        )
        self._refused += 1
        if self._refused > FORGIVEN:
            self.screen.close(CLOSE_TOO_MANY)

    def _within_rate(self) -> bool:
        """Whether a visitor keeps to the rate; who does not is closed, and may resume."""
        principal = self.screen.principal
        if not self.lobby.services.rate_limits or principal.kind == "agent":
            return True
        if not self.lobby.allowances.take(principal.id):
            self.screen.close(CLOSE_TOO_MANY)
            return False
        return True

    def _reply(self, frame: ServerFrame) -> None:
        self.screen.push(_encode(frame).decode())

    async def _hello(self, _: Hello) -> None:
        raise Forbidden("This socket has said hello already.")

    async def _send(self, frame: Send) -> None:
        principal = self.screen.principal
        if frame.kind == "note" and principal.kind != "agent":
            raise Forbidden("Only agents write notes.", field="kind")
        if not frame.text.strip() and not frame.products:
            raise Invalid("Say something first.", field="text")
        draft = Draft(
            principal, frame.conversation, frame.id, frame.text, frame.kind, frame.products
        )
        said: Said = await self.lobby.services.db.batch(say, draft)
        self._reply(
            Ack(id=said.id, conversation=said.conversation_id, seq=said.seq, at=moment(said.at))
        )

    async def _typing(self, frame: Typing) -> None:
        principal = self.screen.principal
        db = self.lobby.services.db
        row = await db.read(conversations.conversation_for, principal, frame.conversation)
        is_agent = principal.kind == "agent"
        now = TypingNow(
            conversation=frame.conversation,
            who="agent" if is_agent else "visitor",
            person=_person(principal) if is_agent else None,
            on=frame.on,
        )
        self.lobby.tell_now(principal.workspace_id, now, row["visitor_id"], row["customer_id"])

    async def _read(self, frame: Read) -> None:
        await self.lobby.services.db.write(
            conversations.mark_read, self.screen.principal, frame.conversation, frame.upto
        )

    async def _set_status(self, frame: SetStatus) -> None:
        await self.lobby.services.db.write(
            conversations.set_status, self.screen.principal, frame.conversation, frame.status
        )
        self._reply(Ack(id=frame.id, conversation=frame.conversation))

    async def _assign(self, frame: Assign) -> None:
        await self.lobby.services.db.write(
            conversations.assign, self.screen.principal, frame.conversation, frame.assignee
        )
        self._reply(Ack(id=frame.id, conversation=frame.conversation))

    async def _ask_person(self, frame: AskPerson) -> None:
        await self.lobby.services.db.write(
            conversations.ask_person, self.screen.principal, frame.conversation
        )
        self._reply(Ack(id=frame.id, conversation=frame.conversation))

    async def _look(self, frame: Look) -> None:
        if frame.conversation is not None:
            await self.lobby.services.db.read(
                conversations.conversation_for, self.screen.principal, frame.conversation
            )
        self.lobby.presences.look(self.screen, frame.conversation)

    async def _page(self, frame: Page) -> None:
        principal = self.screen.principal
        await self.lobby.services.db.write(
            visitors.note_page, principal.workspace_id, principal.id, frame.url, frame.title
        )
        page = VisitorPage(
            visitor=principal.id, url=frame.url, title=frame.title, at=moment(now_ms())
        )
        self.lobby.tell_now(principal.workspace_id, page, None, None)

    async def _ping(self, _: Ping) -> None:
        self.screen.push(_pong)


_ANSWERS: dict[type[ClientFrame], Callable[[Dialogue, Any], Awaitable[None]]] = {
    Hello: Dialogue._hello,
    Send: Dialogue._send,
    Typing: Dialogue._typing,
    Read: Dialogue._read,
    SetStatus: Dialogue._set_status,
    Assign: Dialogue._assign,
    AskPerson: Dialogue._ask_person,
    Look: Dialogue._look,
    Page: Dialogue._page,
    Ping: Dialogue._ping,
}


def _person(principal: Principal) -> Person:
    return Person(id=principal.id, name=principal.name, avatar_url=principal.avatar_url)
