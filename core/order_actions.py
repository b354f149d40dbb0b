"""Order actions as they are kept: every refund and cancellation anyone asked for.

    waiting → running → done | failed
       ↓
    declined

The intent is saved before the shop hears of it, under an id its maker chose: that id is the
key under which the shop acts once.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Text,
    func,
    select,
    tuple_,
)
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.audit import audit
from core.cursors import from_cursor, to_cursor
from core.db import Work, table_of
from core.errors import Conflict, NotFound
from core.events import ActionChanged
from core.ids import moment
from core.jobs import enqueue
from core.money import to_money
from core.redact import without_secrets
from core.views import ActionKind, ActionState, ActionView, Author, Decision

ACT = "hub.act_on_order"  # the job
PATIENCE = 60_000  # milliseconds after which the job looks after an action nobody has settled
PAGE = 50
PAST = {"refund": "refunded", "cancel": "cancelled"}


class OrderAction(SQLModel, table=True):
    """One refund or cancellation, from the wish to what came of it."""

    __tablename__ = "order_actions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "connection_id"], ["connections.workspace_id", "connections.id"]
        ),
        Index("order_actions_by_time", "workspace_id", "created_at", "id"),
        Index("order_actions_of_record", "workspace_id", "record_id"),
        Index("order_actions_by_state", "state", "updated_at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)  # made by whoever asked
    kind: str
    state: str
    record_id: str  # without a foreign key: the deed outlives the record
    connection_id: str
    source: str
    store: str  # the shop's title
    reference: str  # the order's at the shop
    order_title: str
    customer_id: str | None = None
    wish: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str = Field(default="", sa_type=Text)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = ""
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # the order's state
    detail: str = Field(default="", sa_type=Text)
    asked_shop: bool = False  # the shop may have done it without our hearing of it
    locked_until: int = Field(default=0, sa_type=BigInteger)
    by_id: str
    by_name: str
    by_avatar: str = Field(default="", sa_type=Text)
    decided_by: str = ""
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    decision: str = Field(default="", sa_type=Text)  # why it was declined
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


_actions = table_of(OrderAction)


# Finding ---------------------------------------------------------------------------------


def find(
    work: Work, workspace_id: str, action_id: str, *, lock: bool = False
) -> OrderAction | None:
    """The action, if there is one of this id; with `lock` it is the caller's until the commit."""
    query = select(OrderAction).where(
        _actions.c.workspace_id == workspace_id, _actions.c.id == action_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(query).first()


def locked(work: Work, workspace_id: str, action_id: str) -> OrderAction:
    """The action, held until the commit, or NotFound."""
    row = find(work, workspace_id, action_id, lock=True)
    if row is None:
        raise NotFound("There is no such action.")
    return row


def actions_of(
    work: Work, workspace_id: str, state: str | None = None, record: str = "", before: str = ""
) -> tuple[list[ActionView], str | None]:
    """A page of actions, newest first, and the cursor of the next one."""
    query = select(OrderAction).where(_actions.c.workspace_id == workspace_id)
    if state is not None:
        query = query.where(_actions.c.state == state)
    if record:
        query = query.where(_actions.c.record_id == record)
    order = (_actions.c.created_at, _actions.c.id)
    if before:
        query = query.where(tuple_(*order) < from_cursor(before))
    query = query.order_by(*(column.desc() for column in order)).limit(PAGE + 1)
    rows = list(work.session.scalars(query))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = to_cursor(last.created_at, last.id) if last else None
    return [to_view(row) for row in rows[:PAGE]], following


def undecided(work: Work, workspace_id: str, record_id: str, currency: str) -> int:
    """What an order's refunds come to that no admin was asked about, in minor units."""
    query = select(func.coalesce(func.sum(_actions.c.amount), 0)).where(
        _actions.c.workspace_id == workspace_id,
        _actions.c.record_id == record_id,
        _actions.c.kind == "refund",
        _actions.c.state.in_(("running", "done")),
        _actions.c.decided_by == "",
        _actions.c.currency == currency,
    )
    return int(work.execute(query).scalar_one())


# Changing --------------------------------------------------------------------------------


def note(work: Work, by: Principal, row: OrderAction, action: str, **after: Any) -> None:
    """Save an action as it stands, tell everyone, and keep who did what in the audit log."""
    row.updated_at = work.now
    work.add(row)
    told = {"action": row.id, "state": row.state, "amount": row.amount, "currency": row.currency}
    audit(work, by, action, row.record_id, before=row.before, after={**told, **after})
    announce(work, row)


def announce(work: Work, row: OrderAction) -> None:
    """Tell every agent how far an action is."""
    work.announce(row.workspace_id, ActionChanged(customer=row.customer_id, action=to_view(row)))


def decline(work: Work, by: Principal, action_id: str, reason: str) -> ActionView:
    """Refuse a waiting action; the shop never hears of it."""
    row = locked(work, by.workspace_id, action_id)
    if row.state == "waiting":
        row.decided_by, row.decided_at, row.decision = by.name, work.now, reason
        row.state, row.detail = "declined", ""
        note(work, by, row, f"order.{row.kind}_declined")
    elif row.state != "declined":
        raise Conflict("This does not wait for anyone any more.", code="not_waiting")
    return to_view(row)


def look_after(work: Work, row: OrderAction, at: int) -> None:
    """Have the job see to this action, unless somebody has done so by then."""
    key = f"action {row.workspace_id} {row.id}"
    enqueue(work, ACT, workspace_id=row.workspace_id, key=key, at=at, action=row.id)


def look_after_all(work: Work) -> None:
    """Have the job see to every action that nobody has settled."""
    query = select(OrderAction).where(
        _actions.c.state == "running",
        _actions.c.updated_at < work.now - PATIENCE,
        _actions.c.locked_until < work.now,
    )
    for row in work.session.scalars(query.limit(500)):
        look_after(work, row, work.now)


# Showing ---------------------------------------------------------------------------------


def to_view(row: OrderAction) -> ActionView:
    """The row as agents see it."""
    return ActionView(
        id=row.id,
        kind=msgspec.convert(row.kind, ActionKind),
        state=msgspec.convert(row.state, ActionState),
        record=row.record_id,
        order=row.order_title,
        connection=row.connection_id,
        store=row.store,
        customer=row.customer_id,
        amount=None if row.amount is None else to_money(row.amount, row.currency),
        reason=row.reason,
        detail=without_secrets(row.detail),
        by=Author(kind="agent", id=row.by_id, name=row.by_name, avatar_url=row.by_avatar),
        decision=None
        if row.decided_at is None
        else Decision(by=row.decided_by, at=moment(row.decided_at), reason=row.decision),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
