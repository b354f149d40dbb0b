"""Handovers: the assistant passes a conversation on, and an agent finds out why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from core.assistants import Assistant
from core.conversations import (
    ConversationRow,
    Key,
    announce_change,
    load_conversations,
    move_conversations,
)
from core.db import Work, table_of
from core.events import HandedOver
from core.ids import moment
from core.talks import Answer, Talk, keep_transcript, speak, talk_of
from core.usages import count_usage
from core.views import Handover, HandoverCard, Why

AT_ONCE = 100
OLDEST = 3_600_000  # milliseconds; what waits longer is in the agents' inbox unread

_talks = table_of(Talk)
_conversations = table_of(ConversationRow)
_assistants = table_of(Assistant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Why a conversation is passed on, and what its visitor is told."""

    why: Why
    reason: str  # one plain sentence for agents
    summary: str
    text: str
    online: bool  # whether an agent is there at this moment
    came_about: Answer | None = None  # what the assistant did before


def hand_over(work: Work, workspace_id: str, conversation_id: str, passed: Passed) -> bool:
    """Have people answer from now on; False if they do already.

    Whoever waits for a person because the visitor asked for one is told once.
    """
    key = (workspace_id, conversation_id)
    row = load_conversations(work, {key}, lock=True).get(key)
    if row is None:
        return False
    talk = talk_of(work, row)
    if _is_with_people(row, talk, passed):
        _end(work, talk)
        return False
    _route(work, row)
    message_id = f"handover-{row['last_seq'] + 1}"
    _note(work, talk, row, passed)
    card = HandoverCard(online=passed.online)
    said_as = speak(work, *key, message_id, passed.text, (card,))
    speak(work, *key, f"{message_id}-note", _for_agents(passed), private=True)
    if passed.came_about is not None:
        keep_transcript(work, key, said_as, passed.came_about)
    count_usage(work, workspace_id, talk.visitor_id, handovers=1)
    _announce(work, row, passed)
    return True


def _is_with_people(row: dict[str, Any], talk: Talk, passed: Passed) -> bool:
    """Whether somebody has been told already, and is expected to answer."""
    if passed.why == "asked" and (talk.handed_at is None or row["status"] == "resolved"):
        return row["assignee_id"] is not None and row["status"] != "resolved"
    return row["assignee_id"] is not None or row["answering"] == "people"


def _route(work: Work, row: dict[str, Any]) -> None:
    """To people first, so that what the assistant says then leaves the conversation unread."""
    row["answering"], row["status"] = "people", "open"
    row["agent_unread"] = max(1, row["agent_unread"])
    move_conversations(work, [row], rerouted=True)
    announce_change(work, row)


def _end(work: Work, talk: Talk) -> None:
    if talk.state != "idle":
        talk.state, talk.until = "idle", 0
        work.add(talk)


def _note(work: Work, talk: Talk, row: dict[str, Any], passed: Passed) -> None:
    talk.state, talk.until, talk.seq = "idle", 0, row["last_seq"]
    talk.waiting_for, talk.question = "", ""
    talk.why, talk.reason, talk.summary = passed.why, passed.reason, passed.summary
    talk.handed_at = talk.updated_at = work.now
    work.add(talk)


def _for_agents(passed: Passed) -> str:
    return f"{passed.reason}\n\n{passed.summary}".strip()


def _announce(work: Work, row: dict[str, Any], passed: Passed) -> None:
    view = Handover(
        why=passed.why, reason=passed.reason, summary=passed.summary, at=moment(work.now)
    )
    work.announce(
        row["workspace_id"],
        HandedOver(
            visitor=row["visitor_id"],
            customer=row["customer_id"],
            conversation=row["id"],
            handover=view,
        ),
    )


# What nobody answers ---------------------------------------------------------------------


def left_alone(work: Work, patience: int) -> list[Key]:
    """Conversations whose claim ran out, or whose visitor nobody answers for `patience` ms."""
    ran_out = select(_talks.c.workspace_id, _talks.c.conversation_id).where(
        _talks.c.state.in_(("working", "more")), _talks.c.until < work.now
    )
    found = [(row[0], row[1]) for row in work.execute(ran_out.limit(AT_ONCE))]
    on = select(_assistants.c.workspace_id, _assistants.c.on_since).where(_assistants.c.on)
    for workspace_id, since in work.execute(on).all():
        found += _unanswered(work, workspace_id, since, patience)
    return found


def _unanswered(work: Work, workspace_id: str, since: int, patience: int) -> list[Key]:
    """Those that were written to since the assistant is on, and within the hour."""
    talks = _conversations.outerjoin(
        _talks,
        and_(
            _talks.c.workspace_id == _conversations.c.workspace_id,
            _talks.c.conversation_id == _conversations.c.id,
        ),
    )
    query = (
        select(_conversations.c.id)
        .select_from(talks)
        .where(
            _conversations.c.workspace_id == workspace_id,
            _conversations.c.status == "open",
            _conversations.c.updated_at > max(since, work.now - OLDEST),
            _conversations.c.updated_at < work.now - patience,
            _conversations.c.answering != "people",
            _conversations.c.assignee_id.is_(None),
            _conversations.c.last_author == "visitor",
            or_(_talks.c.state.is_(None), _talks.c.state != "working"),
        )
        .limit(AT_ONCE)
    )
    return [(workspace_id, id_) for id_ in work.execute(query).scalars()]


def left_behind(work: Work) -> list[Key]:
    """Conversations of assistants that are off: claimed or written to again after the switch."""
    query = (
        select(_conversations.c.workspace_id, _conversations.c.id)
        .join(_assistants, _assistants.c.workspace_id == _conversations.c.workspace_id)
        .where(
            ~_assistants.c.on,
            _conversations.c.status == "open",
            _conversations.c.updated_at > work.now - OLDEST,
            _conversations.c.answering == "assistant",
        )
        .limit(AT_ONCE)
    )
    return [(row[0], row[1]) for row in work.execute(query)]


def answered_by_assistant(work: Work, workspace_id: str) -> list[str]:
    """The open conversations that the assistant answers now, the newest first."""
    query = (
        select(_conversations.c.id)
        .where(
            _conversations.c.workspace_id == workspace_id,
            _conversations.c.answering == "assistant",
            _conversations.c.status == "open",
        )
        .order_by(_conversations.c.updated_at.desc())
        .limit(AT_ONCE)
    )
    return list(work.execute(query).scalars())
