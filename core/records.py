"""Records: a customer's orders, deposits, withdrawals, payments and others, newest state wins.

A source names a record by kind and reference; sending it again updates it. Updates may come
twice, late and out of order. A guest's record is kept and belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core import customers
from core.bulk import ByKeys, execute_many
from core.db import Work, table_of
from core.drafts import Saved, short
from core.errors import Invalid, NotFound
from core.events import RecordChanged, RecordRemoved
from core.ids import moment, new_id
from core.links import to_link
from core.money import to_money
from core.tones import tone
from core.views import Record, RecordKind, StatusChange

Key = tuple[str, str, str, str]  # workspace, source, kind, reference

REFERENCE_LENGTH = 255
TITLE_LENGTH = 500
STATUS_LENGTH = 100
DAY = 86_400_000
LISTED = 50  # records a panel or card shows


class RecordRow(SQLModel, table=True):
    """One record as its source last described it."""

    __tablename__ = "records"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "customer_id"], ["customers.workspace_id", "customers.id"]
        ),
        UniqueConstraint("workspace_id", "source", "kind", "reference"),
        Index("records_of_customer", "workspace_id", "customer_id", "occurred_at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    source: str
    kind: str
    reference: str
    customer_id: str | None = None  # None for a guest's
    title: str = ""
    amount: int | None = Field(default=None, sa_type=BigInteger)  # minor units of `currency`
    currency: str = ""
    status: str = ""
    url: str = ""
    occurred_at: int = Field(sa_type=BigInteger)
    dated: bool = False  # the source said when; otherwise it is when we first heard
    vendor_at: int | None = Field(default=None, sa_type=BigInteger)  # the newest `updated_at`
    steps: int = 0  # how many changes of status there are in record_statuses
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class RecordStatus(SQLModel, table=True):
    """A change of a record's status. The first status is the record's own, see `history`."""

    __tablename__ = "record_statuses"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "record_id"], ["records.workspace_id", "records.id"]),
    )

    workspace_id: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    step: int = Field(primary_key=True)
    before: str
    after: str
    at: int = Field(sa_type=BigInteger)
    source: str


class RecordDraft(msgspec.Struct, frozen=True):
    """What a source says of a record; None means nothing was said, so what is known stays."""

    kind: RecordKind
    reference: str
    title: str | None = None
    amount: int | None = None  # minor units, never without `currency`
    currency: str | None = None
    status: str | None = None
    url: str | None = None
    occurred_at: int | None = None
    updated_at: int | None = None  # by the source's clock

    def checked(self, now: int) -> RecordDraft:
        """The draft with clean text, or Invalid naming the field."""
        reference = self.reference.strip()
        if not reference:
            raise Invalid("reference must not be empty.", field="reference")
        if self.updated_at is not None and self.updated_at > now + DAY:
            # Nothing could change this record until then.
            raise Invalid("updated_at is more than a day in the future.", field="updated_at")
        return RecordDraft(
            kind=self.kind,
            reference=short(reference, "reference", REFERENCE_LENGTH),
            title=short(self.title, "title", TITLE_LENGTH),
            amount=self.amount,
            currency=self.currency,
            status=short(self.status, "status", STATUS_LENGTH),
            url=self.url and to_link(self.url, field="url"),
            occurred_at=self.occurred_at,
            updated_at=self.updated_at,
        )


class RecordBatch(msgspec.Struct, frozen=True):
    """Records of one customer, or of guests, from one source."""

    workspace_id: str
    source: str
    external_id: str  # a guest's id means: no customer
    drafts: Sequence[RecordDraft]


# Saving ----------------------------------------------------------------------------------

_records = table_of(RecordRow)
_statuses = table_of(RecordStatus)
_known = ByKeys(
    _records.c, (_records.c.workspace_id, _records.c.source, _records.c.kind, _records.c.reference)
)
_insert = insert(_records)
_SAID = (
    "title",
    "amount",
    "currency",
    "status",
    "url",
    "dated",
    "vendor_at",
    "steps",
    "updated_at",
)
_PLACE = ("customer_id", "occurred_at")  # in an index, so written only when they change


def _updating(columns: Sequence[str]) -> Update:
    this = (
        _records.c.workspace_id == bindparam("p_workspace_id"),
        _records.c.id == bindparam("p_id"),
    )
    return update(_records).where(*this).values({name: bindparam(f"p_{name}") for name in columns})


_update = _updating(_SAID)
_replace = _updating(_PLACE)
_add_statuses = insert(_statuses)
_SHOWN = ("customer_id", "title", "amount", "currency", "status", "url", "occurred_at")


def save_records(work: Work, batches: list[RecordBatch]) -> list[list[Saved]]:
    """Create and update records, a list of results a batch; for `db.batch`.

    Newest wins by `updated_at` where both sides have it, else by `occurred_at` where both have
    it, else by arrival. What says nothing new is not announced.
    """
    return _Saving(work, batches).run()


class _Saving:
    """Some batches on their way into the tables: what was known, and what becomes of it."""

    def __init__(self, work: Work, batches: list[RecordBatch]) -> None:
        self.work = work
        self.batches = batches
        self.rows: dict[Key, dict[str, Any]] = {}
        self.fresh: dict[Key, dict[str, Any]] = {}
        self.changed: dict[Key, dict[str, Any]] = {}
        self.moved: dict[Key, dict[str, Any]] = {}  # to another customer or time
        self.touched: dict[Key, dict[str, Any]] = {}  # only the vendor's clock moved on
        self.taken: list[tuple[str, RecordRemoved]] = []  # from the customers who had them
        self.steps: list[dict[str, Any]] = []

    def run(self) -> list[list[Saved]]:
        owners = customers.customer_ids(self.work, set(_owners(self.batches)))
        self._load()
        outcomes = []
        for batch in self.batches:
            owner = owners.get((batch.workspace_id, batch.source, batch.external_id))
            outcomes.append([self._apply(batch, owner, draft) for draft in batch.drafts])
        self._store()
        self._announce()
        return outcomes

    def _load(self) -> None:
        keys = {_key(batch, draft) for batch in self.batches for draft in batch.drafts}
        for row in _known.rows(self.work.connection, keys, lock=True):
            self.rows[row["workspace_id"], row["source"], row["kind"], row["reference"]] = row

    def _apply(self, batch: RecordBatch, owner: str | None, draft: RecordDraft) -> Saved:
        key = _key(batch, draft)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = self.fresh[key] = _new(key, owner, draft, self.work.now)
            return Saved(row["id"], "created")
        if _is_older(row, draft):
            return Saved(row["id"], "older")
        before = {name: row[name] for name in _SHOWN}
        clock = row["vendor_at"], row["dated"]
        _describe(row, owner, draft)
        if all(row[name] == value for name, value in before.items()):
            if clock != (row["vendor_at"], row["dated"]):
                self.touched[key] = row
            return Saved(row["id"], "unchanged")
        self._note(key, row, before, draft)
        return Saved(row["id"], "updated")

    def _note(
        self, key: Key, row: dict[str, Any], before: dict[str, Any], draft: RecordDraft
    ) -> None:
        row["updated_at"] = self.work.now
        self.changed[key] = row
        if any(row[name] != before[name] for name in _PLACE):
            self.moved[key] = row
        if row["status"] != before["status"]:
            row["steps"] += 1
            self.steps.append(_step(row, before["status"], draft.updated_at or self.work.now))
        if before["customer_id"] not in (None, row["customer_id"]):
            self.taken.append((key[0], _removal(row, before["customer_id"])))

    def _store(self) -> None:
        stale = {**self.touched, **self.changed}
        execute_many(self.work.connection, _insert, list(self.fresh.values()))
        execute_many(
            self.work.connection, _update, [stale[key] for key in stale.keys() - self.fresh.keys()]
        )
        execute_many(
            self.work.connection,
            _replace,
            [self.moved[key] for key in self.moved.keys() - self.fresh.keys()],
        )
        execute_many(self.work.connection, _add_statuses, self.steps)

    def _announce(self) -> None:
        for workspace_id, removal in self.taken:
            self.work.announce(workspace_id, removal)
        for key, row in {**self.fresh, **self.changed}.items():
            event = RecordChanged(customer=row["customer_id"], record=to_view(row))
            self.work.announce(key[0], event)


def _key(batch: RecordBatch, draft: RecordDraft) -> Key:
    return batch.workspace_id, batch.source, draft.kind, draft.reference


def _owners(batches: Iterable[RecordBatch]) -> Iterator[customers.Key]:
    for batch in batches:
        if batch.drafts and not customers.is_guest(batch.external_id):
            yield batch.workspace_id, batch.source, batch.external_id


def _is_older(row: dict[str, Any], draft: RecordDraft) -> bool:
    if row["vendor_at"] is not None and draft.updated_at is not None:
        return bool(draft.updated_at < row["vendor_at"])
    return bool(
        row["dated"] and draft.occurred_at is not None and draft.occurred_at < row["occurred_at"]
    )


def _new(key: Key, owner: str | None, draft: RecordDraft, now: int) -> dict[str, Any]:
    workspace_id, source, kind, reference = key
    return {
        "workspace_id": workspace_id,
        "id": new_id("rec"),
        "source": source,
        "kind": kind,
        "reference": reference,
        "customer_id": owner,
        "title": draft.title or "",
        "amount": draft.amount,
        "currency": draft.currency or "",
        "status": draft.status or "",
        "url": draft.url or "",
        "occurred_at": now if draft.occurred_at is None else draft.occurred_at,
        "dated": draft.occurred_at is not None,
        "vendor_at": draft.updated_at,
        "steps": 0,
        "created_at": now,
        "updated_at": now,
    }


def _describe(row: dict[str, Any], owner: str | None, draft: RecordDraft) -> None:
    """Write what the draft says over what was known; a guest's id takes the record from its
    customer, because the shop's server knows best whose it is."""
    row["customer_id"] = owner
    if draft.title is not None:
        row["title"] = draft.title
    if draft.amount is not None:
        row["amount"], row["currency"] = draft.amount, draft.currency
    if draft.status is not None:
        row["status"] = draft.status
    if draft.url is not None:
        row["url"] = draft.url
    if draft.occurred_at is not None:
        row["occurred_at"], row["dated"] = draft.occurred_at, True
    if draft.updated_at is not None:
        row["vendor_at"] = draft.updated_at


