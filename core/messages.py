"""Messages: what was said in a conversation, appended once and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
)
from sqlmodel import Field, SQLModel

from core import products
from core.access import Principal
from core.bulk import ByKeys, execute_many
from core.conversations import (
    PREVIEW,
    Key,
    announce_change,
    conversation_for,
    load_conversations,
    may_see,
    move_conversations,
    new_conversation,
    routing,
    start_conversations,
)
from core.db import Work, table_of
from core.discount_ledger import cards_for
from core.errors import Conflict, HubError, Invalid, NotFound, Unauthenticated
from core.events import ConversationStarted, MessageAdded, NoteAdded
from core.ids import moment
from core.views import Author, Card, DiscountCard, Message, MessageKind
from core.visitors import Visitor

PAGE = 50  # messages in one answer, at the most 200


class MessageRow(SQLModel, table=True):
    """One message, never changed once it is there."""

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "conversation_id"], ["conversations.workspace_id", "conversations.id"]
        ),
        # The sender's id, once per conversation: sending again finds the first.
        UniqueConstraint("workspace_id", "conversation_id", "id"),
    )

    workspace_id: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    id: str
    author_kind: str
    author_id: str
    author_name: str
    author_avatar: str
    kind: str
    text: str = Field(sa_type=Text)
    cards: str | None = Field(default=None, sa_type=Text)  # JSON, as it was shown
    at: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be said: `id` and, for a new conversation, its id are the sender's."""

    author: Principal
    conversation_id: str
    id: str
    text: str
    kind: MessageKind = "text"
    product_ids: tuple[str, ...] = field(default=())
    # The hub's own doing, never a browser's:
    discount_ids: tuple[str, ...] = field(default=())
    cards: tuple[Card, ...] = field(default=())  # made by core from stored rows


@dataclass(frozen=True, slots=True)
class Said:
    """Where a message stands; the same again when its id had been sent before."""

    conversation_id: str
    id: str
    seq: int
    at: int


_messages = table_of(MessageRow)
_ID = (_messages.c.workspace_id, _messages.c.conversation_id, _messages.c.id)
_already_said = ByKeys(
    (*_ID, _messages.c.seq, _messages.c.at, _messages.c.author_kind, _messages.c.author_id), _ID
)
_visitors = table_of(Visitor)
_VISITOR = (_visitors.c.workspace_id, _visitors.c.id)
_still_there = ByKeys(_VISITOR, _VISITOR)
_append = insert(_messages)
_to_cards = msgspec.json.Decoder(tuple[Card, ...]).decode


def say(work: Work, drafts: list[Draft]) -> list[Said | HubError]:
    """Append messages, one result a draft; for `db.batch`, so that many share a commit.

    A visitor starts a conversation by saying something in a new one. What may not be said is
    refused alone: NotFound for a conversation that is not the author's, Conflict for an id
    somebody else has used, Invalid for a product that is not in the catalog, Unauthenticated for
    a visitor who was erased.
    """
    return _Saying(work, drafts).run()


