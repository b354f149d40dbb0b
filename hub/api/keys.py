"""API keys in Settings → Developers: list, make, rotate, revoke."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.access import ADMIN, AGENT
from core.api_keys import ListedKey, MadeKey, create_key, keys, revoke_key, rotate_key
from core.ids import moment
from core.routes import Answer, Call, Route

Scope = Literal["identify", "records", "products", "widgets"]


class NewKey(msgspec.Struct):
    """What a key is for, and what it may do."""

    name: Annotated[str, Meta(max_length=200)]
    scopes: Annotated[list[Scope], Meta(max_length=20)]


class Rotation(msgspec.Struct):
    """`now`: the old text ends at once instead of in 24 hours."""

    now: bool = False


class Key(msgspec.Struct, kw_only=True):
    """A key as it is listed: its text is not kept."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(Key, kw_only=True):
    """A key with its text, for this one time."""

    key: str


class Keys(msgspec.Struct):
    items: list[Key]


async def list_keys(call: Call) -> Keys:
    """Every key of the workspace, newest first."""
    listed = await call.services.db.read(keys, call.workspace_id)
    return Keys([_to_key(row) for row in listed])


async def make_key(call: Call) -> Answer:
    """A new key; its text is in this answer and nowhere else."""
    made = await call.services.db.write(
        create_key, call.principal, call.body.name, call.body.scopes
    )
    return Answer(_to_made(made, call.principal.name), status=201)


async def rotate(call: Call) -> KeyMade:
    """Another text for a key; the old one works for 24 hours more, or not at all."""

    made = await call.services.db.write(
        lambda work: rotate_key(work, call.principal, call.path["id"], now=call.body.now)
    )
    listed = await call.services.db.read(keys, call.workspace_id)
    maker = next(row.created_by for row in listed if row.key.id == made.key.id)
    return _to_made(made, maker)


async def revoke(call: Call) -> Answer:
    """End a key at once."""
    await call.services.db.write(revoke_key, call.principal, call.path["id"])
    return Answer(status=204)


def _to_made(made: MadeKey, created_by: str) -> KeyMade:
    return KeyMade(
        key=made.text, **msgspec.structs.asdict(_to_key(ListedKey(made.key, created_by)))
    )


def _to_key(listed: ListedKey) -> Key:
    key = listed.key
    return Key(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=key.scopes,
        created_at=moment(key.created_at),
        created_by=listed.created_by,
        last_used_at=None if key.last_used_at is None else moment(key.last_used_at),
        revoked_at=None if key.revoked_at is None else moment(key.revoked_at),
    )


ROUTES = [
    Route("GET", "/console/api/keys", list_keys, AGENT, "List API keys", answer=Keys, tag="Keys"),
    Route(
        "POST",
        "/console/api/keys",
        make_key,
        ADMIN,
        "Make an API key",
        body=NewKey,
        answer=KeyMade,
        status=201,
        tag="Keys",
    ),
    Route(
        "POST",
        "/console/api/keys/{id}/rotate",
        rotate,
        ADMIN,
        "Rotate an API key",
        body=Rotation,
        answer=KeyMade,
        tag="Keys",
    ),
    Route(
        "DELETE",
        "/console/api/keys/{id}",
        revoke,
        ADMIN,
        "Revoke an API key",
        status=204,
        tag="Keys",
    ),
]
