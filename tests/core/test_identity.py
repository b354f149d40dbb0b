"""Who a visitor is: what a browser claims stays a claim, what the shop signed is proven."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from core import identity_secrets, visitors
from core.access import Principal
from core.conversations import conversations_of
from core.crypto import Vault, hash_token
from core.customers import OWN_SOURCE, CustomerDraft, customer_by_external_id, save_customer
from core.db import Database, Work
from core.errors import HubError, Unauthenticated
from core.identity import Identity, Session, identify, open_session
from core.messages import Draft, say
from tests.people import open_shop

pytestmark = pytest.mark.anyio
VAULT = Vault("a test's secret key, long enough for it")


class Shop:
    """A workspace with an Identity secret, and browsers that visit it."""

    def __init__(self, db: Database, workspace_id: str, secret: str) -> None:
        self.db = db
        self.workspace_id = workspace_id
        self.secret = secret

    def sign(self, user_id: str) -> str:
        return hmac.new(self.secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()

    async def open(self, **said: Any) -> Session:
        given = Identity(**said) if said else None
        return await self.db.write(open_session, VAULT, self.workspace_id, given, "en")

    async def identify(self, session: Session, **said: Any) -> Session:
        def run(work: Work) -> Session:
            row = visitors.visitor(work, self.workspace_id, session.visitor)
            return identify(work, VAULT, row, session.token, Identity(**said))

        return await self.db.write(run)

    async def who(self, session: Session) -> Principal | None:
        return await self.db.read(visitors.principal_by_token, hash_token(session.token))

    async def chat(self, session: Session, text: str, conversation: str = "talk-0001") -> None:
        who = await self.who(session)
        assert who is not None
        await self.db.batch(say, Draft(who, conversation, f"id-{text:>08}".replace(" ", "-"), text))

    async def list(self, session: Session) -> list[str]:
        who = await self.who(session)
        assert who is not None
        return [talk.id for talk in await self.db.read(conversations_of, who)]


@pytest.fixture
async def shop(db: Database) -> Shop:
    owner = await db.write(open_shop)

    def secret(work: Work) -> str:
        return identity_secrets.create_secret(work, VAULT, owner.workspace_id)

    return Shop(db, owner.workspace_id, await db.write(secret))


async def test_I7_a_visitor_climbs_from_anonymous_over_claimed_to_hmac(shop: Shop) -> None:
    session = await shop.open()
    assert (session.assurance, session.customer) == ("anonymous", None)
    session = await shop.identify(session, name="Jane", email="jane@example.com")
    assert (session.assurance, session.customer) == ("claimed", None)
    token = session.token
    session = await shop.identify(session, user_id=42, user_hash=shop.sign("42"))
    assert session.assurance == "hmac" and session.customer and session.token == token


async def test_I3_a_signed_id_is_the_customer_the_server_pushed(shop: Shop) -> None:
    draft = CustomerDraft("42", {"name": "Jane Doe"})
    pushed, _ = await shop.db.write(save_customer, shop.workspace_id, OWN_SOURCE, draft)
    session = await shop.open(user_id="42", user_hash=shop.sign("42"), name="Mallory")
    assert session.customer == pushed.id
    known = await shop.db.read(customer_by_external_id, shop.workspace_id, OWN_SOURCE, "42")
    assert known is not None and known.name == "Jane Doe"  # I8: a claim overwrites nothing


@pytest.mark.parametrize(
    "wrong",
    ["x", "0" * 64, None, [], 7, {"a": 1}, True, "A" * 64, "ä" * 64, "0" * 63, "f" * 64],
)
async def test_V1_a_wrong_hash_verifies_nobody_and_changes_nothing(shop: Shop, wrong: Any) -> None:
    session = await shop.open()
    try:
        after = await shop.identify(session, user_id="42", user_hash=wrong)
        assert wrong is None and after.assurance == "claimed"
    except HubError as refusal:
        assert isinstance(refusal, Unauthenticated) and refusal.code == "bad_user_hash"
        who = await shop.who(session)
        assert who is not None and who.assurance == 0
    assert await shop.db.read(customer_by_external_id, shop.workspace_id, OWN_SOURCE, "42") is None


async def test_V2_a_hash_for_one_with_the_email_of_another_finds_no_other(shop: Shop) -> None:
    draft = CustomerDraft("b", {"email": "b@example.com"})
    other, _ = await shop.db.write(save_customer, shop.workspace_id, OWN_SOURCE, draft)
    session = await shop.open(user_id="a", user_hash=shop.sign("a"), email="b@example.com")
    assert session.customer not in (None, other.id)


async def test_V6_a_new_identity_on_a_shared_computer_sees_nothing(shop: Shop) -> None:
    first = await shop.open(user_id="a", user_hash=shop.sign("a"))
    await shop.chat(first, "private")
    second = await shop.identify(first, user_id="b", user_hash=shop.sign("b"))
    assert second.token != first.token and second.visitor != first.visitor
    assert await shop.list(second) == []
    assert await shop.who(first) is None  # the old token is dead


async def test_V6_an_unsigned_other_identity_sees_nothing_either(shop: Shop) -> None:
    first = await shop.open(user_id="a", user_hash=shop.sign("a"))
    await shop.chat(first, "private")
    second = await shop.identify(first, user_id="b", name="B")
    assert second.assurance == "claimed" and await shop.list(second) == []
    assert await shop.who(first) is None


async def test_V6_after_logout_the_token_is_dead(shop: Shop) -> None:
    session = await shop.open()
    await shop.db.write(visitors.sign_out, shop.workspace_id, session.visitor)
    assert await shop.who(session) is None


async def test_I6_a_proven_customer_has_their_conversations_on_every_device(shop: Shop) -> None:
    phone = await shop.open()
    await shop.chat(phone, "before signing in")
    await shop.identify(phone, user_id="a", user_hash=shop.sign("a"))
    laptop = await shop.open(user_id="a", user_hash=shop.sign("a"))
    assert await shop.list(laptop) == ["talk-0001"]
    claimed = await shop.open(user_id="a")
    assert await shop.list(claimed) == []


@pytest.mark.parametrize("guest", ["", "0", "null", "undefined", "guest", "anonymous", "-1"])
async def test_I9_a_guests_id_names_nobody_even_signed(shop: Shop, guest: Any) -> None:
    with pytest.raises(Unauthenticated):
        await shop.open(user_id=guest, user_hash=shop.sign(str(guest)))
    session = await shop.open(user_id=guest)
    assert (session.assurance, session.customer) == ("anonymous", None)


async def test_V4_a_secret_of_another_workspace_proves_nothing(shop: Shop) -> None:
    owner = await shop.db.write(open_shop, "Northfold", "ida@northfold.example")
    await shop.db.write(
        lambda work: identity_secrets.create_secret(work, VAULT, owner.workspace_id)
    )
    foreign = Shop(shop.db, owner.workspace_id, "")
    with pytest.raises(Unauthenticated):
        await foreign.open(user_id="42", user_hash=shop.sign("42"))
