"""The discount ledger: every code that was asked for, and what became of it.

    waiting → reserved → issued → redeemed | expired | revoked
       ↓          ↓
    declined    failed

Every step is in the audit log. An order may use a code at any time, also before we know that it
exists or after it has ended: what the shop has taken is redeemed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Text,
    func,
    select,
    tuple_,
)
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.audit import audit, itself, of_shop
from core.cursors import from_cursor, to_cursor
from core.db import Work, table_of
from core.discount_policy import to_percent
from core.discount_views import CSV_HEADER, to_card, to_line, to_view
from core.errors import NotFound
from core.events import DiscountChanged
from core.jobs import enqueue
from core.redact import without_secrets
from core.tables import to_csv as to_table
from core.views import DiscountCard, DiscountState, DiscountView, Money

ISSUE = "hub.issue_discount"  # the job
PATIENCE = 30_000  # milliseconds after which a job looks after a code nobody has issued
PAGE = 50
EXPORTED = 100_000


class Discount(SQLModel, table=True):
    """One discount: its terms, its place in the budget and how far it is."""

    __tablename__ = "discounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "connection_id"], ["connections.workspace_id", "connections.id"]
        ),
        ForeignKeyConstraint(
            ["workspace_id", "conversation_id"], ["conversations.workspace_id", "conversations.id"]
        ),
        ForeignKeyConstraint(
            ["workspace_id", "customer_id"], ["customers.workspace_id", "customers.id"]
        ),
        ForeignKeyConstraint(
            ["workspace_id", "visitor_id"], ["visitors.workspace_id", "visitors.id"]
        ),
        Index("discounts_by_time", "workspace_id", "created_at", "id"),
        Index("discounts_by_day", "workspace_id", "day"),
        Index("discounts_by_code", "workspace_id", "source", "code"),
        Index("discounts_by_reference", "workspace_id", "source", "reference"),
        Index("discounts_of_conversation", "workspace_id", "conversation_id"),
        Index("discounts_of_customer", "workspace_id", "customer_id"),
        Index("discounts_of_visitor", "workspace_id", "visitor_id"),
        Index("discounts_due", "state", "expires_at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)  # made by whoever asked
    state: str = "waiting"
    connection_id: str
    source: str
    store: str  # the shop's title
    shop_customer: str = ""  # the shop's id of the only one who may use it
    shop_email: str = ""  # the same, for shops that go by address
    conversation_id: str | None
    visitor_id: str | None
    customer_id: str | None = None
    customer_name: str = ""
    percent: int = 0  # in hundredths; or
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = ""  # of the amount, or of the minimum
    minimum: int | None = Field(default=None, sa_type=BigInteger)
    valid_days: int
    reason: str = Field(default="", sa_type=Text)
    verdict: str = Field(default="", sa_type=Text)
    day: int | None = None  # whose budget it is of; days since 1970, UTC
    value: int = Field(default=0, sa_type=BigInteger)  # its part of that budget
    value_currency: str = ""
    code: str = ""
    attempt: int = 0  # which of its codes: the shop may have had one already
    asked_shop: bool = False  # it may have been made without our hearing of it
    locked_until: int = Field(default=0, sa_type=BigInteger)
    reference: str = ""  # the shop's id of the code
    url: str = Field(default="", sa_type=Text)
    by_kind: str
    by_id: str
    by_name: str
    by_avatar: str = Field(default="", sa_type=Text)
    decided_by: str = ""
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    decision: str = Field(default="", sa_type=Text)  # why it was declined
    order_reference: str = ""
    created_at: int = Field(sa_type=BigInteger)
    reserved_at: int | None = Field(default=None, sa_type=BigInteger)
    issued_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    redeemed_at: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


_discounts = table_of(Discount)


# Finding ---------------------------------------------------------------------------------


def find(work: Work, workspace_id: str, discount_id: str, *, lock: bool = False) -> Discount | None:
    """The discount, if there is one of this id; with `lock` it is the caller's until the commit."""
    query = select(Discount).where(
        _discounts.c.workspace_id == workspace_id, _discounts.c.id == discount_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(query).first()


def locked(work: Work, workspace_id: str, discount_id: str) -> Discount:
    """The discount, held until the commit, or NotFound."""
    row = find(work, workspace_id, discount_id, lock=True)
    if row is None:
        raise NotFound("There is no such discount.")
    return row


def discounts_of(
    work: Work, workspace_id: str, state: str | None = None, before: str = ""
) -> tuple[list[DiscountView], str | None]:
    """A page of the ledger, newest first, and the cursor of the next one."""
    query = select(Discount).where(_discounts.c.workspace_id == workspace_id)
    if state is not None:
        query = query.where(_discounts.c.state == state)
    order = (_discounts.c.created_at, _discounts.c.id)
    if before:
        query = query.where(tuple_(*order) < from_cursor(before))
    query = query.order_by(*(column.desc() for column in order)).limit(PAGE + 1)
    rows = list(work.session.scalars(query))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = to_cursor(last.created_at, last.id) if last else None
    return [to_view(row) for row in rows[:PAGE]], following


def waiting(work: Work, workspace_id: str) -> int:
    """How many wait for an admin."""
    query = select(func.count()).where(
        _discounts.c.workspace_id == workspace_id, _discounts.c.state == "waiting"
    )
    return int(work.execute(query).scalar_one())


def cards_for(work: Work, workspace_id: str, ids: Sequence[str]) -> dict[str, DiscountCard]:
    """Cards of discounts as they stand, by their ids."""
    if not ids:
        return {}
    query = select(Discount).where(
        _discounts.c.workspace_id == workspace_id, _discounts.c.id.in_(list(ids))
    )
    return {row.id: to_card(row) for row in work.session.scalars(query) if row.code}


def to_csv(work: Work, workspace_id: str) -> str:
    """The whole ledger, newest first, as a table."""
    query = select(Discount).where(_discounts.c.workspace_id == workspace_id)
    query = query.order_by(_discounts.c.created_at.desc(), _discounts.c.id.desc()).limit(EXPORTED)
    return to_table(CSV_HEADER, (to_line(row) for row in work.session.scalars(query)))


# Changing --------------------------------------------------------------------------------


def move(work: Work, by: Principal, row: Discount, state: DiscountState) -> None:
    """Bring a discount into another state; everyone hears of it, the audit log keeps it."""
    before, row.state = row.state, state
    note(work, by, row, before, f"discount.{state}")


def note(work: Work, by: Principal, row: Discount, before: str, action: str) -> None:
    """Save a discount that has come from the state `before`, and tell everyone."""
    row.updated_at = work.now
    work.add(row)
    after = {"state": row.state, "percent": to_percent(row.percent), "amount": row.amount}
    after |= {"currency": row.currency, "store": row.store, "day": row.day, "value": row.value}
    audit(work, by, action, row.id, before={"state": before} if before else None, after=after)
    work.announce(
        row.workspace_id, DiscountChanged(customer=row.customer_id, discount=to_view(row))
    )


def fail(work: Work, row: Discount, reason: str) -> None:
    """The shop will not make this code: its budget is free again."""
    row.verdict, row.locked_until = without_secrets(reason)[:500], 0
    move(work, itself(row.workspace_id), row, "failed")


def note_redeemed(
    work: Work,
    workspace_id: str,
    source: str,
    code: str,
    reference: str,
    at: int,
    saved: Money | None = None,
) -> bool:
    """An order of `source` carries a code: whether that was news.

    For connectors; harmless twice, before the code is known to be issued, after it has
    expired, and for codes that are not ours. `saved` is what the order saved by it: from then
    on the code counts for that in its day's budget.
    """
    query = select(Discount).where(
        _discounts.c.workspace_id == workspace_id,
        _discounts.c.source == source,
        _discounts.c.code == code.strip().upper(),
        _discounts.c.code != "",
    )
    row = work.session.scalars(query.with_for_update()).first()
    if row is None or row.state == "redeemed":
        return False
    row.redeemed_at, row.order_reference = at, reference
    if saved is not None and saved.currency == row.value_currency:
        row.value = max(0, saved.minor)
    move(work, itself(workspace_id), row, "redeemed")
    return True


def note_withdrawn(
    work: Work, workspace_id: str, source: str, references: Iterable[str]
) -> list[str]:
    """The shop has these codes, by its own ids, no more: the references of those that were ours.

    For connectors; harmless twice and for codes of others. What is issued is revoked by the shop.
    An order that used the code before redeems it all the same.
    """
    gone = []
    for reference in sorted(set(references)):
        query = select(Discount).where(
            _discounts.c.workspace_id == workspace_id,
            _discounts.c.source == source,
            _discounts.c.reference == reference,
            _discounts.c.reference != "",
            _discounts.c.state == "issued",
        )
        row = work.session.scalars(query.with_for_update()).first()
        if row is not None:
            move(work, of_shop(workspace_id, row.store), row, "revoked")
            gone.append(reference)
    return gone


def issued_references(work: Work, workspace_id: str, source: str) -> list[str]:
    """The shop's ids of the codes that it should have, for a comparison with the shop."""
    query = select(_discounts.c.reference).where(
        _discounts.c.workspace_id == workspace_id,
        _discounts.c.source == source,
        _discounts.c.state == "issued",
        _discounts.c.reference != "",
    )
    return list(work.execute(query).scalars())


def look_after(work: Work, row: Discount, at: int) -> None:
    """Have the job issue this discount, unless somebody has done so by then."""
    key = f"discount {row.workspace_id} {row.id}"
    enqueue(work, ISSUE, workspace_id=row.workspace_id, key=key, at=at, discount=row.id)


def expire(work: Work, most: int = 500) -> int:
    """End codes whose time is over, of every workspace; how many, at most `most`."""
    query = (
        select(Discount)
        .where(_discounts.c.state == "issued", _discounts.c.expires_at <= work.now)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = list(work.session.scalars(query))
    for row in rows:
        move(work, itself(row.workspace_id), row, "expired")
    return len(rows)


def look_after_all(work: Work) -> None:
    """Have the job see to every reservation that nobody has settled."""
    query = select(Discount).where(
        _discounts.c.state == "reserved",
        _discounts.c.updated_at < work.now - PATIENCE,
        _discounts.c.locked_until < work.now,
    )
    for row in work.session.scalars(query.limit(500)):
        look_after(work, row, work.now)
