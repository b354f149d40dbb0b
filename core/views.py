"""Views: the shapes people and programs see, shared by answers, frames and events.

Times are RFC 3339 in UTC, money is whole minor units beside its ISO 4217 code.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, dataclass_transform

import msgspec

AuthorKind = Literal["visitor", "agent", "assistant", "system"]
MessageKind = Literal["text", "note", "event"]
Status = Literal["open", "pending", "snoozed", "resolved"]
Tone = Literal["positive", "warning", "negative", "info", "neutral"]
RecordKind = Literal["order", "deposit", "withdrawal", "payment", "custom"]
AssuranceName = Literal["anonymous", "claimed", "email", "hmac", "token"]
DiscountState = Literal[
    "waiting", "reserved", "issued", "redeemed", "expired", "revoked", "declined", "failed"
]
ActionKind = Literal["refund", "cancel"]
# Who answers a conversation; "" while nobody has answered yet.
Answering = Literal["", "assistant", "people"]
Why = Literal["asked", "unsure", "unhelpful", "words", "rule", "failed", "stopped", "budget"]
ActionState = Literal["waiting", "running", "done", "failed", "declined"]


@dataclass_transform(
    frozen_default=True, kw_only_default=True
)  # msgspec hands it down to subclasses
class View(msgspec.Struct, frozen=True, kw_only=True):
    """A shape on the wire."""


class Person(View):
    """An agent as others see them."""

    id: str
    name: str
    avatar_url: str = ""


class Author(View):
    """Who said something. A visitor's name is the conversation's, so it is empty here."""

    kind: AuthorKind
    id: str = ""
    name: str = ""
    avatar_url: str = ""


class Money(View):
    """An exact amount: 1999 with EUR is €19.99, 1500 with JPY is ¥1500."""

    minor: int
    currency: str
    text: str  # the exact decimal, such as "19.99"


class ProductCard(View, tag="product", tag_field="type"):
    """A product shown in a conversation, rendered from the stored row, never from text."""

    id: str
    title: str
    price: Money | None = None
    url: str = ""
    image_url: str = ""
    available: bool = True


class DiscountCard(View, tag="discount", tag_field="type"):
    """A single-use code given in a conversation, rendered from the ledger, never from text."""

    id: str
    code: str
    title: str  # such as "20% off"
    percent: str = ""  # exact, such as "12.5"; or
    amount: Money | None = None
    minimum: Money | None = None  # the smallest order it holds for
    expires_at: datetime | None = None
    url: str = ""  # applies it in the shop
    state: DiscountState = "issued"


class Step(View):
    """One stop of an order on its way: paid, packed, shipped, delivered."""

    name: Literal["placed", "paid", "packed", "shipped", "delivered"]
    at: datetime | None = None
    done: bool = True


class OrderCard(View, kw_only=True, tag="order", tag_field="type"):
    """A customer's own order, rendered from its record and what the shop says of it."""

    id: str  # of the record
    number: str  # as people call it: "#1001"
    status: str  # the shop's word
    tone: Tone
    total: Money | None = None
    placed_at: datetime
    steps: tuple[Step, ...] = ()
    items: int = 0
    parcel: str = ""  # who brings it
    tracking: str = ""  # the parcel's number
    tracking_url: str = ""
    expected_at: datetime | None = None
    url: str = ""  # the shop's page of it


class RecordCard(View, kw_only=True, tag="record", tag_field="type"):
    """One of a customer's own deposits, withdrawals, payments or other records."""

    id: str
    kind: RecordKind
    reference: str
    title: str
    amount: Money | None = None
    status: str
    tone: Tone
    occurred_at: datetime
    url: str = ""


class ArticleCard(View, tag="article", tag_field="type"):
    """An article that is cited: the widget opens it by its slug."""

    slug: str
    title: str
    locale: str
    url: str = ""  # its public page


class VerifyCard(View, tag="verify", tag_field="type"):
    """An invitation to prove who one is: by a code sent by e-mail, or by signing in."""

    needs: AssuranceName
    by_code: bool  # a code by e-mail is enough, and this hub sends e-mail


class HandoverCard(View, tag="handover", tag_field="type"):
    """A person takes over: the visitor may say where to reach them."""

    online: bool  # whether somebody was there at that moment


class ChoicesCard(View, tag="choices", tag_field="type"):
    """What the visitor may answer with one tap, in their language."""

    choices: tuple[str, ...]


Card = (
    ProductCard
    | DiscountCard
    | OrderCard
    | RecordCard
    | ArticleCard
    | VerifyCard
    | HandoverCard
    | ChoicesCard
)


class Message(View):
    """One message; `seq` is dense within its conversation, `id` was made by the sender."""

    id: str
    seq: int
    author: Author
    kind: MessageKind
    text: str
    at: datetime
    cards: tuple[Card, ...] = ()


class LastMessage(View):
    """The line a list shows below a name."""

    text: str
    author: AuthorKind
    at: datetime


class Conversation(View):
    """A conversation as its visitor sees it in a list."""

    id: str
    status: Status
    assignee: Person | None
    answering: Answering
    last: LastMessage | None
    last_seq: int
    read_seq: int  # the visitor has read up to here
    agent_read_seq: int  # an agent has read up to here
    unread: int  # messages for the visitor after `read_seq`
    created_at: datetime
    updated_at: datetime


class StatusChange(View):
    """One step in the life of a record."""

    before: str | None  # None when the record was new
    after: str
    at: datetime
    source: str


