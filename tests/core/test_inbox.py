"""The inbox: what was answered is saved, comes to its handler, and harms nobody twice."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text, update

from connectors.testing.patience import until
from core import inbox
from core.db import open_database
from core.errors import Refused, Unavailable
from core.inbox import Inbox, Received
from core.workspaces import create_workspace


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("core.queue.POLL", 0.05)
    monkeypatch.setattr("core.queue.FIRST_PAUSE", 20)


@pytest.fixture
async def shop(db):
    return await db.write(create_workspace, "Tea shop")


@pytest.fixture
async def box(db):
    box = Inbox(db)
    yield box
    await box.stop()


def webhook(shop, body=b"{}", **more):
    given = {"source": "teashop", "connection": "con_1", "topic": "orders/paid", **more}
    return Received(workspace_id=shop.id, body=body, **given)


def states(work):
    rows = work.execute(select(inbox.table.c.state, inbox.table.c.error))
    return sorted((row.state, row.error) for row in rows)


async def is_worked_off(db):
    return not {"waiting", "working"} & {state for state, _ in await db.read(states)}


async def test_a_stored_webhook_comes_to_its_handler_byte_for_byte(db, box, shop):
    body = b'\x00\xff{"total":  "1.10\\/"}\n'
    heard = []

    async def take_in(services, delivery):
        heard.append((services, delivery))

    box.handler("teashop", take_in)
    box.start("the services")
    await box.store(webhook(shop, body, headers={"x-topic": "orders/paid"}, dedupe="1"))
    await until(lambda: len(heard) == 1)
    services, delivery = heard[0]
    assert services == "the services"
    assert delivery.body == body
    assert delivery.headers == {"x-topic": "orders/paid"}
    assert (delivery.workspace_id, delivery.source) == (shop.id, "teashop")
    assert (delivery.connection, delivery.topic) == ("con_1", "orders/paid")
    assert delivery.attempts == 1
    await until(lambda: is_worked_off(db))
    assert await db.read(states) == [("done", "")]


async def test_what_is_stored_is_saved_when_store_returns(db, database_url, box, shop):
    """Nobody works on it here; another process finds it."""
    await box.store(webhook(shop))
    heard = asyncio.Event()

    async def take_in(services, delivery):
        heard.set()

    other = open_database(database_url)
    await other.start()
    elsewhere = Inbox(other)
    elsewhere.handler("teashop", take_in)
    elsewhere.start(None)
    await asyncio.wait_for(heard.wait(), 5)
    await elsewhere.stop()
    await other.stop()


async def test_a_duplicate_is_accepted_and_not_stored_twice(db, box, shop):
    other = await db.write(create_workspace, "Coffee shop")
    same = [webhook(shop, dedupe="delivery-1") for _ in range(5)]
    await asyncio.gather(*(box.store(one) for one in same))
    await box.store(same[0])
    assert len(await db.read(states)) == 1
    await box.store(webhook(shop, dedupe="delivery-2"))
    await box.store(webhook(shop, dedupe="delivery-1", source="coffeeshop"))
    await box.store(webhook(other, dedupe="delivery-1"))
    assert len(await db.read(states)) == 4


async def test_without_a_name_nothing_is_taken_for_a_duplicate(db, box, shop):
    """Some shops' delivery ids are shared by different orders of the same second."""
    await asyncio.gather(*(box.store(webhook(shop)) for _ in range(5)))
    assert len(await db.read(states)) == 5


async def test_a_webhook_for_no_workspace_spoils_no_other(db, box, shop):
    lost = Received("wsp_none", "teashop", "con_1", "orders/paid", b"{}")
    outcomes = await asyncio.gather(
        box.store(webhook(shop)), box.store(lost), box.store(webhook(shop)), return_exceptions=True
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, True, False]
    assert len(await db.read(states)) == 2


