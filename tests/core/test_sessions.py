"""Agents' browser sessions and the one-time tokens that open them."""

from __future__ import annotations

import asyncio

import pytest

from core.access import Role
from core.agents import account_by_email, add_agent, change_role, memberships, remove_agent
from core.audit import audit_entries
from core.crypto import hash_token
from core.errors import Forbidden, NotFound, Unauthenticated
from core.events import AgentAccessChanged
from core.one_time import issue_token, redeem_token
from core.sessions import (
    IDLE_MS,
    LIFE_MS,
    end_session,
    make_link,
    make_ticket,
    note_use,
    redeem_ticket,
    session_by_token,
    sessions_of,
    set_password,
    sign_in,
    sign_in_by_link,
)
from tests.people import hire, open_shop

HOUR = 3_600_000


@pytest.fixture
async def nadia(db):
    return await db.write(open_shop)


def account_id(work, email="nadia@kestrel.example"):
    return account_by_email(work, email).id


async def open_one(db, browser="Firefox"):
    return await db.write(lambda w: sign_in(w, account_id(w), "192.0.2.14", browser))


def later(fn, ms):
    """`fn` as it would run `ms` from now."""

    def unit(work, *args):
        work.now += ms
        return fn(work, *args)

    return unit


async def who(db, token, ms=0):
    live = await db.read(later(session_by_token, ms), hash_token(token))
    return live and live.principal


async def test_a_session_says_who_where_and_as_what(db, nadia):
    opened = await open_one(db)
    assert (await who(db, opened.token)) == opened.principal
    assert opened.principal.workspace_id == nadia.workspace_id
    assert (opened.principal.id, opened.principal.role) == (nadia.id, Role.OWNER)
    assert await who(db, opened.token + "x") is None
    entry = (await db.read(audit_entries, nadia.workspace_id))[0]
    assert (entry.action, entry.address) == ("session.opened", "192.0.2.14")


async def test_only_the_hash_of_a_session_token_is_stored(db, nadia):
    opened = await open_one(db)
    (row,) = await db.read(sessions_of, nadia.workspace_id, nadia.id)
    assert opened.token not in str(row.model_dump())


async def test_a_session_idles_out_after_30_days_and_ends_after_90(db, nadia):
    opened = await open_one(db)
    assert await who(db, opened.token, IDLE_MS - HOUR)
    assert await who(db, opened.token, IDLE_MS) is None
    for day in range(20, 90, 20):
        await db.write(
            later(note_use, day * 24 * HOUR), nadia.workspace_id, opened.principal.session_id
        )
    assert await who(db, opened.token, LIFE_MS - HOUR)
    assert await who(db, opened.token, LIFE_MS) is None


async def test_R6_sessions_are_listed_and_any_of_them_can_be_ended(db, nadia):
    first, second = await open_one(db, "Firefox"), await open_one(db, "Chrome")
    listed = await db.read(sessions_of, nadia.workspace_id, nadia.id)
    assert {row.user_agent for row in listed} == {"Firefox", "Chrome"}
    heard = []
    db.listen(heard.extend)
    await db.write(end_session, second.principal, first.principal.session_id)
    assert await who(db, first.token) is None
    assert await who(db, second.token) is not None
    assert [entry.event for entry in heard] == [
        AgentAccessChanged(agent=nadia.id, session=first.principal.session_id)
    ]


async def test_nobody_ends_another_agents_session(db, nadia):
    opened = await open_one(db)
    ines = await db.write(hire, nadia, "ines@kestrel.example", Role.OWNER)
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")
    for somebody in (ines, other):
        with pytest.raises(NotFound):
            await db.write(end_session, somebody, opened.principal.session_id)
    assert await who(db, opened.token)


async def test_T3_a_removed_agents_session_is_dead_and_a_new_role_holds_at_once(db, nadia):
    ines = await db.write(hire, nadia, "ines@kestrel.example", Role.ADMIN)
    opened = await db.write(lambda w: sign_in(w, account_id(w, "ines@kestrel.example"), "", ""))
    await db.write(change_role, nadia, ines.id, Role.AGENT)
    assert (await who(db, opened.token)).role == Role.AGENT
    await db.write(remove_agent, nadia, ines.id)
    assert await who(db, opened.token) is None
    with pytest.raises(Forbidden):
        await db.write(lambda w: sign_in(w, account_id(w, "ines@kestrel.example"), "", ""))


