"""Privacy: everything a workspace has of a customer, handed out; or taken away for good.

Erasing is one unit of work. Of the customer nothing stays but random ids that name nobody: in
the audit log, that somebody was erased, and for a month in the event log. Backups are the
operator's; so is what other people wrote about the customer in conversations of their own, which
`core.remains.find_remains` finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, and_, exists, or_, select

from core import agents, inbox, records
from core.access import Principal
from core.audit import audit, itself
from core.customers import Customer, Facts, customer_for
from core.db import Work, table_of
from core.erasing import (
    CONVERSATIONS,
    CUSTOMERS,
    MESSAGES,
    RECORDS,
    VISITORS,
    Gone,
    announce,
    books_of,
    claimed_by,
    claiming,
    collect,
    delete_all,
    drop,
    erase,
    locked,
    some_of,
)
from core.events import Erased, ProductsChanged
from core.identity import ASSURANCE_NAMES
from core.ids import moment
from core.log import EventRow
from core.messages import to_message
from core.products import Product
from core.remains import find_remains as find_remains  # the proof, beside what is to be proven
from core.remains import has
from core.shop_codes import ShopCode
from core.step_up import address_of
from core.talks import handover_of, transcripts_of
from core.traces import Traces, bury, forget, parts

NAMING = ("email", "phone", "name", "username", "address")  # of a profile
PEOPLE, ROWS, EVENTS = 100, 500, 5_000  # of a source that one unit erases

_products = table_of(Product)
_codes = table_of(ShopCode)
_events = table_of(EventRow)


# Who it is ---------------------------------------------------------------------------------


def people_named(work: Work, workspace_id: str, named: str) -> list[Customer]:
    """The customers with this id, ours or a source's own, or with this e-mail address."""
    named = named.strip()
    theirs = or_(
        CUSTOMERS.c.id == named,
        CUSTOMERS.c.external_id == named,
        CUSTOMERS.c.email_key == named.casefold(),
    )
    query = select(Customer).where(CUSTOMERS.c.workspace_id == workspace_id, theirs)
    return list(work.session.scalars(query.order_by(CUSTOMERS.c.source, CUSTOMERS.c.id)))


def words_of(work: Work, customer: Customer) -> list[str]:
    """What to look for after a customer was erased: what names them and hardly anything else."""
    facts = [str(fact["value"]) for name, fact in customer.profile.items() if name in NAMING]
    references = select(RECORDS.c.reference).where(
        RECORDS.c.workspace_id == customer.workspace_id, RECORDS.c.customer_id == customer.id
    )
    known = {*facts, customer.external_id, *work.execute(references).scalars()}
    return sorted(one for one in known if len(one) >= (8 if one.isdigit() else 6))


# Handing out -------------------------------------------------------------------------------


def export_customer(work: Work, workspace_id: str, customer_id: str) -> dict[str, Any]:
    """Everything a workspace has of a customer, as plain data for JSON; NotFound if nobody.

    The profile with who said what and when, records with their history, browsers that have
    proven to be the customer, conversations with every message, discounts and refunds. Private
    notes are in it: what a team writes about somebody is theirs to know. Browsers that only
    claim to be the customer are not: what was said there may be somebody else's.
    """
    row = customer_for(work, workspace_id, customer_id)
    mine = Traces(workspace_id, customers=[customer_id])
    browsers = _of(work, VISITORS, workspace_id, _proven(row))
    mine.visitors = [one["id"] for one in browsers]
    theirs = CONVERSATIONS.c.customer_id == customer_id
    for some in parts(mine.visitors):
        theirs = or_(theirs, CONVERSATIONS.c.visitor_id.in_(some))
    talks = _of(work, CONVERSATIONS, workspace_id, theirs)
    orders = _of(work, RECORDS, workspace_id, RECORDS.c.customer_id == customer_id)
    mine.conversations = [one["id"] for one in talks]
    mine.records = [one["id"] for one in orders]
    found = {
        "exported_at": moment(work.now),
        "customer": {
            "id": row.id,
            "source": row.source,
            "external_id": row.external_id,
            "name": row.name,
            "profile": _dated(row.profile),
            "attributes": _dated(row.attributes),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
        },
        "records": [_record(work, one) for one in orders],
        "browsers": [_browser(one) for one in browsers],
        "conversations": [_talk(work, one) for one in talks],
        **{name: [_plain(one) for one in rows] for name, rows in books_of(work, mine).items()},
    }
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


