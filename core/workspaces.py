"""Workspaces: one merchant's world; every other row belongs to exactly one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, select
from sqlmodel import Field, SQLModel, col

from core.db import Work
from core.errors import NotFound
from core.ids import new_id, random_text


class Workspace(SQLModel, table=True):
    """A tenant. `app_id` is public and grants only a visitor's rights."""

    __tablename__ = "workspaces"

    id: str = Field(primary_key=True)
    name: str
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
            app_id=f"icw_{random_text(24)}",
            epoch=random_text(12),
            created_at=work.now,
        )
    )


def workspace(work: Work, workspace_id: str) -> Workspace:
    """The workspace, or NotFound."""
    found = work.session.get(Workspace, workspace_id)
    if found is None:
        raise NotFound("There is no such workspace.")
    return found


def workspace_by_app_id(work: Work, app_id: str) -> Workspace | None:
    """The workspace a public app id names."""
    return work.session.scalars(select(Workspace).where(col(Workspace.app_id) == app_id)).first()


def workspaces(work: Work) -> list[Workspace]:
    """Every workspace on this server, oldest first; for operators, never for tenants."""
    return list(work.session.scalars(select(Workspace).order_by(col(Workspace.created_at))))