def _step(row: dict[str, Any], before: str, at: int) -> dict[str, Any]:
    return {
        "workspace_id": row["workspace_id"],
        "record_id": row["id"],
        "step": row["steps"],
        "before": before,
        "after": row["status"],
        "at": at,
        "source": row["source"],
    }


def _removal(row: Any, customer_id: str | None) -> RecordRemoved:
    return RecordRemoved(
        customer=customer_id, id=row["id"], kind=row["kind"], reference=row["reference"]
    )


def remove_record(
    work: Work, workspace_id: str, source: str, kind: RecordKind, reference: str
) -> None:
    """Take a record and its history away; NotFound if the source has no such record."""
    found = _known.rows(work.connection, [(workspace_id, source, kind, reference)], lock=True)
    if not found:
        raise NotFound(f"There is no {kind} with this reference.")
    (row,) = found
    for table, id_column in ((_statuses, _statuses.c.record_id), (_records, _records.c.id)):
        work.execute(
            delete(table).where(table.c.workspace_id == workspace_id, id_column == row["id"])
        )
    work.announce(workspace_id, _removal(row, row["customer_id"]))


# Showing ---------------------------------------------------------------------------------


def records_of(
    work: Work, workspace_id: str, customer_id: str, *, limit: int = LISTED
) -> list[Record]:
    """A customer's records, newest first."""
    rows = work.execute(
        select(_records)
        .where(_records.c.workspace_id == workspace_id, _records.c.customer_id == customer_id)
        .order_by(_records.c.occurred_at.desc(), _records.c.id)
        .limit(limit)
    )
    return [to_view(row) for row in rows.mappings()]