async def test_webhooks_that_wait_together_are_one_statement(db, shop):
    calls = []

    def counting(work, rows):
        calls.append(len(rows))
        return inbox.store(work, rows)

    await asyncio.gather(*(db.batch(counting, webhook(shop)) for _ in range(200)))
    assert sum(calls) == 200
    assert len(calls) < 20


async def test_a_vendor_that_is_unavailable_is_asked_again_later(db, box, shop):
    tries = []

    async def take_in(services, delivery):
        tries.append(delivery.attempts)
        if len(tries) < 3:
            raise Unavailable("The shop is down.")

    box.handler("teashop", take_in)
    box.start(None)
    await box.store(webhook(shop))
    await until(lambda: is_worked_off(db))
    assert tries == [1, 2, 3]
    assert await db.read(states) == [("done", "")]


async def test_what_a_handler_refuses_is_dead_with_its_reason_and_can_be_replayed(db, box, shop):
    refusing = True

    async def take_in(services, delivery):
        if refusing:
            raise Refused("This order has no currency.")

    box.handler("teashop", take_in)
    box.start(None)
    await box.store(webhook(shop))
    await until(lambda: is_worked_off(db))
    assert await db.read(states) == [("dead", "This order has no currency.")]
    refusing = False
    assert await db.write(inbox.queue.replay) == 1
    await until(lambda: is_worked_off(db))
    assert await db.read(states) == [("done", "")]


async def test_webhooks_of_a_source_that_is_switched_off_wait_for_it(db, box, shop):
    box.handler("coffeeshop", None)
    box.start(None)
    await box.store(webhook(shop))
    await asyncio.sleep(0.3)
    assert await db.read(states) == [("waiting", "")]


async def test_one_slow_handler_does_not_hold_up_the_others(db, box, shop):
    heard = []

    async def take_in(services, delivery):
        if delivery.topic == "slow":
            await asyncio.sleep(30)
        heard.append(delivery.topic)

    box.handler("teashop", take_in)
    box.start(None)
    await box.store(webhook(shop, topic="slow"))
    await asyncio.gather(*(box.store(webhook(shop, topic=str(n))) for n in range(100)))
    await until(lambda: len(heard) == 100)


async def test_a_storm_with_duplicates_and_disorder_ends_in_the_shops_state(db, box, shop):
    """30 % come twice, 20 % out of order, some handlers fail on the way: the newest wins."""
    saved = {}
    failing = iter(range(10_000))

    async def take_in(services, delivery):
        order, version = delivery.body.split()
        await asyncio.sleep(0)
        if next(failing) % 10 == 9:
            raise Unavailable("Busy.")
        saved[order] = max(saved.get(order, 0), int(version))

    box.handler("teashop", take_in)
    box.start(None)
    sent = [
        webhook(shop, b"order-%d %d" % (order, version), dedupe=f"{order}/{version}")
        for version in (3, 1, 2, 5, 4)
        for order in range(40)
    ]
    await asyncio.gather(*(box.store(one) for one in [*sent, *sent[::3]]))
    await until(lambda: is_worked_off(db), 30)
    assert saved == {b"order-%d" % order: 5 for order in range(40)}
    assert await db.read(states) == [("done", "")] * 200


async def test_a_source_has_one_handler(box):
    box.handler("teashop", None)
    with pytest.raises(ValueError, match="teashop"):
        box.handler("teashop", None)


async def test_old_deliveries_are_forgotten_but_none_that_still_waits(db, box, shop):
    for topic in ("done", "dead", "waiting"):
        await box.store(webhook(shop, topic=topic))

    def age(work):
        old = work.now - inbox.KEPT - 1
        for state in ("done", "dead", "waiting"):
            ended = None if state == "waiting" else old
            values = {"state": state, "ended_at": ended, "created_at": old, "due_at": old}
            work.execute(update(inbox.table).where(text(f"topic = '{state}'")).values(**values))

    await db.write(age)
    assert await db.write(inbox.trim) == 1
    assert await db.read(states) == [("dead", ""), ("waiting", "")]