async def test_someone_in_two_workspaces_signs_in_where_they_were_last(db, nadia):
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")
    await db.write(
        lambda w: add_agent(w, other, account_by_email(w, "nadia@kestrel.example"), Role.AGENT)
    )
    assert (await open_one(db)).principal.workspace_id == nadia.workspace_id  # the older one

    def by_link(work):
        here = account_by_email(work, "nadia@kestrel.example")
        place = next(p for p in memberships(work, here.id) if p.workspace_id != nadia.workspace_id)
        token = make_link(work, place.workspace_id, place.id)
        return sign_in_by_link(work, token, "", "")

    assert (await db.write(later(by_link, HOUR))).principal.workspace_id == other.workspace_id
    assert (await open_one(db)).principal.workspace_id == other.workspace_id


async def test_a_new_password_signs_out_everywhere(db, nadia):
    opened = await open_one(db)
    heard = []
    db.listen(heard.extend)
    await db.write(
        lambda w: set_password(w, account_by_email(w, "nadia@kestrel.example"), "new hash")
    )
    assert await who(db, opened.token) is None
    assert [entry.event for entry in heard] == [AgentAccessChanged(agent=nadia.id)]


# Links, tickets, and one-time tokens in general -------------------------------------------


async def test_a_sign_in_link_works_once_and_for_a_day(db, nadia):
    link = await db.write(make_link, nadia.workspace_id, nadia.id)
    late = await db.write(make_link, nadia.workspace_id, nadia.id)
    assert (await db.write(sign_in_by_link, link, "", "")).principal.id == nadia.id
    with pytest.raises(Unauthenticated) as used:
        await db.write(sign_in_by_link, link, "", "")
    with pytest.raises(Unauthenticated) as expired:
        await db.write(later(sign_in_by_link, 24 * HOUR), late, "", "")
    with pytest.raises(Unauthenticated) as unknown:
        await db.write(sign_in_by_link, "nonsense", "", "")
    codes = [refusal.value.code for refusal in (used, expired, unknown)]
    assert codes == ["link_used", "link_expired", "link_expired"]


async def test_a_removed_agents_link_opens_nothing(db, nadia):
    ines = await db.write(hire, nadia, "ines@kestrel.example")
    link = await db.write(make_link, nadia.workspace_id, ines.id)
    await db.write(remove_agent, nadia, ines.id)
    with pytest.raises(Unauthenticated):
        await db.write(sign_in_by_link, link, "", "")


async def test_B1_a_ticket_works_once_for_30_seconds_and_only_while_signed_in(db, nadia):
    opened = await open_one(db)
    ticket = await db.write(make_ticket, opened.principal)
    assert await db.write(redeem_ticket, ticket) == opened.principal
    for late, ms in ((ticket, 0), (await db.write(make_ticket, opened.principal), 30_000)):
        with pytest.raises(Unauthenticated):
            await db.write(later(redeem_ticket, ms), late)
    orphan = await db.write(make_ticket, opened.principal)
    await db.write(end_session, opened.principal, opened.principal.session_id)
    with pytest.raises(Unauthenticated):
        await db.write(redeem_ticket, orphan)


async def test_a_token_of_one_purpose_does_not_do_for_another(db, nadia):
    link = await db.write(make_link, nadia.workspace_id, nadia.id)
    for redeem, arguments in ((redeem_ticket, (link,)), (redeem_token, ("ticket", link))):
        with pytest.raises(Unauthenticated):
            await db.write(redeem, *arguments)
    assert await db.write(sign_in_by_link, link, "", "")  # and the attempt did not use it up


async def test_of_many_who_redeem_at_once_one_wins(db, nadia):
    token = await db.write(issue_token, nadia.workspace_id, "signin", nadia.id)
    outcomes = await asyncio.gather(
        *(db.write(redeem_token, "signin", token) for _ in range(20)), return_exceptions=True
    )
    won = [outcome for outcome in outcomes if not isinstance(outcome, Unauthenticated)]
    assert won == [(nadia.workspace_id, nadia.id)]
