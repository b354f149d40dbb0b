"""Shop codes: the discount codes a shop's own staff made, to look up beside the hub's ledger.

They are read and shown, never changed or given away. What the shop said later stays; how often a
code was used is as of the last reading, for shops tell nobody of a use. Of a personal code neither
the addresses it is good for nor the note of the staff are kept: they name customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Select,
    Text,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlmodel import Field, SQLModel

from core.connections import connections_of
from core.db import Work, table_of
from core.discount_ledger import Discount
from core.drafts import short
from core.errors import Invalid
from core.ids import new_id
from core.shop_code_views import Kind, ShopCodeView, to_view

CODE_LENGTH = 255
TITLE_LENGTH = 500
PAGE = 50


class ShopCode(SQLModel, table=True):
    """One code of a shop."""

    __tablename__ = "shop_codes"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("shop_codes_by_code", "workspace_id", "code_key", "id"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    source: str
    external_id: str
    code: str  # as the shop writes it
    code_key: str  # in capitals, as the ledger has its own
    title: str = Field(default="", sa_type=Text)
    kind: str = "other"
    percent: int | None = None  # in hundredths
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = ""  # of the amount and the minimum
    minimum: int | None = Field(default=None, sa_type=BigInteger)
    free_shipping: bool = False
    starts_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    usage_limit: int | None = Field(default=None, sa_type=BigInteger)
    used: int = Field(default=0, sa_type=BigInteger)
    personal: bool = False  # good for certain e-mail addresses only; which, is not kept
    restricted: bool = False  # good for certain products only
    active: bool = True
    vendor_at: int | None = Field(default=None, sa_type=BigInteger)  # by the shop's clock
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class ShopCodeDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop says of one of its codes: all of it, for it is told as a whole."""

    external_id: str
    code: str
    title: str = ""
    kind: Kind = "other"
    percent: int | None = None
    amount: int | None = None
    currency: str = ""
    minimum: int | None = None
    free_shipping: bool = False
    starts_at: int | None = None
    expires_at: int | None = None
    usage_limit: int | None = None
    used: int = 0
    personal: bool = False
    restricted: bool = False
    active: bool = True
    updated_at: int | None = None  # by the shop's clock: what it said later stays

    def checked(self) -> ShopCodeDraft:
        """The draft with clean text, or Invalid naming the field."""
        clean = {
            "external_id": short(self.external_id, "external_id", CODE_LENGTH),
            "code": short(self.code, "code", CODE_LENGTH),
            "title": "" if self.personal else short(self.title, "title", TITLE_LENGTH),
        }
        for name in ("external_id", "code"):
            if not clean[name]:
                raise Invalid(f"{name} must not be empty.", field=name)
        return msgspec.structs.replace(self, **clean)


_codes = table_of(ShopCode)
_discounts = table_of(Discount)
_NAME = ("workspace_id", "source", "external_id")
_NO_NEWS = ("used", "updated_at")  # a use, or a clock that moved on, is no news
_SAID = tuple(name for name in ShopCodeDraft.__struct_fields__ if name not in ("updated_at",))


# Saving ----------------------------------------------------------------------------------


def save_shop_codes(
    work: Work, workspace_id: str, source: str, drafts: Sequence[ShopCodeDraft]
) -> list[str]:
    """Save a page of a shop's codes; the external ids of those that say something new.

    Newest wins by `updated_at` where both sides have it, else by arrival.
    """
    known = drafts_of(work, workspace_id, source, [draft.external_id for draft in drafts])
    news: list[str] = []
    for draft in drafts:
        before = known.get(draft.external_id)
        if before == draft or (before is not None and _is_newer(before, draft)):
            continue
        known[draft.external_id] = draft
        _put(work, workspace_id, source, draft)
        if before is None or _told(before) != _told(draft):
            news.append(draft.external_id)
    return news


def _put(work: Work, workspace_id: str, source: str, draft: ShopCodeDraft) -> None:
    """The row as the draft has it, unless somebody has saved a newer one meanwhile."""
    said = {name: getattr(draft, name) for name in _SAID}
    row = {
        **said,
        "workspace_id": workspace_id,
        "id": new_id("shc"),
        "source": source,
        "code_key": to_key(draft.code),
        "vendor_at": draft.updated_at,
        "created_at": work.now,
        "updated_at": work.now,
    }
    insert = work.insert(_codes).values(**row)
    moving = {name: value for name, value in row.items() if name not in ("id", "created_at")}
    moving["vendor_at"] = func.coalesce(insert.excluded.vendor_at, _codes.c.vendor_at)
    not_older = or_(
        _codes.c.vendor_at.is_(None),
        insert.excluded.vendor_at.is_(None),
        insert.excluded.vendor_at >= _codes.c.vendor_at,
    )
    work.execute(insert.on_conflict_do_update(index_elements=_NAME, set_=moving, where=not_older))


