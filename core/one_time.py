"""One-time tokens: a sign-in link, a socket's or a customer's ticket; they work for one alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import BigInteger, ColumnElement, delete, select, update
from sqlmodel import Field, SQLModel

from core.crypto import hash_token
from core.db import Work, table_of
from core.errors import Unauthenticated
from core.ids import new_id, random_text

Purpose = Literal["signin", "ticket", "state", "storefront"]
LIFE: dict[Purpose, timedelta] = {
    "signin": timedelta(hours=24),
    "ticket": timedelta(seconds=30),
    "state": timedelta(minutes=10),  # from leaving for a vendor's approval to coming back
    "storefront": timedelta(seconds=90),
}
# For so long a late click can be told "used" from "expired"; shoppers make many, people few.
KEPT: dict[Purpose, timedelta] = {
    "signin": timedelta(days=7),
    "ticket": timedelta(hours=1),
    "state": timedelta(hours=1),
    "storefront": timedelta(hours=1),
}


class OneTimeToken(SQLModel, table=True):
    """A token that works once, for one purpose; `subject` is whom or what it stands for."""

    __tablename__ = "one_time_tokens"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    purpose: str
    token_hash: str = Field(unique=True)
    subject: str
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


_tokens = table_of(OneTimeToken)


def issue_token(work: Work, workspace_id: str, purpose: Purpose, subject: str) -> str:
    """A new token for `subject`; only its hash is kept."""
    old = work.now - _ms(KEPT[purpose])
    work.execute(delete(_tokens).where(_tokens.c.expires_at < old, _tokens.c.purpose == purpose))
    token = random_text(40)
    work.add(
        OneTimeToken(
            workspace_id=workspace_id,
            id=new_id("otk"),
            purpose=purpose,
            token_hash=hash_token(token),
            subject=subject,
            created_at=work.now,
            expires_at=work.now + _ms(LIFE[purpose]),
        )
    )
    return token


def redeem_token(work: Work, purpose: Purpose, token: str) -> tuple[str, str]:
    """The workspace and subject a token stands for; Unauthenticated the second time.

    One statement finds and marks it, so of two redemptions at the same moment one wins.
    """
    row = work.execute(
        update(_tokens)
        .where(*_good(work, purpose, token))
        .values(used_at=work.now)
        .returning(_tokens.c.workspace_id, _tokens.c.subject)
    ).one_or_none()
    if row is None:
        raise _why_not(work, purpose, token)
    return row.workspace_id, row.subject


def waiting_token(work: Work, purpose: Purpose, token: str) -> tuple[str, str, str]:
    """Workspace, id and subject of a token that still works, and goes on working.

    For what arrives while somebody is under way and may arrive again; Unauthenticated otherwise.
    """
    row = work.execute(
        select(_tokens.c.workspace_id, _tokens.c.id, _tokens.c.subject).where(
            *_good(work, purpose, token)
        )
    ).one_or_none()
    if row is None:
        raise _why_not(work, purpose, token)
    return row.workspace_id, row.id, row.subject


def keep_with_token(work: Work, purpose: Purpose, token: str, subject: str) -> None:
    """Let a token that still works stand for something else; a secret in it comes sealed."""
    changed = update(_tokens).where(*_good(work, purpose, token)).values(subject=subject)
    if work.execute(changed).rowcount == 0:
        raise _why_not(work, purpose, token)


def _good(work: Work, purpose: Purpose, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        _tokens.c.token_hash == hash_token(token),
        _tokens.c.purpose == purpose,
        _tokens.c.used_at.is_(None),
        _tokens.c.expires_at > work.now,
    )


def _why_not(work: Work, purpose: Purpose, token: str) -> Unauthenticated:
    used = work.execute(
        select(_tokens.c.used_at).where(
            _tokens.c.token_hash == hash_token(token), _tokens.c.purpose == purpose
        )
    ).scalar()
    what = "link" if purpose == "signin" else "ticket"
    if used is not None:
        return Unauthenticated(f"This {what} has been used. It works once.", code=f"{what}_used")
    return Unauthenticated(f"This {what} has expired.", code=f"{what}_expired")


def _ms(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)
