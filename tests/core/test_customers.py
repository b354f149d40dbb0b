"""Customers: who they are, where each fact comes from, and who they are not."""

from __future__ import annotations

from typing import Any

import pytest

from core import customers
from core.customers import OWN_SOURCE, CustomerDraft, save_customer
from core.db import Database, Work
from core.errors import Invalid, NotFound
from core.events import CustomerChanged, Event
from core.visitors import Claims
from core.workspaces import create_workspace


async def push(db: Database, shop: str, external_id: str = "42", **given: Any) -> Any:
    attributes = given.pop("attributes", {})
    draft = CustomerDraft(external_id, profile=given, attributes=attributes)
    return await db.write(save_customer, shop, OWN_SOURCE, draft)


async def test_D3_a_customer_is_created_and_then_enriched(
    db: Database, shop: str, heard: list[Event]
) -> None:
    row, created = await push(db, shop, name="Jordan Lee", email="Jordan@example.com")
    assert created is True
    again, created = await push(db, shop, phone="+44 7700 900123", name="Jordan L.")
    assert (again.id, created) == (row.id, False)
    shown = customers.to_view(again, assurance="hmac")
    assert {name: fact.value for name, fact in shown.profile.items()} == {
        "name": "Jordan L.",
        "email": "Jordan@example.com",
        "phone": "+44 7700 900123",
    }
    assert heard == [
        CustomerChanged(customer=row.id, name="Jordan Lee"),
        CustomerChanged(customer=row.id, name="Jordan L."),
    ]


async def test_D3_saying_the_same_again_changes_nothing_and_tells_nobody(
    db: Database, shop: str, heard: list[Event]
) -> None:
    said: dict[str, Any] = {"name": "Jo", "attributes": {"tier": "Gold"}}
    first, _ = await push(db, shop, **said)
    again, created = await push(db, shop, **said)
    assert created is None
    assert (again.profile, again.updated_at) == (first.profile, first.updated_at)
    assert len(heard) == 1


async def test_D4_all_profile_fields_are_kept_with_who_said_them(db: Database, shop: str) -> None:
    profile = {
        "name": "Jordan Lee",
        "email": "jordan@example.com",
        "username": "jlee",
        "avatar_url": "https://cdn.you.com/u/42.png",
        "phone": "+44 7700 900123",
        "address": "12 King St, London",
    }
    row, _ = await push(db, shop, **profile)
    shown = customers.to_view(row, assurance="anonymous").profile
    assert {name: fact.value for name, fact in shown.items()} == profile
    assert {(fact.source, fact.verified) for fact in shown.values()} == {(OWN_SOURCE, True)}


async def test_D5_attributes_merge_and_none_removes_one(db: Database, shop: str) -> None:
    await push(db, shop, attributes={"tier": "Gold", "plan": "Pro"})
    row, _ = await push(db, shop, attributes={"plan": None, "ltv": "2480"})
    assert {key: fact["value"] for key, fact in row.attributes.items()} == {
        "tier": "Gold",
        "ltv": "2480",
    }


WRONG = [
    ({"name": "x" * 256}, "name"),
    ({"address": "x" * 1001}, "address"),
    ({"avatar_url": "javascript:alert(1)"}, "avatar_url"),
    ({"avatar_url": "data:image/png;base64,AAAA"}, "avatar_url"),
    ({"avatar_url": "https://you.com@evil.example/"}, "avatar_url"),
    ({"attributes": {"k" * 65: "v"}}, f"attributes.{'k' * 64}"),
    ({"attributes": {" ": "v"}}, "attributes. "),
    ({"attributes": {"k": "v" * 2001}}, "attributes.k"),
    ({"attributes": {f"k{n}": "v" for n in range(101)}}, "attributes"),
]


async def test_D13_what_is_too_long_or_no_link_is_refused_by_name(db: Database, shop: str) -> None:
    for given, field in WRONG:
        with pytest.raises(Invalid) as caught:
            await push(db, shop, **given)
        assert caught.value.field == field
    find = customers.customer_by_external_id
    assert await db.read(find, shop, OWN_SOURCE, "42") is None


def ensure(work: Work, shop: str, external_id: str) -> customers.Customer:
    return customers.customer_by_external_id(work, shop, OWN_SOURCE, external_id, create=True)


GUESTS = ["", "0", "null", "undefined", "guest", "anonymous", "-1", " Guest ", "NULL", "\t0\n"]


async def test_I9_an_id_that_means_nobody_names_no_customer(db: Database, shop: str) -> None:
    for external_id in GUESTS:
        assert customers.is_guest(external_id)
        with pytest.raises(Invalid) as caught:
            await push(db, shop, external_id, name="Everyone")
        assert caught.value.field == "external_id"
        with pytest.raises(Invalid):
            await db.write(ensure, shop, external_id)
    assert await db.read(customers.search_customers, shop, "") == []


@pytest.mark.parametrize("external_id", ["00", "42", "guest7", "null0", "1", "-2"])
def test_I9_other_ids_are_customers(external_id: str) -> None:
    assert not customers.is_guest(external_id)