def _proven(row: Customer) -> ColumnElement[bool]:
    """Browsers that have proven to be a customer, by a signature or by their address."""
    signed = VISITORS.c.customer_id == row.id
    if not (address := address_of(row.profile)):
        return signed
    by_code = (VISITORS.c.proven_email == address) & VISITORS.c.customer_id.is_(None)
    return or_(signed, by_code)


def _of(work: Work, table: Table, workspace_id: str, *conditions: ColumnElement[bool]) -> list[Any]:
    query = select(table).where(table.c.workspace_id == workspace_id, *conditions)
    return list(work.execute(query.order_by(table.c.created_at, table.c.id)).mappings())


def _dated(facts: Facts) -> dict[str, Any]:
    return {name: {**fact, "at": moment(fact["at"])} for name, fact in facts.items()}


def _record(work: Work, row: Any) -> dict[str, Any]:
    seen: dict[str, Any] = msgspec.to_builtins(records.to_view(row))
    history = records.history(work, row["workspace_id"], row["id"])
    return {**seen, "created_at": moment(row["created_at"]), "history": history}


def _browser(row: Any) -> dict[str, Any]:
    page = row["page"]
    return {
        "id": row["id"],
        "assurance": ASSURANCE_NAMES[row["assurance"]],
        "claims": row["claims"],
        "locale": row["locale"],
        "page": {**page, "at": moment(page["at"])} if page else None,
        "created_at": moment(row["created_at"]),
        "last_seen_at": moment(row["last_seen_at"]),
        "signed_out_at": None if row["revoked_at"] is None else moment(row["revoked_at"]),
    }


def _talk(work: Work, row: Any) -> dict[str, Any]:
    said = work.execute(
        select(MESSAGES)
        .where(
            MESSAGES.c.workspace_id == row["workspace_id"],
            MESSAGES.c.conversation_id == row["id"],
        )
        .order_by(MESSAGES.c.seq)
    )
    assignee = row["assignee_id"] and agents.person(work, row["workspace_id"], row["assignee_id"])
    return {
        "id": row["id"],
        "browser": row["visitor_id"],
        "status": row["status"],
        "assignee": assignee.name if assignee else None,
        "created_at": moment(row["created_at"]),
        "updated_at": moment(row["updated_at"]),
        "messages": [to_message(one) for one in said],
        "assistant": {
            "handover": handover_of(work, row["workspace_id"], row["id"]),
            "transcripts": transcripts_of(work, row["workspace_id"], row["id"]),
        },
    }


def _plain(row: Any) -> dict[str, Any]:
    """A row of the books: times as times, without what only the hub works with."""
    return {
        name: moment(value) if name.endswith("_at") and isinstance(value, int) else value
        for name, value in row.items()
        if name not in ("workspace_id", "locked_until", "asked_shop", "attempt")
    }


# Taking away -------------------------------------------------------------------------------


def erase_customer(
    work: Work, workspace_id: str, customer_id: str, *, by: Principal | None = None
) -> Gone:
    """Take a customer away, with records, browsers, conversations and every copy of them.

    So are browsers that claim the customer's e-mail or user id without proof: nobody loses by it
    but whoever claimed it. A customer who is not there is erased already. A webhook or job about
    the customer ends, also the one that asks for this: do everything it asks for in one unit.
    """
    row = locked(work, CUSTOMERS, workspace_id, CUSTOMERS.c.id == customer_id)
    return erase(work, workspace_id, row, claiming(work, workspace_id, row), by)


def erase_claimed(
    work: Work, workspace_id: str, email: str, *, by: Principal | None = None
) -> Gone:
    """Take away the browsers, and what was said in them, that claim an e-mail without proof."""
    return erase(work, workspace_id, [], claimed_by(work, workspace_id, email=email), by)


