"""Idempotency: a request repeated under the same key is answered once and replayed after.

The claim of the key, the work and its answer are one transaction, so a repeated request waits
for the first and then gets its answer, and a failed one leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Index, LargeBinary, RowMapping, bindparam, delete, select, update
from sqlmodel import Field, SQLModel

from core.db import Work, table_of
from core.errors import Conflict, Invalid
from core.routes import Answer

HEADER = "idempotency-key"
LENGTH = 255
KEPT = 24 * 3_600_000  # milliseconds


class IdempotencyKey(SQLModel, table=True):
    """What was answered to a request; `status` 0 while its own transaction is still at work."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_by_age", "workspace_id", "created_at"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked: str  # a hash of the request
    status: int = 0
    body: bytes = Field(default=b"", sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that carries a key: which, and what exactly it asks for."""

    workspace_id: str
    route: str
    key: str
    asked: str


_keys = table_of(IdempotencyKey)
_this = (
    _keys.c.workspace_id == bindparam("of_workspace"),
    _keys.c.route == bindparam("of_route"),
    _keys.c.key == bindparam("of_key"),
)
_forget = delete(_keys).where(
    _keys.c.workspace_id == bindparam("of_workspace"), _keys.c.created_at < bindparam("before")
)
_find = select(_keys.c.asked, _keys.c.status, _keys.c.body).where(*_this)
_answer = update(_keys).where(*_this).values(status=bindparam("code"), body=bindparam("answer"))


def repeatable(workspace_id: str, route: str, key: str, *asked: bytes) -> Repeatable:
    """A request with its key; Invalid if the key is empty or too long."""
    if not 0 < len(key) <= LENGTH:
        raise Invalid(f"An Idempotency-Key has 1 to {LENGTH} characters.", field="Idempotency-Key")
    digest = hashlib.sha256(b"\0".join(asked)).hexdigest()
    return Repeatable(workspace_id, route, key, digest)


def once(work: Work, request: Repeatable, perform: Callable[[Work], Answer]) -> Answer:
    """What `perform` answers, or what it answered the first time, byte for byte.

    Conflict if the key was used for another request within a day.
    """
    this = {
        "of_workspace": request.workspace_id,
        "of_route": request.route,
        "of_key": request.key,
    }
    work.execute(_forget, {"of_workspace": request.workspace_id, "before": work.now - KEPT})
    claim = {
        "workspace_id": request.workspace_id,
        "route": request.route,
        "key": request.key,
        "asked": request.asked,
        "status": 0,
        "body": b"",
        "created_at": work.now,
    }
    if work.execute(work.insert(IdempotencyKey).on_conflict_do_nothing(), claim).rowcount == 0:
        return _replay(work.execute(_find, this).mappings().one(), request)
    answer = perform(work)
    work.execute(_answer, {**this, "code": answer.status, "answer": answer.encode()})
    return answer


def _replay(found: RowMapping, request: Repeatable) -> Answer:
    if found["asked"] != request.asked:
        raise Conflict(
            "This Idempotency-Key was used for another request. Use a new one for each.",
            code="idempotency_key_reused",
            field="Idempotency-Key",
        )
    return Answer(found["body"], found["status"], {"Idempotency-Replayed": "true"})
