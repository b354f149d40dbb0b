"""Events: what happened, in the past tense; saved with the change, told after the commit.

Each workspace numbers its events 1, 2, 3 … within an epoch. A client that has seen
`(epoch, seq)` gets exactly what followed; another epoch means: fetch afresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, dataclass_transform

import msgspec

from core.views import (
    ActionView,
    Answering,
    AssuranceName,
    DiscountView,
    Handover,
    Message,
    Person,
    Record,
    Status,
)

Audience = Literal["agents", "conversation", "customer", "hub"]


@dataclass_transform(frozen_default=True)  # msgspec hands it down to subclasses
class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that happened; `audience` says whose screens may learn of it.

    agents: every agent of the workspace. conversation: they and the visitor it belongs to.
    customer: they and the verified sessions of the customer. hub: no screen, only plugins.
    """

    audience: ClassVar[Audience] = "agents"
    visitor: str | None = None  # whose conversation or session it was
    customer: str | None = None  # whom it concerns


class ConversationStarted(Event):
    audience: ClassVar[Audience] = "conversation"
    conversation: str


class MessageAdded(Event):
    audience: ClassVar[Audience] = "conversation"
    conversation: str
    message: Message


class NoteAdded(Event):
    """A private note: the visitor never hears of it."""

    conversation: str
    message: Message


class ConversationChanged(Event):
    audience: ClassVar[Audience] = "conversation"
    conversation: str
    status: Status
    assignee: Person | None
    answering: Answering


class PersonWanted(Event):
    """A visitor has asked for a person: whoever answers by itself passes the conversation on."""

    audience: ClassVar[Audience] = "hub"
    conversation: str


class HandedOver(Event):
    """The assistant has passed a conversation on: somebody is waiting for a person."""

    conversation: str
    handover: Handover


class MessagesRead(Event):
    audience: ClassVar[Audience] = "conversation"
    conversation: str
    reader: Literal["visitor", "agent"]
    upto: int


class VisitorIdentified(Event):
    """A visitor said or proved who they are."""

    assurance: AssuranceName
    name: str


class VisitorSignedOut(Event):
    """A visitor's token is dead: their sockets close."""

    audience: ClassVar[Audience] = "hub"


class CustomerChanged(Event):
    name: str


class CustomerErased(Event):
    """Everything of these people is gone: drop what is shown of them, and of these conversations.

    `customer` and `visitor` are empty here, so that nothing in the log points to who is gone.
    """

    customers: tuple[str, ...]
    visitors: tuple[str, ...]
    conversations: tuple[str, ...]


class Erased(Event):
    """Stands in the log for an event about somebody who was erased: a resume finds no gap."""

    audience: ClassVar[Audience] = "hub"


class RecordChanged(Event):
    audience: ClassVar[Audience] = "customer"
    record: Record


class RecordRemoved(Event):
    audience: ClassVar[Audience] = "customer"
    id: str
    kind: str
    reference: str


class ProductsChanged(Event):
    """Products of one source were added or changed."""

    audience: ClassVar[Audience] = "hub"
    source: str
    ids: tuple[str, ...]


class ConnectionChanged(Event):
    """A connected shop is in another state: fetch Settings → Integrations afresh."""

    connection: str
    level: str


class SyncProgressed(Event):
    """A sync of a connected shop went on, or ended."""

    connection: str
    run: str
    kind: str
    state: str  # "running", "done", "failed"
    done: int
    total: int | None
    changed: int


class DiscountChanged(Event):
    """A discount was asked for, decided, issued, used, or ended."""

    discount: DiscountView


class ActionChanged(Event):
    """A refund or a cancellation was asked for, decided, or done."""

    action: ActionView


class AssistantChanged(Event):
    """The assistant was set up anew, started or stopped."""

    on: bool


class ArticlesChanged(Event):
    """The help centre has other articles, or other words in them."""


class AppearanceChanged(Event):
    widget: str


class WidgetSeen(Event):
    """The widget loaded on a page of the merchant's."""

    widget: str
    host: str
    path: str


class AgentAccessChanged(Event):
    """A session, a role or a membership ended or changed: sockets must prove themselves anew."""

    audience: ClassVar[Audience] = "hub"
    agent: str
    session: str | None = None  # None: every session of the agent


class KeyRevoked(Event):
    audience: ClassVar[Audience] = "hub"
    key: str


EVENTS: tuple[type[Event], ...] = tuple(Event.__subclasses__())


@dataclass(frozen=True, slots=True)
class Logged:
    """An event with its place in the log and its bytes, encoded once for every screen."""

    workspace_id: str
    epoch: str
    seq: int
    event: Event
    body: bytes

    def frame(self) -> bytes:
        """The event as a frame: `{"seq": 17, "type": "MessageAdded", …}`."""
        return framed(self.seq, self.body)


def framed(seq: int, body: bytes) -> bytes:
    """`body` (a JSON object) with its place in the log as first member."""
    return b'{"seq":%d,%s' % (seq, body[1:])
