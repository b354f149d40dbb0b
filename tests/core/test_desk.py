"""The desk: what an agent sees beside a conversation."""

from __future__ import annotations

import pytest

from core.access import Principal
from core.crypto import Vault
from core.db import Database, Work
from core.desk import Opened, open_conversation
from core.identity import Identity, open_session
from core.identity_secrets import create_secret, sign_user_id
from core.messages import Draft, say
from core.visitors import note_page, sign_out, to_principal, visitor
from tests.people import open_shop

VAULT = Vault("k" * 40)
TALK = "talk-0001"


class Shop:
    """A shop that signs its customers' ids."""

    def __init__(self, db: Database, agent: Principal, secret: str) -> None:
        self.db, self.agent, self.secret = db, agent, secret

    async def browser(self, at: int, user_id: str = "", url: str = "") -> Principal:
        """A browser that opens the shop's page `url` at a time."""

        def enter(work: Work) -> Principal:
            work.now = at
            proof = Identity(user_id=user_id, user_hash=sign_user_id(self.secret, user_id))
            identity = proof if user_id else None
            session = open_session(work, VAULT, self.agent.workspace_id, identity, "en")
            note_page(work, self.agent.workspace_id, session.visitor, url, "")
            return to_principal(visitor(work, self.agent.workspace_id, session.visitor))

        return await self.db.write(enter)

    async def opened(self) -> Opened:
        return await self.db.read(open_conversation, self.agent, TALK)


@pytest.fixture
async def shop(db: Database) -> Shop:
    agent = await db.write(open_shop)
    secret = await db.write(create_secret, VAULT, agent.workspace_id)
    return Shop(db, agent, secret)


async def test_G2_a_customer_is_shown_where_they_are_now_in_whichever_browser(shop: Shop):
    first = await shop.browser(1_000, "42", "https://shop.example/cart")
    await shop.db.batch(say, Draft(first, TALK, "message-1", "Hello"))
    await shop.browser(2_000, "43", "https://shop.example/somebody-else")
    await shop.browser(3_000, "", "https://shop.example/a-stranger")
    assert (await shop.opened()).page["url"] == "https://shop.example/cart"
    second = await shop.browser(4_000, "42", "https://shop.example/orders")
    seen = await shop.opened()
    assert (seen.visitor_id, seen.page["url"]) == (second.id, "https://shop.example/orders")
    await shop.db.write(sign_out, shop.agent.workspace_id, second.id)
    assert (await shop.opened()).visitor_id == first.id


async def test_V2_an_unproven_visitor_is_only_ever_shown_in_their_own_browser(shop: Shop):
    guest = await shop.browser(1_000, "", "https://shop.example/a")
    await shop.db.batch(say, Draft(guest, TALK, "message-1", "Hello"))
    await shop.browser(2_000, "", "https://shop.example/b")
    seen = await shop.opened()
    assert (seen.visitor_id, seen.page["url"]) == (guest.id, "https://shop.example/a")
