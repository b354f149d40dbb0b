"""The desk: conversations as agents list, count and open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, and_, func, or_, select, tuple_

from core import agents, customers
from core.access import Assurance, Principal
from core.conversations import ConversationRow, conversation_for, last_message
from core.customers import BROWSER, Customer
from core.db import Work, table_of
from core.errors import Invalid
from core.identity import ASSURANCE_NAMES
from core.ids import moment
from core.messages import MessageRow
from core.records import records_of
from core.talks import Talk
from core.views import Customer as CustomerView
from core.views import InboxRow, Person, Record
from core.visitors import Claims, Visitor, latest_visitor, visitor

Tab = Literal["mine", "unassigned", "assistant", "all"]
TABS: tuple[Tab, ...] = ("mine", "unassigned", "assistant", "all")
PAGE = 50
EARLIER = 5  # conversations shown below the open one

_conversations = table_of(ConversationRow)
_messages = table_of(MessageRow)
_visitors = table_of(Visitor)
_customers = table_of(Customer)
_talks = table_of(Talk)

_rows = (
    select(
        _conversations,
        _visitors.c.assurance,
        _visitors.c.claims,
        _customers.c.name.label("customer_name"),
        _customers.c.external_id,
        _customers.c.avatar_url,
        _customers.c.source,
        _talks.c.why,
    )
    .join(
        _visitors,
        and_(
            _visitors.c.workspace_id == _conversations.c.workspace_id,
            _visitors.c.id == _conversations.c.visitor_id,
        ),
    )
    .outerjoin(
        _customers,
        and_(
            _customers.c.workspace_id == _conversations.c.workspace_id,
            _customers.c.id == _conversations.c.customer_id,
        ),
    )
    .outerjoin(
        _talks,
        and_(
            _talks.c.workspace_id == _conversations.c.workspace_id,
            _talks.c.conversation_id == _conversations.c.id,
        ),
    )
    .order_by(_conversations.c.updated_at.desc(), _conversations.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which conversations an agent wants to see."""

    tab: Tab = "all"
    status: str = "open"  # or "any"
    words: str = ""
    before: str = ""  # the cursor of the page before


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything beside the messages that an agent sees of a conversation."""

    row: InboxRow
    visitor_id: str
    customer: CustomerView
    records: list[Record]
    earlier: list[InboxRow]
    page: dict[str, Any] | None


def list_conversations(
    work: Work, agent: Principal, asked: Asked
) -> tuple[list[InboxRow], str | None]:
    """A page of conversations, newest message first, and the cursor of the next one."""
    query = _filtered(_rows, agent, asked).limit(PAGE + 1)
    if asked.words:
        query = query.where(_matching(asked.words))
    if asked.before:
        query = query.where(
            tuple_(_conversations.c.updated_at, _conversations.c.id)
            < tuple_(*_from_cursor(asked.before))
        )
    rows = [dict(row) for row in work.execute(query).mappings()]
    names = _assignees(work, agent.workspace_id, rows)
    page = [_to_row(row, names) for row in rows[:PAGE]]
    return page, _to_cursor(rows[PAGE - 1]) if len(rows) > PAGE else None


def count_conversations(work: Work, agent: Principal, status: str) -> dict[Tab, int]:
    """How many conversations of this status each tab has."""
    counted = {}
    for tab in TABS:
        query = select(func.count()).select_from(_conversations)
        query = _filtered(query, agent, Asked(tab=tab, status=status))
        counted[tab] = int(work.execute(query).scalar_one())
    return counted


def open_conversation(work: Work, agent: Principal, conversation_id: str) -> Opened:
    """A conversation with who is writing, what is known of them and what they said before."""
    conversation_for(work, agent, conversation_id)
    row = _one(work, agent.workspace_id, conversation_id)
    person = visitor(work, agent.workspace_id, row["visitor_id"])
    customer_id = row["customer_id"]
    known = customers.customer_for(work, agent.workspace_id, customer_id) if customer_id else None
    # A customer may go on with a conversation in another browser: that one says where they are.
    here = (known and latest_visitor(work, agent.workspace_id, known.id)) or person
    return Opened(
        row=_to_row(row, _assignees(work, agent.workspace_id, [row])),
        visitor_id=here.id,
        customer=customers.to_view(
            known,
            assurance=ASSURANCE_NAMES[Assurance(person.assurance)],
            claims=person.said(),
            claimed_at=person.last_seen_at,
        ),
        records=records_of(work, agent.workspace_id, customer_id) if customer_id else [],
        earlier=_earlier(work, agent.workspace_id, row),
        page={**here.page, "at": moment(here.page["at"])} if here.page else None,
    )


def _filtered(query: Select[Any], agent: Principal, asked: Asked) -> Select[Any]:
    query = query.where(
        _conversations.c.workspace_id == agent.workspace_id, _conversations.c.last_seq > 0
    )
    if asked.status != "any":
        query = query.where(_conversations.c.status == asked.status)
    if asked.tab == "mine":
        return query.where(_conversations.c.assignee_id == agent.id)
    if asked.tab == "assistant":
        return query.where(_conversations.c.answering == "assistant")
    if asked.tab == "unassigned":  # what waits for a person
        return query.where(
            _conversations.c.assignee_id.is_(None), _conversations.c.answering != "assistant"
        )
    return query


def _matching(words: str) -> Any:
    """Conversations whose customer, claimed name or messages contain the words."""
    folded = words.strip().casefold()
    said = (
        select(_messages.c.seq)
        .where(
            _messages.c.workspace_id == _conversations.c.workspace_id,
            _messages.c.conversation_id == _conversations.c.id,
            func.lower(_messages.c.text).contains(folded, autoescape=True),
        )
        .exists()
    )
    return or_(
        _customers.c.name_key.contains(folded, autoescape=True),
        _customers.c.email_key.contains(folded, autoescape=True),
        _visitors.c.claimed_key.contains(folded, autoescape=True),
        said,
    )


def _one(work: Work, workspace_id: str, conversation_id: str) -> dict[str, Any]:
    query = _rows.where(
        _conversations.c.workspace_id == workspace_id, _conversations.c.id == conversation_id
    )
    return dict(work.execute(query).mappings().one())


def _earlier(work: Work, workspace_id: str, row: dict[str, Any]) -> list[InboxRow]:
    """Other conversations of the same browser or the same customer."""
    same = _conversations.c.visitor_id == row["visitor_id"]
    if row["customer_id"] is not None:
        same = or_(same, _conversations.c.customer_id == row["customer_id"])
    query = _rows.where(
        _conversations.c.workspace_id == workspace_id,
        _conversations.c.id != row["id"],
        _conversations.c.last_seq > 0,
        same,
    ).limit(EARLIER)
    rows = [dict(found) for found in work.execute(query).mappings()]
    names = _assignees(work, workspace_id, rows)
    return [_to_row(found, names) for found in rows]


def _assignees(work: Work, workspace_id: str, rows: list[dict[str, Any]]) -> dict[str, Person]:
    wanted = {row["assignee_id"] for row in rows if row["assignee_id"]}
    persons = (agents.person(work, workspace_id, id_) for id_ in wanted)
    return {person.id: person for person in persons if person is not None}


def _to_row(row: dict[str, Any], assignees: dict[str, Person]) -> InboxRow:
    claims = msgspec.convert(row["claims"], Claims)
    return InboxRow(
        id=row["id"],
        status=row["status"],
        assignee=assignees.get(row["assignee_id"] or ""),
        answering=row["answering"],
        why=row["why"] or None if row["answering"] == "people" else None,
        customer_name=row["customer_name"]
        or claims.name
        or claims.email
        or row["external_id"]
        or "Visitor",
        avatar_url=row["avatar_url"] or "",
        verified=row["customer_id"] is not None and row["assurance"] >= Assurance.HMAC,
        source=row["source"] or BROWSER,
        last=last_message(row),
        last_seq=row["last_seq"],
        unread=row["agent_unread"],
        visitor_read_seq=row["visitor_read"],
        agent_read_seq=row["agent_read"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )


def _to_cursor(row: dict[str, Any]) -> str:
    return f"{row['updated_at']}.{row['id']}"


def _from_cursor(cursor: str) -> tuple[int, str]:
    at, _, id_ = cursor.partition(".")
    if not (at.isascii() and at.isdigit()) or len(at) > 15 or not id_:
        raise Invalid("This is not a cursor of ours.", field="before")
    return int(at), id_
