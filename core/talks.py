"""Talks: how far the assistant is with each conversation, and how each answer came about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index, Text, func, select
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.assistants import assistant_of
from core.audit import assistant
from core.conversations import (
    ConversationRow,
    Key,
    announce_change,
    conversation_for,
    load_conversations,
    move_conversations,
)
from core.db import Work, table_of
from core.errors import Conflict, HubError
from core.ids import moment, new_id
from core.messages import Draft, say
from core.views import Card, Handover, ToolStep, Transcript, Why

SHOWN = 200  # transcripts of one conversation
MEASURED = 2_000  # newest answers of a median


class Talk(SQLModel, table=True):
    """The assistant's side of one conversation."""

    __tablename__ = "assistant_talks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "conversation_id"], ["conversations.workspace_id", "conversations.id"]
        ),
        ForeignKeyConstraint(
            ["workspace_id", "visitor_id"], ["visitors.workspace_id", "visitors.id"]
        ),
        Index("assistant_talks_working", "state", "until"),
        Index("assistant_talks_of_visitor", "workspace_id", "visitor_id"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    conversation_id: str = Field(primary_key=True)
    visitor_id: str  # whose message it is
    seq: int = 0  # of that message
    state: str = "idle"  # idle, working, more (to look at), waiting (for a proof or a decision)
    waiting_for: str = ""  # the assurance, or the id of the discount
    question: str = Field(default="", sa_type=Text)  # taken up again after the proof
    until: int = Field(default=0, sa_type=BigInteger)  # of the claim
    locale: str = ""  # the language they write in
    memory: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    answers: int = 0
    misses: int = 0  # unhelpful ones in a row
    why: str = ""  # of the handover, if there was one
    reason: str = Field(default="", sa_type=Text)
    summary: str = Field(default="", sa_type=Text)
    handed_at: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class TranscriptRow(SQLModel, table=True):
    """How one message of the assistant came about."""

    __tablename__ = "assistant_transcripts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "conversation_id"], ["conversations.workspace_id", "conversations.id"]
        ),
        Index("assistant_transcripts_by_time", "workspace_id", "at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    conversation_id: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    engine: str
    steps: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    withheld: str = Field(default="", sa_type=Text)
    ms: int = 0
    at: int = Field(sa_type=BigInteger)


_talks = table_of(Talk)
_transcripts = table_of(TranscriptRow)
_conversations = table_of(ConversationRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the assistant says, and how it came about."""

    text: str
    cards: tuple[Card, ...] = ()
    engine: str
    steps: tuple[ToolStep, ...] = ()
    withheld: str = ""
    ms: int = 0
    locale: str = ""
    memory: dict[str, Any] = field(default_factory=dict)
    unsure: bool = False
    waiting_for: str = ""
    question: str = ""


def talk_of(work: Work, row: dict[str, Any]) -> Talk:
    """A conversation's talk, or a new one; whoever changes it holds the conversation's row."""
    key = (row["workspace_id"], row["id"])
    found = work.session.get(Talk, key, populate_existing=True)
    return found or Talk(
        workspace_id=key[0], conversation_id=key[1], visitor_id=row["visitor_id"], updated_at=0
    )


def digest(*parts: str) -> str:
    """A short name of its own for whatever these parts name."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()


# Saying ----------------------------------------------------------------------------------


def speak(
    work: Work,
    workspace_id: str,
    conversation_id: str,
    message_id: str,
    text: str,
    cards: tuple[Card, ...] = (),
    *,
    private: bool = False,
) -> str:
    """Have the assistant say something, once an id; the id it has, should a visitor have taken
    the one that was meant."""
    for id_ in (message_id, new_id("msg")):
        draft = Draft(
            author=assistant(workspace_id),
            conversation_id=conversation_id,
            id=id_,
            text=text,
            kind="note" if private else "text",
            cards=cards,
        )
        (outcome,) = say(work, [draft])
        if not isinstance(outcome, Conflict):
            break
    if isinstance(outcome, HubError):
        raise outcome
    return outcome.id


def keep_transcript(work: Work, key: Key, message_id: str, said: Answer) -> None:
    """Keep how a message came about."""
    work.add(
        TranscriptRow(
            workspace_id=key[0],
            conversation_id=key[1],
            message_id=message_id,
            engine=said.engine,
            steps=[_kept(step) for step in said.steps],
            withheld=said.withheld,
            ms=said.ms,
            at=work.now,
        )
    )


def _kept(step: ToolStep) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.to_builtins(step)
    return kept


# Waiting ---------------------------------------------------------------------------------


def waiting_for_proof(work: Work, workspace_id: str, visitor_id: str) -> list[str]:
    """The conversations in which a visitor's question waits for a proof of who they are."""
    query = select(_talks.c.conversation_id).where(
        _talks.c.workspace_id == workspace_id,
        _talks.c.visitor_id == visitor_id,
        _talks.c.question != "",
    )
    return list(work.execute(query).scalars())


def note_decision(
    work: Work, workspace_id: str, conversation_id: str, discount_id: str, text: str
) -> bool:
    """Wait no more for a discount; say `text`, unless it is empty or people answer by now."""
    key = (workspace_id, conversation_id)
    row = load_conversations(work, {key}, lock=True).get(key)
    if row is None:
        return False
    talk = talk_of(work, row)
    if talk.waiting_for != discount_id:
        return False
    talk.waiting_for, talk.updated_at = "", work.now
    if talk.state == "waiting":
        talk.state = "idle"
    work.add(talk)
    if text and row["answering"] == "assistant":
        message_id = f"decided-{digest(discount_id)}"
        speak(work, workspace_id, conversation_id, message_id, text)
    return True


def give_back(work: Work, agent: Principal, conversation_id: str) -> None:
    """Have the assistant answer again from now on; Conflict if it is off."""
    row = conversation_for(work, agent, conversation_id, lock=True)
    if not assistant_of(work, agent.workspace_id).on:
        raise Conflict("The assistant is off. Turn it on in Settings → Assistant.")
    if row["answering"] != "assistant" or row["assignee_id"] is not None:
        row["answering"], row["assignee_id"] = "assistant", None
        move_conversations(work, [row], rerouted=True)
        announce_change(work, row)
    talk = talk_of(work, row)
    talk.answers, talk.misses, talk.why, talk.handed_at = 0, 0, "", None
    talk.updated_at = work.now
    work.add(talk)


# Showing ---------------------------------------------------------------------------------


def handover_of(work: Work, workspace_id: str, conversation_id: str) -> Handover | None:
    """Why the assistant passed a conversation on, if it has and people answer since."""
    talk = work.session.get(Talk, (workspace_id, conversation_id))
    if talk is None or talk.handed_at is None:
        return None
    return Handover(
        why=msgspec.convert(talk.why, Why),
        reason=talk.reason,
        summary=talk.summary,
        at=moment(talk.handed_at),
    )


def transcripts_of(work: Work, workspace_id: str, conversation_id: str) -> list[Transcript]:
    """How the assistant's messages in a conversation came about, oldest first."""
    query = (
        select(TranscriptRow)
        .where(
            _transcripts.c.workspace_id == workspace_id,
            _transcripts.c.conversation_id == conversation_id,
        )
        .order_by(_transcripts.c.at.desc())
        .limit(SHOWN)
    )
    return [_to_transcript(row) for row in reversed(list(work.session.scalars(query)))]


def median_ms(work: Work, workspace_id: str, since: int) -> int | None:
    """How long answers took in the middle since then, from the newest of them; None: there are
    none."""
    query = (
        select(_transcripts.c.ms)
        .where(_transcripts.c.workspace_id == workspace_id, _transcripts.c.at >= since)
        .order_by(_transcripts.c.at.desc())
        .limit(MEASURED)
    )
    took = list(work.execute(query).scalars())
    return round(median(took)) if took else None


def answering_now(work: Work, workspace_id: str) -> int:
    """How many open conversations the assistant answers."""
    query = select(func.count()).where(
        _conversations.c.workspace_id == workspace_id,
        _conversations.c.answering == "assistant",
        _conversations.c.status == "open",
    )
    return int(work.execute(query).scalar_one())


def _to_transcript(row: TranscriptRow) -> Transcript:
    return Transcript(
        message=row.message_id,
        engine=row.engine,
        steps=msgspec.convert(tuple(row.steps), tuple[ToolStep, ...]),
        ms=row.ms,
        withheld=row.withheld,
        at=moment(row.at),
    )
