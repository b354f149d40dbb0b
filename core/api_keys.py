"""API keys: what a merchant's server proves itself with; shown once, kept as a hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core.access import SCOPES, Principal
from core.agents import Account, Agent
from core.audit import audit
from core.crypto import hash_token
from core.db import Work, table_of
from core.errors import Invalid, NotFound
from core.events import KeyRevoked
from core.ids import new_id, random_text

PREFIX = "wgk_"
LENGTH = 32
OVERLAP_MS = int(timedelta(hours=24).total_seconds() * 1000)
NAME_LIMIT = 80


class ApiKey(SQLModel, table=True):
    """A key as Settings → Developers lists it; it keeps its id when it is rotated."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "created_by"], ["agents.workspace_id", "agents.id"]),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    name: str
    hint: str  # "wgk_7fQ2…x9Lm": enough to tell keys apart, too little to use
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    created_by: str | None = None  # an agent; None: the operator
    created_at: int = Field(sa_type=BigInteger)
    last_used_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class ApiKeySecret(SQLModel, table=True):
    """The hash of a key's text: one that stays, and after a rotation the old ones for a day."""

    __tablename__ = "api_key_secrets"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "key_id"], ["api_keys.workspace_id", "api_keys.id"]),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    key_id: str = Field(index=True)
    secret_hash: str = Field(unique=True)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)


_keys = table_of(ApiKey)
_secrets = table_of(ApiKeySecret)
_agents = table_of(Agent)
_accounts = table_of(Account)
_by_hash = (
    select(_keys.c.workspace_id, _keys.c.id, _keys.c.name, _keys.c.scopes)
    .join(
        _secrets,
        (_secrets.c.workspace_id == _keys.c.workspace_id) & (_secrets.c.key_id == _keys.c.id),
    )
    .where(
        _secrets.c.secret_hash == bindparam("secret_hash"),
        or_(_secrets.c.expires_at.is_(None), _secrets.c.expires_at > bindparam("now")),
        _keys.c.revoked_at.is_(None),
    )
)
_note_use = (
    update(_keys)
    .where(_keys.c.workspace_id == bindparam("workspace"), _keys.c.id == bindparam("key"))
    .values(last_used_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key, and for this one moment its text."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key, and the name of who made it."""

    key: ApiKey
    created_by: str


def principal_by_key(work: Work, secret_hash: str) -> Principal | None:
    """Whose key it is, unless it is unknown, revoked or rotated away."""
    row = work.execute(_by_hash, {"secret_hash": secret_hash, "now": work.now}).one_or_none()
    if row is None:
        return None
    return Principal(
        "key",
        workspace_id=row.workspace_id,
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
    )


def note_key_uses(work: Work, uses: Mapping[tuple[str, str], int]) -> None:
    """Remember when keys, by workspace and id, were last used."""
    work.execute(
        _note_use,
        [{"workspace": workspace, "key": key, "at": at} for (workspace, key), at in uses.items()],
    )


def keys(work: Work, workspace_id: str) -> list[ListedKey]:
    """Every key that was ever made, newest first; a revoked one shows when it ended."""
    rows = work.session.execute(
        select(ApiKey, _accounts.c.name)
        .outerjoin(
            _agents,
            (_agents.c.workspace_id == _keys.c.workspace_id) & (_agents.c.id == _keys.c.created_by),
        )
        .outerjoin(_accounts, _accounts.c.id == _agents.c.account_id)
        .where(_keys.c.workspace_id == workspace_id)
        .order_by(_keys.c.created_at.desc(), _keys.c.id)
    )
    return [ListedKey(key, name or "Operator") for key, name in rows]


def create_key(work: Work, by: Principal, name: str, scopes: Iterable[str]) -> MadeKey:
    """A new key of `by`'s workspace. Its text is not kept: show it now."""
    text = PREFIX + random_text(LENGTH)
    key = work.add(
        ApiKey(
            workspace_id=by.workspace_id,
            id=new_id("key"),
            name=_to_name(name),
            hint=to_hint(text),
            scopes=_to_scopes(scopes),
            created_by=by.id if by.kind == "agent" else None,
            created_at=work.now,
        )
    )
    _keep_secret(work, key, text)
    audit(work, by, "key.created", key.id, after=_described(key))
    return MadeKey(key, text)


def rotate_key(work: Work, by: Principal, key_id: str, *, now: bool = False) -> MadeKey:
    """Give a key another text. The old one works for another day, unless it must end `now`."""
    key = _current(work, by.workspace_id, key_id)
    before = _described(key)
    until = work.now if now else work.now + OVERLAP_MS
    work.execute(
        update(_secrets)
        .where(
            _secrets.c.workspace_id == key.workspace_id,
            _secrets.c.key_id == key.id,
            or_(_secrets.c.expires_at.is_(None), _secrets.c.expires_at > until),
        )
        .values(expires_at=until)
    )
    work.execute(
        delete(_secrets).where(
            _secrets.c.workspace_id == key.workspace_id, _secrets.c.expires_at <= work.now
        )
    )
    text = PREFIX + random_text(LENGTH)
    key.hint = to_hint(text)
    work.add(key)
    _keep_secret(work, key, text)
    audit(work, by, "key.rotated", key.id, before, _described(key) | {"at_once": now})
    if now:
        work.announce(by.workspace_id, KeyRevoked(key=key.id))
    return MadeKey(key, text)


def revoke_key(work: Work, by: Principal, key_id: str) -> None:
    """End a key, with every text it has had; who made it and when stays listed."""
    key = _current(work, by.workspace_id, key_id)
    key.revoked_at = work.now
    work.add(key)
    work.execute(
        delete(_secrets).where(
            _secrets.c.workspace_id == key.workspace_id, _secrets.c.key_id == key.id
        )
    )
    audit(work, by, "key.revoked", key.id, before=_described(key))
    work.announce(by.workspace_id, KeyRevoked(key=key.id))


def to_hint(text: str) -> str:
    """The first and last characters of a key."""
    return f"{text[: len(PREFIX) + 4]}…{text[-4:]}"


def _keep_secret(work: Work, key: ApiKey, text: str) -> None:
    work.add(
        ApiKeySecret(
            workspace_id=key.workspace_id,
            id=new_id("kse"),
            key_id=key.id,
            secret_hash=hash_token(text),
        )
    )


def _current(work: Work, workspace_id: str, key_id: str) -> ApiKey:
    key = work.session.scalars(
        select(ApiKey)
        .where(
            _keys.c.workspace_id == workspace_id,
            _keys.c.id == key_id,
            _keys.c.revoked_at.is_(None),
        )
        .with_for_update()
    ).first()
    if key is None:
        raise NotFound("There is no such key.")
    return key


def _described(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "hint": key.hint, "scopes": key.scopes}


def _to_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LIMIT:
        raise Invalid(f"Give the key a name of at most {NAME_LIMIT} characters.", field="name")
    return name


def _to_scopes(scopes: Iterable[str]) -> list[str]:
    chosen = set(scopes)
    if not chosen or not chosen <= set(SCOPES):
        raise Invalid(f"Choose at least one of {', '.join(SCOPES)}.", field="scopes")
    return [scope for scope in SCOPES if scope in chosen]