class Record(View):
    """One of a customer's orders, deposits, withdrawals, payments or other records."""

    id: str
    kind: RecordKind
    reference: str
    title: str
    amount: Money | None
    status: str
    tone: Tone  # positive is green, warning amber, negative red
    url: str
    source: str
    occurred_at: datetime
    updated_at: datetime


class OrderLine(View, kw_only=True):
    """One thing of an order."""

    id: str  # the shop's
    title: str
    detail: str = ""  # the variant
    quantity: int
    refundable: int = 0
    total: Money | None = None
    image_url: str = ""


class Tracking(View):
    """One parcel of an order."""

    status: str
    company: str = ""
    number: str = ""
    url: str = ""
    expected_at: datetime | None = None
    delivered_at: datetime | None = None


class OrderDetails(View, kw_only=True):
    """An order as the shop has it now. What the shop may not tell us is empty."""

    reference: str  # as its record's
    number: str  # as people call it: "#1001"
    payment: str  # the shop's word
    payment_tone: Tone
    fulfilment: str
    fulfilment_tone: Tone
    total: Money | None
    refunded: Money | None = None
    lines: tuple[OrderLine, ...]
    more_lines: bool = False  # there are more than these
    parcels: tuple[Tracking, ...] = ()
    paid_with: str = ""
    placed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    admin_url: str = ""  # for agents
    status_url: str = ""  # for the customer
    actions: tuple[Literal["refund", "cancel"], ...] = ()
    customer: str = ""  # the shop's id of the buyer; "" for a guest


class Decision(View):
    """Who approved or declined something that waited."""

    by: str  # their name
    at: datetime
    reason: str = ""


class DiscountView(View):
    """A row of the discount ledger, for agents."""

    id: str
    state: DiscountState
    title: str  # such as "20% off"
    code: str  # "" until the shop has it
    url: str  # a link that applies it
    percent: str  # exact, such as "12.5"; "" for an amount
    amount: Money | None
    minimum: Money | None
    value: Money | None  # what it counts for in the day's budget
    expires_at: datetime | None
    customer: str | None
    customer_name: str
    conversation: str
    connection: str
    store: str  # the shop's title
    by: Author
    reason: str
    verdict: str  # why it waits, or why the shop has no code
    approval: Decision | None  # the decision, also a refusal
    order: str  # the reference of the order that used it
    created_at: datetime
    updated_at: datetime


class ActionView(View):
    """Something agents had a shop do to an order."""

    id: str
    kind: ActionKind
    state: ActionState
    record: str
    order: str  # as people call it
    connection: str
    store: str  # the shop's title
    customer: str | None
    amount: Money | None
    reason: str
    detail: str  # what came of it, or why it waits
    by: Author
    decision: Decision | None
    created_at: datetime
    updated_at: datetime


class Fact(View):
    """A value about a customer and where it comes from."""

    value: str
    source: str  # a connector's name, "agent", or "browser" for an unproven claim
    verified: bool
    at: datetime


class Customer(View):
    """Everything an agent's panel shows about who is writing."""

    id: str | None  # None until proven: then there are only claims
    external_id: str
    source: str
    name: str  # the best we have, for headings
    assurance: AssuranceName
    verified: bool
    profile: dict[str, Fact]  # name, email, username, avatar_url, phone, address
    attributes: dict[str, Fact]
    created_at: datetime | None = None


class Handover(View):
    """Why the assistant passed a conversation on, and what it knew by then."""

    why: Why
    reason: str  # one plain sentence for agents, such as "Asked for a person."
    summary: str
    at: datetime


class InboxRow(View):
    """A conversation as the agents' inbox lists it."""

    id: str
    status: Status
    assignee: Person | None
    answering: Answering
    why: Why | None  # the assistant passed it on, if it did
    customer_name: str
    avatar_url: str
    verified: bool
    source: str  # of the customer: a connector's name, or "browser"
    last: LastMessage | None
    last_seq: int
    unread: int  # visitor's messages after `agent_read_seq`
    visitor_read_seq: int
    agent_read_seq: int
    created_at: datetime
    updated_at: datetime


class ToolStep(View):
    """One thing the assistant looked up or did for a message."""

    tool: str
    arguments: dict[str, Any]
    outcome: str  # "found", "nothing", "verify", "refused", "waiting", "person" or "failed"
    said: str  # in a few words: what was found, or why not
    ms: int


class Transcript(View, kw_only=True):
    """How one message of the assistant came about, for agents."""

    message: str  # its id
    engine: str  # "built-in", or the model's name
    steps: tuple[ToolStep, ...]
    ms: int  # from the question to the answer
    withheld: str = ""  # what a model said that was not grounded, if it was withheld
    at: datetime


class Appearance(View):
    """What a widget looks like: public, cacheable, no private field in it."""

    id: str  # the widget's UUID
    name: str
    welcome_heading: str
    welcome_tagline: str
    primary_color: str
    on_primary: Literal["#ffffff", "#000000"]  # readable on `fill`
    fill: str  # `primary_color`, darkened when neither black nor white reached 4.5:1
    show_online_badge: bool
    logo_url: str | None
    position: Literal["left", "right"]
    offset_x: int
    offset_y: int
    launcher_size: Literal["small", "medium", "large"]
    own_button: bool  # no bubble: the page opens the panel itself
    assistant: bool = False  # whether the workspace's assistant answers


JSON = dict[str, Any]
