"""Talks: how far the assistant is with each conversation, and how each answer came about.

One process at a time answers a conversation: it claims the visitor's newest message until a
moment, and whoever finds a claim that has run out hands the conversation to a person.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index, Text
from sqlmodel import Field, SQLModel


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
    state: str = "idle"  # idle, working, waiting (for a proof, or for somebody's decision)
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


class Usage(SQLModel, table=True):
    """What one day's answers took, for a visitor, or for everybody where `visitor_id` is empty."""

    __tablename__ = "assistant_usage"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    day: int = Field(primary_key=True)  # days since 1970, UTC
    visitor_id: str = Field(primary_key=True, default="")
    answers: int = 0
    handovers: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)  # tokens of calls that are under way
    cost: int = Field(default=0, sa_type=BigInteger)  # millionths of the assistant's currency
