"""What nobody can use any more is forgotten, and nothing else."""

from __future__ import annotations

import pytest

from core import offers, sessions, visitors
from core.access import Principal
from core.connector import ConnectionDraft, NoSettings
from core.crypto import Vault
from core.db import Work
from core.messages import Draft, say
from core.sessions import IDLE_MS, sign_in
from core.visitors import KEPT_QUIET, start_visitor
from tests.people import open_shop

pytestmark = pytest.mark.anyio


def later(fn, ms):
    """`fn` as it would run `ms` from now."""

    def unit(work: Work):
        work.now += ms
        return fn(work)

    return unit


async def test_R6_a_session_goes_once_it_has_idled_out(db):
    nadia = await db.write(open_shop)

    def enter(work: Work) -> None:
        from core.agents import account_by_email

        account = account_by_email(work, "nadia@kestrel.example")
        assert account is not None
        sign_in(work, account.id, "192.0.2.14", "Firefox")

    await db.write(enter)
    assert nadia.workspace_id
    assert await db.write(later(sessions.trim, IDLE_MS - 60_000)) == 0
    assert await db.write(later(sessions.trim, IDLE_MS + 60_000)) == 1


async def test_R5_a_browser_that_never_talked_is_forgotten_and_one_that_did_is_not(db):
    shop = (await db.write(open_shop)).workspace_id

    def come(work: Work) -> Principal:
        return visitors.to_principal(start_visitor(work, shop)[0])

    quiet, talking = await db.write(come), await db.write(come)
    await db.batch(say, Draft(talking, "hello-message", "first-talk", "Hello"))
    assert await db.write(later(visitors.trim, KEPT_QUIET - 60_000)) == 0
    assert await db.write(later(visitors.trim, KEPT_QUIET + 60_000)) == 1
    assert (await db.read(visitors.visitor, shop, talking.id)).id == talking.id
    with pytest.raises(Exception, match="no such visitor"):
        await db.read(visitors.visitor, shop, quiet.id)


async def test_D_4_the_keys_of_a_shop_nobody_claimed_go_with_their_offer(db):
    keys = NoSettings()
    draft = ConnectionDraft("kettle.example", "Kettle", "kettle", keys)
    vault = Vault("a secret key of at least 32 characters")
    await db.write(offers.make_offer, vault, "teapots", draft)
    assert await db.write(later(offers.trim, offers.LIFE - 60_000)) == 0
    assert await db.write(later(offers.trim, offers.LIFE + 60_000)) == 1
