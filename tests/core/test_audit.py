"""The audit log: with the change or not at all, and without secrets."""

from __future__ import annotations

import pytest

from core.audit import MASK, audit, audit_entries, operator
from tests.people import open_shop


async def test_R6_an_entry_is_saved_with_the_change_or_not_at_all(db):
    nadia = await db.write(open_shop)
    before = len(await db.read(audit_entries, nadia.workspace_id))

    def fail(work):
        audit(work, nadia, "key.created", "key_1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await db.write(fail)
    assert len(await db.read(audit_entries, nadia.workspace_id)) == before


async def test_R6_secrets_are_masked_whatever_a_caller_passes(db):
    nadia = await db.write(open_shop)
    values = {"secret": "s3", "api_key": "s3", "access_token": "s3", "name": "plain", "keys": 2}
    await db.write(audit, nadia, "connection.changed", "con_1", values, {"password_hash": "s3"})
    entry = (await db.read(audit_entries, nadia.workspace_id))[0]
    assert "s3" not in str(entry.model_dump())
    assert entry.before == {
        "secret": MASK,
        "api_key": MASK,
        "access_token": MASK,
        "name": "plain",
        "keys": 2,
    }


async def test_R6_entries_come_newest_first_page_by_page_and_only_the_workspaces_own(db):
    nadia = await db.write(open_shop)
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")

    def many(work):
        for number in range(7):
            work.now += number // 2  # some in the same millisecond
            audit(work, nadia, "setting.changed", f"s{number}")
        audit(work, other, "setting.changed", "foreign")

    await db.write(many)
    seen, last = [], None
    while page := await db.read(audit_entries, nadia.workspace_id, last, 3):
        seen += page
        last = (page[-1].at, page[-1].id)
    assert {entry.target for entry in seen} >= {f"s{number}" for number in range(7)}
    assert len({entry.id for entry in seen}) == len(seen)
    assert [entry.at for entry in seen] == sorted((entry.at for entry in seen), reverse=True)
    assert "foreign" not in {entry.target for entry in seen}


async def test_a_command_on_the_server_is_the_operators_doing(db):
    nadia = await db.write(open_shop)
    await db.write(audit, operator(nadia.workspace_id), "key.created", "key_1")
    entry = (await db.read(audit_entries, nadia.workspace_id))[0]
    assert (entry.actor_kind, entry.actor_name) == ("operator", "Operator")
