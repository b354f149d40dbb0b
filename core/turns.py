"""Turns: one process at a time answers what a visitor wrote.

It claims the newest messages until a moment, and goes on claiming them while it works. Whoever
finds a claim that has run out hands the conversation to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from core.assistants import Assistant, assistant_of
from core.audit import assistant
from core.conversations import Key, announce_change, load_conversations, move_conversations
from core.db import Work, table_of
from core.identity import assurance_named
from core.locales import to_locale
from core.messages import count_after, messages_of
from core.talks import Answer, Talk, digest, keep_transcript, speak, talk_of
from core.usages import count_usage
from core.views import AssuranceName, Message
from core.visitors import visitor
from core.workspaces import workspace

LEASE = 12_000  # milliseconds a claim holds; renewed while its process works
REMEMBERED = 30  # messages that are looked at
TOGETHER = 5 * 60_000  # milliseconds between messages that are one question

_talks = table_of(Talk)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a visitor wrote, claimed by this process, with what is known of the conversation."""

    workspace_id: str
    conversation_id: str
    visitor_id: str  # who wrote it
    screens: tuple[str, str | None]  # visitor and customer whose conversation it is
    seq: int
    heard: int  # the conversation's newest message by then
    message_id: str  # of the answer
    name: str  # the same when it is taken again
    text: str
    locale: str
    history: tuple[Message, ...]  # oldest first
    memory: dict[str, Any]
    answers: int
    misses: int
    assistant: Assistant
    shop: str

    @property
    def key(self) -> Key:
        return self.workspace_id, self.conversation_id


# Claiming --------------------------------------------------------------------------------


def claim(work: Work, workspace_id: str, conversation_id: str) -> Turn | None:
    """The visitor's newest messages, for this process alone; None if there is nothing to answer.

    Nothing is when the assistant is off, somebody works on it, or people answer.
    """
    found = _answerable(work, workspace_id, conversation_id)
    if found is None:
        return None
    row, talk = found
    window = _window(work, row)
    since = max(talk.seq, *(one.seq for one in window if one.author.kind == "agent"), 0)
    new = [one for one in window if one.author.kind == "visitor" and one.seq > since]
    on_since = assistant_of(work, workspace_id).on_since
    new = [one for one in new if _ms(one) >= max(on_since, _ms(new[-1]) - TOGETHER)]
    if not new:
        if talk.state == "more":
            _rest(work, talk)
        return None
    talk.seq, talk.visitor_id = new[-1].seq, new[-1].author.id
    text = "\n".join(filter(None, map(_words, new)))
    history = [one for one in window if one not in new]
    return _turn(work, row, talk, text, history, f"assistant-{talk.seq}")


def reclaim(work: Work, workspace_id: str, conversation_id: str) -> Turn | None:
    """The question that waited for a proof, once it is given; None if it is not, or was taken."""
    found = _answerable(work, workspace_id, conversation_id)
    if found is None:
        return None
    row, talk = found
    if not talk.question or not _has_proven(work, talk):
        return None
    text, talk.question, talk.waiting_for = talk.question, "", ""
    message_id = f"assistant-{talk.seq}-{talk.answers}"
    return _turn(work, row, talk, text, _window(work, row), message_id)


def _answerable(
    work: Work, workspace_id: str, conversation_id: str
) -> tuple[dict[str, Any], Talk] | None:
    """The conversation, locked, and its talk, if the assistant may answer it now."""
    key = (workspace_id, conversation_id)
    row = load_conversations(work, {key}, lock=True).get(key)
    if row is None or row["answering"] == "people" or row["assignee_id"] is not None:
        return None
    talk = talk_of(work, row)
    if talk.state == "working" or not assistant_of(work, workspace_id).on:
        return None
    return row, talk


def _has_proven(work: Work, talk: Talk) -> bool:
    needs: AssuranceName = talk.waiting_for  # type: ignore[assignment]  # of a question: checked
    person = visitor(work, talk.workspace_id, talk.visitor_id)
    return person.revoked_at is None and person.assurance >= assurance_named(needs)


