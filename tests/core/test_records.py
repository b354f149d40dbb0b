"""Records: newest state wins, whatever order and however often it arrives."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import records
from core.customers import OWN_SOURCE, customer_by_external_id
from core.db import Database, Work, open_database
from core.drafts import Saved
from core.errors import Invalid, NotFound
from core.events import CustomerChanged, Event, RecordChanged, RecordRemoved
from core.records import RecordBatch, RecordDraft, save_records
from core.tones import tone
from core.workspaces import create_workspace

T = 1_700_000_000_000


def order(reference: str = "380", **said: Any) -> RecordDraft:
    return RecordDraft(kind=said.pop("kind", "order"), reference=reference, **said)


async def push(
    db: Database, shop: str, *drafts: RecordDraft, of: str = "42", source: str = OWN_SOURCE
) -> list[str]:
    saved = await db.batch(save_records, RecordBatch(shop, source, of, drafts))
    return [one.outcome for one in saved]


async def shown(db: Database, shop: str, of: str = "42") -> list[Any]:
    customer = await db.read(customer_by_external_id, shop, OWN_SOURCE, of)
    return [] if customer is None else await db.read(records.records_of, shop, customer.id)


async def test_D6_records_appear_on_the_timeline_of_a_customer_made_as_needed(
    db: Database, shop: str, heard: list[Event]
) -> None:
    drafts = [
        order("DEP-77", kind="deposit", amount=5000, currency="USD", status="completed"),
        order("WD-9", kind="withdrawal", amount=2000, currency="USD", status="pending"),
    ]
    assert await push(db, shop, *drafts) == ["created", "created"]
    listed = await shown(db, shop)
    assert {(one.kind, one.reference, one.amount.text, one.tone) for one in listed} == {
        ("deposit", "DEP-77", "50.00", "positive"),
        ("withdrawal", "WD-9", "20.00", "warning"),
    }
    customer = await db.read(customer_by_external_id, shop, OWN_SOURCE, "42")
    assert isinstance(heard[0], CustomerChanged)
    assert [event.customer for event in heard] == [customer.id] * 3
    assert {event.record.id for event in heard[1:]} == {one.id for one in listed}


async def test_D7_the_same_reference_updates_and_what_was_not_said_stays(
    db: Database, shop: str
) -> None:
    await push(db, shop, order(title="Order #380", amount=9664, currency="EUR", status="pending"))
    assert await push(db, shop, order(status="completed")) == ["updated"]
    (one,) = await shown(db, shop)
    assert (one.title, one.amount.text, one.status) == ("Order #380", "96.64", "completed")


async def test_D7_references_are_unique_per_kind_and_source(db: Database, shop: str) -> None:
    await push(db, shop, order("1"), order("1", kind="payment"))
    await push(db, shop, order("1"), source="shopify")
    assert len(await shown(db, shop)) == 2
    assert await push(db, shop, order("1", status="paid"), source="shopify") == ["updated"]


async def test_D7_posting_the_same_again_writes_nothing_and_tells_nobody(
    db: Database, shop: str, heard: list[Event]
) -> None:
    said = order(status="paid", amount=1, currency="JPY", occurred_at=T, updated_at=T)
    await push(db, shop, said)
    before = await shown(db, shop)
    assert await push(db, shop, said, said) == ["unchanged", "unchanged"]
    assert await shown(db, shop) == before
    assert len(heard) == 2  # the customer and the record, once


async def test_D7_an_older_update_never_overwrites_a_newer_one(db: Database, shop: str) -> None:
    await push(db, shop, order(status="paid", updated_at=T + 2))
    assert await push(db, shop, order(status="pending", updated_at=T + 1)) == ["older"]
    assert await push(db, shop, order(status="refunded", updated_at=T + 3)) == ["updated"]
    assert (await shown(db, shop))[0].status == "refunded"


async def test_D7_an_update_without_news_still_moves_the_clock(
    db: Database, shop: str, heard: list[Event]
) -> None:
    await push(db, shop, order(status="paid", updated_at=T))
    heard.clear()
    assert await push(db, shop, order(status="paid", updated_at=T + 9)) == ["unchanged"]
    assert await push(db, shop, order(status="pending", updated_at=T + 5)) == ["older"]
    assert heard == []


async def test_D7_without_updated_at_the_newer_occurred_at_wins(db: Database, shop: str) -> None:
    await push(db, shop, order(status="paid", occurred_at=T + 2))
    assert await push(db, shop, order(status="pending", occurred_at=T + 1)) == ["older"]
    assert await push(db, shop, order(status="shipped", occurred_at=T + 2)) == ["updated"]


async def test_D7_without_any_clock_arrival_order_wins(db: Database, shop: str) -> None:
    await push(db, shop, order(status="paid"))
    assert await push(db, shop, order(status="pending")) == ["updated"]
    assert await push(db, shop, order(status="done", occurred_at=T)) == ["updated"]
    assert await push(db, shop, order(status="refunded")) == ["updated"]
    (one,) = await shown(db, shop)
    assert (one.status, records.moment(T)) == ("refunded", one.occurred_at)


async def test_D8_occurred_at_is_now_at_first_and_kept_later(db: Database, shop: str) -> None:
    await push(db, shop, order(status="pending"))
    (first,) = await shown(db, shop)
    await push(db, shop, order(status="paid"))
    (later,) = await shown(db, shop)
    assert later.occurred_at == first.occurred_at


async def test_D7_the_same_record_twice_in_a_batch_the_later_wins(
    db: Database, shop: str, heard: list[Event]
) -> None:
    outcomes = await push(db, shop, order(status="pending"), order(status="paid"))
    assert outcomes == ["created", "updated"]
    (one,) = await shown(db, shop)
    assert one.status == "paid"
    changed = [event for event in heard if isinstance(event, RecordChanged)]
    assert [event.record.status for event in changed] == ["paid"]
    steps = await db.read(records.history, shop, one.id)
    assert [(step.before, step.after) for step in steps] == [(None, "pending"), ("pending", "paid")]


async def test_C3_a_guests_order_is_kept_and_belongs_to_nobody(
    db: Database, shop: str, heard: list[Event]
) -> None:
    assert await push(db, shop, order("1"), of="0") == ["created"]
    assert await push(db, shop, order("2"), of="guest") == ["created"]
    assert [(event.customer, type(event)) for event in heard] == [(None, RecordChanged)] * 2
    for guest in ("0", "guest", ""):
        assert await shown(db, shop, of=guest) == []


async def test_C3_a_guests_order_can_become_a_customers_and_another_customers(
    db: Database, shop: str, heard: list[Event]
) -> None:
    await push(db, shop, order("1"), of="0")
    assert await push(db, shop, order("1"), of="42") == ["updated"]
    assert len(await shown(db, shop)) == 1
    heard.clear()
    assert await push(db, shop, order("1"), of="43") == ["updated"]
    assert await shown(db, shop) == []
    anna, ben = [
        (await db.read(customer_by_external_id, shop, OWN_SOURCE, one)).id for one in ("42", "43")
    ]
    told = [(type(event), event.customer) for event in heard]
    assert told == [(CustomerChanged, ben), (RecordRemoved, anna), (RecordChanged, ben)]
    assert await push(db, shop, order("1"), of="0") == ["updated"]
    assert await shown(db, shop, of="43") == []


async def test_O4_the_history_says_from_what_to_what_when_and_by_whom(
    db: Database, shop: str
) -> None:
    await push(db, shop, order(status="pending", updated_at=T))
    await push(db, shop, order(status="paid", updated_at=T + 5))
    await push(db, shop, order(title="Tea", updated_at=T + 6))
    await push(db, shop, order(status="refunded", updated_at=T + 7))
    (one,) = await shown(db, shop)
    steps = await db.read(records.history, shop, one.id)
    assert [(step.before, step.after, step.source) for step in steps] == [
        (None, "pending", OWN_SOURCE),
        ("pending", "paid", OWN_SOURCE),
        ("paid", "refunded", OWN_SOURCE),
    ]
    assert [step.at for step in steps[1:]] == [records.moment(T + 5), records.moment(T + 7)]


async def test_D10_a_removed_record_is_gone_and_its_customer_hears(
    db: Database, shop: str, heard: list[Event]
) -> None:
    await push(db, shop, order(status="pending"))
    await push(db, shop, order(status="paid"))
    (one,) = await shown(db, shop)
    heard.clear()
    await db.write(records.remove_record, shop, OWN_SOURCE, "order", "380")
    assert await shown(db, shop) == []
    (event,) = heard
    assert isinstance(event, RecordRemoved)
    assert (event.id, event.reference) == (one.id, "380")
    assert event.customer
    with pytest.raises(NotFound):
        await db.write(records.remove_record, shop, OWN_SOURCE, "order", "380")
    with pytest.raises(NotFound):
        await db.read(records.history, shop, one.id)


async def test_R4_records_of_another_workspace_are_not_there(db: Database, shop: str) -> None:
    other = (await db.write(create_workspace, "Coffee shop")).id
    await push(db, shop, order(status="paid"))
    assert await push(db, other, order(status="pending")) == ["created"]
    (one,) = await shown(db, shop)
    assert one.status == "paid"
    for look in (records.record_for, records.history):
        with pytest.raises(NotFound):
            await db.read(look, other, one.id)
    with pytest.raises(NotFound):
        await db.write(records.remove_record, other, "shopify", "order", "380")


async def test_requests_that_share_a_commit_keep_their_own_results(db: Database, shop: str) -> None:
    def three(work: Work) -> list[list[Saved]]:
        batches = [
            RecordBatch(shop, OWN_SOURCE, "1", [order("a", status="new")]),
            RecordBatch(shop, OWN_SOURCE, "2", [order("b"), order("c")]),
            RecordBatch(shop, OWN_SOURCE, "1", [order("a", status="paid")]),
        ]
        return save_records(work, batches)

    first, second, third = await db.write(three)
    assert [one.outcome for one in [*first, *second, *third]] == [
        "created",
        "created",
        "created",
        "updated",
    ]
    assert first[0].id == third[0].id


async def test_a_thousand_records_at_once(db: Database, shop: str) -> None:
    drafts = [order(str(number), status="new") for number in range(1000)]
    assert await push(db, shop, *drafts) == ["created"] * 1000
    assert await push(db, shop, *drafts) == ["unchanged"] * 1000


async def test_two_processes_that_save_the_same_new_records_at_once(database_url: str) -> None:
    one, two = open_database(database_url), open_database(database_url)
    await asyncio.gather(one.start(), two.start())
    shop = (await one.write(create_workspace, "Tea shop")).id
    for number in range(5):
        of = f"customer {number}"
        states = [
            [order(f"{number}-{name}", status=f"s{at}", updated_at=T + at) for name in range(20)]
            for at in range(6)
        ]
        outcomes = await asyncio.gather(
            *(push((one, two)[at % 2], shop, *state, of=of) for at, state in enumerate(states))
        )
        assert [sum(x[name] == "created" for x in outcomes) for name in range(20)] == [1] * 20
        listed = await shown(one, shop, of=of)
        assert {record.status for record in listed} == {"s5"}
        assert len(listed) == 20
    await asyncio.gather(one.stop(), two.stop())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 256}, "reference"),
        ({"title": "x" * 501}, "title"),
        ({"status": "x" * 101}, "status"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "ftp://files.example/a"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://" + "a" * 2048}, "url"),
        ({"updated_at": T + records.DAY + 1}, "updated_at"),
    ],
)
def test_D12_D13_a_draft_is_refused_by_the_name_of_its_field(
    said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        order(**said).checked(T)
    assert caught.value.field == field


def test_a_draft_is_cleaned() -> None:
    said = order(" 380 ", title=" Tea ", status=" Paid ", url=" https://a.example/my order ")
    clean = said.checked(T)
    assert (clean.reference, clean.title, clean.status) == ("380", "Tea", "Paid")
    assert clean.url == "https://a.example/my%20order"


@pytest.mark.parametrize(
    ("status", "colour"),
    [
        ("paid", "positive"),
        ("Completed", "positive"),
        ("wc-completed", "positive"),
        ("FULFILLED", "positive"),
        ("delivered", "positive"),
        ("pending", "warning"),
        ("on-hold", "warning"),
        ("On Hold", "warning"),
        ("processing", "warning"),
        ("PARTIALLY_PAID", "warning"),
        ("failed", "negative"),
        ("refunded", "negative"),
        ("Cancelled", "negative"),
        ("canceled", "negative"),
        ("charge-back", "negative"),
        ("chargeback", "negative"),
        ("in transit", "info"),
        ("IN_TRANSIT", "info"),
        ("out for delivery", "info"),
        ("shipped", "info"),
        ("", "neutral"),
        ("zweite Mahnung", "neutral"),
    ],
)
def test_D9_a_free_text_status_has_its_colour(status: str, colour: str) -> None:
    assert tone(status) == colour


# Order of arrival --------------------------------------------------------------------------

updates = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.sampled_from(["new", "paid", "sent"])),
    min_size=1,
    max_size=8,
)


@given(updates, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=300)
def test_D7_whatever_the_order_and_repetition_the_newest_state_remains(
    sent: list[tuple[str, int, str]], shuffle: random.Random, size: int
) -> None:
    """The decisions alone, without a database: a dict stands for the table."""
    states = {(reference, at): (reference, at, status) for reference, at, status in sent}
    arriving = [*states.values(), *states.values()]  # everything comes twice
    shuffle.shuffle(arriving)
    rows: dict[str, dict[str, Any]] = {}
    for reference, at, status in arriving:
        draft = order(reference, status=status, updated_at=T + at)
        if reference not in rows:
            key = ("wsp", OWN_SOURCE, "order", reference)
            rows[reference] = records._new(key, None, draft, T)
        elif not records._is_older(rows[reference], draft):
            records._describe(rows[reference], None, draft)
    for reference, row in rows.items():
        newest = max(at for name, at in states if name == reference)
        assert row["status"] == states[reference, newest][2]
