"""Workspaces: one merchant's world; every other row belongs to exactly one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, select, text
from sqlmodel import Field, SQLModel, col

from core.db import Work
from core.errors import NotFound
from core.ids import new_id, random_text
from core.slugs import free_slug

RESERVED = ("static",)  # handles that other addresses below /help need
_IS_NAMED = text("handle <> ''")


class Workspace(SQLModel, table=True):
    """A tenant. `app_id` is public and grants only a visitor's rights."""

    __tablename__ = "workspaces"
    __table_args__ = (
        Index(
            "workspaces_by_handle",
            "handle",
            unique=True,
            sqlite_where=_IS_NAMED,
            postgresql_where=_IS_NAMED,
        ),
    )

    id: str = Field(primary_key=True)
    name: str
    # Its readable name in public addresses; never empty once the migrations are done.
    handle: str = Field(default="", sa_column_kwargs={"server_default": ""})
    app_id: str = Field(unique=True)
    epoch: str  # renewed by a restore: whoever resumes with the old one fetches afresh
    event_seq: int = Field(default=0, sa_type=BigInteger)  # of the newest event
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: int = Field(sa_type=BigInteger)


def create_workspace(work: Work, name: str) -> Workspace:
    """A new, empty workspace with its own app id (`icw_` and 24 characters)."""
    return work.add(
        Workspace(
            id=new_id("wsp"),
            name=name,
            handle=free_slug(name, "shop", lambda handle: _taken(work, handle)),
            app_id=f"icw_{random_text(24)}",
            epoch=random_text(12),
            created_at=work.now,
        )
    )


def _taken(work: Work, handle: str) -> bool:
    return handle in RESERVED or workspace_by_handle(work, handle) is not None


def workspace(work: Work, workspace_id: str) -> Workspace:
    """The workspace, or NotFound."""
    found = work.session.get(Workspace, workspace_id)
    if found is None:
        raise NotFound("There is no such workspace.")
    return found


def workspace_by_app_id(work: Work, app_id: str) -> Workspace | None:
    """The workspace a public app id names."""
    return work.session.scalars(select(Workspace).where(col(Workspace.app_id) == app_id)).first()


def workspace_by_handle(work: Work, handle: str) -> Workspace | None:
    """The workspace of a readable name, as public addresses have it."""
    if not handle:
        return None
    return work.session.scalars(select(Workspace).where(col(Workspace.handle) == handle)).first()


def workspaces(work: Work) -> list[Workspace]:
    """Every workspace on this server, oldest first; for operators, never for tenants."""
    return list(work.session.scalars(select(Workspace).order_by(col(Workspace.created_at))))
