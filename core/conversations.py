"""Conversations: who talks with whom, where it stands, and who may see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Update,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core import agents
from core.access import Assurance, Principal
from core.bulk import ByKeys, execute_many
from core.db import Work, table_of
from core.errors import Invalid, NotFound
from core.events import ConversationChanged, MessagesRead, PersonWanted
from core.ids import moment
from core.views import Answering, Conversation, LastMessage, Person, Status

PREVIEW = 140  # characters of the last message that a list shows
LISTED = 50  # conversations a visitor's list shows

Key = tuple[str, str]  # workspace, conversation


class ConversationRow(SQLModel, table=True):
    """One conversation; `last_seq` numbers its messages densely."""

    __tablename__ = "conversations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "visitor_id"], ["visitors.workspace_id", "visitors.id"]
        ),
        ForeignKeyConstraint(
            ["workspace_id", "customer_id"], ["customers.workspace_id", "customers.id"]
        ),
        ForeignKeyConstraint(["workspace_id", "assignee_id"], ["agents.workspace_id", "agents.id"]),
        Index("conversations_inbox", "workspace_id", "status", "updated_at"),
        Index("conversations_visitor", "workspace_id", "visitor_id"),
        Index("conversations_customer", "workspace_id", "customer_id"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    visitor_id: str
    customer_id: str | None = None
    assignee_id: str | None = None
    status: str = "open"
    # Who answers: "assistant", "people", or "" until somebody has.
    answering: str = Field(default="", sa_column_kwargs={"server_default": ""})
    last_seq: int = 0
    visitor_read: int = 0  # the visitor has read up to here
    agent_read: int = 0
    visitor_unread: int = 0  # messages waiting for the visitor
    agent_unread: int = 0
    last_text: str = ""
    last_author: str = "visitor"
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


_conversations = table_of(ConversationRow)

_by_ids = ByKeys(_conversations.c, [_conversations.c.workspace_id, _conversations.c.id])
_start = insert(_conversations)
_TALKING = (  # what a message changes
    "last_seq",
    "visitor_read",
    "agent_read",
    "visitor_unread",
    "agent_unread",
    "last_text",
    "last_author",
    "updated_at",
)
_ROUTING = ("status", "assignee_id", "answering")  # written only when it changes


def _move(columns: tuple[str, ...]) -> Update:
    return (
        update(_conversations)
        .where(
            _conversations.c.workspace_id == bindparam("p_workspace_id"),
            _conversations.c.id == bindparam("p_id"),
        )
        .values({name: bindparam(f"p_{name}") for name in columns})
    )


_talk = _move(_TALKING)
_talk_and_route = _move(_TALKING + _ROUTING)


def load_conversations(work: Work, keys: set[Key], *, lock: bool) -> dict[Key, dict[str, Any]]:
    """The rows of these conversations; with `lock` nobody else moves them until the commit."""
    rows = _by_ids.rows(work.connection, keys, lock=lock)
    return {(row["workspace_id"], row["id"]): row for row in rows}


def new_conversation(conversation_id: str, visitor: Principal, now: int) -> dict[str, Any]:
    """The row of a conversation that `visitor` starts."""
    return {
        "workspace_id": visitor.workspace_id,
        "id": conversation_id,
        "visitor_id": visitor.id,
        "customer_id": visitor.customer_id if is_proven(visitor) else None,
        "assignee_id": None,
        "status": "open",
        "answering": "",
        "last_seq": 0,
        "visitor_read": 0,
        "agent_read": 0,
        "visitor_unread": 0,
        "agent_unread": 0,
        "last_text": "",
        "last_author": "visitor",
        "created_at": now,
        "updated_at": now,
    }


def start_conversations(work: Work, rows: list[dict[str, Any]]) -> None:
    """Store new conversations."""
    execute_many(work.connection, _start, rows)


def routing(row: dict[str, Any]) -> tuple[Any, ...]:
    """Where a conversation stands in the agents' lists."""
    return tuple(row[name] for name in _ROUTING)


def move_conversations(work: Work, rows: list[dict[str, Any]], *, rerouted: bool) -> None:
    """Store what changed in these conversations; `rerouted`: their status or assignee too."""
    execute_many(work.connection, _talk_and_route if rerouted else _talk, rows)


def announce_change(work: Work, row: dict[str, Any]) -> None:
    """Tell everyone in the conversation its status and who looks after it."""
    work.announce(
        row["workspace_id"],
        ConversationChanged(
            visitor=row["visitor_id"],
            customer=row["customer_id"],
            conversation=row["id"],
            status=row["status"],
            assignee=_assignee(work, row),
            answering=row["answering"],
        ),
    )


def _assignee(work: Work, row: dict[str, Any]) -> Person | None:
    if row["assignee_id"] is None:
        return None
    return agents.person(work, row["workspace_id"], row["assignee_id"])


def is_proven(principal: Principal) -> bool:
    """Whether a visitor has proven to be its customer, by a signature rather than a claim."""
    return principal.customer_id is not None and principal.assurance >= Assurance.HMAC


def may_see(principal: Principal, visitor_id: str, customer_id: str | None) -> bool:
    """Agents and the assistant see every conversation of their workspace; visitors their own.

    Their own are those of this browser and, once proven, all of the same customer.
    """
    if principal.kind == "agent" or (principal.kind, principal.id) == ("public", "assistant"):
        return True
    if principal.kind != "visitor":
        return False
    return visitor_id == principal.id or (
        is_proven(principal) and customer_id == principal.customer_id
    )


