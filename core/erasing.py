"""Erasing: people's rows found, locked and deleted, and everything else let go of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Table, Text, cast, delete, or_, select, update

from core.access import Principal
from core.audit import audit, itself
from core.conversations import ConversationRow
from core.customers import OWN_SOURCE, Customer, Facts
from core.db import Work, table_of
from core.events import CustomerErased, VisitorSignedOut
from core.log import EventRow
from core.messages import MessageRow
from core.records import RecordRow, RecordStatus
from core.step_up import EmailCode
from core.tombstones import bury
from core.traces import Traces, forget, parts
from core.visitors import Visitor

Rows = Sequence[Any]

# Books that are kept without the person: table → what is emptied in a row that was theirs.
BOOKS = {
    "discounts": (
        "shop_customer",
        "shop_email",
        "customer_name",
        "reason",
        "decision",
        "order_reference",
    ),
    "order_actions": (
        "record_id",
        "reference",
        "order_title",
        "wish",
        "reason",
        "decision",
        "before",
        "detail",
    ),
}

CUSTOMERS = table_of(Customer)
VISITORS = table_of(Visitor)
CONVERSATIONS = table_of(ConversationRow)
MESSAGES = table_of(MessageRow)
RECORDS = table_of(RecordRow)
STATUSES = table_of(RecordStatus)
CODES = table_of(EmailCode)
_OWN = {CUSTOMERS, VISITORS, CONVERSATIONS, MESSAGES, RECORDS, STATUSES, table_of(EventRow)}


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased: how many rows of each table. Empty if there was nothing (any more)."""

    counts: dict[str, int] = field(default_factory=dict)


def locked(work: Work, table: Table, workspace_id: str, *conditions: ColumnElement[bool]) -> Rows:
    """Rows that nobody adds to until the commit: what refers to them waits, then finds nothing."""
    query = select(table).where(table.c.workspace_id == workspace_id, *conditions)
    return work.execute(query.with_for_update()).mappings().all()


def claiming(work: Work, workspace_id: str, people: Rows) -> Rows:
    found: list[Any] = []
    for row in people:
        own_id = row["external_id"] if row["source"] == OWN_SOURCE else ""
        found += claimed_by(work, workspace_id, email=row["email_key"], user_id=own_id)
    return found


def claimed_by(work: Work, workspace_id: str, *, email: str, user_id: str = "") -> Rows:
    """Browsers that say they are somebody, and have not proven to be anybody."""
    email = email.strip().casefold()
    claims = cast(VISITORS.c.claims, Text)
    likely = [VISITORS.c.claimed_key.endswith(email, autoescape=True)] if email else []
    likely += [claims.contains(json.dumps(user_id), autoescape=True)] if user_id else []
    if not likely:
        return []
    rows = locked(work, VISITORS, workspace_id, VISITORS.c.customer_id.is_(None), or_(*likely))
    return [
        row
        for row in rows
        if (email and str(row["claims"].get("email", "")).casefold() == email)
        or (user_id and row["claims"].get("user_id") == user_id)
    ]


def erase(work: Work, workspace_id: str, people: Rows, claimed: Rows, by: Principal | None) -> Gone:
    traces, browsers = collect(work, workspace_id, people, claimed)
    if not traces.customers and not traces.visitors:
        return Gone()
    _close_the_door(work, traces, people)
    counts = delete_all(work, traces) | forget(work, traces)
    announce(work, traces, browsers)
    for action, ids in (
        ("customer.erased", traces.customers),
        ("visitor.erased", [] if traces.customers else traces.visitors),
    ):
        for id_ in ids:
            audit(work, by or itself(workspace_id), action, id_, after=some_of(counts))
    return Gone(some_of(counts))


def collect(work: Work, workspace_id: str, people: Rows, claimed: Rows) -> tuple[Traces, Rows]:
    """Everything that is theirs, locked, and their browsers."""
    traces = Traces(workspace_id, customers=[row["id"] for row in people])
    browsers = [*claimed, *_rows_of(work, VISITORS, "customer_id", traces, traces.customers)]
    traces.visitors = sorted({row["id"] for row in browsers})
    talks = [
        *_rows_of(work, CONVERSATIONS, "visitor_id", traces, traces.visitors),
        *_rows_of(work, CONVERSATIONS, "customer_id", traces, traces.customers),
    ]
    traces.conversations = sorted({row["id"] for row in talks})
    records = _rows_of(work, RECORDS, "customer_id", traces, traces.customers)
    traces.records = [row["id"] for row in records]
    for row in people:
        traces.named.setdefault(row["source"], set()).add(row["external_id"])
        traces.words |= _contacts(row["profile"])
    for row in records:
        traces.named.setdefault(row["source"], set()).add(row["reference"])
    traces.words |= {str(row["claims"].get("email", "")) for row in browsers} - {""}
    return traces, browsers


