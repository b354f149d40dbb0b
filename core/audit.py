"""The audit log: who did what to what, saved with the change and never edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, select, tuple_
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.db import Work, table_of
from core.ids import new_id

MASK = "•••"
SECRET_WORDS = ("secret", "password", "token", "hash", "key")  # a field ending in one is masked


class AuditEntry(SQLModel, table=True):
    """One thing somebody did. There is no function to change or remove it."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("audit_entries_by_time", "workspace_id", "at", "id"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    actor_kind: str  # agent, key, visitor, shop; operator: a command on the server; hub: of itself
    actor_id: str
    actor_name: str  # as it was then
    address: str
    action: str  # in the past tense: "key.revoked"
    target: str
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


_entries = table_of(AuditEntry)


def operator(workspace_id: str) -> Principal:
    """Whoever runs a command on the server itself, as the actor of what it changes."""
    return Principal("public", workspace_id=workspace_id, id="operator", name="Operator")


def itself(workspace_id: str) -> Principal:
    """The hub, as the actor of what nobody asked it to do."""
    return Principal("public", workspace_id=workspace_id, id="hub", name="Parley")


def assistant(workspace_id: str) -> Principal:
    """The assistant, as the author of what it says and the actor of what it does."""
    return Principal("public", workspace_id=workspace_id, id="assistant", name="Assistant")


def of_shop(workspace_id: str, name: str) -> Principal:
    """A connected shop, as the actor of what its own staff did there."""
    return Principal("public", workspace_id=workspace_id, id="shop", name=name)


def audit(
    work: Work,
    principal: Principal,
    action: str,
    target: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    address: str = "",
) -> None:
    """Note what `principal` does to `target`, in the same transaction; secrets are masked."""
    work.add(
        AuditEntry(
            workspace_id=principal.workspace_id,
            id=new_id("aud"),
            at=work.now,
            actor_kind=principal.id if principal.kind == "public" else principal.kind,
            actor_id=principal.id,
            actor_name=principal.name,
            address=address,
            action=action,
            target=target,
            before=_masked(before),
            after=_masked(after),
        )
    )


def _masked(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        name: MASK if name.endswith(SECRET_WORDS) else value
        for name, value in (values or {}).items()
    }


def audit_entries(
    work: Work, workspace_id: str, before: tuple[int, str] | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The newest entries, or those older than the `(at, id)` a page ended with."""
    query = select(AuditEntry).where(_entries.c.workspace_id == workspace_id)
    if before is not None:
        query = query.where(tuple_(_entries.c.at, _entries.c.id) < before)
    newest_first = query.order_by(_entries.c.at.desc(), _entries.c.id.desc())
    return list(work.session.scalars(newest_first.limit(limit)))