def erase_records(
    work: Work,
    workspace_id: str,
    source: str,
    references: Iterable[str],
    *,
    by: Principal | None = None,
) -> Gone:
    """Take away a source's records by its own references, guests' ones too, and every copy."""
    wanted = sorted(set(references))
    traces = Traces(workspace_id, named={source: set(wanted)})
    for some in parts(wanted):
        this = (RECORDS.c.source == source, RECORDS.c.reference.in_(some))
        traces.records += [row["id"] for row in locked(work, RECORDS, workspace_id, *this)]
    if not traces.records:
        return Gone()
    counts = delete_all(work, traces) | forget(work, traces)
    audit(work, by or itself(workspace_id), "records.erased", source, after=some_of(counts))
    return Gone(some_of(counts))


def erase_source(
    work: Work, workspace_id: str, source: str, *, by: Principal | None = None
) -> bool:
    """Take away a part of everything a source has brought; True while there is more.

    Call it again until it is False, each time as a unit of its own: a shop of 100,000 products
    must not hold up what others write.
    """
    steps = (_people_of, _records_of, _products_of, _codes_of, _deliveries_of, _events_of)
    if any(step(work, workspace_id, source) for step in steps):
        return True
    audit(work, by or itself(workspace_id), "source.erased", source)
    return False


# A source ----------------------------------------------------------------------------------


def _people_of(work: Work, workspace_id: str, source: str) -> bool:
    """Customers, without looking for their names elsewhere: `_events_of` comes after."""
    query = select(CUSTOMERS).where(
        CUSTOMERS.c.workspace_id == workspace_id, CUSTOMERS.c.source == source
    )
    people = work.execute(query.limit(PEOPLE).with_for_update()).mappings().all()
    if people:
        traces, browsers = collect(work, workspace_id, people, [])
        delete_all(work, traces)
        announce(work, traces, browsers)
    return bool(people)


def _records_of(work: Work, workspace_id: str, source: str) -> bool:
    traces = Traces(workspace_id, records=_some_ids(work, RECORDS, workspace_id, source))
    return delete_all(work, traces)["records"] > 0


def _products_of(work: Work, workspace_id: str, source: str) -> bool:
    ids = _some_ids(work, _products, workspace_id, source)
    if ids:
        drop(work, _products, "id", Traces(workspace_id), ids)
        work.announce(workspace_id, ProductsChanged(source=source, ids=tuple(ids)))
    return bool(ids)


def _codes_of(work: Work, workspace_id: str, source: str) -> bool:
    ids = _some_ids(work, _codes, workspace_id, source)
    return drop(work, _codes, "id", Traces(workspace_id), ids) > 0


def _deliveries_of(work: Work, workspace_id: str, source: str) -> bool:
    ids = _some_ids(work, inbox.table, workspace_id, source)
    return drop(work, inbox.table, "id", Traces(workspace_id), ids) > 0


def _some_ids(work: Work, table: Table, workspace_id: str, source: str) -> list[str]:
    this = (table.c.workspace_id == workspace_id, table.c.source == source)
    return list(work.execute(select(table.c.id).where(*this).limit(ROWS)).scalars())


def _events_of(work: Work, workspace_id: str, source: str) -> bool:
    """Events that show what the source said, and those of people who are not there any more."""
    written = msgspec.json.encode({"source": source}).decode()[1:-1]
    for condition in (
        has(work, _events.c.body, written),
        _of_nobody(_events.c.customer_id, CUSTOMERS),
        _of_nobody(_events.c.visitor_id, VISITORS),
    ):
        some = select(_events.c.seq).where(
            _events.c.workspace_id == workspace_id,
            _events.c.audience != Erased.audience,
            condition,
        )
        seqs = list(work.execute(some.limit(EVENTS)).scalars())
        if sum(bury(work, workspace_id, _events.c.seq.in_(part)) for part in parts(seqs)):
            return True
    return False


def _of_nobody(column: Any, table: Table) -> ColumnElement[bool]:
    somebody = exists().where(table.c.workspace_id == _events.c.workspace_id, table.c.id == column)
    return and_(column.is_not(None), ~somebody)
