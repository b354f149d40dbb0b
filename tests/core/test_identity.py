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
from core.identity import Identity, Session, Ticket, identify, issue_ticket, open_session
from core.ids import now_ms
from core.messages import Draft, say
from core.one_time import Purpose, issue_token
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


# Tickets: a platform has named its customer in a signed request ---------------------------

TEAS = "teashop:northfold"


async def make_ticket(shop: Shop, external_id: str = "7412345678901") -> Ticket:
    return await shop.db.write(issue_ticket, shop.workspace_id, TEAS, external_id)


async def test_S6_a_ticket_proves_the_platforms_customer(shop: Shop) -> None:
    ticket = await make_ticket(shop)
    session = await shop.open(user_id=ticket.user_id, user_token=ticket.user_token, name="Mallory")
    assert (session.assurance, session.customer) == ("token", ticket.user_id)
    known = await shop.db.read(customer_by_external_id, shop.workspace_id, TEAS, "7412345678901")
    assert known is not None and (known.id, known.name) == (ticket.user_id, "")  # I8


async def test_S6_a_customer_is_made_once_however_often_they_are_named(shop: Shop) -> None:
    tickets = [await make_ticket(shop) for _ in range(3)]
    assert len({ticket.user_id for ticket in tickets}) == 1
    assert len({ticket.user_token for ticket in tickets}) == 3


async def test_V5_a_ticket_works_once(shop: Shop) -> None:
    ticket = await make_ticket(shop)
    first = await shop.open(user_token=ticket.user_token)
    second = await shop.open()
    with pytest.raises(Unauthenticated, match="has been used") as refusal:
        await shop.identify(second, user_token=ticket.user_token)
    assert (refusal.value.code, refusal.value.field) == ("bad_user_token", "user_token")
    who = await shop.who(second)
    assert first.customer and who is not None and who.customer_id is None


async def test_V5_a_ticket_is_dead_after_ninety_seconds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [await make_ticket(shop), await make_ticket(shop)]
    issued = now_ms()
    monkeypatch.setattr("core.db.now_ms", lambda: issued + 85_000)
    assert (await shop.open(user_token=tickets[0].user_token)).assurance == "token"
    monkeypatch.setattr("core.db.now_ms", lambda: issued + 90_001)
    with pytest.raises(Unauthenticated, match="has expired"):
        await shop.open(user_token=tickets[1].user_token)


async def test_V4_a_ticket_of_another_workspace_proves_nobody(shop: Shop) -> None:
    other = await shop.db.write(open_shop, "Northfold", "ida@northfold.example")
    ticket = await shop.db.write(issue_ticket, other.workspace_id, TEAS, "7412345678901")
    with pytest.raises(Unauthenticated):
        await shop.open(user_token=ticket.user_token)
    assert (
        await shop.db.read(customer_by_external_id, shop.workspace_id, TEAS, "7412345678901")
        is None
    )


@pytest.mark.parametrize("purpose", ["signin", "ticket"])
async def test_V5_another_purpose_s_token_is_no_ticket(shop: Shop, purpose: Purpose) -> None:
    made = await make_ticket(shop)
    token = await shop.db.write(issue_token, shop.workspace_id, purpose, made.user_id)
    with pytest.raises(Unauthenticated):
        await shop.open(user_token=f"idt_{token}")


async def test_V6_a_ticket_for_another_customer_starts_a_new_session(shop: Shop) -> None:
    first = await shop.open(user_token=(await make_ticket(shop, "1")).user_token)
    await shop.chat(first, "private")
    second = await shop.identify(first, user_token=(await make_ticket(shop, "2")).user_token)
    assert second.token != first.token and second.customer != first.customer
    assert await shop.list(second) == [] and await shop.who(first) is None


async def test_S6_the_chat_begun_as_a_stranger_is_the_customers_after_the_ticket(
    shop: Shop,
) -> None:
    session = await shop.open()
    await shop.chat(session, "where is my parcel")
    proven = await shop.identify(session, user_token=(await make_ticket(shop)).user_token)
    assert (proven.token, proven.assurance) == (session.token, "token")
    assert len(await shop.list(proven)) == 1


async def test_I9_a_guest_gets_no_ticket(shop: Shop) -> None:
    with pytest.raises(HubError):
        await make_ticket(shop, "0")
