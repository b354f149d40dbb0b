"""API keys: made, shown once, looked up by hash, rotated, revoked."""

from __future__ import annotations

import re

import pytest

from core.api_keys import (
    OVERLAP_MS,
    create_key,
    keys,
    note_key_uses,
    principal_by_key,
    revoke_key,
    rotate_key,
)
from core.audit import audit_entries
from core.crypto import hash_token
from core.errors import Invalid, NotFound
from core.events import KeyRevoked
from tests.people import open_shop


@pytest.fixture
async def nadia(db):
    return await db.write(open_shop)


async def whose(db, text, ms=0):
    def look(work):
        work.now += ms
        return principal_by_key(work, hash_token(text))

    return await db.read(look)


async def test_D1_a_key_is_wgk_and_random_and_stored_only_as_its_hash(db, nadia):
    made = await db.write(create_key, nadia, "Payout worker", ["records"])
    assert re.fullmatch(r"wgk_[0-9A-Za-z]{32}", made.text)
    (listed,) = await db.read(keys, nadia.workspace_id)
    assert listed.key.hint == f"{made.text[:8]}…{made.text[-4:]}"
    assert (listed.created_by, listed.key.last_used_at) == ("Nadia", None)

    def everything(work):
        rows = [
            work.connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            for table in ("api_keys", "api_key_secrets", "audit_entries", "events")
        ]
        return str(rows)

    stored = await db.read(everything)
    assert hash_token(made.text) in stored
    assert made.text not in stored
    assert made.text[8:-4] not in stored


async def test_D2_a_key_brings_its_workspace_and_scopes(db, nadia):
    made = await db.write(create_key, nadia, "Both", ["records", "identify", "records"])
    principal = await whose(db, made.text)
    assert (principal.kind, principal.workspace_id) == ("key", nadia.workspace_id)
    assert (principal.id, principal.scopes) == (made.key.id, {"identify", "records"})
    assert made.key.scopes == ["identify", "records"]
    assert await whose(db, made.text[:-1]) is None
    assert await whose(db, hash_token(made.text)) is None  # a stolen hash opens nothing


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("", ["records"], "name"), ("n" * 81, ["records"], "name")]
    + [("a", scopes, "scopes") for scopes in ([], ["admin"], ["records", "admin"])],
)
async def test_D2_a_key_needs_a_name_and_known_scopes(db, nadia, name, scopes, field):
    with pytest.raises(Invalid) as refusal:
        await db.write(create_key, nadia, name, scopes)
    assert refusal.value.field == field


async def test_D2_after_a_rotation_the_old_key_works_for_a_day(db, nadia):
    made = await db.write(create_key, nadia, "Worker", ["records"])
    heard = []
    db.listen(heard.extend)
    again = await db.write(rotate_key, nadia, made.key.id)
    assert (again.key.id, again.key.scopes) == (made.key.id, made.key.scopes)
    assert await whose(db, made.text) == await whose(db, again.text)
    assert await whose(db, made.text, OVERLAP_MS - 1000)
    assert await whose(db, made.text, OVERLAP_MS + 1000) is None
    assert await whose(db, again.text, OVERLAP_MS + 1000)
    assert heard == []


async def test_D2_a_rotation_now_ends_every_earlier_text(db, nadia):
    made = await db.write(create_key, nadia, "Worker", ["records"])
    second = await db.write(rotate_key, nadia, made.key.id)
    heard = []
    db.listen(heard.extend)
    third = await db.write(lambda w: rotate_key(w, nadia, made.key.id, now=True))
    assert [await whose(db, text) for text in (made.text, second.text)] == [None, None]
    assert await whose(db, third.text)
    assert [entry.event for entry in heard] == [KeyRevoked(key=made.key.id)]


async def test_D2_a_revoked_key_is_dead_listed_and_announced(db, nadia):
    made = await db.write(create_key, nadia, "Worker", ["records"])
    again = await db.write(rotate_key, nadia, made.key.id)
    heard = []
    db.listen(heard.extend)
    await db.write(revoke_key, nadia, made.key.id)
    assert [await whose(db, text) for text in (made.text, again.text)] == [None, None]
    assert [entry.event for entry in heard] == [KeyRevoked(key=made.key.id)]
    assert (await db.read(keys, nadia.workspace_id))[0].key.revoked_at is not None
    for change in (revoke_key, rotate_key):
        with pytest.raises(NotFound):
            await db.write(change, nadia, made.key.id)


async def test_T2_a_key_of_another_workspace_reads_as_not_there(db, nadia):
    made = await db.write(create_key, nadia, "Worker", ["records"])
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")
    assert await db.read(keys, other.workspace_id) == []
    for change in (revoke_key, rotate_key):
        with pytest.raises(NotFound):
            await db.write(change, other, made.key.id)
    assert await whose(db, made.text)


async def test_D2_last_uses_are_noted_together(db, nadia):
    first = await db.write(create_key, nadia, "One", ["records"])
    second = await db.write(create_key, nadia, "Two", ["records"])
    uses = {(nadia.workspace_id, first.key.id): 111, (nadia.workspace_id, second.key.id): 222}
    await db.write(note_key_uses, uses)
    listed = {row.key.name: row.key.last_used_at for row in await db.read(keys, nadia.workspace_id)}
    assert listed == {"One": 111, "Two": 222}


async def test_R6_what_happens_to_a_key_is_in_the_audit_log_without_the_key(db, nadia):
    made = await db.write(create_key, nadia, "Worker", ["records"])
    again = await db.write(rotate_key, nadia, made.key.id)
    await db.write(revoke_key, nadia, made.key.id)
    entries = await db.read(audit_entries, nadia.workspace_id)
    mine = [entry for entry in entries if entry.target == made.key.id]
    assert [entry.action for entry in mine] == ["key.revoked", "key.rotated", "key.created"]
    assert {entry.actor_id for entry in mine} == {nadia.id}
    written = str([entry.model_dump() for entry in mine])
    assert made.text not in written
    assert again.text not in written
