"""People, the workspaces they are in, and what happens when they leave."""

from __future__ import annotations

import asyncio

import pytest

from core.access import Role
from core.agents import (
    account_by_email,
    add_agent,
    agent_by_email,
    agents,
    change_role,
    create_account,
    memberships,
    person,
    remove_agent,
    to_email,
)
from core.audit import audit_entries
from core.errors import Conflict, HubError, Invalid, NotFound
from core.events import AgentAccessChanged
from tests.people import hire, open_shop


async def test_an_address_names_one_account_however_it_is_spelt(db):
    await db.write(create_account, " Nadia@Kestrel.Example ", "Nadia Osei", "h")
    found = await db.read(account_by_email, "NADIA@kestrel.example")
    assert found.email == "nadia@kestrel.example"
    with pytest.raises(Conflict):
        await db.write(create_account, "nadia@KESTREL.example", "Somebody else", "h")


@pytest.mark.parametrize("text", ["", "nadia", "@x", "a@", "a b@c", "a@b@c", "a@b\n", "x" * 300])
def test_what_is_not_an_address_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        to_email(text + "\0")
    assert refusal.value.field == "email"


async def test_a_person_may_work_in_two_workspaces_but_only_once_in_each(db):
    first = await db.write(open_shop)

    def also_in(work, owner):
        return add_agent(work, owner, account_by_email(work, "nadia@kestrel.example"), Role.AGENT)

    second = await db.write(open_shop, "Northfold", "ruben@northfold.example")
    await db.write(also_in, second)
    account = await db.read(account_by_email, "nadia@kestrel.example")
    places = await db.read(memberships, account.id)
    assert [place.workspace_id for place in places] == [first.workspace_id, second.workspace_id]
    with pytest.raises(Conflict):
        await db.write(also_in, second)


async def test_a_removed_agent_is_gone_but_keeps_the_name_on_old_messages(db):
    owner = await db.write(open_shop)
    ines = await db.write(hire, owner, "ines@kestrel.example")
    heard = []
    db.listen(heard.extend)
    await db.write(remove_agent, owner, ines.id)

    assert [m.account.name for m in await db.read(agents, owner.workspace_id)] == ["Nadia"]
    assert (await db.read(person, owner.workspace_id, ines.id)).name == "Ines"
    assert await db.read(lambda w: person(w, owner.workspace_id, ines.id, present=True)) is None
    assert [entry.event for entry in heard] == [AgentAccessChanged(agent=ines.id)]
    with pytest.raises(NotFound):
        await db.read(agent_by_email, owner.workspace_id, "ines@kestrel.example")

    back = await db.write(
        lambda w: add_agent(w, owner, account_by_email(w, "ines@kestrel.example"), Role.ADMIN)
    )
    assert (back.agent.id, back.role) == (ines.id, Role.ADMIN)


async def test_T3_a_changed_role_is_announced_and_audited(db):
    owner = await db.write(open_shop)
    ines = await db.write(hire, owner, "ines@kestrel.example", Role.ADMIN)
    heard = []
    db.listen(heard.extend)
    await db.write(change_role, owner, ines.id, Role.AGENT)
    assert [entry.event for entry in heard] == [AgentAccessChanged(agent=ines.id)]
    newest = (await db.read(audit_entries, owner.workspace_id))[0]
    assert newest.action == "agent.role_changed"
    assert (newest.actor_name, newest.target) == ("Nadia", ines.id)
    assert (newest.before, newest.after) == ({"role": "admin"}, {"role": "agent"})


async def test_the_last_owner_stays(db):
    owner = await db.write(open_shop)
    for change in (
        lambda w: change_role(w, owner, owner.id, Role.ADMIN),
        lambda w: remove_agent(w, owner, owner.id),
    ):
        with pytest.raises(Conflict, match="owner"):
            await db.write(change)


async def test_two_owners_who_leave_at_once_do_not_leave_none(db):
    owner = await db.write(open_shop)
    ruben = await db.write(hire, owner, "ruben@kestrel.example", Role.OWNER)
    outcomes = await asyncio.gather(
        db.write(remove_agent, owner, owner.id),
        db.write(remove_agent, owner, ruben.id),
        return_exceptions=True,
    )
    assert sorted(isinstance(outcome, HubError) for outcome in outcomes) == [False, True]
    assert len(await db.read(agents, owner.workspace_id)) == 1


async def test_T2_agents_of_another_workspace_read_as_not_there(db):
    kestrel = await db.write(open_shop)
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")
    for change in (
        lambda w: change_role(w, other, kestrel.id, Role.AGENT),
        lambda w: remove_agent(w, other, kestrel.id),
    ):
        with pytest.raises(NotFound):
            await db.write(change)
    assert await db.read(person, other.workspace_id, kestrel.id) is None
