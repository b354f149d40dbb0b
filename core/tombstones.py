"""Tombstones: what a shop has deleted, so that something older does not bring it back.

Webhooks come late and are replayed, long reads show what was true when they began. A grave says
until when everything said of a thing is out of date; only what the source changed later passes.
It holds a digest, not the name: of what was erased nothing is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Index, Select, case, delete, select
from sqlmodel import Field, SQLModel

from core.bulk import ByKeys
from core.customers import Customer
from core.db import Work, table_of
from core.records import RecordRow

KEPT = 90 * 24 * 3_600_000  # longer than anything waits to be replayed
PART = 1_000


class Tombstone(SQLModel, table=True):
    """One thing that is gone."""

    __tablename__ = "tombstones"
    __table_args__ = (Index("tombstones_by_time", "buried_at"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    digest: str = Field(primary_key=True)
    until: int = Field(sa_type=BigInteger)  # what is older than this, by the source's clock, is it
    buried_at: int = Field(sa_type=BigInteger)


_stones = table_of(Tombstone)
_customers, _records = table_of(Customer), table_of(RecordRow)
_found = ByKeys((_stones.c.digest, _stones.c.until), (_stones.c.workspace_id, _stones.c.digest))


def bury(
    work: Work,
    workspace_id: str,
    source: str,
    kind: str,
    external_ids: Iterable[str],
    until: int | None = None,
) -> None:
    """Close the door behind what was deleted: to all that is older than `until`, or than now."""
    rows = [
        {
            "workspace_id": workspace_id,
            "digest": _digest(source, kind, external_id),
            "until": work.now if until is None else until,
            "buried_at": work.now,
        }
        for external_id in sorted(set(external_ids))
    ]
    if not rows:
        return
    stone = work.insert(_stones)
    later = case(
        (_stones.c.until > stone.excluded.until, _stones.c.until), else_=stone.excluded.until
    )
    work.execute(
        stone.on_conflict_do_update(
            index_elements=["workspace_id", "digest"],
            set_={"until": later, "buried_at": stone.excluded.buried_at},
        ),
        rows,
    )


def buried(
    work: Work, workspace_id: str, source: str, kind: str, external_ids: Iterable[str]
) -> dict[str, int]:
    """Which of these are gone, and what said before when is out of date."""
    names = {_digest(source, kind, one): one for one in external_ids}
    found = _found.rows(work.connection, {(workspace_id, digest) for digest in names})
    return {names[row["digest"]]: row["until"] for row in found}


def buried_by_now(
    work: Work, workspace_id: str, source: str, kind: str, external_ids: Iterable[str]
) -> dict[str, int]:
    """The same for whoever saves them next: an erasure that is under way is waited for.

    It holds their rows. Who looked before it ended, and saved after, would bring them back.
    """
    names = list(external_ids)
    if work.connection.dialect.name == "postgresql":  # SQLite has one writer
        query = _row_of(workspace_id, source, kind, names)
        work.execute(query.with_for_update(key_share=kind != "customer"))
    return buried(work, workspace_id, source, kind, names)


def _row_of(workspace_id: str, source: str, kind: str, names: list[str]) -> Select[Any]:
    """The rows in which they are kept, in one order for everyone who locks."""
    if kind == "customer":
        found = _customers.c
        query = select(found.id).where(found.external_id.in_(names)).order_by(found.external_id)
    else:
        found = _records.c
        query = select(found.id).where(found.reference.in_(names), found.kind == kind)
        query = query.order_by(found.reference)
    return query.where(found.workspace_id == workspace_id, found.source == source)


def trim(work: Work) -> int:
    """Forget a part of the old ones; how many, 0 when there are no more."""
    old = (
        select(_stones.c.workspace_id, _stones.c.digest)
        .where(_stones.c.buried_at < work.now - KEPT)
        .limit(PART)
    )
    gone = 0
    for row in work.execute(old).all():
        this = (_stones.c.workspace_id == row.workspace_id, _stones.c.digest == row.digest)
        gone += work.execute(delete(_stones).where(*this)).rowcount
    return gone


def _digest(source: str, kind: str, external_id: str) -> str:
    name = "\0".join((source, kind, external_id))
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