class _Saying:
    """One batch of drafts on its way into the tables."""

    def __init__(self, work: Work, drafts: list[Draft]) -> None:
        self.work = work
        self.drafts = drafts
        self.rows: dict[Key, dict[str, Any]] = {}
        self.routed: dict[Key, tuple[Any, ...]] = {}
        self.new: dict[Key, dict[str, Any]] = {}
        self.moved: dict[Key, dict[str, Any]] = {}
        self.said: dict[tuple[str, str, str], tuple[Said, str, str]] = {}
        self.starters: set[Key] = set()
        self.messages: list[dict[str, Any]] = []

    def run(self) -> list[Said | HubError]:
        self._load()
        outcomes: list[Said | HubError] = []
        for draft in self.drafts:
            try:
                outcomes.append(self._say(draft))
            except HubError as refusal:
                outcomes.append(refusal)
        self._store()
        return outcomes

    def _load(self) -> None:
        keys = {(draft.author.workspace_id, draft.conversation_id) for draft in self.drafts}
        self.rows = load_conversations(self.work, keys, lock=True)
        self.routed = {key: routing(row) for key, row in self.rows.items()}
        self._load_starters()
        ids = {(d.author.workspace_id, d.conversation_id, d.id) for d in self.drafts}
        for row in _already_said.rows(self.work.connection, ids):
            said = Said(row["conversation_id"], row["id"], row["seq"], row["at"])
            self._remember(row["workspace_id"], said, row["author_kind"], row["author_id"])

    def _load_starters(self) -> None:
        """Which visitors are there to start a conversation: one may have been erased just now."""
        ids = {
            (draft.author.workspace_id, draft.author.id)
            for draft in self.drafts
            if draft.author.kind == "visitor"
            and (draft.author.workspace_id, draft.conversation_id) not in self.rows
        }
        if ids:
            found = _still_there.rows(self.work.connection, ids)
            self.starters = {(row["workspace_id"], row["id"]) for row in found}

    def _remember(self, workspace_id: str, said: Said, kind: str, author_id: str) -> None:
        self.said[workspace_id, said.conversation_id, said.id] = (said, kind, author_id)

    def _say(self, draft: Draft) -> Said:
        author = draft.author
        row = self._conversation_of(draft)
        if before := self.said.get((author.workspace_id, draft.conversation_id, draft.id)):
            said, kind, author_id = before
            if (kind, author_id) != (to_author(author).kind, author.id):
                raise Conflict("This message id is taken.", field="id")
            return said
        cards = self._cards(draft)
        return self._append(draft, row or self._start(draft), cards)

    def _conversation_of(self, draft: Draft) -> dict[str, Any] | None:
        """Its row; None when a visitor is about to start it."""
        row = self.rows.get((draft.author.workspace_id, draft.conversation_id))
        if row is None and draft.author.kind == "visitor":
            if (draft.author.workspace_id, draft.author.id) not in self.starters:
                raise Unauthenticated("This session has ended. Start a new one.")
            return None
        if row is None or not may_see(draft.author, row["visitor_id"], row["customer_id"]):
            raise NotFound("There is no such conversation.", field="conversation")
        return row

    def _cards(self, draft: Draft) -> tuple[Card, ...]:
        given = cards_for(self.work, draft.author.workspace_id, draft.discount_ids)
        if not draft.product_ids:
            return (*draft.cards, *given.values())
        cards = products.cards_for(self.work, draft.author.workspace_id, draft.product_ids)
        if len(cards) != len(draft.product_ids):
            raise Invalid("One of these products is not in the catalog.", field="products")
        return (*draft.cards, *cards, *given.values())

    def _start(self, draft: Draft) -> dict[str, Any]:
        author = draft.author
        row = new_conversation(draft.conversation_id, author, self.work.now)
        key = (author.workspace_id, draft.conversation_id)
        self.rows[key] = self.new[key] = row
        self.work.announce(
            author.workspace_id,
            ConversationStarted(
                visitor=author.id, customer=row["customer_id"], conversation=draft.conversation_id
            ),
        )
        return row

    def _append(self, draft: Draft, row: dict[str, Any], cards: tuple[Card, ...]) -> Said:
        author = draft.author
        row["last_seq"] += 1
        said = Said(draft.conversation_id, draft.id, row["last_seq"], self.work.now)
        message = Message(
            id=draft.id,
            seq=said.seq,
            author=to_author(author),
            kind=draft.kind,
            text=draft.text,
            at=moment(said.at),
            cards=cards,
        )
        self.messages.append(_to_message_row(author.workspace_id, said, message))
        self._remember(author.workspace_id, said, message.author.kind, author.id)
        self.moved[author.workspace_id, draft.conversation_id] = row
        told = NoteAdded if draft.kind == "note" else MessageAdded
        self.work.announce(
            author.workspace_id,
            told(
                visitor=row["visitor_id"],
                customer=row["customer_id"],
                conversation=draft.conversation_id,
                message=message,
            ),
        )
        if draft.kind != "note":
            self._advance(author, row, message)
        return said

    def _advance(self, author: Principal, row: dict[str, Any], message: Message) -> None:
        """What a message does to its conversation: preview, unread counts, status, assignee."""
        row["last_text"] = message.text[:PREVIEW]
        row["last_author"] = message.author.kind
        row["updated_at"] = self.work.now
        before = routing(row)
        if author.kind == "visitor":
            row["visitor_read"], row["visitor_unread"] = message.seq, 0
            row["agent_unread"] += 1
            row["status"] = "open"  # somebody is waiting again
        else:
            row["visitor_unread"] += 1
            if author.kind == "agent" or row["answering"] == "assistant":  # else a person is due
                row["agent_read"], row["agent_unread"] = message.seq, 0
            if author.kind == "agent":
                row["assignee_id"] = row["assignee_id"] or author.id  # who answers first takes it
                row["answering"] = "people"
        if routing(row) != before:
            announce_change(self.work, row)

    def _store(self) -> None:
        if self.new:
            start_conversations(self.work, list(self.new.values()))
        if self.messages:
            execute_many(self.work.connection, _append, self.messages)
            self._move()

    def _move(self) -> None:
        parts: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for key, row in self.moved.items():
            parts[self.routed.get(key) != routing(row)].append(row)
        for rerouted, rows in parts.items():
            move_conversations(self.work, rows, rerouted=rerouted)


