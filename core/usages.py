"""Usages: what the assistant's answers of one day took, for each visitor and altogether."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from core.db import Work, table_of

DAY = 86_400_000


class Usage(SQLModel, table=True):
    """What one day's answers took, for a visitor, or for everybody where `visitor_id` is empty."""

    __tablename__ = "assistant_usage"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    day: int = Field(primary_key=True)  # days since 1970, UTC
    visitor_id: str = Field(primary_key=True, default="")
    answers: int = 0
    handovers: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: int = Field(default=0, sa_type=BigInteger)  # millionths of the assistant's currency


_usage = table_of(Usage)


def count_usage(work: Work, workspace_id: str, visitor_id: str, **more: int) -> None:
    """Add to today's numbers of a visitor, then of the workspace: always in this order."""
    for whose in dict.fromkeys((visitor_id, "")):
        fresh = Usage(
            workspace_id=workspace_id, day=work.now // DAY, visitor_id=whose, **more
        ).model_dump()
        insert = work.insert(Usage)
        added = {name: _usage.c[name] + insert.excluded[name] for name in more}
        work.execute(
            insert.on_conflict_do_update(
                index_elements=["workspace_id", "day", "visitor_id"], set_=added
            ),
            fresh,
        )


def usage_of(work: Work, workspace_id: str, visitor_id: str = "") -> Usage:
    """Today's numbers; nothing yet is all zeros."""
    key = (workspace_id, work.now // DAY, visitor_id)
    found = work.session.get(Usage, key, populate_existing=True)
    return found or Usage(workspace_id=key[0], day=key[1], visitor_id=visitor_id)