def _is_newer(known: ShopCodeDraft, draft: ShopCodeDraft) -> bool:
    return (
        known.updated_at is not None
        and draft.updated_at is not None
        and draft.updated_at < known.updated_at
    )


def _told(draft: ShopCodeDraft) -> dict[str, Any]:
    said = msgspec.structs.asdict(draft)
    return {name: value for name, value in said.items() if name not in _NO_NEWS}


def to_key(code: str) -> str:
    """A code in whatever letters, as it is compared."""
    return code.strip().upper()


def remove_shop_codes(
    work: Work, workspace_id: str, source: str, external_ids: Iterable[str]
) -> list[str]:
    """Take these away; the external ids of those that were here."""
    some = list(external_ids)
    gone = delete(_codes).where(*_of(workspace_id, source), _codes.c.external_id.in_(some))
    return list(work.execute(gone.returning(_codes.c.external_id)).scalars()) if some else []


# Comparing with the shop -----------------------------------------------------------------


def drafts_of(
    work: Work, workspace_id: str, source: str, external_ids: Iterable[str]
) -> dict[str, ShopCodeDraft]:
    """These codes as the shop last described them, by their external ids."""
    query = select(_codes).where(
        *_of(workspace_id, source), _codes.c.external_id.in_(list(external_ids))
    )
    return {row["external_id"]: _to_draft(row) for row in work.execute(query).mappings()}


def _to_draft(row: Any) -> ShopCodeDraft:
    return ShopCodeDraft(**{name: row[name] for name in _SAID}, updated_at=row["vendor_at"])


def external_ids(
    work: Work, workspace_id: str, source: str, after: str = "", limit: int = 1_000
) -> list[tuple[str, bool]]:
    """A source's codes in the order of their external ids, and whether each is active."""
    query = (
        select(_codes.c.external_id, _codes.c.active)
        .where(*_of(workspace_id, source), _codes.c.external_id > after)
        .order_by(_codes.c.external_id)
        .limit(limit)
    )
    return [(row.external_id, row.active) for row in work.execute(query)]


def ids_of_codes(work: Work, workspace_id: str, source: str, codes: Iterable[str]) -> list[str]:
    """The external ids of those of these codes that are the shop's."""
    keys = [to_key(code) for code in codes]
    query = select(_codes.c.external_id).where(
        *_of(workspace_id, source), _codes.c.code_key.in_(keys)
    )
    return list(work.execute(query).scalars()) if keys else []


def _of(workspace_id: str, source: str) -> tuple[ColumnElement[bool], ...]:
    return _codes.c.workspace_id == workspace_id, _codes.c.source == source


# Showing ---------------------------------------------------------------------------------


def shop_codes_of(
    work: Work, workspace_id: str, begins: str = "", after: str = "", source: str | None = None
) -> tuple[list[ShopCodeView], str | None]:
    """A page of the shops' own codes by name, and the `after` of the next one.

    `begins` is how a code begins, in whatever letters. What the hub made itself is in the ledger
    and not here.
    """
    query = select(_codes).where(_codes.c.workspace_id == workspace_id, ~_is_ours())
    if source is not None:
        query = query.where(_codes.c.source == source)
    if begins.strip():
        query = query.where(_codes.c.code_key.startswith(to_key(begins), autoescape=True))
    rows = list(work.execute(_page(query, after)).mappings())
    stores = {row.source: row.title for row in connections_of(work, workspace_id)}
    views = [to_view(row, stores.get(row["source"], ""), work.now) for row in rows[:PAGE]]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return views, f"{last['id']}.{last['code_key']}" if last else None


def _page(query: Select[Any], after: str) -> Select[Any]:
    order = (_codes.c.code_key, _codes.c.id)
    if after:
        id_, dot, key = after.partition(".")
        if not dot or not id_:
            raise Invalid("This is not a cursor of ours.", field="after")
        query = query.where(tuple_(*order) > (key, id_))
    return query.order_by(*order).limit(PAGE + 1)


def _is_ours() -> ColumnElement[bool]:
    """Whether the hub's ledger has it: by its code or, if the staff renamed it, by its id."""
    theirs = and_(
        _discounts.c.workspace_id == _codes.c.workspace_id, _discounts.c.source == _codes.c.source
    )
    return or_(
        exists().where(theirs, _discounts.c.code == _codes.c.code_key),
        exists().where(theirs, _discounts.c.reference == _codes.c.external_id),
    )