def _to_message_row(workspace_id: str, said: Said, message: Message) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "conversation_id": said.conversation_id,
        "seq": said.seq,
        "id": said.id,
        "author_kind": message.author.kind,
        "author_id": message.author.id,
        "author_name": message.author.name,
        "author_avatar": message.author.avatar_url,
        "kind": message.kind,
        "text": message.text,
        "cards": msgspec.json.encode(message.cards).decode() if message.cards else None,
        "at": said.at,
    }


def messages_of(
    work: Work,
    asker: Principal,
    conversation_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> tuple[list[Message], bool]:
    """A page of messages in order, and whether there are more that way.

    The newest ones, or those before or after a `seq`. Notes are for agents only. NotFound for
    a conversation that is not the asker's.
    """
    conversation_for(work, asker, conversation_id)
    query = select(_messages).where(
        _messages.c.workspace_id == asker.workspace_id,
        _messages.c.conversation_id == conversation_id,
    )
    if asker.kind != "agent":
        query = query.where(_messages.c.kind != "note")
    if before is not None:
        query = query.where(_messages.c.seq < before)
    if after is not None:
        query = query.where(_messages.c.seq > after).order_by(_messages.c.seq)
    else:
        query = query.order_by(_messages.c.seq.desc())
    rows = work.execute(query.limit(limit + 1)).all()
    page = _as_they_stand(work, asker, [to_message(row) for row in rows[:limit]])
    return (page if after is not None else page[::-1]), len(rows) > limit


def _as_they_stand(work: Work, asker: Principal, page: list[Message]) -> list[Message]:
    """The page with the discounts in it as they are now: a code may be used or over by then."""
    shown = {card.id for one in page for card in one.cards if isinstance(card, DiscountCard)}
    if not shown:
        return page
    now = cards_for(work, asker.workspace_id, sorted(shown))
    return [
        msgspec.structs.replace(message, cards=tuple(_as_it_stands(c, now) for c in message.cards))
        for message in page
    ]


def _as_it_stands(card: Card, now: dict[str, DiscountCard]) -> Card:
    return now.get(card.id, card) if isinstance(card, DiscountCard) else card


def to_message(row: Any) -> Message:
    """A stored row as people see it."""
    return Message(
        id=row.id,
        seq=row.seq,
        author=Author(
            kind=row.author_kind,
            id=row.author_id,
            name=row.author_name,
            avatar_url=row.author_avatar,
        ),
        kind=row.kind,
        text=row.text,
        at=moment(row.at),
        cards=_to_cards(row.cards) if row.cards else (),
    )


def count_after(
    work: Work, workspace_id: str, conversation_id: str, seq: int, *, for_agents: bool
) -> int:
    """How many messages after `seq` wait for the agents, or for the visitor."""
    mine = _messages.c.author_kind == "visitor"
    query = select(func.count()).where(
        _messages.c.workspace_id == workspace_id,
        _messages.c.conversation_id == conversation_id,
        _messages.c.seq > seq,
        _messages.c.kind != "note",
        mine if for_agents else ~mine,
    )
    return int(work.execute(query).scalar_one())


def to_author(principal: Principal) -> Author:
    """Who says something, as others see them."""
    if principal.kind == "visitor":
        return Author(kind="visitor", id=principal.id)
    if principal.kind == "public":
        return Author(kind="assistant", id=principal.id, name=principal.name)
    return Author(
        kind="agent", id=principal.id, name=principal.name, avatar_url=principal.avatar_url
    )