def own_records(
    work: Work, workspace_id: str, customer_ids: Sequence[str], kind: RecordKind | None, limit: int
) -> list[Record]:
    """The records of these customers, of one kind or of any, newest first."""
    query = select(_records).where(
        _records.c.workspace_id == workspace_id, _records.c.customer_id.in_(list(customer_ids))
    )
    if kind is not None:
        query = query.where(_records.c.kind == kind)
    query = query.order_by(_records.c.occurred_at.desc(), _records.c.id).limit(limit)
    return [to_view(row) for row in work.execute(query).mappings()]


def find_record(
    work: Work, workspace_id: str, source: str, kind: RecordKind, reference: str
) -> Record | None:
    """The record a source knows by this reference, if there is one; locked until the commit."""
    found = _known.rows(work.connection, [(workspace_id, source, kind, reference)], lock=True)
    return to_view(found[0]) if found else None


def record_for(work: Work, workspace_id: str, record_id: str) -> Record:
    """The record, or NotFound."""
    return to_view(_row(work, workspace_id, record_id))


def history(work: Work, workspace_id: str, record_id: str) -> list[StatusChange]:
    """How a record came to its status, oldest first; NotFound if it is not there."""
    record = _row(work, workspace_id, record_id)
    steps = work.execute(
        select(_statuses)
        .where(_statuses.c.workspace_id == workspace_id, _statuses.c.record_id == record_id)
        .order_by(_statuses.c.step)
    ).all()
    first = StatusChange(
        before=None,
        after=steps[0].before if steps else record["status"],
        at=moment(record["created_at"]),
        source=record["source"],
    )
    return [first] + [
        StatusChange(before=step.before, after=step.after, at=moment(step.at), source=step.source)
        for step in steps
    ]


def _row(work: Work, workspace_id: str, record_id: str) -> Any:
    row = (
        work.execute(
            select(_records).where(
                _records.c.workspace_id == workspace_id, _records.c.id == record_id
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound("There is no such record.")
    return row


def to_view(row: Any) -> Record:
    """A row as agents and its customer see it."""
    amount = None if row["amount"] is None else to_money(row["amount"], row["currency"])
    return Record(
        id=row["id"],
        kind=row["kind"],
        reference=row["reference"],
        title=row["title"],
        amount=amount,
        status=row["status"],
        tone=tone(row["status"]),
        url=row["url"],
        source=row["source"],
        occurred_at=moment(row["occurred_at"]),
        updated_at=moment(row["vendor_at"] or row["updated_at"]),
    )