def _close_the_door(work: Work, traces: Traces, people: Rows) -> None:
    """A webhook that comes late, or a read that began before, does not bring them back."""
    named: dict[tuple[str, str], list[str]] = {}
    for row in people:
        named.setdefault((row["source"], "customer"), []).append(row["external_id"])
    for row in _rows_of(work, RECORDS, "id", traces, traces.records):
        named.setdefault((row["source"], row["kind"]), []).append(row["reference"])
    for (source, kind), names in named.items():
        if source != OWN_SOURCE:  # the merchant's own server is asked for nothing and says it anew
            bury(work, traces.workspace_id, source, kind, names)


def _rows_of(work: Work, table: Table, column: str, traces: Traces, ids: Sequence[str]) -> Rows:
    found: list[Any] = []
    for some in parts(ids):
        found += locked(work, table, traces.workspace_id, table.c[column].in_(some))
    return found


def _contacts(profile: Facts) -> set[str]:
    return {str(profile[name]["value"]) for name in ("email", "phone") if name in profile}


def delete_all(work: Work, traces: Traces) -> dict[str, int]:
    """Delete their rows; in other tables, let go of them."""
    counts = {
        "messages": drop(work, MESSAGES, "conversation_id", traces, traces.conversations),
        "records": delete_records(work, traces),
    }
    _let_go(work, traces)
    addresses = {word.strip().lower() for word in traces.words}
    drop(work, CODES, "address", traces, sorted(addresses))  # whoever asked for a code to it
    for table, ids in (
        (CONVERSATIONS, traces.conversations),
        (VISITORS, traces.visitors),
        (CUSTOMERS, traces.customers),
    ):
        counts[table.name] = drop(work, table, "id", traces, ids)
    return counts


def delete_records(work: Work, traces: Traces) -> int:
    drop(work, STATUSES, "record_id", traces, traces.records)
    return drop(work, RECORDS, "id", traces, traces.records)


def drop(work: Work, table: Table, column: str, traces: Traces, ids: Sequence[str]) -> int:
    this = table.c.workspace_id == traces.workspace_id
    return sum(
        work.execute(delete(table).where(this, table.c[column].in_(some))).rowcount
        for some in parts(ids)
    )


def _let_go(work: Work, traces: Traces) -> None:
    """Rows of other tables that belong to them: in the books without them, elsewhere gone."""
    for table, column, ids in _links(traces):
        this = table.c.workspace_id == traces.workspace_id
        for some in parts(ids):
            theirs = (this, column.in_(some))
            if table.name in BOOKS:
                traces.deeds += work.execute(select(table.c.id).where(*theirs)).scalars()
                emptied = {name: _empty(table.c[name]) for name in BOOKS[table.name]}
                work.execute(
                    update(table).where(*theirs).values({**emptied, column: _empty(column)})
                )
            elif column.nullable:
                work.execute(update(table).where(*theirs).values({column: None}))
            else:
                work.execute(delete(table).where(*theirs))


def books_of(work: Work, traces: Traces) -> dict[str, list[Any]]:
    """The rows of the books that are theirs, by table."""
    found: dict[str, dict[str, Any]] = {name: {} for name in BOOKS}
    for table, column, ids in _links(traces):
        for some in parts(ids) if table.name in BOOKS else ():
            this = table.c.workspace_id == traces.workspace_id
            rows = work.execute(select(table).where(this, column.in_(some))).mappings()
            found[table.name] |= {row["id"]: row for row in rows}
    return {name: list(rows.values()) for name, rows in found.items()}


def _empty(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


def _links(traces: Traces) -> Iterator[tuple[Table, Column[Any], list[str]]]:
    from core.migrations.models import metadata  # which imports every module that has a table

    ids = {
        "customer_id": traces.customers,
        "visitor_id": traces.visitors,
        "conversation_id": traces.conversations,
        "record_id": traces.records,
    }
    for table in reversed(metadata().sorted_tables):
        for name, theirs in ids.items():
            if table not in _OWN and "workspace_id" in table.c and name in table.c:
                yield table, table.c[name], theirs


def announce(work: Work, traces: Traces, browsers: Rows) -> None:
    for row in browsers:
        if row["revoked_at"] is None:
            work.announce(traces.workspace_id, VisitorSignedOut(visitor=row["id"]))
    event = CustomerErased(
        customers=tuple(traces.customers),
        visitors=tuple(traces.visitors),
        conversations=tuple(traces.conversations),
    )
    work.announce(traces.workspace_id, event)


def some_of(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