def _window(work: Work, row: dict[str, Any]) -> list[Message]:
    asker = assistant(row["workspace_id"])
    return messages_of(work, asker, row["id"], limit=REMEMBERED)[0]


def _ms(message: Message) -> float:
    return message.at.timestamp() * 1000


def _words(message: Message) -> str:
    """What a message says; the names of products that were sent without a word."""
    return message.text.strip() or ", ".join(getattr(card, "title", "") for card in message.cards)


def _turn(
    work: Work,
    row: dict[str, Any],
    talk: Talk,
    text: str,
    history: list[Message],
    message_id: str,
) -> Turn:
    locale = talk.locale or to_locale(visitor(work, row["workspace_id"], talk.visitor_id).locale)
    talk.state, talk.until, talk.updated_at = "working", work.now + LEASE, work.now
    if not row["answering"]:
        talk.answers, talk.misses, talk.why, talk.handed_at = 0, 0, "", None
        row["answering"] = "assistant"
        move_conversations(work, [row], rerouted=True)
        announce_change(work, row)
    work.add(talk)
    return Turn(
        workspace_id=row["workspace_id"],
        conversation_id=row["id"],
        visitor_id=talk.visitor_id,
        screens=(row["visitor_id"], row["customer_id"]),
        seq=talk.seq,
        heard=row["last_seq"],
        message_id=message_id,
        name=digest(row["workspace_id"], row["id"], message_id),
        text=text,
        locale=locale or "en",
        history=tuple(history),
        memory=talk.memory,
        answers=talk.answers,
        misses=talk.misses,
        assistant=assistant_of(work, row["workspace_id"]),
        shop=workspace(work, row["workspace_id"]).name,
    )


def renew(work: Work, turn: Turn) -> None:
    """Keep a claim for a while longer."""
    work.execute(update(_talks).where(*_ours(turn)).values(until=work.now + LEASE))


def let_go(work: Work, turn: Turn) -> None:
    """Give a claim up: what was asked stays unanswered, somebody else has taken over."""
    work.execute(update(_talks).where(*_ours(turn)).values(state="idle", until=0))


def _ours(turn: Turn) -> tuple[Any, ...]:
    return (
        _talks.c.workspace_id == turn.workspace_id,
        _talks.c.conversation_id == turn.conversation_id,
        _talks.c.state == "working",
        _talks.c.seq == turn.seq,
    )


# Answering -------------------------------------------------------------------------------


def answer(work: Work, turn: Turn, said: Answer) -> bool:
    """Say it, with its transcript; False if people have taken over, the claim was lost, or the
    assistant is off by now."""
    row = load_conversations(work, {turn.key}, lock=True).get(turn.key)
    if row is None:
        return False
    talk = talk_of(work, row)
    if talk.state != "working" or talk.seq != turn.seq:
        return False
    people = row["answering"] != "assistant" or row["assignee_id"] is not None
    if people or not assistant_of(work, turn.workspace_id).on:
        let_go(work, turn)
        return False
    _settle(work, talk, turn, said)
    _rest(work, talk, more=row["last_seq"] > turn.heard and _has_more(work, turn))
    message_id = speak(work, *turn.key, turn.message_id, said.text, said.cards)
    keep_transcript(work, turn.key, message_id, said)
    count_usage(work, turn.workspace_id, turn.visitor_id, answers=1)
    return True


def _settle(work: Work, talk: Talk, turn: Turn, said: Answer) -> None:
    if said.waiting_for:
        talk.waiting_for, talk.question = said.waiting_for, said.question
    talk.locale = said.locale or turn.locale
    talk.memory = said.memory
    talk.answers += 1
    talk.misses = talk.misses + 1 if said.unsure else 0


def _has_more(work: Work, turn: Turn) -> bool:
    """Whether the visitor wrote on while the turn worked."""
    return bool(count_after(work, *turn.key, turn.seq, for_agents=True))


def _rest(work: Work, talk: Talk, *, more: bool = False) -> None:
    """Nobody works on it; with `more` something came meanwhile, and must be looked at soon."""
    talk.state = "more" if more else "waiting" if talk.waiting_for else "idle"
    talk.until = work.now + LEASE if more else 0
    talk.updated_at = work.now
    work.add(talk)