def conversation_for(
    work: Work, asker: Principal, conversation_id: str, *, lock: bool = False
) -> dict[str, Any]:
    """The conversation's row, or NotFound if it is not the asker's; `lock` it to change it."""
    key = (asker.workspace_id, conversation_id)
    row = load_conversations(work, {key}, lock=lock).get(key)
    if row is None or not may_see(asker, row["visitor_id"], row["customer_id"]):
        raise NotFound("There is no such conversation.", field="conversation")
    return row


def set_status(work: Work, agent: Principal, conversation_id: str, status: Status) -> None:
    """Open, wait, snooze or resolve a conversation."""
    row = conversation_for(work, agent, conversation_id, lock=True)
    if row["status"] != status:
        row["status"] = status
        if status == "resolved":
            row["answering"] = ""  # whoever is there may answer what comes next
        move_conversations(work, [row], rerouted=True)
        announce_change(work, row)


def assign(work: Work, agent: Principal, conversation_id: str, assignee_id: str | None) -> None:
    """Give a conversation to an agent of the same workspace, or to nobody."""
    row = conversation_for(work, agent, conversation_id, lock=True)
    if assignee_id is not None and not agents.person(
        work, agent.workspace_id, assignee_id, present=True
    ):
        raise Invalid("There is no such agent.", field="assignee")
    if row["assignee_id"] != assignee_id:
        row["assignee_id"] = assignee_id
        if assignee_id is not None:
            row["answering"] = "people"
        move_conversations(work, [row], rerouted=True)
        announce_change(work, row)


def let_answer(work: Work, workspace_id: str, conversation_id: str, who: Answering) -> bool:
    """Have the assistant or people answer from now on; whether that is a change.

    A conversation that is gone changes nothing.
    """
    key = (workspace_id, conversation_id)
    row = load_conversations(work, {key}, lock=True).get(key)
    if row is None or row["answering"] == who:
        return False
    row["answering"] = who
    move_conversations(work, [row], rerouted=True)
    announce_change(work, row)
    return True


def ask_person(work: Work, visitor: Principal, conversation_id: str) -> None:
    """Have people answer, because the visitor wants one; whoever passes it on hears of it."""
    conversation_for(work, visitor, conversation_id, lock=True)
    let_answer(work, visitor.workspace_id, conversation_id, "people")
    work.announce(
        visitor.workspace_id, PersonWanted(visitor=visitor.id, conversation=conversation_id)
    )


def mark_read(work: Work, reader: Principal, conversation_id: str, upto: int) -> None:
    """Everything up to `upto` has been seen; a lower mark than before changes nothing."""
    row = conversation_for(work, reader, conversation_id, lock=True)
    side = "agent" if reader.kind == "agent" else "visitor"
    upto = min(upto, row["last_seq"])
    if upto <= row[f"{side}_read"]:
        return
    row[f"{side}_read"] = upto
    row[f"{side}_unread"] = _unread(work, row, side, upto)
    move_conversations(work, [row], rerouted=False)
    work.announce(
        reader.workspace_id,
        MessagesRead(
            visitor=row["visitor_id"],
            customer=row["customer_id"],
            conversation=conversation_id,
            reader="agent" if side == "agent" else "visitor",
            upto=upto,
        ),
    )


def _unread(work: Work, row: dict[str, Any], side: str, upto: int) -> int:
    from core.messages import count_after

    if upto == row["last_seq"]:
        return 0
    return count_after(work, row["workspace_id"], row["id"], upto, for_agents=side == "agent")


def conversations_of(work: Work, visitor: Principal) -> list[Conversation]:
    """The visitor's own conversations, newest first."""
    own = _conversations.c.visitor_id == visitor.id
    if is_proven(visitor):
        own = or_(own, _conversations.c.customer_id == visitor.customer_id)
    rows = work.execute(
        select(_conversations)
        .where(_conversations.c.workspace_id == visitor.workspace_id, own)
        .order_by(_conversations.c.updated_at.desc())
        .limit(LISTED)
    ).mappings()
    return [to_conversation(work, dict(row)) for row in rows]


def to_conversation(work: Work, row: dict[str, Any]) -> Conversation:
    """A row as its visitor sees it."""
    return Conversation(
        id=row["id"],
        status=row["status"],
        assignee=_assignee(work, row),
        answering=row["answering"],
        last=last_message(row),
        last_seq=row["last_seq"],
        read_seq=row["visitor_read"],
        agent_read_seq=row["agent_read"],
        unread=row["visitor_unread"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )


def last_message(row: dict[str, Any]) -> LastMessage | None:
    """The line a list shows; None before anything but a note was said."""
    if not row["last_text"]:
        return None
    return LastMessage(
        text=row["last_text"], author=row["last_author"], at=moment(row["updated_at"])
    )


def give_to_customer(work: Work, workspace_id: str, visitor_id: str, customer_id: str) -> None:
    """Hand a visitor's conversations to the customer they have proven to be."""
    work.execute(
        update(_conversations)
        .where(
            _conversations.c.workspace_id == workspace_id,
            _conversations.c.visitor_id == visitor_id,
            _conversations.c.customer_id.is_(None),
        )
        .values(customer_id=customer_id)
    )