async def test_I10_the_same_id_from_two_sources_is_two_customers(db: Database, shop: str) -> None:
    mine, _ = await push(db, shop, name="Anna")
    theirs, _ = await db.write(
        save_customer, shop, "shopify", CustomerDraft("42", profile={"name": "Ben"})
    )
    assert mine.id != theirs.id
    assert (mine.name, theirs.name) == ("Anna", "Ben")


async def test_R4_customers_of_another_workspace_are_not_there(db: Database, shop: str) -> None:
    other = (await db.write(create_workspace, "Coffee shop")).id
    row, _ = await push(db, shop, name="Anna")
    with pytest.raises(NotFound):
        await db.read(customers.customer_for, other, row.id)
    assert await db.read(customers.search_customers, other, "anna") == []
    assert (await push(db, other, name="Anna"))[0].id != row.id


async def test_I8_a_claim_stands_beside_the_facts_and_never_replaces_one(
    db: Database, shop: str
) -> None:
    row, _ = await push(db, shop, name="Anna", attributes={"tier": "Gold"})
    claims = Claims(
        name="Mallory", email="m@example.com", attributes={"tier": "Black", "mood": "good"}
    )
    shown = customers.to_view(row, assurance="hmac", claims=claims, claimed_at=1)
    assert (shown.name, shown.profile["name"].value) == ("Anna", "Anna")
    assert shown.attributes["tier"].value == "Gold"
    email = shown.profile["email"]
    assert (email.value, email.source, email.verified) == ("m@example.com", "browser", False)
    assert not shown.attributes["mood"].verified


def test_I8_somebody_unproven_is_only_claims() -> None:
    shown = customers.to_view(None, assurance="claimed", claims=Claims(name="Eve"), claimed_at=1)
    assert (shown.id, shown.name, shown.verified, shown.source) == (None, "Eve", False, "browser")


async def test_a_bare_customer_is_shown_by_the_shops_own_id(db: Database, shop: str) -> None:
    row = await db.write(ensure, shop, " cust_42 ")
    assert row.external_id == "cust_42"
    assert customers.to_view(row, assurance="token").name == "cust_42"


async def test_G5_customers_are_found_by_the_beginning_of_a_name_or_email(
    db: Database, shop: str
) -> None:
    await push(db, shop, "1", name="Jordan Lee", email="jlee@example.com")
    await push(db, shop, "2", name="Ämilia Jordan")
    await push(db, shop, "3", email="JORDAN@example.com")
    await push(db, shop, "4", name="100% Wool_")

    async def find(words: str) -> list[str]:
        found = await db.read(customers.search_customers, shop, words)
        return [row.external_id for row in found]

    assert sorted(await find("jor")) == ["1", "2", "3"]
    assert await find("ÄMILIA") == ["2"]
    assert await find("lee") == ["1"]
    assert await find("00%") == []
    assert await find("100%") == ["4"]
    assert await find("wool_") == ["4"]
    assert await find("_") == []
    assert await find("3") == ["3"]
    assert await find("'; DROP TABLE customers; --") == []


async def test_a_search_goes_on_page_by_page(db: Database, shop: str) -> None:
    for number in range(7):
        await push(db, shop, f"c{number}", name=f"Same Name {number % 2}")
    seen: list[str] = []
    after = ""
    while page := await db.read(
        lambda work, after: customers.search_customers(work, shop, "same", after=after, limit=3),
        after,
    ):
        seen += [row.external_id for row in page]
        after = page[-1].id
    assert sorted(seen) == [f"c{number}" for number in range(7)]


async def test_D_2_what_a_source_said_later_by_its_clock_stays(
    db: Database, shop: str, heard: list[Event]
) -> None:
    async def say(name: str, at: int, **more: str | None) -> bool | None:
        draft = CustomerDraft("42", profile={"name": name, **more}, updated_at=at)
        return (await db.write(save_customer, shop, OWN_SOURCE, draft))[1]

    assert await say("Rosa", 1_000) is True
    assert await say("Rosa", 3_000) is None  # she was Rosi in between
    assert await say("Rosi", 2_000, email="rosi@example.com") is False  # the e-mail is news
    row = await db.read(customers.customer_by_external_id, shop, OWN_SOURCE, "42")
    assert {name: fact["value"] for name, fact in row.profile.items()} == {
        "name": "Rosa",
        "email": "rosi@example.com",
    }
    assert await say("Rosalie", 4_000) is False
    assert [event.name for event in heard if isinstance(event, CustomerChanged)] == [
        "Rosa",
        "Rosa",
        "Rosalie",
    ]


async def test_D_2_another_sources_clock_is_another_clock(db: Database, shop: str) -> None:
    said = CustomerDraft("42", attributes={"tier": "Gold"}, updated_at=9_000)
    await db.write(save_customer, shop, OWN_SOURCE, said)

    def hand_over(work: Work) -> None:
        row = customers.customer_by_external_id(work, shop, OWN_SOURCE, "42", create=True)
        row.attributes = {"tier": {"value": "Gold", "source": "another", "at": 9_000}}
        work.add(row)

    await db.write(hand_over)
    older = CustomerDraft("42", attributes={"tier": "Silver"}, updated_at=1_000)
    row, _ = await db.write(save_customer, shop, OWN_SOURCE, older)
    assert row.attributes["tier"]["value"] == "Silver"
