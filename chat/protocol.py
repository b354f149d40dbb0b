"""The frames of `/v1/chat/socket`: what a client may say, who may say it, what it hears.

Every frame is one JSON object with a `type`. Frames a client sends are in lower case
(`send`); what the hub tells of is an event in the past tense (`MessageAdded`, see
`core/events.py`) and carries its `seq` in the workspace's log. `docs/protocol.md` is
generated from this module, and so are the TypeScript types of widget and console.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, dataclass_transform

import msgspec
from msgspec import Meta

from core.access import AGENT, PUBLIC, VISITOR, Access, Assurance, Role, RoleName
from core.views import AssuranceName, Person, Status

FRAME_LIMIT = 64 * 1024
TEXT_LIMIT = 10_000

ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]  # empty only beside products
ShortText = Annotated[str, Meta(max_length=2048)]

ANYONE = Access(visitor=Assurance.ANONYMOUS, role=Role.AGENT)


@dataclass_transform(frozen_default=True)  # msgspec hands it down to subclasses
class ClientFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """A frame sent by a browser."""


class Hello(ClientFrame, tag="hello"):
    """The first frame: a visitor's `token` or an agent's one-time `ticket`, and where to resume."""

    token: str | None = None
    ticket: str | None = None
    epoch: str | None = None
    seq: int | None = None


class Send(ClientFrame, tag="send"):
    """Say something. The sender makes `id` and a new `conversation`: sending again is safe."""

    id: ClientId
    conversation: ClientId
    text: Text
    kind: Literal["text", "note"] = "text"
    products: Annotated[tuple[str, ...], Meta(max_length=10)] = ()


class Typing(ClientFrame, tag="typing"):
    conversation: ClientId
    on: bool = True


class Read(ClientFrame, tag="read"):
    """Everything up to `upto` has been seen."""

    conversation: ClientId
    upto: Annotated[int, Meta(ge=0, le=2**53)]


class SetStatus(ClientFrame, tag="set_status"):
    id: ClientId
    conversation: ClientId
    status: Status


class Assign(ClientFrame, tag="assign"):
    """Give the conversation to an agent, or to nobody."""

    id: ClientId
    conversation: ClientId
    assignee: str | None


class AskPerson(ClientFrame, tag="ask_person"):
    """The visitor wants a person: the assistant passes the conversation on at once."""

    id: ClientId
    conversation: ClientId


class Look(ClientFrame, tag="look"):
    """An agent has this conversation open (None: no conversation), for collision marks."""

    conversation: ClientId | None


class Page(ClientFrame, tag="page"):
    """The page a visitor is on; a claim, shown to agents as such."""

    url: ShortText
    title: Annotated[str, Meta(max_length=300)] = ""


class Ping(ClientFrame, tag="ping"):
    pass


WHO_MAY: dict[type[ClientFrame], Access] = {
    Hello: PUBLIC,
    Send: ANYONE,
    Typing: ANYONE,
    Read: ANYONE,
    SetStatus: AGENT,
    Assign: AGENT,
    AskPerson: VISITOR,
    Look: AGENT,
    Page: VISITOR,
    Ping: PUBLIC,
}


@dataclass_transform(frozen_default=True)  # msgspec hands it down to subclasses
class ServerFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame from the hub that is not an event: it is not in the log and has no `seq`."""


class You(msgspec.Struct, frozen=True, kw_only=True):
    """Who the hub takes this socket for."""

    kind: Literal["visitor", "agent"]
    id: str
    name: str
    assurance: AssuranceName | None = None
    customer: str | None = None
    role: RoleName | None = None


class Welcome(ServerFrame, tag="welcome"):
    """Answer to hello. `resumed` false: fetch afresh; true: what was missed follows."""

    epoch: str
    seq: int
    resumed: bool
    you: You
    online: bool
    agents: tuple[Person, ...]


class Ack(ServerFrame, tag="ack"):
    """`id` is saved for good. `seq` is the message's place in its conversation."""

    id: str
    conversation: str
    seq: int = 0
    at: datetime | None = None


class Problem(ServerFrame, tag="error"):
    """A frame was refused and changed nothing; `id` is that frame's, if it had one."""

    code: str
    message: str
    id: str | None = None
    field: str | None = None
    retry_after: int | None = None


class TypingNow(ServerFrame, tag="typing"):
    conversation: str
    who: Literal["visitor", "agent", "assistant"]
    person: Person | None
    on: bool


class Drafting(ServerFrame, tag="drafting"):
    """What the assistant has written so far; the message of this id ends it, or an empty text."""

    conversation: str
    message: str
    text: str


class Presence(ServerFrame, tag="presence"):
    """Which agents are online; visitors get it for the badge."""

    online: bool
    agents: tuple[Person, ...]


class Looking(ServerFrame, tag="looking"):
    """For agents: who has this conversation open now."""

    conversation: str
    agents: tuple[Person, ...]


class VisitorPage(ServerFrame, tag="visitor_page"):
    """For agents: where the visitor is now, as their browser says."""

    visitor: str
    url: str
    title: str
    at: datetime


class Pong(ServerFrame, tag="pong"):
    pass


# Close codes: 4400 malformed, 4401 not (or no longer) proven, 4403 origin refused,
# 4408 too slow: reconnect and resume, 4409 signed out, 4429 too many; 1012 restarting: resume.
CLOSE_MALFORMED, CLOSE_UNPROVEN, CLOSE_ORIGIN = 4400, 4401, 4403
CLOSE_SLOW, CLOSE_SIGNED_OUT, CLOSE_TOO_MANY, CLOSE_RESTART = 4408, 4409, 4429, 1012

CLIENT_FRAMES = tuple(WHO_MAY)
SERVER_FRAMES = (Welcome, Ack, Problem, TypingNow, Drafting, Presence, Looking, VisitorPage, Pong)
