"""Visitors: one browser's chat session, what it claims, and which customer it has proven to be."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    delete,
    exists,
    select,
    tuple_,
)
from sqlmodel import Field, SQLModel

from core.access import Assurance, Principal
from core.conversations import ConversationRow
from core.crypto import hash_token
from core.db import Work, table_of
from core.errors import NotFound
from core.events import VisitorSignedOut
from core.ids import new_id, random_text

KEPT_QUIET = 90 * 24 * 3_600_000  # milliseconds that a browser without a conversation is known
TRIMMED_AT_ONCE = 2_000
TOKEN_PREFIX = "vst_"  # noqa: S105 (a prefix, not a secret)


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser says of its user. Shown as unverified; merges and finds nothing."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    attributes: dict[str, str] = {}

    def names_another(self, other: Claims) -> bool:
        """Whether `other` is about somebody else than these claims."""
        return any(
            mine and theirs and mine != theirs
            for mine, theirs in (
                (self.user_id, other.user_id),
                (self.email.lower(), other.email.lower()),
            )
        )

    def merged(self, other: Claims) -> Claims:
        """These claims, enriched by later ones."""
        return Claims(
            user_id=other.user_id or self.user_id,
            name=other.name or self.name,
            email=other.email or self.email,
            attributes={**self.attributes, **other.attributes},
        )

    def __bool__(self) -> bool:
        return bool(self.user_id or self.name or self.email or self.attributes)


class Visitor(SQLModel, table=True):
    """A browser session. The token is stored as its hash; a revoked one is dead for good."""

    __tablename__ = "visitors"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "customer_id"], ["customers.workspace_id", "customers.id"]
        ),
        Index("visitors_customer", "workspace_id", "customer_id"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    assurance: int = int(Assurance.ANONYMOUS)
    customer_id: str | None = None
    claims: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    claimed_key: str = ""  # the claimed name and e-mail as a search compares them
    proven_email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    locale: str = ""
    page: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: int = Field(sa_type=BigInteger)
    last_seen_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)

    def said(self) -> Claims:
        """The browser's claims."""
        return msgspec.convert(self.claims, Claims)

    def claim(self, claims: Claims) -> None:
        """Keep what the browser claims, enriching what it claimed before."""
        merged = self.said().merged(claims)
        self.claims = msgspec.to_builtins(merged)
        self.claimed_key = f"{merged.name} {merged.email}".strip().casefold()


_visitors = table_of(Visitor)
_talks = table_of(ConversationRow)


def start_visitor(work: Work, workspace_id: str, *, locale: str = "") -> tuple[Visitor, str]:
    """A new anonymous visitor, and the token its browser keeps."""
    token = TOKEN_PREFIX + random_text(32)
    visitor = Visitor(
        workspace_id=workspace_id,
        id=new_id("vis"),
        token_hash=hash_token(token),
        locale=locale,
        created_at=work.now,
        last_seen_at=work.now,
    )
    return work.add(visitor), token


def visitor(work: Work, workspace_id: str, visitor_id: str) -> Visitor:
    """The visitor, or NotFound; signed-out ones are still there for the agents."""
    found = work.session.get(Visitor, (workspace_id, visitor_id))
    if found is None:
        raise NotFound("There is no such visitor.")
    return found


def latest_visitor(work: Work, workspace_id: str, customer_id: str) -> Visitor | None:
    """The browser in which somebody who has proven to be this customer was seen last."""
    return work.session.scalars(
        select(Visitor)
        .where(
            _visitors.c.workspace_id == workspace_id,
            _visitors.c.customer_id == customer_id,
            _visitors.c.revoked_at.is_(None),
        )
        .order_by(_visitors.c.last_seen_at.desc())
        .limit(1)
    ).first()


def principal_by_token(work: Work, token_hash: str) -> Principal | None:
    """Who holds this token, unless it is unknown or signed out."""
    found = work.session.scalars(
        select(Visitor).where(
            _visitors.c.token_hash == token_hash, _visitors.c.revoked_at.is_(None)
        )
    ).first()
    return None if found is None else to_principal(found)


def to_principal(row: Visitor) -> Principal:
    """A visitor as the one who asks."""
    return Principal(
        "visitor",
        workspace_id=row.workspace_id,
        id=row.id,
        name=row.said().name,
        assurance=Assurance(row.assurance),
        customer_id=row.customer_id,
    )


def trim(work: Work) -> int:
    """Forget browsers that never began a conversation and did not come back; how many."""
    quiet = (
        select(_visitors.c.workspace_id, _visitors.c.id)
        .where(
            _visitors.c.last_seen_at < work.now - KEPT_QUIET,
            ~exists().where(
                _talks.c.workspace_id == _visitors.c.workspace_id,
                _talks.c.visitor_id == _visitors.c.id,
            ),
        )
        .limit(TRIMMED_AT_ONCE)
    )
    key = tuple_(_visitors.c.workspace_id, _visitors.c.id)
    return work.execute(delete(_visitors).where(key.in_(quiet))).rowcount


def sign_out(work: Work, workspace_id: str, visitor_id: str) -> None:
    """End the session: the token is dead at once and its sockets close (V6)."""
    row = visitor(work, workspace_id, visitor_id)
    if row.revoked_at is None:
        row.revoked_at = work.now
        work.session.add(row)
        work.announce(workspace_id, VisitorSignedOut(visitor=visitor_id))


def note_page(work: Work, workspace_id: str, visitor_id: str, url: str, title: str) -> None:
    """Remember where the visitor is, as their browser says."""
    row = visitor(work, workspace_id, visitor_id)
    row.page = {"url": url, "title": title, "at": work.now}
    row.last_seen_at = work.now
    work.session.add(row)
